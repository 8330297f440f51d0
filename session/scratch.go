package session

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// shm is where a system keeps its memory file system for everybody (shm_open(3)).
const shm = "/dev/shm"

// Scratch is a place for files that end with a running view: the contents of
// its tmpfs mounts. It is locked as long as it is open, and what a killed
// monitor leaves is removed by the next NewScratch.
type Scratch struct {
	dir   string
	lock  *os.File
	count int
}

// NewScratch makes one, on a memory file system where there is one that the user
// may write to, else among the runtime files.
func NewScratch() (*Scratch, error) {
	parent, err := scratchParent()
	if err != nil {
		return nil, err
	}
	all, err := os.Open(parent)
	if err != nil {
		return nil, err
	}
	defer all.Close()
	if err := flock(all, unix.LOCK_EX); err != nil {
		return nil, fmt.Errorf("lock %s: %w", parent, err)
	}
	sweepScratch(parent)
	dir, err := os.MkdirTemp(parent, "")
	if err != nil {
		return nil, err
	}
	lock, err := os.Open(dir)
	if err == nil {
		err = flock(lock, unix.LOCK_EX|unix.LOCK_NB)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return &Scratch{dir: dir, lock: lock}, nil
}

// scratchParent is the directory of the user's scratch places.
func scratchParent() (string, error) {
	dir := filepath.Join(shm, "veduta-"+strconv.Itoa(os.Geteuid()))
	var fs unix.Statfs_t
	if unix.Statfs(shm, &fs) == nil && fs.Type == unix.TMPFS_MAGIC && ensure(dir) == nil && unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK, unix.AT_EACCESS) == nil {
		return dir, nil
	}
	run, err := RuntimeDir(true)
	if err != nil {
		return "", err
	}
	dir = filepath.Join(run, "scratch")
	return dir, ensure(dir)
}

// sweepScratch removes the places that nobody holds. The lock of their parent
// must be held.
func sweepScratch(parent string) {
	list, err := os.ReadDir(parent)
	if err != nil {
		return
	}
	for _, e := range list {
		path := filepath.Join(parent, e.Name())
		d, err := os.Open(path)
		if err != nil {
			continue
		}
		if flock(d, unix.LOCK_EX|unix.LOCK_NB) == nil {
			removeTree(path)
		}
		d.Close()
	}
}

// Dir makes an empty directory in the place.
func (s *Scratch) Dir() (string, error) {
	s.count++
	dir := filepath.Join(s.dir, strconv.Itoa(s.count))
	return dir, unix.Mkdir(dir, 0o700)
}

// Path is the place itself.
func (s *Scratch) Path() string { return s.dir }

// Close removes the place with all in it. A nil one is none.
func (s *Scratch) Close() error {
	if s == nil {
		return nil
	}
	defer s.lock.Close()
	return removeTree(s.dir)
}
