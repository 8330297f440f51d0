package owner

import (
	"errors"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const capability = "security.capability"

// Getxattr is getxattr(2) for a file of the view at a host path.
func (s *Store) Getxattr(path, name string) ([]byte, error) {
	if s.keeps(name) {
		v, err := s.keptXattr(path, name)
		if err == nil || !absent(err) {
			return v, err
		}
	}
	return readxattr(path, stored(name))
}

// Setxattr is setxattr(2). Without privilege, attributes that need it are kept
// under another name.
func (s *Store) Setxattr(path, name string, value []byte, flags int) error {
	return s.unlocked(path, func() error { return s.setxattr(path, name, value, flags) })
}

func (s *Store) setxattr(path, name string, value []byte, flags int) error {
	if !s.keeps(name) {
		return setxattr(path, stored(name), value, flags)
	}
	if name == aclAccess {
		return s.setACL(path, value)
	}
	return s.keepXattr(path, name, value, flags)
}

// Removexattr is removexattr(2).
func (s *Store) Removexattr(path, name string) error {
	return s.unlocked(path, func() error { return s.removexattr(path, name) })
}

func (s *Store) removexattr(path, name string) error {
	if !s.keeps(name) {
		return removexattr(path, stored(name))
	}
	if name == aclAccess {
		return s.removeACL(path)
	}
	if err := s.unkeepXattr(path, name); !errors.Is(err, unix.ENODATA) {
		return err
	}
	// Without privilege the kernel refuses before it looks.
	if _, err := readxattr(path, name); err != nil {
		return err
	}
	return removexattr(path, name)
}

// Listxattr is listxattr(2) without the attributes that are ours.
func (s *Store) Listxattr(path string) ([]string, error) {
	names, err := readNames(path)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, n := range names {
		if v, ok := shown(n); ok && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	for _, n := range s.keptNames(path) {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

func (s *Store) keeps(name string) bool {
	return s != nil && !s.Native && (privileged(name) || name == aclAccess)
}

// CopyXattrs copies what a copy-up has to carry over from one host file to
// another: all but the records that are made anew, and the overlay's own.
func (s *Store) CopyXattrs(from, to string) error {
	names, err := readNames(from)
	if err != nil {
		if absent(err) {
			return nil
		}
		return err
	}
	for _, n := range names {
		if _, ok := shown(n); !ok {
			continue
		}
		v, err := readxattr(from, n)
		if err != nil {
			if absent(err) {
				continue
			}
			return err
		}
		if err := s.copyXattr(to, n, v); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) copyXattr(to, name string, value []byte) error {
	set := setxattr
	if s.keeps(name) {
		set = s.keepXattr
	}
	err := set(to, name, value, 0)
	// What the upper file system has no room for by its nature (labels of a
	// security module, ACLs on a file system without them) cannot be kept; the
	// kernel's copy-up passes over it as well.
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.EPERM) && !strings.HasPrefix(name, "user.") {
		return nil
	}
	return err
}

// dropCapability: a change of owner takes file capabilities away
// (capabilities(7)); the kernel does it for the real one.
func (s *Store) dropCapability(f file) error {
	if f.raw.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil
	}
	err := removexattr(f.path, kept+capability)
	if err != nil && !absent(err) {
		return err
	}
	return nil
}
