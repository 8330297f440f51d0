package review

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// apply takes the steps that have not been taken, and ends the commit.
func (j *journal) apply(s *session.Session, o Options) error {
	for i, st := range j.Steps {
		if o.kill != nil {
			if err := o.kill(); err != nil {
				return err
			}
		}
		if err := st.take(); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(i+1, len(j.Steps), string(st.Path))
		}
	}
	if o.kill != nil {
		if err := o.kill(); err != nil {
			return err
		}
	}
	return j.finish(s, o)
}

// finish makes durable what the steps did and says so.
func (j *journal) finish(s *session.Session, o Options) error {
	for _, sh := range j.Shared {
		unix.Unlink(string(sh.Kept))
	}
	if err := log(s, j.Left); err != nil {
		return err
	}
	if err := j.sync(); err != nil {
		return err
	}
	j.Phase = Done
	if err := j.save(s); err != nil {
		return err
	}
	if o.kill != nil {
		if err := o.kill(); err != nil {
			return err
		}
	}
	if !j.Whole {
		return nil
	}
	return s.Update(func(m *session.Meta) { m.State = session.Committed })
}

// sync makes the file systems of all steps durable.
func (j *journal) sync() error {
	done := map[uint64]bool{}
	for _, st := range j.Steps {
		at, err := openSpot(string(st.Path))
		if err != nil {
			continue // in a directory that is gone
		}
		a, err := vfs.HostStatAt(at.dir, "", unix.AT_EMPTY_PATH)
		if err == nil && !done[a.Dev()] {
			done[a.Dev()] = true
			err = syncfs(fmt.Sprintf("/proc/self/fd/%d", at.dir))
		}
		at.close()
		if err != nil {
			return err
		}
	}
	return nil
}

func syncfs(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, os.ErrPermission) {
		unix.Sync() // a directory that may be searched and not read
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	return unix.Syncfs(int(d.Fd()))
}

// revert takes back the steps that have been taken, and forgets the commit.
func (j *journal) revert(s *session.Session, o Options) error {
	if j.Phase != Reverting {
		j.Phase = Reverting
		if err := j.save(s); err != nil {
			return err
		}
	}
	if err := j.share(); err != nil {
		return err
	}
	for _, st := range slices.Backward(j.Steps) {
		if o.kill != nil {
			if err := o.kill(); err != nil {
				return err
			}
		}
		if err := st.takeBack(); err != nil {
			return fmt.Errorf("session %s: the commit can't be taken back: %w; mend that, then undo again", s.Name(), err)
		}
	}
	if j.Whole && s.Meta().State == session.Committed {
		if err := s.Update(func(m *session.Meta) { m.State = session.Ended }); err != nil {
			return err
		}
	}
	if err := j.sync(); err != nil {
		return err
	}
	return j.abandon(s)
}

// giveUp takes a commit back that failed on the way.
func (j *journal) giveUp(s *session.Session, why error) error {
	if err := j.revert(s, Options{}); err != nil {
		return fmt.Errorf("commit: %w; and %w", why, err)
	}
	return fmt.Errorf("commit: %w; all was taken back", why)
}
