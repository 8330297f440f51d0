package session

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

const newPrefix = ".new-"

// Create makes a session and locks it. An empty name means one made out of the
// command. Of m the caller gives the command, cwd, identity, host name and
// copy-on-write mounts (none: "/"); the rest is filled in.
func (s *Store) Create(name string, m Meta) (*Session, error) {
	if name != "" {
		if err := checkName(name); err != nil {
			return nil, err
		}
	}
	release, err := s.guard()
	if err != nil {
		return nil, err
	}
	defer release()
	s.sweepNew()
	if name == "" {
		taken, err := s.names()
		if err != nil {
			return nil, err
		}
		name = generateName(m.Command, taken)
	}
	m.Format, m.Name, m.Created, m.State = Format, name, time.Now().UTC(), New
	if m.Transient {
		m.State = Running // one description less to write
	}
	if len(m.Cow) == 0 {
		m.Cow = []string{"/"}
	}
	m.Cow = slices.Clone(m.Cow)
	return s.make(m)
}

// make builds the session aside and moves it to its name when it is whole. The
// store's lock must be held.
func (s *Store) make(m Meta) (*Session, error) {
	tmp, err := os.MkdirTemp(s.sessions(), newPrefix+"*")
	if err != nil {
		return nil, err
	}
	lock, err := fill(tmp, &m)
	if err != nil {
		removeTree(tmp)
		return nil, fmt.Errorf("session %s: %w", m.Name, err)
	}
	dir := filepath.Join(s.sessions(), m.Name)
	err = unix.Renameat2(unix.AT_FDCWD, tmp, unix.AT_FDCWD, dir, unix.RENAME_NOREPLACE)
	if err == nil && !m.Transient {
		err = SyncDir(s.sessions())
	}
	if err != nil {
		lock.Close()
		removeTree(tmp)
		if err == unix.EEXIST {
			return nil, fmt.Errorf("session %s exists already; take another name or discard it", m.Name)
		}
		return nil, fmt.Errorf("session %s: %w", m.Name, err)
	}
	return &Session{dir: dir, lock: lock, meta: m}, nil
}

// fill makes what a new session consists of.
func fill(dir string, m *Meta) (*os.File, error) {
	// The upper layer's top is the view's root: searchable by the view's users.
	for name, mode := range map[string]uint32{"upper": 0o755, "work": 0o700} {
		d := filepath.Join(dir, name)
		if err := unix.Mkdir(d, 0o700); err != nil {
			return nil, err
		}
		if err := unix.Chmod(d, mode); err != nil {
			return nil, err
		}
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	if err := writeMeta(dir, m); err != nil {
		lock.Close()
		return nil, err
	}
	return lock, nil
}
