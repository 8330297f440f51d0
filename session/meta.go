package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Format is the version of the layout that this package writes.
const Format = 1

// State is how far a session got. Running in a description whose lock nobody
// holds means that the monitor was killed; Info tells it as Interrupted.
type State string

const (
	New         State = "new"
	Running     State = "running"
	Ended       State = "ended"
	Committed   State = "committed"
	Interrupted State = "interrupted" // never on disk
	Damaged     State = "damaged"     // never on disk
)

// Identity says who the files of the upper layer belong to where no owner is
// on record: those of the real ids are shown with the view's.
type Identity struct {
	RealUID uint32 `json:"realUID"`
	RealGID uint32 `json:"realGID"`
	ViewUID uint32 `json:"viewUID"`
	ViewGID uint32 `json:"viewGID"`
}

// Meta describes a session; it is what session.json holds.
type Meta struct {
	Format   int       `json:"format"`
	Name     string    `json:"name"`
	Created  time.Time `json:"created"`
	Command  []string  `json:"command"`
	Cwd      string    `json:"cwd"`
	Identity Identity  `json:"identity"`
	// Native: files of the upper layer carry the view's owners themselves,
	// because the monitor was privileged.
	Native   bool   `json:"native"`
	Hostname string `json:"hostname,omitempty"`
	// Cow are the mount points of the view that are copy-on-write.
	Cow []string `json:"cow"`
	// Below names the real directory below a copy-on-write mount that does not
	// lie over its own path.
	Below map[string]string `json:"below,omitempty"`
	State State             `json:"state"`
	// Transient: the session will be thrown away when its command has ended,
	// so nothing of it need survive the system's end.
	Transient bool `json:"transient,omitempty"`
	// ExitStatus is the command's, 128+N if signal N ended it.
	ExitStatus int       `json:"exitStatus"`
	Ended      time.Time `json:"ended,omitzero"`
}

const metaFile = "session.json"

// readMeta reads the description in a session's directory.
func readMeta(dir string) (Meta, error) {
	var m Meta
	data, err := os.ReadFile(filepath.Join(dir, metaFile))
	if errors.Is(err, fs.ErrNotExist) {
		return m, fmt.Errorf("it has no %s; discard it", metaFile)
	}
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return m, fmt.Errorf("its %s is damaged (%w); discard it", metaFile, err)
	}
	if m.Format != Format {
		return m, fmt.Errorf("its format is %d and this veduta knows %d; use the veduta that wrote it", m.Format, Format)
	}
	if p, ok := m.stray(); !ok {
		return m, fmt.Errorf("its %s is damaged (%q is no path of a mount); discard it", metaFile, p)
	}
	return m, nil
}

// stray finds a path that is not one from the root, or leads up; ok is true if
// there is none.
func (m *Meta) stray() (p string, ok bool) {
	whole := func(p string) bool { return filepath.IsAbs(p) && filepath.Clean(p) == p }
	for _, p := range m.Cow {
		if !whole(p) {
			return p, false
		}
	}
	for mount, p := range m.Below {
		if !whole(mount) || !whole(p) {
			return p, false
		}
	}
	return "", true
}

func writeMeta(dir string, m *Meta) error {
	data, err := json.MarshalIndent(m, "", "\t")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, metaFile)
	if m.Transient {
		return replace(path, append(data, '\n'), unsynced)
	}
	return WriteFile(path, append(data, '\n'))
}
