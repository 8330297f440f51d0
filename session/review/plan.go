package review

import (
	"fmt"
	"path"
	"slices"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
)

// plan makes the steps of a commit out of changes.
type plan struct {
	s       *session.Session
	owners  *owner.Store
	who     *caller
	changes []*Change // closed, in order
	whole   bool
	areas   *areas
	tell    func(path string)

	in     map[*Change]bool
	kids   map[*Change][]*Change // what is added in an added directory
	staged map[identity]string   // upper file with several names → first copy
	opened map[string]*opened    // by real path before the commit
	moves  map[*Change]string    // slot of a renamed directory
	shared map[*node]shared
	lent   map[identity]bool // upper files that are shared
	// adopted are staged names of real files that are yet to be changed.
	adopted []*Change
	copied  map[identity]string // lower file with several names → first copy
	rest    map[*node]bool      // nodes of changes that are not chosen

	aside map[string]bool // files of the session's that steps take away

	leaving []*step // sources of renames
	placing []*step
	finish  []*step // attributes
	clear   []*step // of the upper layer
}

// build stages all that is new and fills the lists of steps.
func (p *plan) build() error {
	p.index()
	if err := p.leave(); err != nil {
		return err
	}
	for _, c := range p.changes {
		p.tell(string(c.Path))
		if err := p.place(c); err != nil {
			return fmt.Errorf("%s: %w", quote(c.Path), err)
		}
	}
	return p.clearUpper()
}

// steps are all steps in the order in which they are sound.
func (p *plan) steps() []*step {
	var open, shut []*step
	for _, o := range p.opened {
		open = append(open, o.open)
		if o.shut != nil {
			shut = append(shut, o.shut)
		}
	}
	// Outer directories first, to get at the inner ones.
	slices.SortFunc(open, func(a, b *step) int { return comparePaths(string(a.Path), string(b.Path)) })
	finish := append(slices.Clone(p.finish), shut...)
	// Inner directories first: an outer one may shut us out.
	slices.SortStableFunc(finish, func(a, b *step) int { return comparePaths(string(b.Path), string(a.Path)) })
	return slices.Concat(open, p.leaving, p.placing, finish, p.clear)
}

func (p *plan) index() {
	p.in, p.kids = map[*Change]bool{}, map[*Change][]*Change{}
	for _, c := range p.changes {
		p.in[c] = true
		if p.inside(c) {
			p.kids[c.parent] = append(p.kids[c.parent], c)
		}
	}
}

// inside tells whether a change is built as part of a new directory.
func (p *plan) inside(c *Change) bool {
	return c.parent != nil && !c.parent.moves() && (c.Kind == Added || c.Kind == Renamed && !c.isDir())
}

// leave takes the sources of renames out of the way, and files that come back
// under another name.
func (p *plan) leave() error {
	for _, c := range slices.Backward(bySource(p.changes)) {
		slot, err := p.areas.slot(path.Dir(c.base))
		if err != nil {
			return err
		}
		src, err := identityAt(c.base)
		if err != nil {
			return err
		}
		if err := p.openFor(c.base, path.Dir(c.base)); err != nil {
			return err
		}
		p.leaving = append(p.leaving, &step{Op: swap, Path: session.Path(c.base), Slot: session.Path(slot), Old: src})
		if c.moves() {
			p.moves[c] = slot
		}
	}
	return nil
}

// bySource are the renames in the order of where they take from.
func bySource(changes []*Change) []*Change {
	var list []*Change
	for _, c := range changes {
		if c.Kind == Renamed {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b *Change) int { return comparePaths(a.base, b.base) })
	return list
}

// place makes the steps of one change.
func (p *plan) place(c *Change) error {
	if p.inside(c) {
		return nil // with its directory
	}
	switch p.how(c) {
	case removed:
		if c.under != nil && p.in[c.under] {
			return nil // with what it was in
		}
		return p.remove(c)
	case moved:
		return p.move(c)
	case inPlace:
		return p.alter(c)
	}
	return p.replace(c)
}

func (p *plan) remove(c *Change) error {
	old, err := identityAt(c.base)
	if err != nil {
		return err
	}
	slot, err := p.areas.slot(c.dir)
	if err != nil {
		return err
	}
	if err := p.openFor(c.base, c.dir); err != nil {
		return err
	}
	p.placing = append(p.placing, &step{Op: swap, Path: c.Path, Slot: session.Path(slot), Old: old})
	return nil
}

// move brings a renamed directory from its slot to its path. To another mount
// it is copied.
func (p *plan) move(c *Change) error {
	slot := p.moves[c]
	id, err := identityAt(c.base)
	if err != nil {
		return err
	}
	target, err := p.areas.slot(p.mountDir(c))
	if err != nil {
		return err
	}
	if path.Dir(target) != path.Dir(slot) {
		if err := p.copyTree(c.base, target); err != nil {
			return err
		}
		slot = target
		if id, err = identityAt(target); err != nil {
			return err
		}
	}
	st, err := p.swapIn(c, slot, id)
	if err != nil {
		return err
	}
	p.placing = append(p.placing, st)
	return p.attributes(c, id)
}

// replace builds a new file and swaps it with what is there.
func (p *plan) replace(c *Change) error {
	slot, err := p.areas.slot(p.mountDir(c))
	if err != nil {
		return err
	}
	if err := p.stage(c, slot); err != nil {
		return err
	}
	id, err := identityAt(slot)
	if err != nil {
		return err
	}
	st, err := p.swapIn(c, slot, id)
	if err != nil {
		return err
	}
	p.placing = append(p.placing, st)
	for _, a := range p.adopted {
		if err := p.alter(a); err != nil {
			return err
		}
	}
	p.adopted = nil
	return p.shutStaged(c, id)
}

// swapIn is the step that brings the file at a slot to the path of a change.
func (p *plan) swapIn(c *Change, slot string, id *identity) (*step, error) {
	st := &step{Op: swap, Path: c.Path, Slot: session.Path(slot), New: id}
	if old := c.replaced(); old != "" {
		var err error
		if st.Old, err = identityAt(old); err != nil {
			return nil, err
		}
		if err := p.openFor(old, c.dir); err != nil {
			return nil, err
		}
	} else if c.dir != "" {
		if err := p.openFor("", c.dir); err != nil {
			return nil, err
		}
	}
	return st, nil
}

// replaced is the real path, before the commit, of what a change takes the
// place of.
func (c *Change) replaced() string {
	switch {
	case c.Kind == Renamed && c.OldType == "" || c.Kind == Added:
		return ""
	case c.Kind == Renamed:
		return path.Join(c.dir, path.Base(string(c.Path)))
	}
	return c.base
}

// mountDir is a real directory on the mount that the change's path is on.
func (p *plan) mountDir(c *Change) string {
	for c.dir == "" {
		c = c.parent
	}
	return c.dir
}

func identityAt(path string) (*identity, error) {
	a, err := vfs.HostLstat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	id := identityOf(&a)
	return &id, nil
}
