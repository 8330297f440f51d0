package review

import (
	"os"
	"path/filepath"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
)

// clearUpper makes the steps that take out of the upper layer what the commit
// brings to the real file system. They are steps like the others, so that
// undo gives the session back what it had.
func (p *plan) clearUpper() error {
	clearing := p.clearSome
	if p.whole {
		clearing = p.clearAll
	}
	if err := clearing(); err != nil {
		return err
	}
	for n, sh := range p.shared {
		sh.Kept = p.kept(n.upper)
		p.shared[n] = sh
	}
	return nil
}

// clearAll takes out all there is, and the logs about it.
func (p *plan) clearAll() error {
	tops, err := layers(p.s)
	if err != nil {
		return err
	}
	for _, l := range tops {
		entries, err := hostpath.ReadDir(l.upper)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if err := p.putAside(filepath.Join(l.upper, e.Name())); err != nil {
				return err
			}
		}
	}
	for _, f := range []string{p.s.Origins(), p.s.Unseen(), p.s.Owners(), linkIndex(p.s)} {
		if !exists(f) {
			continue
		}
		if err := p.putAside(f); err != nil {
			return err
		}
	}
	return nil
}

func (p *plan) clearSome() error {
	gone := map[*node]bool{}
	for _, c := range p.changes {
		// A rename in an opaque directory has brought all that is in that
		// along (closure): it goes as a whole.
		if top := c.n.cover(); c.moves() && top != nil && !gone[top] {
			gone[top] = true
			if err := p.putAside(top.upper); err != nil {
				return err
			}
		}
	}
	for _, c := range p.changes {
		if err := p.clearOne(c, gone); err != nil {
			return err
		}
	}
	return p.clearIndex(gone)
}

// clearOne takes out the file of one change. In an opaque directory it stays:
// without it the view would show nothing at the path. A directory goes if all
// that is in it does.
func (p *plan) clearOne(c *Change, gone map[*node]bool) error {
	n := c.n
	switch {
	case c.Kind == Deleted && (!n.whiteout || n.path != string(c.Path)):
		return nil
	case c.Kind == Modified && c.isDir():
		return nil
	case c.isDir() && c.Kind != Deleted && p.keepsSome(n):
		return nil
	}
	if c.Kind == Renamed {
		if w := c.hider; w != nil && w.whiteout && !w.goneIn(gone) {
			gone[w] = true
			if err := p.putAside(w.upper); err != nil {
				return err
			}
		}
	}
	if n.covered() || n.goneIn(gone) {
		return nil
	}
	gone[n] = true
	return p.putAside(n.upper)
}

// keepsSome tells whether something at or in a node is not chosen.
func (p *plan) keepsSome(n *node) bool {
	if p.rest[n] {
		return true
	}
	for _, k := range n.kids {
		if p.keepsSome(k) {
			return true
		}
	}
	return false
}

// goneIn tells whether the node, or a directory that it is in, is taken out.
func (n *node) goneIn(gone map[*node]bool) bool {
	for ; n != nil; n = n.parent {
		if gone[n] {
			return true
		}
	}
	return false
}

// clearIndex takes out the index's links of files that are taken out.
func (p *plan) clearIndex(gone map[*node]bool) error {
	for _, link := range indexLinks(p.s, gone) {
		if err := p.putAside(link); err != nil {
			return err
		}
	}
	return nil
}

// indexLinks are the index's links of nodes and of what is in them.
func indexLinks(s *session.Session, nodes map[*node]bool) (links []string) {
	entries, err := os.ReadDir(linkIndex(s))
	if err != nil {
		return nil // no index
	}
	ids := map[identity]bool{}
	for n := range nodes {
		n.each(func(n *node) { ids[n.id] = true })
	}
	for _, e := range entries {
		link := filepath.Join(linkIndex(s), e.Name())
		if a, err := vfs.HostLstat(link); err == nil && ids[identityOf(&a)] {
			links = append(links, link)
		}
	}
	return links
}

// each calls fn for a node and all that are in it.
func (n *node) each(fn func(*node)) {
	fn(n)
	for _, k := range n.kids {
		k.each(fn)
	}
}

// putAside makes the step that takes a file of the session's to a slot.
func (p *plan) putAside(file string) error {
	dir, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil {
		return err
	}
	id, err := identityAt(file)
	if err != nil {
		return err
	}
	if p.aside[file] {
		return nil
	}
	p.aside[file] = true
	slot, err := p.areas.slot(dir)
	if err != nil {
		return err
	}
	at := session.Path(filepath.Join(dir, filepath.Base(file)))
	p.clear = append(p.clear, &step{Op: swap, Path: at, Slot: session.Path(slot), Old: id})
	return nil
}

// kept is where the steps bring a file of the upper layer.
func (p *plan) kept(upper string) session.Path {
	for _, s := range p.clear {
		if within(upper, string(s.Path)) {
			return s.Slot + session.Path(upper[len(s.Path):])
		}
	}
	return ""
}
