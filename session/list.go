package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Info is a line of a listing.
type Info struct {
	Meta // of a damaged session only the name
	// State is the effective one: running only while somebody holds the lock.
	State State `json:"state"`
	// Holder is the pid that holds the session, 0 if none does.
	Holder int `json:"holder,omitempty"`
	// Problem says what is wrong with a damaged session.
	Problem string `json:"problem,omitempty"`
}

// List tells of all sessions, the oldest first. Damaged ones are listed as such.
func (s *Store) List() ([]Info, error) {
	release, err := s.guard()
	if err != nil {
		return nil, err
	}
	defer release()
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	list := make([]Info, 0, len(names))
	for _, n := range names {
		list = append(list, s.info(n))
	}
	slices.SortStableFunc(list, func(a, b Info) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list, nil
}

func (s *Store) info(name string) Info {
	dir := filepath.Join(s.sessions(), name)
	m, err := readMeta(dir)
	if err != nil {
		return Info{Meta: Meta{Name: name, State: Damaged}, State: Damaged, Problem: err.Error()}
	}
	m.Name = name
	in := Info{Meta: m, State: m.State}
	if held(dir) {
		in.Holder = holder(dir)
	} else if m.State == Running {
		in.State = Interrupted
	}
	return in
}

// names are those of the sessions, whole or damaged.
func (s *Store) names() ([]string, error) {
	entries, err := os.ReadDir(s.sessions())
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && checkName(e.Name()) == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// ErrNone is what Latest fails with in an empty store.
var ErrNone = errors.New("there is no session")

// Latest is the name of the session made last, damaged ones aside.
func (s *Store) Latest() (string, error) {
	list, err := s.List()
	if err != nil {
		return "", err
	}
	for _, in := range slices.Backward(list) {
		if in.State != Damaged {
			return in.Name, nil
		}
	}
	return "", ErrNone
}

// OpenSession opens a session by name. With lock it is the caller's alone until
// Close; ErrInUse if it is somebody else's. Without, its files may change
// while they are read.
func (s *Store) OpenSession(name string, lock bool) (*Session, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	release, err := s.guard()
	if err != nil {
		return nil, err
	}
	defer release()
	ses := &Session{dir: filepath.Join(s.sessions(), name)}
	if _, err := os.Lstat(ses.dir); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("session %s: there is none of that name; `veduta ls` lists them", name)
	}
	if ses.meta, err = readMeta(ses.dir); err != nil {
		return nil, fmt.Errorf("session %s: %w", name, err)
	}
	if lock {
		if ses.lock, err = takeLock(ses.dir); err != nil {
			return nil, fmt.Errorf("session %s: %w", name, err)
		}
	}
	return ses, nil
}
