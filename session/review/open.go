package review

import (
	"path"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
)

// opened is a directory of the caller's whose mode keeps its owner from
// changing what is in it, or from moving it, and is relaxed meanwhile.
type opened struct{ open, shut *step }

// openFor relaxes what stands in the way of moving what (none if empty), which
// is in the real directory dir.
func (p *plan) openFor(what, dir string) error {
	if p.who.root {
		return nil
	}
	if err := p.openDir(dir); err != nil {
		return err
	}
	// A directory that moves has its ".." rewritten, for which it must be
	// writable itself.
	if what == "" {
		return nil
	}
	if a, err := vfs.HostLstat(what); err != nil || !a.IsDir() {
		return err
	}
	return p.openDir(what)
}

func (p *plan) openDir(dir string) error {
	if p.opened[dir] != nil || !p.openable(dir) {
		return nil
	}
	a, err := vfs.HostLstat(dir)
	if err != nil {
		return err
	}
	id := identityOf(&a)
	was, open := a.Perm(), a.Perm()|0o700
	o := &opened{open: &step{
		Op: attr, Path: session.Path(dir), Old: &id, Leaves: true,
		Want: &attrs{Mode: &open}, Was: &attrs{Mode: &was},
	}}
	if to, stays := p.later(dir); stays {
		o.shut = &step{
			Op: attr, Path: session.Path(to), Old: &id, Leaves: true,
			Want: &attrs{Mode: &was}, Was: &attrs{Mode: &open},
		}
	}
	p.opened[dir] = o
	return nil
}

// later is where a real directory is after the commit; false if it goes, or if
// the commit sets its mode anyway.
func (p *plan) later(dir string) (string, bool) {
	var last *Change // the innermost that takes the directory somewhere
	for _, c := range p.changes {
		goes := c.moves() || c.Kind == Deleted || c.Kind == Retyped
		if goes && within(dir, c.base) && (last == nil || len(c.base) > len(last.base)) {
			last = c
		}
	}
	if last != nil && !last.moves() {
		return "", false
	}
	if last != nil {
		dir = path.Join(string(last.Path), dir[len(last.base):])
	}
	for _, c := range p.changes {
		if string(c.Path) == dir && c.ModeChange != nil {
			return "", false
		}
	}
	return dir, true
}
