package hostfs

import (
	"errors"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Lstat implements vfs.FileSystem.
func (f *FS) Lstat(path string) (vfs.Attr, error) {
	host := f.host(path)
	a, err := vfs.HostLstat(host)
	if err != nil {
		return a, err
	}
	return a, f.Owners.Fix(&a, host)
}

// Readlink implements vfs.FileSystem.
func (f *FS) Readlink(path string) (string, error) {
	buf := make([]byte, unix.PathMax)
	n, err := hostpath.Readlink(f.host(path), buf)
	if err != nil {
		return "", err
	}
	return string(buf[:n]), nil
}

// List implements vfs.FileSystem.
func (f *FS) List(path string) ([]vfs.Dirent, error) {
	host := f.host(path)
	d, err := hostpath.OpenFile(host, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	list, err := vfs.ReadDirents(int(d.Fd()))
	if err != nil {
		return nil, err
	}
	if a, err := vfs.HostLstat(host); err == nil && f.Owners.StandIns(host, &a) {
		f.correct(path, list)
	}
	return list, nil
}

// correct gives the entries that stand for devices their types.
func (f *FS) correct(path string, list []vfs.Dirent) {
	for i := range list {
		if list[i].Type != unix.DT_REG {
			continue
		}
		if a, err := f.Lstat(vfs.Join(path, list[i].Name)); err == nil {
			list[i].Type = uint8(a.Mode >> 12) // IFTODT, <dirent.h>
		}
	}
}

// Truthful implements vfs.FileSystem.
func (f *FS) Truthful() bool { return !f.Owners.Records() }

// FixAttr implements vfs.FileSystem.
func (f *FS) FixAttr(a *vfs.Attr, proc string) error { return f.Owners.Fix(a, proc) }

// Getxattr implements vfs.FileSystem.
func (f *FS) Getxattr(path, name string) ([]byte, error) {
	if host := f.host(path); inProc(host) {
		return procXattr(host, name)
	}
	value, err := f.Owners.Getxattr(f.host(path), name)
	if errors.Is(err, unix.EACCES) && !f.ReadOnly && f.Owners.Unlock(f.host(path)) == nil {
		return f.Owners.Getxattr(f.host(path), name)
	}
	return value, err
}

// Listxattr implements vfs.FileSystem.
func (f *FS) Listxattr(path string) ([]string, error) {
	if inProc(f.host(path)) {
		return nil, nil
	}
	return f.Owners.Listxattr(f.host(path))
}
