package vfs

import (
	"strings"
	"time"
)

// Renamed has the tree follow a rename that a file system has made: what is
// mounted below goes along, and what is bound elsewhere stays what it is. With
// exchange both names have changed places. linked tells that one is a symbolic
// link.
func (t *Tree) Renamed(from, to *Where, exchange, linked bool) {
	if t.follows(from, to, exchange) {
		return
	}
	t.Drop(from.Dir, from.Name, linked)
	t.Drop(to.Dir, to.Name, linked)
}

// follows is Renamed where mounts are concerned.
func (t *Tree) follows(from, to *Where, exchange bool) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, b := from.Path(), to.Path()
	any := false
	for _, m := range t.Mounts() {
		if m.FS != from.FS {
			continue
		}
		if p, ok := moved(m.top(), a, b); ok {
			m.relocate(p)
			any = true
		} else if p, ok := moved(m.top(), b, a); ok && exchange {
			m.relocate(p)
			any = true
		}
	}
	x, y := from.Dir.children[from.Name], to.Dir.children[to.Name]
	pinned := x != nil && x.pinned || y != nil && y.pinned
	if !any && !pinned {
		return false
	}
	delete(from.Dir.children, from.Name)
	delete(to.Dir.children, to.Name)
	t.put(to, x)
	if exchange {
		t.put(from, y)
	} else if y != nil {
		t.kill(y)
	}
	for _, d := range [...]*Dir{from.Dir, to.Dir} {
		clear(d.names)
	}
	t.renew()
	return true
}

// put makes a directory the one of a name.
func (t *Tree) put(w *Where, d *Dir) {
	if d == nil {
		return
	}
	d.parent, d.name = w.Dir, w.Name
	if w.Dir.children == nil {
		w.Dir.children = map[string]*Dir{}
	}
	w.Dir.children[w.Name] = d
	d.relocate(w.Path())
	for up := w.Dir; d.pinned && up != nil; up = up.parent {
		up.pinned = true
	}
}

// moved is a path after the rename of what may be on the way to it.
func moved(path, from, to string) (string, bool) {
	rest, ok := strings.CutPrefix(path, from)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return to + rest, true
}

func (m *Mount) relocate(sub string) {
	m.sub.Store(&sub)
	m.root.relocate(sub)
}

// relocate has a directory stand for another path of its file system.
func (d *Dir) relocate(fsPath string) {
	d.fsPath, d.loaded = fsPath, time.Time{}
	clear(d.names)
	for name, c := range d.children {
		c.relocate(Join(fsPath, name))
	}
}
