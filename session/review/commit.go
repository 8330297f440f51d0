package review

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
)

// Options of a commit.
type Options struct {
	// Force overwrites what changed outside the session.
	Force bool `json:"force,omitempty"`
	// NoOwner leaves to the caller what can't be given its owner, without
	// set-id bits and privileged attributes.
	NoOwner bool `json:"noOwner,omitempty"`
	// Progress is told of each file, first while files are prepared (total 0),
	// then while steps are taken.
	Progress func(done, total int, path string) `json:"-"`

	// kill, in tests, ends the process where it is called: an error from it
	// leaves everything as it is.
	kill func() error
}

// Result tells what a commit did.
type Result struct {
	Changes []*Change // that were made, in order
	Whole   bool      // nothing of the session is left
	// Skipped are times that were left, as the files are not the caller's.
	Skipped []*Change
}

// errKilled stands for the end of the process in tests.
var errKilled = errors.New("killed")

// Commit makes changes of a session to the real file system as the calling
// user: those that the patterns name (see Select), with those without which
// they can't be made; none for all. The session must be locked. It fails before
// anything real is touched with a ConflictError, or one about what the caller
// may not do; a failure on the way takes all back.
func Commit(s *session.Session, patterns []string, o Options) (*Result, error) {
	if !s.Locked() {
		return nil, fmt.Errorf("session %s: commit without its lock", s.Name())
	}
	if err := fresh(s); err != nil {
		return nil, err
	}
	res, j, err := prepare(s, patterns, o)
	if err != nil || j == nil {
		if err != nil && j != nil && !errors.Is(err, errKilled) {
			j.abandon(s) // what is left of it is the next commit's to remove
		}
		return res, err
	}
	if err := j.apply(s, o); err != nil {
		if errors.Is(err, errKilled) {
			return nil, err
		}
		return nil, j.giveUp(s, err)
	}
	return res, nil
}

// fresh makes room for a commit: what undo of the last one needed goes. That may
// be another name of a real file, whose change time moves when it goes.
func fresh(s *session.Session) error {
	phase, err := Pending(s)
	switch {
	case err != nil:
		return err
	case phase == Idle:
		return drop(s)
	case phase != Done:
		return fmt.Errorf("session %s: a commit was interrupted; finish it (commit --resume) or take it back (undo)", s.Name())
	}
	all, err := Changes(s)
	if err != nil {
		return err
	}
	h, err := readHistory(s)
	if err != nil {
		return err
	}
	known := h.see(linkedBelow(all))
	if err := drop(s); err != nil {
		return err
	}
	return log(s, known)
}

// prepare stages the new files and writes the journal; a nil journal means that
// there is nothing to do.
func prepare(s *session.Session, patterns []string, o Options) (*Result, *journal, error) {
	all, err := Changes(s)
	if err != nil {
		return nil, nil, err
	}
	chosen, err := Select(all, patterns)
	if err != nil {
		return nil, nil, err
	}
	chosen = closure(all, chosen)
	h, err := readHistory(s)
	if err != nil {
		return nil, nil, err
	}
	if list := h.conflicts(chosen); len(list) > 0 && !o.Force {
		return nil, nil, &ConflictError{"commit", list}
	}
	p, err := newPlan(s, all, chosen, o)
	if err != nil {
		return nil, nil, err
	}
	defer p.owners.Sidecar.Close()
	res := &Result{Whole: p.whole}
	res.Changes, res.Skipped = p.leaveTimes()
	p.changes = res.Changes
	if len(all) == 0 {
		return res, nil, nil
	}
	j := &journal{Phase: Staging, Options: o, Whole: p.whole, Seen: h.see(chosen), Left: h.see(p.left(all))}
	for _, pat := range patterns {
		abs, err := filepath.Abs(pat)
		if err != nil {
			return nil, nil, err
		}
		j.Patterns = append(j.Patterns, session.Path(abs))
	}
	return res, j, p.prepare(j, o)
}

func (p *plan) prepare(j *journal, o Options) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := os.Mkdir(commitDir(p.s), 0o700); err != nil {
		return err
	}
	if err := j.save(p.s); err != nil {
		return err
	}
	var err error
	if p.areas, err = newAreas(p.s); err != nil {
		return err
	}
	done := 0
	var killed error
	p.tell = func(path string) {
		done++
		if o.Progress != nil {
			o.Progress(done, 0, path)
		}
		if o.kill != nil && killed == nil {
			killed = o.kill()
		}
	}
	if err := p.build(); err != nil {
		return err
	}
	if killed != nil {
		return killed
	}
	if err := p.areas.sync(); err != nil {
		return err
	}
	p.note(j)
	j.Phase = Applying
	return j.save(p.s)
}

func newPlan(s *session.Session, all, chosen []*Change, o Options) (*plan, error) {
	who, err := currentCaller(o.NoOwner)
	if err != nil {
		return nil, err
	}
	own, err := owners(s)
	if err != nil {
		return nil, err
	}
	p := &plan{
		s: s, owners: own, who: who, changes: chosen, whole: len(all) == len(chosen),
		staged: map[identity]string{}, copied: map[identity]string{}, opened: map[string]*opened{},
		moves: map[*Change]string{}, shared: map[*node]shared{}, lent: map[identity]bool{}, aside: map[string]bool{}, rest: map[*node]bool{},
	}
	p.index()
	for _, c := range all {
		if !p.in[c] {
			p.rest[c.n] = true
		}
	}
	return p, nil
}

// leaveTimes sorts out changes of nothing but the times of files that are not
// the caller's: not worth a refusal, but said.
func (p *plan) leaveTimes() (keep, skipped []*Change) {
	for _, c := range p.changes {
		if c.TimesOnly() && !p.owns(c) {
			skipped = append(skipped, c)
			continue
		}
		keep = append(keep, c)
	}
	return keep, skipped
}

// left are the changes that are not chosen, to files that have other names.
func (p *plan) left(all []*Change) (list []*Change) {
	for _, c := range linkedBelow(all) {
		if p.rest[c.n] && !p.in[c] {
			list = append(list, c)
		}
	}
	return list
}

// linkedBelow are the changes to real files that have several names.
func linkedBelow(changes []*Change) (list []*Change) {
	for _, c := range changes {
		if c.base == "" {
			continue
		}
		if a, err := vfs.HostLstat(c.base); err == nil && a.Nlink > 1 && !a.IsDir() {
			list = append(list, c)
		}
	}
	return list
}
