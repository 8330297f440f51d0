package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// flock takes a lock on an open file; a signal does not end the wait.
func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if err != unix.EINTR {
			return err
		}
	}
}

// guard holds the store's lock, under which sessions appear, disappear and
// change hands.
func (s *Store) guard() (release func(), err error) {
	d, err := os.Open(s.sessions())
	if err != nil {
		return nil, err
	}
	if err := flock(d, unix.LOCK_EX); err != nil {
		d.Close()
		return nil, fmt.Errorf("lock %s: %w", s.sessions(), err)
	}
	return func() { d.Close() }, nil
}

// ErrInUse is what taking a session that a monitor runs fails with.
var ErrInUse = errors.New("it is in use")

const lockFile = "lock"

// takeLock takes the lock of the session in dir and notes our pid in it. The
// store's lock must be held.
func takeLock(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(f, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if err == unix.EWOULDBLOCK {
			return nil, inUse(dir)
		}
		return nil, err
	}
	if err := f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
		if err != nil {
			f.Close()
			return nil, err
		}
	}
	return f, nil
}

func inUse(dir string) error {
	if pid := holder(dir); pid != 0 {
		return fmt.Errorf("%w by process %d; wait for it or kill it", ErrInUse, pid)
	}
	return fmt.Errorf("%w; wait for its end", ErrInUse)
}

// holder is the pid that the lock file names, 0 if none can be read.
func holder(dir string) int {
	data, err := os.ReadFile(filepath.Join(dir, lockFile))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(data)))
	return pid
}

// held tells whether somebody holds the lock of the session in dir. The store's
// lock must be held.
func held(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return flock(f, unix.LOCK_SH|unix.LOCK_NB) == unix.EWOULDBLOCK
}
