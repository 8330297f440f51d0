package session

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Session is one session on disk.
type Session struct {
	dir  string
	lock *os.File // nil: opened to look only

	mu   sync.Mutex // guards meta
	meta Meta
}

// Name is the session's name.
func (s *Session) Name() string { return filepath.Base(s.dir) }

// Dir is the session's directory; the other paths lie in it.
func (s *Session) Dir() string { return s.dir }

// Upper is the upper layer, whose top stands for the view's root.
func (s *Session) Upper() string { return filepath.Join(s.dir, "upper") }

// UpperOf is the upper layer of the copy-on-write mount at a view's path.
func (s *Session) UpperOf(mount string) string { return filepath.Join(s.Upper(), mount) }

// Work is the overlay's scratch directory.
func (s *Session) Work() string { return filepath.Join(s.dir, "work") }

// Owners is the sidecar of package vfs/owner.
func (s *Session) Owners() string { return filepath.Join(s.dir, "owners") }

// Origins is the log of what was copied up or deleted.
func (s *Session) Origins() string { return filepath.Join(s.dir, "origins") }

// Unseen lists the lower directories that could not be looked into.
func (s *Session) Unseen() string { return filepath.Join(s.dir, "unseen") }

// Locked tells whether this value holds the session's lock.
func (s *Session) Locked() bool { return s.lock != nil }

// Meta is the session's description as of the last read or update.
func (s *Session) Meta() Meta {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.meta
}

// Update changes the description on disk; the session must be locked. Name,
// format and time of creation stay what they are.
func (s *Session) Update(change func(*Meta)) error {
	if s.lock == nil {
		return fmt.Errorf("session %s: not locked", s.Name())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.meta
	change(&m)
	m.Format, m.Name, m.Created = s.meta.Format, s.meta.Name, s.meta.Created
	if err := writeMeta(s.dir, &m); err != nil {
		return fmt.Errorf("session %s: %w", s.Name(), err)
	}
	s.meta = m
	return nil
}

// Start marks the session as running.
func (s *Session) Start() error {
	if m := s.Meta(); m.Transient && m.State == Running {
		return nil
	}
	return s.Update(func(m *Meta) { m.State, m.ExitStatus, m.Ended = Running, 0, time.Time{} })
}

// End marks the session as ended with the command's exit status, and as one to
// keep.
func (s *Session) End(status int) error {
	return s.Update(func(m *Meta) {
		m.State, m.ExitStatus, m.Ended, m.Transient = Ended, status, time.Now().UTC(), false
	})
}

// Close gives the session's lock back.
func (s *Session) Close() error {
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}
