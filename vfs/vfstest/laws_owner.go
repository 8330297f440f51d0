package vfstest

import (
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

func (s *suite) owners() {
	s.create("/f")
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Symlink("x", "/l"))
	s.ok(s.Mknod("/p", unix.S_IFIFO|0o600, 0))
	for _, p := range []string{"/f", "/d", "/l", "/p"} {
		a, err := s.FS.Lstat(p)
		s.ok(err)
		s.ok(s.Chown(p, 12, 34))
		s.shows(p, uint32(a.Mode), 12, 34)
		s.ok(s.FS.SetAttr(p, vfs.SetAttr{Valid: vfs.SetGID, GID: 56}))
		s.shows(p, uint32(a.Mode), 12, 56)
		s.ok(s.Rename(p, p+"2", 0))
		s.shows(p+"2", uint32(a.Mode), 12, 56)
		s.ok(s.Chown(p+"2", 0, 0))
		s.shows(p+"2", uint32(a.Mode), 0, 0)
	}
	s.Owner = vfs.Owner{UID: 8, GID: 9}
	s.create("/g")
	s.shows("/g", unix.S_IFREG|0o644, 8, 9)
	// A new file must not take over what was on record of a removed one.
	s.ok(s.Mknod("/q", unix.S_IFIFO|0o600, 0))
	s.ok(s.Unlink("/q"))
	s.Owner = vfs.Owner{}
	s.ok(s.Mknod("/q", unix.S_IFIFO|0o600, 0))
	s.shows("/q", unix.S_IFIFO|0o600, 0, 0)
}

func (s *suite) modes() {
	s.create("/f")
	for _, m := range []uint32{0, 0o400, 0o6755, 0o1777, 0o222} {
		s.ok(s.Chmod("/f", m))
		s.shows("/f", unix.S_IFREG|m, 0, 0)
		s.ok(s.Write("/f", unix.O_RDWR, 0, "root writes what it likes"))
	}
	s.ok(s.Chmod("/f", 0o6755))
	s.ok(s.Chown("/f", 1, 1))
	s.shows("/f", unix.S_IFREG|0o755, 1, 1)
	s.ok(s.FS.SetAttr("/f", vfs.SetAttr{Valid: vfs.SetMode | vfs.SetUID, Mode: 0o4711, UID: 2}))
	s.shows("/f", unix.S_IFREG|0o4711, 2, 1)
	s.ok(s.Write("/bare", unix.O_WRONLY|unix.O_CREAT, 0o004, "x"))
	s.shows("/bare", unix.S_IFREG|0o004, 0, 0)
	s.ok(s.Mkdir("/d", 0))
	s.shows("/d", unix.S_IFDIR, 0, 0)
	s.create("/d/f")
	s.ok(s.Symlink("f", "/l"))
	s.is(s.Chmod("/l", 0o600), unix.EOPNOTSUPP)
}

func (s *suite) devices() {
	null := unix.Mkdev(1, 3)
	s.ok(s.Mknod("/null", unix.S_IFCHR|0o666, null))
	a, err := s.FS.Lstat("/null")
	s.ok(err)
	if a.Kind() != unix.S_IFCHR || a.Rdev() != null || a.Perm() != 0o666 {
		s.Fatalf("%o %x", a.Mode, a.Rdev())
	}
	s.ok(s.Write("/null", unix.O_WRONLY, 0, "lost"))
	if text, err := s.Read("/null"); text != "" || err != nil {
		s.Fatalf("read %q, %v", text, err)
	}
	s.ok(s.Mknod("/disk", unix.S_IFBLK|0o600, unix.Mkdev(240, 250)))
	s.is(s.Write("/disk", unix.O_RDONLY, 0, ""), unix.ENXIO)
	s.ok(s.Rename("/null", "/null2", 0))
	for _, e := range s.list("/") {
		if a, err := s.FS.Lstat("/" + e.Name); err == nil && uint32(e.Type) != a.Kind()>>12 && s.merged("/") {
			s.Errorf("%s: d_type %d, mode %o", e.Name, e.Type, a.Mode)
		}
	}
	s.ok(s.Unlink("/disk"))
}

func (s *suite) list(p string) []vfs.Dirent {
	s.Helper()
	l, err := s.List(p)
	s.ok(err)
	return l
}

func (s *suite) merged(p string) bool {
	r, err := s.FS.Dir(p)
	s.ok(err)
	return r.Class == vfs.ClassMerged
}
