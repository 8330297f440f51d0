package vfstest

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Target is something that operations are applied to: a file system of ours,
// or a directory of the host by system calls.
type Target interface {
	Mkdir(path string, mode uint32) error
	Mknod(path string, mode uint32, rdev uint64) error
	Symlink(target, path string) error
	Link(oldpath, newpath string) error
	Unlink(path string) error
	Rmdir(path string) error
	Rename(oldpath, newpath string, flags uint) error
	Chmod(path string, mode uint32) error
	Chown(path string, uid, gid int) error
	Truncate(path string, size int64) error
	Utimes(path string, mtime int64) error
	Setxattr(path, name, value string, flags int) error
	Removexattr(path, name string) error
	Getxattr(path, name string) (string, error)
	// Write opens with the flags and appends text if the flags let it.
	Write(path string, flags int, mode uint32, text string) error
	Readlink(path string) (string, error)
	Lstat(path string) (vfs.Attr, error)
	// Read gives a file's data, List a directory's entries with the dots.
	Read(path string) (string, error)
	List(path string) ([]vfs.Dirent, error)
}

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

// Ours is a file system of ours, used as the monitor does: opens go to the
// places it names, listings of directories with one host directory to the
// kernel.
type Ours struct {
	FS    vfs.FileSystem
	Owner vfs.Owner
}

func (o Ours) Mkdir(p string, mode uint32) error { return o.FS.Mkdir(p, mode, o.Owner) }
func (o Ours) Mknod(p string, mode uint32, rdev uint64) error {
	return o.FS.Mknod(p, mode, rdev, o.Owner)
}
func (o Ours) Symlink(target, p string) error       { return o.FS.Symlink(target, p, o.Owner) }
func (o Ours) Link(a, b string) error               { return o.FS.Link(a, b) }
func (o Ours) Unlink(p string) error                { return o.FS.Unlink(p) }
func (o Ours) Rmdir(p string) error                 { return o.FS.Rmdir(p) }
func (o Ours) Rename(a, b string, flags uint) error { return o.FS.Rename(a, b, flags) }
func (o Ours) set(p string, s vfs.SetAttr) error    { return o.FS.SetAttr(p, s) }
func (o Ours) Chmod(p string, mode uint32) error {
	return o.set(p, vfs.SetAttr{Valid: vfs.SetMode, Mode: mode})
}
func (o Ours) Chown(p string, uid, gid int) error {
	return o.set(p, vfs.SetAttr{Valid: vfs.SetUID | vfs.SetGID, UID: uint32(uid), GID: uint32(gid)})
}
func (o Ours) Truncate(p string, size int64) error {
	return o.set(p, vfs.SetAttr{Valid: vfs.SetSize, Size: size})
}
func (o Ours) Utimes(p string, mtime int64) error {
	t := unix.Timespec{Sec: mtime}
	return o.set(p, vfs.SetAttr{Valid: vfs.SetTimes, Atime: t, Mtime: t})
}
func (o Ours) Setxattr(p, name, v string, flags int) error {
	return o.FS.Setxattr(p, name, []byte(v), flags)
}
func (o Ours) Removexattr(p, name string) error { return o.FS.Removexattr(p, name) }
func (o Ours) Getxattr(p, name string) (string, error) {
	v, err := o.FS.Getxattr(p, name)
	return string(v), err
}

// Open opens as a guest would, and gives a descriptor.
func (o Ours) Open(p string, flags int, mode uint32) (int, error) {
	how := vfs.How{Flags: flags, Mode: mode, Owner: o.Owner}
	place, err := o.FS.Open(p, how)
	if err != nil {
		return -1, err
	}
	if !place.Create {
		flags &^= unix.O_CREAT | unix.O_EXCL
	}
	fd, err := unix.Open(place.Host, flags|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, place.Mode)
	if err != nil {
		return -1, fmt.Errorf("%s at %s: %w", p, place.Host, err)
	}
	if place.Create && place.Stamp || how.Tmpfile() {
		if err := o.FS.Created(p, fd, how); err != nil {
			unix.Close(fd)
			return -1, err
		}
	}
	return fd, nil
}

func (o Ours) Write(p string, flags int, mode uint32, text string) error {
	fd, err := o.Open(p, flags, mode)
	if err != nil {
		return err
	}
	return writeClose(fd, flags, text)
}
func (o Ours) Readlink(p string) (string, error) { return o.FS.Readlink(p) }
func (o Ours) Lstat(p string) (vfs.Attr, error)  { return o.FS.Lstat(p) }
func (o Ours) Read(p string) (string, error) {
	fd, err := o.Open(p, unix.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer unix.Close(fd)
	return readHost(fmt.Sprintf("/proc/self/fd/%d", fd))
}

func (o Ours) List(p string) ([]vfs.Dirent, error) {
	r, err := o.FS.Dir(p)
	if err != nil {
		return nil, err
	}
	if r.Class == vfs.ClassMerged || r.Class == vfs.ClassVirtual {
		return o.FS.List(p)
	}
	return listHost(r.Host)
}
