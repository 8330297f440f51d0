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
	had, err := f.resizable(path, s)
	if err != nil {
		return err
	}
	if empty && had > 0 && s.Valid&vfs.SetTimes == 0 {
		// A file that was copied up without its data is empty already, and
		// truncating such a one may leave its times.
		s.Valid |= vfs.SetTimes
		s.Atime.Nsec, s.Mtime.Nsec = unix.UTIME_OMIT, unix.UTIME_NOW
	}
	return f.onUpper(path, empty, func(host string) error { return f.o.Owners.SetAttr(host, s) })
}

// resizable is the size of what truncate(2) can change; anything else is refused
// before it is copied up.
func (f *FS) resizable(path string, s vfs.SetAttr) (size uint64, err error) {
	if s.Valid&vfs.SetSize == 0 {
		return 0, nil
	}
	a, err := f.Lstat(path)
	switch {
	case err != nil:
		return 0, err
	case a.IsDir():
		return 0, unix.EISDIR
	case a.Kind() != unix.S_IFREG:
		return 0, unix.EINVAL
	}
	return a.Size, nil
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
		if strings.HasPrefix(name, "system.posix_acl_") {
			return nil // as vfs_remove_acl has it
		}
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
