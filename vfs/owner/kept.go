package owner

import (
	"errors"

	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// Attributes that the monitor's user may not set are kept with the file under a
// name of ours; with links, pipes, sockets and devices, which can have no user
// attribute, in the Sidecar.

// keptXattr is a kept attribute. ENODATA.
func (s *Store) keptXattr(path, name string) ([]byte, error) {
	v, err := readxattr(path, kept+name)
	if err != nil && absent(err) && s.Sidecar.bears() {
		a, e := rawOf(path)
		if v, ok := s.Sidecar.xattr(&a, name); e == nil && ok {
			return v, nil
		}
	}
	return v, err
}

// keepXattr keeps an attribute.
func (s *Store) keepXattr(path, name string, value []byte, flags int) error {
	err := setxattr(path, kept+name, value, flags)
	if !errors.Is(err, unix.EPERM) || s.Sidecar == nil {
		return err
	}
	a, e := rawOf(path)
	if e != nil {
		return e
	}
	if bearsXattrs(a.Mode) {
		return err
	}
	// EOPNOTSUPP where the file system has none of the kind.
	if _, e := readxattr(path, "security.none"); errors.Is(e, unix.EOPNOTSUPP) {
		return e
	}
	return s.Sidecar.setXattr(&a, name, value, flags)
}

// unkeepXattr removes a kept attribute. ENODATA.
func (s *Store) unkeepXattr(path, name string) error {
	err := removexattr(path, kept+name)
	if !errors.Is(err, unix.EPERM) {
		return err
	}
	a, e := rawOf(path)
	if e != nil {
		return e
	}
	if s.Sidecar.bears() {
		if there, err := s.Sidecar.removeXattr(&a, name); there {
			return err
		}
	}
	if bearsXattrs(a.Mode) {
		return err
	}
	return unix.ENODATA
}

// keptNames are the names of attributes in the Sidecar.
func (s *Store) keptNames(path string) []string {
	if s == nil || !s.Sidecar.bears() {
		return nil
	}
	a, err := rawOf(path)
	if err != nil {
		return nil
	}
	return s.Sidecar.xattrNames(&a)
}

// rawOf are the attributes of the host file at a path, or behind a magic link.
func rawOf(path string) (vfs.Attr, error) {
	if magic(path) {
		return vfs.HostStatAt(unix.AT_FDCWD, path, 0)
	}
	return vfs.HostLstat(path)
}
