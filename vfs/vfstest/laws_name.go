package vfstest

import (
	"golang.org/x/sys/unix"
)

func (s *suite) rename() {
	s.create("/a")
	s.create("/b")
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Mkdir("/e", 0o755))
	s.create("/e/f")
	s.is(s.Rename("/none", "/x", 0), unix.ENOENT)
	s.is(s.Rename("/a", "/none/x", 0), unix.ENOENT)
	s.is(s.Rename("/a", "/d", 0), unix.EISDIR)
	s.is(s.Rename("/d", "/a", 0), unix.ENOTDIR)
	s.is(s.Rename("/d", "/e", 0), unix.ENOTEMPTY)
	s.is(s.Rename("/d", "/d/x", 0), unix.EINVAL)
	s.is(s.Rename("/e/f", "/e", 0), unix.ENOTEMPTY)
	s.is(s.Rename("/a", "/b", unix.RENAME_NOREPLACE), unix.EEXIST)
	s.is(s.Rename("/a", "/x", unix.RENAME_EXCHANGE), unix.ENOENT)
	s.is(s.Rename("/a", "/b", unix.RENAME_EXCHANGE|unix.RENAME_NOREPLACE), unix.EINVAL)
	s.ok(s.Rename("/a", "/e", unix.RENAME_EXCHANGE))
	if text, err := s.Read("/a/f"); text != "/e/f" || err != nil {
		s.Fatal(text, err)
	}
	s.ok(s.Rename("/a", "/d", 0))
	s.ok(s.Rename("/b", "/e", 0))
	if text, err := s.Read("/e"); text != "/b" || err != nil {
		s.Fatal(text, err)
	}
	if text, err := s.Read("/d/f"); text != "/e/f" || err != nil {
		s.Fatal(text, err)
	}
}

func (s *suite) links() {
	s.create("/a")
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Link("/a", "/d/b"))
	s.is(s.Link("/a", "/d/b"), unix.EEXIST)
	s.is(s.Link("/d", "/d2"), unix.EPERM)
	s.is(s.Link("/none", "/x"), unix.ENOENT)
	a, err := s.FS.Lstat("/a")
	s.ok(err)
	b, err := s.FS.Lstat("/d/b")
	s.ok(err)
	if a.Ino != b.Ino || a.Nlink != 2 {
		s.Fatalf("inodes %d %d, %d links", a.Ino, b.Ino, a.Nlink)
	}
	s.ok(s.Rename("/a", "/d/b", 0)) // does nothing
	s.ok(s.Unlink("/a"))
	if text, err := s.Read("/d/b"); text != "/a" || err != nil {
		s.Fatal(text, err)
	}
	s.ok(s.Symlink("target", "/l"))
	s.ok(s.Link("/l", "/l2"))
	if text, err := s.Readlink("/l2"); text != "target" || err != nil {
		s.Fatal(text, err)
	}
	_, err = s.Readlink("/d")
	s.is(err, unix.EINVAL)
}
