package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const gonePrefix = ".gone-"

// Remove discards a session with all it holds. ErrInUse if a monitor runs it.
func (s *Store) Remove(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	aside, err := s.putAside(name)
	if err != nil {
		return fmt.Errorf("session %s: %w", name, err)
	}
	if err := removeTree(aside); err != nil {
		return fmt.Errorf("session %s: discarded, but %w", name, err)
	}
	s.Sweep()
	return nil
}

// putAside takes a session out of the listing by one rename.
func (s *Store) putAside(name string) (string, error) {
	release, err := s.guard()
	if err != nil {
		return "", err
	}
	defer release()
	dir := filepath.Join(s.sessions(), name)
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("there is none of that name; `veduta ls` lists them")
	}
	if held(dir) {
		return "", inUse(dir)
	}
	aside, err := os.MkdirTemp(s.sessions(), gonePrefix+"*")
	if err != nil {
		return "", err
	}
	if err := os.Rename(dir, filepath.Join(aside, name)); err != nil {
		os.Remove(aside)
		return "", err
	}
	return aside, SyncDir(s.sessions())
}

// Sweep removes what killed commands left of sessions that they were making or
// removing. An error concerns debris only and harms no session.
func (s *Store) Sweep() error {
	release, err := s.guard()
	if err != nil {
		return err
	}
	s.sweepNew()
	gone := s.debris(gonePrefix)
	release()
	for _, d := range gone {
		err = errors.Join(err, removeTree(d))
	}
	return err
}

// sweepNew removes half-made sessions, which are small. The store's lock must
// be held: whoever makes one holds it too, so what is found is dead.
func (s *Store) sweepNew() {
	for _, d := range s.debris(newPrefix) {
		removeTree(d)
	}
}

func (s *Store) debris(prefix string) []string {
	entries, _ := os.ReadDir(s.sessions())
	var found []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			found = append(found, filepath.Join(s.sessions(), e.Name()))
		}
	}
	return found
}
