package session

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// Store is a directory of sessions.
type Store struct{ dir string }

// DefaultDir is where the store is: $VEDUTA_HOME, or else veduta in
// $XDG_STATE_HOME, which is ~/.local/state unless set.
func DefaultDir() (string, error) {
	if d := os.Getenv("VEDUTA_HOME"); d != "" {
		return filepath.Abs(d)
	}
	// The XDG base directory specification: a relative path is ignored.
	if d := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "veduta"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("no place for sessions: neither HOME nor VEDUTA_HOME is set; set VEDUTA_HOME to a directory of yours")
	}
	return filepath.Join(home, ".local/state/veduta"), nil
}

// Open opens the user's store, and makes it if there is none.
func Open() (*Store, error) {
	dir, err := DefaultDir()
	if err != nil {
		return nil, err
	}
	return OpenAt(dir)
}

// OpenAt opens the store at an absolute path, and makes it if there is none. It
// refuses one that somebody else could have prepared.
func OpenAt(dir string) (*Store, error) {
	s := &Store{dir: filepath.Clean(dir)}
	if err := os.MkdirAll(filepath.Dir(s.dir), 0o700); err != nil {
		return nil, fmt.Errorf("store %s: %w; set VEDUTA_HOME to a directory of yours", s.dir, err)
	}
	for _, d := range []string{s.dir, s.sessions()} {
		if err := ensure(d); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Dir is the store's directory.
func (s *Store) Dir() string { return s.dir }

func (s *Store) sessions() string { return filepath.Join(s.dir, "sessions") }

// ensure makes a directory of mode 0700, or checks the one that is there.
func ensure(dir string) error {
	if err := unix.Mkdir(dir, 0o700); err != nil && err != unix.EEXIST {
		return fmt.Errorf("store %s: %w; set VEDUTA_HOME to a directory of yours", dir, err)
	}
	var st unix.Stat_t
	if err := unix.Lstat(dir, &st); err != nil {
		return fmt.Errorf("store %s: %w", dir, err)
	}
	return trusted(dir, &st)
}

// trusted refuses a directory that another user may have put there or may
// write to: what a session holds ends up in the real system.
func trusted(dir string, st *unix.Stat_t) error {
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFLNK:
		return fmt.Errorf("store %s: it is a symbolic link, which may lead anywhere; set VEDUTA_HOME to the directory itself", dir)
	case st.Mode&unix.S_IFMT != unix.S_IFDIR:
		return fmt.Errorf("store %s: it is not a directory; remove it or set VEDUTA_HOME", dir)
	case !ours(st.Uid):
		return fmt.Errorf("store %s: it belongs to user %d and not to you; set VEDUTA_HOME to a directory of yours", dir, st.Uid)
	case st.Mode&0o022 != 0:
		return fmt.Errorf("store %s: others may write to it (mode %04o); chmod go-w it", dir, st.Mode&0o7777)
	}
	return nil
}

// ours tells whether an owner is the caller, or the user who calls through
// sudo: that is the way to commit with root's rights what was tried without.
func ours(uid uint32) bool {
	if int(uid) == os.Geteuid() {
		return true
	}
	sudo, err := strconv.ParseUint(os.Getenv("SUDO_UID"), 10, 32)
	return err == nil && os.Geteuid() == 0 && uint32(sudo) == uid
}
