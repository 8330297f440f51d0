package vfstest

import (
	"fmt"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// descriptors: what a guest's descriptor shows is what its path shows, and the
// kernel's name of it leads back.
func (s *suite) descriptors() {
	s.Owner = vfs.Owner{UID: 5, GID: 6}
	s.ok(s.Mkdir("/d", 0o750))
	s.create("/d/f")
	for _, p := range []string{"/", "/d", "/d/f"} {
		fd, err := s.Open(p, unix.O_RDONLY, 0)
		s.ok(err)
		defer unix.Close(fd)
		proc := fmt.Sprintf("/proc/self/fd/%d", fd)
		a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
		s.ok(err)
		raw := a
		s.ok(s.FS.FixAttr(&a, proc))
		if s.FS.Truthful() && !a.IsDir() && a != raw {
			s.Errorf("%s: %+v, although the host's %+v should do", p, a, raw)
		}
		b, err := s.FS.Lstat(p)
		s.ok(err)
		a.Atime, b.Atime = unix.StatxTimestamp{}, unix.StatxTimestamp{}
		if a != b {
			s.Errorf("%s: by descriptor %+v, by path %+v", p, a, b)
		}
		var buf [4096]byte
		n, err := unix.Readlink(proc, buf[:])
		s.ok(err)
		if back, ok := s.FS.PathOf(string(buf[:n])); !ok || back != p {
			s.Errorf("PathOf(%s) = %q, %v; want %s", buf[:n], back, ok, p)
		}
	}
	if _, ok := s.FS.PathOf("/proc"); ok {
		s.Error("PathOf takes what is not in the file system")
	}
}

func (s *suite) removed() {
	s.create("/f")
	fd, err := s.Open("/f", unix.O_RDWR, 0)
	s.ok(err)
	defer unix.Close(fd)
	s.ok(s.Unlink("/f"))
	proc := fmt.Sprintf("/proc/self/fd/%d", fd)
	s.ok(s.FS.SetAttrFD(proc, vfs.SetAttr{Valid: vfs.SetMode | vfs.SetUID, Mode: 0o4700, UID: 9}))
	a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	s.ok(err)
	s.ok(s.FS.FixAttr(&a, proc))
	if a.Uid != 9 || a.Perm() != 0o4700 {
		s.Fatalf("%o %d", a.Mode, a.Uid)
	}
}

func (s *suite) times() {
	s.create("/f")
	s.ok(s.Symlink("x", "/l"))
	for _, p := range []string{"/f", "/l", "/"} {
		s.ok(s.Utimes(p, 1e9))
		a, err := s.FS.Lstat(p)
		s.ok(err)
		if a.Mtime.Sec != 1e9 || a.Atime.Sec != 1e9 {
			s.Fatalf("%s: %+v", p, a.Mtime)
		}
	}
	s.ok(s.Truncate("/f", 100))
	a, err := s.FS.Lstat("/f")
	s.ok(err)
	if a.Size != 100 || a.Mtime.Sec == 1e9 {
		s.Fatal(a.Size, a.Mtime)
	}
	s.is(s.Truncate("/", 0), unix.EISDIR)
}
