package hostpath

import "golang.org/x/sys/unix"

// Lgetxattr is lgetxattr(2).
func Lgetxattr(path, name string, buf []byte) (n int, err error) {
	err = by(path, func(p string) (err error) {
		n, err = unix.Lgetxattr(p, name, buf)
		return err
	})
	return n, err
}

// Llistxattr is llistxattr(2).
func Llistxattr(path string, buf []byte) (n int, err error) {
	err = by(path, func(p string) (err error) {
		n, err = unix.Llistxattr(p, buf)
		return err
	})
	return n, err
}

// Lsetxattr is lsetxattr(2).
func Lsetxattr(path, name string, value []byte, flags int) error {
	return by(path, func(p string) error { return unix.Lsetxattr(p, name, value, flags) })
}

// Lremovexattr is lremovexattr(2).
func Lremovexattr(path, name string) error {
	return by(path, func(p string) error { return unix.Lremovexattr(p, name) })
}
