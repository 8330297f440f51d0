package overlayfs

import (
	"errors"
	"strings"

	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// onUpper runs fn on the upper file of a path, copied up if it must be.
func (f *FS) onUpper(path string, empty bool, fn func(host string) error) error {
	for {
		raise := false
		err := f.ask(path, func(r *found) error {
			if r.layer != inUpper {
				raise = true
				return nil
			}
			raise = false
			return fn(r.host)
		})
		if err != nil || !raise {
			return err
		}
		if err := f.copyUp(path, empty); err != nil {
			return err
		}
	}
}

// SetAttr implements vfs.FileSystem.
func (f *FS) SetAttr(path string, s vfs.SetAttr) error {
	empty := s.Valid&vfs.SetSize != 0 && s.Size == 0
	if err := f.refusesSize(path, s); err != nil {
		return err
	}
	return f.onUpper(path, empty, func(host string) error { return f.o.Owners.SetAttr(host, s) })
}

// refusesSize answers truncate(2) of what is no plain file before it is copied
// up.
func (f *FS) refusesSize(path string, s vfs.SetAttr) error {
	if s.Valid&vfs.SetSize == 0 {
		return nil
	}
	a, err := f.Lstat(path)
	switch {
	case err != nil:
		return err
	case a.IsDir():
		return unix.EISDIR
	case a.Kind() != unix.S_IFREG:
		return unix.EINVAL
	}
	return nil
}

// SetAttrFD implements vfs.FileSystem. A lower file that no name of the view
// leads to any more cannot be changed: EROFS.
func (f *FS) SetAttrFD(proc string, s vfs.SetAttr) error {
	host, err := readMagic(proc)
	if err != nil {
		return err
	}
	host = strings.TrimSuffix(host, " (deleted)")
	if !under(host, f.o.Upper) && !under(host, f.o.Work) {
		return unix.EROFS
	}
	return f.o.Owners.SetAttr(proc, s)
}

// Getxattr implements vfs.FileSystem.
func (f *FS) Getxattr(path, name string) ([]byte, error) {
	var v []byte
	err := f.ask(path, func(r *found) error {
		var err error
		v, err = f.o.Owners.Getxattr(r.host, name)
		return err
	})
	return v, err
}

// Listxattr implements vfs.FileSystem.
func (f *FS) Listxattr(path string) ([]string, error) {
	var names []string
	err := f.ask(path, func(r *found) error {
		var err error
		names, err = f.o.Owners.Listxattr(r.host)
		return err
	})
	return names, err
}

// Setxattr implements vfs.FileSystem.
func (f *FS) Setxattr(path, name string, value []byte, flags int) error {
	if err := f.refusesXattr(path, name); err != nil {
		return err
	}
	return f.onUpper(path, false, func(host string) error {
		return f.o.Owners.Setxattr(host, name, value, flags)
	})
}

// Removexattr implements vfs.FileSystem. What is not there is not worth a
// copy-up.
func (f *FS) Removexattr(path, name string) error {
	if err := f.refusesXattr(path, name); err != nil {
		return err
	}
	if _, err := f.Getxattr(path, name); errors.Is(err, unix.ENODATA) {
		return err
	}
	return f.onUpper(path, false, func(host string) error {
		return f.o.Owners.Removexattr(host, name)
	})
}

// refusesXattr answers before a copy-up what no file of that type can have.
func (f *FS) refusesXattr(path, name string) error {
	a, err := f.Lstat(path)
	if err == nil && !owner.BearsXattr(uint32(a.Mode), name) {
		err = unix.EPERM
	}
	return err
}

// Statfs implements vfs.FileSystem: what can be written is decided by the file
// system of the upper layer.
func (f *FS) Statfs(path string) (unix.Statfs_t, error) {
	var st unix.Statfs_t
	err := f.ask(path, func(*found) error { return unix.Statfs(f.o.Upper, &st) })
	return st, err
}
