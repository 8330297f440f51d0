package review

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// ErrNothing: there is no commit to finish or to take back.
var ErrNothing = errors.New("there is no commit to finish or to take back")

// Resume finishes a commit that was killed; one that was being taken back is
// taken back. The session must be locked.
func Resume(s *session.Session, o Options) error {
	j, err := open(s)
	if err != nil {
		return err
	}
	// What was asked for then counts, not what is now.
	o.Force, o.NoOwner = j.Options.Force, j.Options.NoOwner
	switch j.Phase {
	case Staging:
		if err := j.abandon(s); err != nil {
			return err
		}
		var patterns []string
		for _, p := range j.Patterns {
			patterns = append(patterns, string(p))
		}
		_, err := Commit(s, patterns, o)
		return err
	case Applying:
		return j.apply(s, o)
	case Reverting:
		return j.revert(s, o)
	}
	return j.finish(s, o)
}

// Rollback takes back a commit that was killed. The session must be locked.
func Rollback(s *session.Session, o Options) error {
	j, err := open(s)
	if err != nil {
		return err
	}
	switch j.Phase {
	case Staging:
		return j.abandon(s)
	case Applying, Reverting:
		return j.revert(s, o)
	}
	return Undo(s, o)
}

// Undo takes back the last commit: the real file system and the session are as
// they were before it. It refuses with a ConflictError, unless forced, if what
// the commit brought has been changed since; what was changed is lost then. The
// session must be locked.
func Undo(s *session.Session, o Options) error {
	j, err := open(s)
	if err != nil {
		return err
	}
	if j.Phase != Done {
		return Rollback(s, o)
	}
	if s.Meta().State == session.Running || j.Whole && s.Meta().State != session.Committed && used(s) {
		return fmt.Errorf("session %s: it has run since the commit; discard what it did since first", s.Name())
	}
	if !o.Force {
		if list := j.changedSince(); len(list) > 0 {
			return &ConflictError{"undo", list}
		}
	}
	return j.revert(s, o)
}

func open(s *session.Session) (*journal, error) {
	if !s.Locked() {
		return nil, fmt.Errorf("session %s: not locked", s.Name())
	}
	j, err := readJournal(s)
	if err == nil && j.Phase == Idle {
		err = fmt.Errorf("session %s: %w", s.Name(), ErrNothing)
	}
	return j, err
}

// used tells whether the upper layer holds anything.
func used(s *session.Session) bool {
	changes, err := Changes(s)
	return err != nil || len(changes) > 0
}

// share gives the upper layer its own names back.
func (j *journal) share() error {
	for _, sh := range j.Shared {
		a, err := vfs.HostLstat(string(sh.Path))
		if err != nil || identityOf(&a) != sh.ID || exists(string(sh.Upper)) {
			continue
		}
		err = hostpath.Link(string(sh.Path), string(sh.Kept))
		if err != nil && err != unix.EEXIST {
			return fmt.Errorf("%s: %w", quote(sh.Path), err)
		}
	}
	return nil
}

// changedSince are the paths at which the commit's files are no more, or were
// changed later.
func (j *journal) changedSince() []Conflict {
	var list []Conflict
	made := map[session.Path]bool{}
	for _, st := range j.Steps {
		made[st.Path] = made[st.Path] || st.New != nil
	}
	for _, st := range j.Steps {
		if st.Op != swap {
			continue
		}
		if st.New == nil {
			if !made[st.Path] && exists(string(st.Path)) {
				list = append(list, Conflict{st.Path, "there again"})
			}
			continue
		}
		a, err := vfs.HostLstat(string(st.Path))
		if err != nil || identityOf(&a) != *st.New {
			list = append(list, Conflict{st.Path, "replaced"})
			continue
		}
		if p := j.laterThan(string(st.Path), &a); p != "" {
			list = append(list, Conflict{session.Path(p), "changed"})
		}
	}
	return list
}

// laterThan is a file at or in a path that was changed after the commit.
func (j *journal) laterThan(p string, a *vfs.Attr) (later string) {
	if !a.IsDir() {
		if nanos(a.Ctime) > j.Finished {
			return p
		}
		return ""
	}
	filepath.WalkDir(p, func(f string, d fs.DirEntry, err error) error {
		if err != nil || f == p {
			return nil
		}
		if a, err := vfs.HostLstat(f); err == nil && !a.IsDir() && nanos(a.Ctime) > j.Finished {
			later = f
			return fs.SkipAll
		}
		return nil
	})
	return later
}
