package vfstest

import (
	"fmt"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

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
