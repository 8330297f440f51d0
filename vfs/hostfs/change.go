package hostfs

import (
	"errors"
	gopath "path"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// vacant prepares the making of a new name: its host path, and what the
// parent's set-gid bit makes of mode and owner. What exists answers EEXIST
// before anything else, as the kernel has it.
func (f *FS) vacant(path string, mode uint32, o vfs.Owner) (string, owner.Inode, error) {
	host := f.host(path)
	if _, err := vfs.HostLstat(host); err == nil {
		return "", owner.Inode{}, unix.EEXIST
	} else if !errors.Is(err, unix.ENOENT) {
		return "", owner.Inode{}, err
	}
	if f.ReadOnly {
		return "", owner.Inode{}, unix.EROFS
	}
	dir, err := f.parent(host)
	return host, owner.Inherit(&dir, mode, o), err
}

// Mkdir implements vfs.FileSystem.
func (f *FS) Mkdir(path string, mode uint32, o vfs.Owner) error {
	host, want, err := f.vacant(path, unix.S_IFDIR|mode&0o1777, o)
	if err != nil {
		return err
	}
	return f.Owners.Mkdir(host, want)
}

// Mknod implements vfs.FileSystem.
func (f *FS) Mknod(path string, mode uint32, rdev uint64, o vfs.Owner) error {
	if mode&unix.S_IFMT == 0 {
		mode |= unix.S_IFREG
	}
	host, want, err := f.vacant(path, mode, o)
	if err != nil {
		return err
	}
	want.Rdev = rdev
	if err := f.Owners.Mknod(host, want); err != nil {
		return err
	}
	f.came(path)
	return nil
}

// came notes a file that has come to a name.
func (f *FS) came(path string) {
	if f.Owners.NoteStandIn(f.host(path)) {
		f.OnChange(gopath.Dir(path))
	}
}

// Symlink implements vfs.FileSystem.
func (f *FS) Symlink(target, path string, o vfs.Owner) error {
	host, want, err := f.vacant(path, unix.S_IFLNK|0o777, o)
	if err != nil {
		return err
	}
	return f.Owners.Symlink(target, host, want.Owner)
}

// Link implements vfs.FileSystem.
func (f *FS) Link(oldpath, newpath string) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	err := hostpath.Linkat(f.host(oldpath), f.host(newpath), 0)
	if err == nil {
		f.came(newpath)
	}
	return err
}

// Unlink implements vfs.FileSystem.
func (f *FS) Unlink(path string) error { return f.remove(path, hostpath.Unlink) }

// Rmdir implements vfs.FileSystem.
func (f *FS) Rmdir(path string) error {
	err := f.remove(path, hostpath.Rmdir)
	if err == nil {
		f.OnChange(path)
	}
	return err
}

func (f *FS) remove(path string, call func(string) error) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	host := f.host(path)
	gone := f.Owners.Watch(host)
	err := call(host)
	if err == nil {
		gone()
	}
	return err
}

// Rename implements vfs.FileSystem.
func (f *FS) Rename(oldpath, newpath string, flags uint) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	from, to := f.host(oldpath), f.host(newpath)
	gone := func() {}
	if flags&(unix.RENAME_EXCHANGE|unix.RENAME_NOREPLACE) == 0 {
		gone = f.Owners.Watch(to)
	}
	a, err := vfs.HostLstat(from)
	if err != nil {
		return err
	}
	if err := hostpath.Renameat2(from, to, flags); err != nil {
		return err
	}
	gone()
	if a.IsDir() || flags&unix.RENAME_EXCHANGE != 0 {
		f.OnChange(oldpath)
		f.OnChange(newpath)
	}
	f.came(newpath)
	if flags&unix.RENAME_EXCHANGE != 0 {
		f.came(oldpath)
	}
	return nil
}

// SetAttr implements vfs.FileSystem.
func (f *FS) SetAttr(path string, s vfs.SetAttr) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	if host := f.host(path); inProc(host) {
		return setProcAttr(host, s)
	}
	return f.Owners.SetAttr(f.host(path), s)
}

// Setxattr implements vfs.FileSystem.
func (f *FS) Setxattr(path, name string, value []byte, flags int) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	if inProc(f.host(path)) {
		return unix.EOPNOTSUPP
	}
	return f.Owners.Setxattr(f.host(path), name, value, flags)
}

// Removexattr implements vfs.FileSystem.
func (f *FS) Removexattr(path, name string) error {
	if f.ReadOnly {
		return unix.EROFS
	}
	if inProc(f.host(path)) {
		return unix.EOPNOTSUPP
	}
	return f.Owners.Removexattr(f.host(path), name)
}
