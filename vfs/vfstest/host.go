package vfstest

import (
	"os"
	"path/filepath"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Host is a directory of the host.
type Host string

func (h Host) at(p string) string { return filepath.Join(string(h), p) }

func (h Host) Mkdir(p string, mode uint32) error { return unix.Mkdir(h.at(p), mode) }
func (h Host) Mknod(p string, mode uint32, rdev uint64) error {
	return unix.Mknod(h.at(p), mode, int(rdev))
}
func (h Host) Symlink(target, p string) error { return unix.Symlink(target, h.at(p)) }
func (h Host) Link(o, n string) error         { return unix.Link(h.at(o), h.at(n)) }
func (h Host) Unlink(p string) error          { return unix.Unlink(h.at(p)) }
func (h Host) Rmdir(p string) error           { return unix.Rmdir(h.at(p)) }
func (h Host) Rename(o, n string, flags uint) error {
	return unix.Renameat2(unix.AT_FDCWD, h.at(o), unix.AT_FDCWD, h.at(n), flags)
}
func (h Host) Chmod(p string, mode uint32) error {
	return unix.Fchmodat(unix.AT_FDCWD, h.at(p), mode, unix.AT_SYMLINK_NOFOLLOW)
}
func (h Host) Chown(p string, uid, gid int) error { return unix.Lchown(h.at(p), uid, gid) }
func (h Host) Truncate(p string, size int64) error {
	if a, err := h.Lstat(p); err == nil && a.IsLink() {
		return unix.EINVAL // a path that is followed is not our subject
	}
	return unix.Truncate(h.at(p), size)
}
func (h Host) Utimes(p string, mtime int64) error {
	t := []unix.Timespec{{Sec: mtime}, {Sec: mtime}}
	return unix.UtimesNanoAt(unix.AT_FDCWD, h.at(p), t, unix.AT_SYMLINK_NOFOLLOW)
}
func (h Host) Setxattr(p, name, v string, flags int) error {
	return unix.Lsetxattr(h.at(p), name, []byte(v), flags)
}
func (h Host) Removexattr(p, name string) error { return unix.Lremovexattr(h.at(p), name) }
func (h Host) Getxattr(p, name string) (string, error) {
	var b [256]byte
	n, err := unix.Lgetxattr(h.at(p), name, b[:])
	return string(b[:max(n, 0)]), err
}
func (h Host) Write(p string, flags int, mode uint32, text string) error {
	fd, err := unix.Open(h.at(p), flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, mode)
	if err != nil {
		return err
	}
	return writeClose(fd, flags, text)
}
func (h Host) Readlink(p string) (string, error)   { return os.Readlink(h.at(p)) }
func (h Host) Lstat(p string) (vfs.Attr, error)    { return vfs.HostLstat(h.at(p)) }
func (h Host) Read(p string) (string, error)       { return readHost(h.at(p)) }
func (h Host) List(p string) ([]vfs.Dirent, error) { return listHost(h.at(p)) }

func writeClose(fd, flags int, text string) error {
	defer unix.Close(fd)
	if flags&unix.O_ACCMODE == unix.O_RDONLY || text == "" {
		return nil
	}
	unix.Seek(fd, 0, unix.SEEK_END)
	_, err := unix.Write(fd, []byte(text))
	return err
}

func readHost(path string) (string, error) {
	b, err := os.ReadFile(path)
	return string(b), err
}

func listHost(path string) ([]vfs.Dirent, error) {
	d, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return vfs.ReadDirents(int(d.Fd()))
}
