package vfs

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// Errno is the one place where an error turns into the number that a guest
// gets. What carries no number is EIO.
func Errno(err error) unix.Errno {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[unix.Errno](err); ok {
		return e
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return unix.ENOENT
	case errors.Is(err, fs.ErrExist):
		return unix.EEXIST
	case errors.Is(err, fs.ErrPermission):
		return unix.EPERM
	}
	return unix.EIO
}
