package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs/overlayfs"
)

// Phase is how far a commit got.
type Phase string

const (
	// Idle: there is no journal.
	Idle Phase = ""
	// Staging: new files were being prepared; nothing real was touched.
	Staging Phase = "staging"
	// Applying: any number of steps may have been taken.
	Applying Phase = "applying"
	// Reverting: it is being taken back, and nothing else can become of it.
	Reverting Phase = "reverting"
	// Done: the commit is whole, and can be undone.
	Done Phase = "done"
)

const journalFormat = 1

// journal is all that it takes to finish, revert or undo a commit.
type journal struct {
	Format   int            `json:"format"`
	Phase    Phase          `json:"phase"`
	Patterns []session.Path `json:"patterns"`
	Options  Options        `json:"options"`
	Whole    bool           `json:"whole"` // all changes of the session
	Steps    []*step        `json:"steps,omitempty"`
	Shared   []shared       `json:"shared,omitempty"`
	Seen     []seen         `json:"seen,omitempty"` // for when it is taken back
	Left     []seen         `json:"left,omitempty"` // for when it is done
	// Finished is when the last step was taken, in ns since the epoch.
	Finished int64 `json:"finished,omitempty"`
}

// shared is a file that was brought over as a link of the upper layer's own.
// In the end that name is given up, so that the real file has no more names than
// it should; undo makes it again.
type shared struct {
	Path  session.Path `json:"path"`  // real path
	Upper session.Path `json:"upper"` // name in the upper layer
	Kept  session.Path `json:"kept"`  // where the commit puts that
	ID    identity     `json:"id"`
}

// seen is a real file that was what the session saw. To move it and back moves
// its change time, and so does what becomes of another of its names; what it is
// then is logged, or the next commit would take it for a conflict.
type seen struct {
	Real session.Path     `json:"real"`
	Line overlayfs.Origin `json:"line"` // but for what the file is then
}

func journalFile(s *session.Session) string { return filepath.Join(commitDir(s), "journal") }

func readJournal(s *session.Session) (*journal, error) {
	data, err := os.ReadFile(journalFile(s))
	if errors.Is(err, fs.ErrNotExist) {
		return &journal{}, nil
	}
	if err != nil {
		return nil, err
	}
	j := &journal{}
	if err := json.Unmarshal(data, j); err != nil {
		return nil, fmt.Errorf("session %s: the journal of its commit is damaged: %w", s.Name(), err)
	}
	if j.Format != journalFormat {
		return nil, fmt.Errorf("session %s: the journal of its commit has format %d and this veduta knows %d; use the veduta that wrote it", s.Name(), j.Format, journalFormat)
	}
	for i, st := range j.Steps {
		if !st.whole() {
			return nil, fmt.Errorf("session %s: the journal of its commit is damaged: step %d is not whole", s.Name(), i+1)
		}
	}
	return j, nil
}

func (j *journal) save(s *session.Session) error {
	j.Format = journalFormat
	if j.Phase == Done && j.Finished == 0 {
		j.Finished = time.Now().UnixNano()
	}
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	return session.WriteFile(journalFile(s), data)
}

// Pending tells how far the last commit of a session got: Idle and Done are
// whole, the others want Resume or Rollback.
func Pending(s *session.Session) (Phase, error) {
	j, err := readJournal(s)
	if err != nil {
		return Idle, err
	}
	if j.Phase == Done && j.Whole && s.Meta().State != session.Committed {
		return Applying, nil // killed between the journal and the description
	}
	return j.Phase, nil
}

// drop forgets a commit: its journal, its slots, and with them undo. The journal
// is the first to go: without it what is left is debris, with it a promise.
func drop(s *session.Session) error {
	if err := os.Remove(journalFile(s)); err == nil {
		if err := session.SyncDir(commitDir(s)); err != nil {
			return err
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.RemoveAreas(); err != nil {
		return err
	}
	return session.RemoveTree(commitDir(s))
}

// abandon forgets a commit of which no step is taken, or all are taken back. A
// slot may hold another name of a real file, whose change time moves when it
// goes: so what is seen then is logged after the slots and before the journal.
func (j *journal) abandon(s *session.Session) error {
	if err := dropSlots(s); err != nil {
		return err
	}
	if err := log(s, append(j.Seen, j.Left...)); err != nil {
		return err
	}
	return drop(s)
}

// dropSlots removes the slots only.
func dropSlots(s *session.Session) error {
	if err := s.RemoveAreas(); err != nil {
		return err
	}
	return session.RemoveTree(filepath.Join(commitDir(s), "slots"))
}
