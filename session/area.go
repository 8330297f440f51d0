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

// AreaPrefix begins the name of a directory that a commit makes on a file
// system other than the store's, to move files there and back.
const AreaPrefix = ".veduta-"

const areasFile = "areas"

// AddArea puts on record a directory outside the session that belongs to it and
// goes with it. It is noted before the directory is made, so that none is lost.
func (s *Session) AddArea(dir string) error {
	if !filepath.IsAbs(dir) || !strings.HasPrefix(filepath.Base(dir), AreaPrefix) {
		return fmt.Errorf("area %s: want an absolute path of %s*", dir, AreaPrefix)
	}
	f, err := os.OpenFile(filepath.Join(s.dir, areasFile), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteString(dir + "\x00"); err != nil {
		return err
	}
	return f.Sync()
}

// RemoveAreas removes the directories on record, and then the record.
func (s *Session) RemoveAreas() error { return removeAreas(s.dir) }

func removeAreas(session string) error {
	list := filepath.Join(session, areasFile)
	data, err := os.ReadFile(list)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, dir := range strings.Split(string(data), "\x00") {
		if !filepath.IsAbs(dir) || !strings.HasPrefix(filepath.Base(dir), AreaPrefix) {
			continue
		}
		if err := removeTree(dir); err != nil {
			return err
		}
	}
	return os.Remove(list)
}
