package session

import (
	"os"
	"path/filepath"
)

// WriteFile replaces a file by one with the given content, of mode 0600, such
// that a kill or a power cut leaves either the old or the new.
func WriteFile(path string, data []byte) error {
	if err := replace(path, data, (*os.File).Sync); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// replace is WriteFile as far as a kill is concerned; sync is called before the
// new file takes the old one's place.
func replace(path string, data []byte, sync func(*os.File) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = sync(tmp)
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

// unsynced is for what need not outlive the system.
func unsynced(*os.File) error { return nil }

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
