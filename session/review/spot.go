package review

import (
	"path"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// spot is a name in a directory that is held open: no link on the way to it,
// not even one made meanwhile, leads elsewhere.
type spot struct {
	dir  int // -1: there is no such directory
	name string
}

func openSpot(p string) (*spot, error) {
	at, rest, err := hostpath.ReachBy(path.Dir(p), openBare)
	if err != nil {
		return &spot{-1, path.Base(p)}, err
	}
	fd, err := openBare(at, rest)
	if at >= 0 {
		unix.Close(at)
	}
	return &spot{fd, path.Base(p)}, err
}

// openBare opens a directory to which no link leads.
func openBare(dirfd int, path string) (int, error) {
	fd, err := unix.Openat2(dirfd, path, &unix.OpenHow{
		Flags:   unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC,
		Resolve: unix.RESOLVE_NO_SYMLINKS,
	})
	if err == unix.ENOSYS || err == unix.EPERM {
		// Before Linux 5.6, or a container that does not know it.
		fd, err = unix.Openat(dirfd, path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	}
	return fd, err
}

func (p *spot) close() {
	if p.dir >= 0 {
		unix.Close(p.dir)
	}
}

// now is the file at the spot; nil if there is none.
func (p *spot) now() (*identity, error) {
	if p.dir < 0 {
		return nil, nil
	}
	a, err := vfs.HostStatAt(p.dir, p.name, unix.AT_SYMLINK_NOFOLLOW)
	if err == unix.ENOENT {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	id := identityOf(&a)
	return &id, nil
}

// is compares identities; nil is equal to nil only.
func (i *identity) is(o *identity) bool {
	if i == nil || o == nil {
		return i == o
	}
	return *i == *o
}

// with runs fn on the file at the spot if it is the one that is meant.
func (p *spot) with(id *identity, fn func(fd int, st *vfs.Attr) error) (met bool, err error) {
	if p.dir < 0 {
		return false, nil
	}
	fd, err := unix.Openat(p.dir, p.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err == unix.ENOENT {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer unix.Close(fd)
	st, err := vfs.HostStatAt(fd, "", unix.AT_EMPTY_PATH)
	if err != nil {
		return false, err
	}
	if is := identityOf(&st); !is.is(id) {
		return false, nil
	}
	return true, fn(fd, &st)
}
