package session

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const gonePrefix = ".gone-"

// Remove discards a session with all it holds. ErrInUse if a monitor runs it.
func (s *Store) Remove(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	aside, err := s.putAside(name)
	if err == nil {
		err = SyncDir(s.sessions())
	}
	if err != nil {
		return fmt.Errorf("session %s: %w", name, err)
	}
	if err := removeGone(aside); err != nil {
		return fmt.Errorf("session %s: discarded, but %w", name, err)
	}
	s.Sweep()
	return nil
}

// Drop is Remove for a transient session at its end.
func (s *Store) Drop(x *Session) error {
	x.Close()
	aside, err := s.putAside(x.Name())
	if err == nil {
		err = removeGone(aside)
	}
	if err != nil {
		return fmt.Errorf("session %s: %w", x.Name(), err)
	}
	return nil
}

// removeGone removes a session that was put aside, and the areas of its
// commits before it. Whoever else is at it already is left to it.
func removeGone(aside string) error {
	d, err := os.Open(aside)
	if err != nil {
		return ignoreGone(err)
	}
	defer d.Close()
	if flock(d, unix.LOCK_EX|unix.LOCK_NB) != nil {
		return nil
	}
	names, err := d.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, n := range names {
		if err := removeAreas(filepath.Join(aside, n)); err != nil {
			return err
		}
	}
	return removeTree(aside)
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
	return aside, nil
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
		err = errors.Join(err, removeGone(d))
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
