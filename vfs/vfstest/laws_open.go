package vfstest

import (
	"fmt"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

func (s *suite) open() {
	s.is(s.Write("/f", unix.O_RDWR, 0, ""), unix.ENOENT)
	s.create("/f")
	s.is(s.Write("/f", unix.O_CREAT|unix.O_EXCL, 0o600, ""), unix.EEXIST)
	s.is(s.Write("/f", unix.O_DIRECTORY, 0, ""), unix.ENOTDIR)
	s.ok(s.Write("/f", unix.O_WRONLY|unix.O_TRUNC, 0, "new"))
	if text, err := s.Read("/f"); text != "new" || err != nil {
		s.Fatal(text, err)
	}
	s.ok(s.Mkdir("/d", 0o755))
	s.is(s.Write("/d", unix.O_WRONLY, 0, ""), unix.EISDIR)
	s.is(s.Write("/d", unix.O_CREAT, 0o644, ""), unix.EISDIR)
	s.ok(s.Symlink("f", "/l"))
	s.is(s.Write("/l", unix.O_RDONLY, 0, ""), unix.ELOOP)
	s.ok(s.Write("/l", unix.O_PATH, 0, ""))
	s.is(s.Write("/none/f", unix.O_CREAT|unix.O_WRONLY, 0o644, ""), unix.ENOENT)
	s.shows("/f", unix.S_IFREG|0o644, 0, 0)
}

func (s *suite) tmpfile() {
	s.ok(s.Mkdir("/d", 0o755))
	s.Owner = vfs.Owner{UID: 5, GID: 6}
	fd, err := s.Open("/d", unix.O_TMPFILE|unix.O_RDWR, 0o640)
	s.ok(err)
	defer unix.Close(fd)
	a, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	s.ok(err)
	s.ok(s.FS.FixAttr(&a, fmt.Sprintf("/proc/self/fd/%d", fd)))
	if a.Uid != 5 || a.Gid != 6 || a.Perm() != 0o640 {
		s.Fatalf("%o %d:%d", a.Mode, a.Uid, a.Gid)
	}
}

func (s *suite) dirs() {
	s.ok(s.Mkdir("/d", 0o1711))
	s.shows("/d", unix.S_IFDIR|0o1711, 0, 0)
	s.is(s.Mkdir("/d", 0o755), unix.EEXIST)
	s.is(s.Mkdir("/none/d", 0o755), unix.ENOENT)
	s.create("/d/f")
	s.is(s.Rmdir("/d"), unix.ENOTEMPTY)
	s.is(s.Rmdir("/d/f"), unix.ENOTDIR)
	s.is(s.Unlink("/d"), unix.EISDIR)
	s.ok(s.Unlink("/d/f"))
	s.is(s.Unlink("/d/f"), unix.ENOENT)
	s.ok(s.Rmdir("/d"))
	s.is(s.Rmdir("/d"), unix.ENOENT)
	_, err := s.FS.Dir("/d")
	s.is(err, unix.ENOENT)
	s.create("/f")
	_, err = s.FS.Dir("/f")
	s.is(err, unix.ENOTDIR)
}

func (s *suite) setgid() {
	s.ok(s.Mkdir("/d", 0o755))
	s.ok(s.Chown("/d", 7, 77))
	s.ok(s.Chmod("/d", 0o2775))
	s.Owner = vfs.Owner{UID: 5, GID: 6}
	s.create("/d/f")
	s.shows("/d/f", unix.S_IFREG|0o644, 5, 77)
	s.ok(s.Mkdir("/d/d", 0o750))
	s.shows("/d/d", unix.S_IFDIR|0o2750, 5, 77)
	s.ok(s.Symlink("x", "/d/l"))
	s.shows("/d/l", unix.S_IFLNK|0o777, 5, 77)
}
