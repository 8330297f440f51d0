package vfstest

import (
	"slices"

	"golang.org/x/sys/unix"
)

func (s *suite) xattrs() {
	s.create("/f")
	s.ok(s.Chown("/f", 3, 4))
	s.ok(s.Chmod("/f", 0o4555))
	if l, err := s.FS.Listxattr("/f"); err != nil || len(l) != 0 {
		s.Fatalf("records show: %q, %v", l, err)
	}
	all := []string{"user.a", "user.overlay.opaque", "user.overlay.whiteout", "user.rootlesscontainers", "user.veduta.inode", "security.capability"}
	for _, n := range all {
		value := "v of " + n
		if n == "security.capability" {
			// struct vfs_cap_data, revision 2, cap_net_raw
			value = "\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		}
		_, err := s.Getxattr("/f", n)
		s.is(err, unix.ENODATA)
		s.ok(s.Setxattr("/f", n, value, unix.XATTR_CREATE))
		s.is(s.Setxattr("/f", n, value, unix.XATTR_CREATE), unix.EEXIST)
		if v, err := s.Getxattr("/f", n); err != nil || v != value {
			s.Fatalf("%s: %q, %v", n, v, err)
		}
	}
	l, err := s.FS.Listxattr("/f")
	s.ok(err)
	slices.Sort(l)
	slices.Sort(all)
	if !slices.Equal(l, all) {
		s.Fatalf("listed %q, want %q", l, all)
	}
	s.shows("/f", unix.S_IFREG|0o4555, 3, 4)
	for _, n := range all {
		s.ok(s.Removexattr("/f", n))
		s.is(s.Removexattr("/f", n), unix.ENODATA)
	}
	s.ok(s.Symlink("x", "/l"))
	s.is(s.Setxattr("/l", "user.a", "x", 0), unix.EPERM)
}
