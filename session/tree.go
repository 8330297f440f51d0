package session

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// maxDepth is how many directories removeTree keeps open at once; what lies
// deeper is moved up, so that neither descriptors nor PATH_MAX set a limit.
const maxDepth = 64

// remover removes a tree through descriptors: it follows no link and leaves no
// directory that its owner could not have removed by hand.
type remover struct {
	top   *os.File
	moved int
}

// RemoveTree removes a directory with all in it, also directories whose mode
// keeps their owner out. It follows no link. That it is gone already is no error.
func RemoveTree(path string) error { return removeTree(path) }

func removeTree(path string) error {
	parent, err := unix.Open(filepath.Dir(path), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return ignoreGone(err)
	}
	defer unix.Close(parent)
	top, err := openDir(parent, filepath.Base(path))
	if err != nil {
		return ignoreGone(err)
	}
	defer top.Close()
	r := &remover{top: top}
	if err := r.empty(top, 0); err != nil {
		return fmt.Errorf("remove %s: %w", path, err)
	}
	return ignoreGone(unix.Unlinkat(parent, filepath.Base(path), unix.AT_REMOVEDIR))
}

// empty removes all entries of a directory. It reads it again until nothing is
// left: entries may have been moved up into it meanwhile.
func (r *remover) empty(dir *os.File, depth int) error {
	for {
		if _, err := dir.Seek(0, io.SeekStart); err != nil {
			return err
		}
		names, err := dir.Readdirnames(1024)
		if err != nil && err != io.EOF {
			return err
		}
		if len(names) == 0 {
			return nil
		}
		for _, n := range names {
			if err := r.remove(dir, n, depth); err != nil {
				return err
			}
		}
	}
}

func (r *remover) remove(dir *os.File, name string, depth int) error {
	fd := int(dir.Fd())
	err := unix.Unlinkat(fd, name, 0)
	if err != unix.EISDIR {
		return ignoreGone(err)
	}
	sub, err := openDir(fd, name)
	if err != nil {
		return ignoreGone(err)
	}
	defer sub.Close()
	if depth >= maxDepth {
		return r.moveUp(fd, name)
	}
	if err := r.empty(sub, depth+1); err != nil {
		return err
	}
	return ignoreGone(unix.Unlinkat(fd, name, unix.AT_REMOVEDIR))
}

// moveUp moves a deep directory to the top under a name that is free.
func (r *remover) moveUp(fd int, name string) error {
	for {
		r.moved++
		to := ".deep-" + strconv.Itoa(r.moved)
		err := unix.Renameat2(fd, name, int(r.top.Fd()), to, unix.RENAME_NOREPLACE)
		if err != unix.EEXIST {
			return ignoreGone(err)
		}
	}
}

// openDir opens a directory, no link, for reading and with the rights to remove
// what is in it.
func openDir(parent int, name string) (*os.File, error) {
	p, err := unix.Openat(parent, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(p)
	// chmod(2) of the descriptor that O_PATH gave, as fchmod(2) refuses it.
	self := "/proc/self/fd/" + strconv.Itoa(p)
	var st unix.Stat_t
	if err := unix.Fstat(p, &st); err == nil && st.Mode&0o700 != 0o700 {
		if err := unix.Chmod(self, 0o700); err != nil {
			return nil, err
		}
	}
	fd, err := unix.Openat(unix.AT_FDCWD, self, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

// ignoreGone takes an error that says that the work is done for none.
func ignoreGone(err error) error {
	if errors.Is(err, unix.ENOENT) {
		return nil
	}
	return err
}
