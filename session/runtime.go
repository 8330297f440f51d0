package session

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// RuntimeDir is where the sockets of running monitors are: veduta in
// $XDG_RUNTIME_DIR, else run in the store. Like the store it must be the user's
// own. With create it is made if need be; else it may not be there.
func RuntimeDir(create bool) (string, error) {
	parent := os.Getenv("XDG_RUNTIME_DIR")
	name := "veduta"
	if !usable(parent) {
		var err error
		if parent, err = DefaultDir(); err != nil {
			return "", err
		}
		name = "run"
		if create {
			if err := os.MkdirAll(filepath.Dir(parent), 0o700); err != nil {
				return "", fmt.Errorf("store %s: %w; set VEDUTA_HOME to a directory of yours", parent, err)
			}
			if err := ensure(parent); err != nil {
				return "", err
			}
		}
	}
	dir := filepath.Join(parent, name)
	if create {
		return dir, ensure(dir)
	}
	var st unix.Stat_t
	switch err := unix.Lstat(dir, &st); err {
	case nil:
		return dir, trusted(dir, &st)
	case unix.ENOENT:
		return dir, nil
	default:
		return "", fmt.Errorf("%s: %w", dir, err)
	}
}

// usable tells whether a runtime directory is one by the XDG base directory
// specification: the user's own, and nobody else's to write to.
func usable(dir string) bool {
	var st unix.Stat_t
	return filepath.IsAbs(dir) && unix.Lstat(dir, &st) == nil && trusted(dir, &st) == nil &&
		unix.Access(dir, unix.W_OK|unix.X_OK) == nil
}
