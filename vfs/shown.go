package vfs

import (
	"strings"

	"golang.org/x/sys/unix"
)

// PathOf maps a host path back to the view: first by one mount if that is not
// nil, else by the last mounted of those whose file system knows it and which is
// to be seen there.
func (t *Tree) PathOf(host string, first *Mount) (string, bool) {
	_, p, ok := t.Find(host, first)
	return p, ok
}

// Find is PathOf, and which mount it is.
func (t *Tree) Find(host string, first *Mount) (*Mount, string, bool) {
	all := t.Mounts()
	var hidden *Mount
	var in string
	for i := len(all); i >= 0; i-- {
		m := first
		if i < len(all) {
			m = all[i]
		}
		if m == nil {
			continue
		}
		p, ok := m.FS.PathOf(host)
		if ok {
			p, ok = m.inside(p)
		}
		if !ok {
			continue
		}
		t.mu.Lock()
		seen := m == first || t.visible(m) && !covered(m, p, false)
		path := joined(m.root.path(), p)
		t.mu.Unlock()
		if seen {
			return m, path, true
		}
		if hidden == nil && !m.gone && !m.loose {
			hidden, in = m, path
		}
	}
	return hidden, in, hidden != nil
}

// First is the mount that was the first to show a host file, nil if none does.
func (t *Tree) First(host string) *Mount {
	for _, m := range t.Mounts() {
		p, ok := m.FS.PathOf(host)
		if ok {
			p, ok = m.inside(p)
		}
		if !ok {
			continue
		}
		t.mu.Lock()
		seen := !m.gone && !covered(m, p, true)
		t.mu.Unlock()
		if seen {
			return m
		}
	}
	return nil
}

// Shows tells whether a mount shows a host file.
func (m *Mount) Shows(host string) bool {
	p, ok := m.FS.PathOf(host)
	if ok {
		_, ok = m.inside(p)
	}
	return ok
}

// Lead is where to start from, and what to walk, to get to a host file: from the
// root of the tree, or from its directory where no path leads there, since the
// mount that shows it is on no place yet or another covers it.
func (t *Tree) Lead(host string, first *Mount) (start *Dir, path string, ok bool) {
	m, whole, ok := t.Find(host, first)
	if !ok {
		return nil, "", false
	}
	p, _ := m.FS.PathOf(host)
	a, err := m.FS.Lstat(p)
	p, _ = m.inside(p)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.visible(m) && !covered(m, p, false):
		return t.Root(), whole, true
	case err == nil && a.IsDir():
		return t.bare(m.root, p), ".", true
	case p == "/":
		return m.root, ".", true
	}
	dir, name := parentOf(p), p[strings.LastIndexByte(p, '/')+1:]
	return t.bare(m.root, dir), name, true
}

// joined puts a path inside a mount behind the one of its place.
func joined(point, p string) string {
	if point == "/" {
		return p
	}
	return Join(point, strings.TrimPrefix(p, "/"))
}

// visible tells that no other mount hides a mount. The caller holds the lock.
func (t *Tree) visible(m *Mount) bool {
	for d := m.root; ; d = d.parent {
		if d.parent == nil {
			return d == t.Root()
		}
		top := d.parent.over[d.name]
		if d == d.mount.root && top != d.mount || d != d.mount.root && top != nil {
			return false
		}
	}
}

// covered tells that a path inside a mount is hidden by one on it, or on the
// way to it, or with first: by one that was there from the beginning.
func covered(m *Mount, p string, first bool) bool {
	d := m.root
	for name := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		if name == "" {
			continue
		}
		for x := d.over[name]; x != nil; x = x.under {
			if x.first || !first {
				return true
			}
		}
		if d = d.children[name]; d == nil {
			return false
		}
	}
	return false
}

// known is the directory of a path inside a mount, nil if it is not remembered.
func known(m *Mount, p string) *Dir {
	d := m.root
	for name := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
		if name == "" {
			continue
		}
		if d = d.children[name]; d == nil {
			return nil
		}
	}
	return d
}

// elsewhere calls f for each other mount that shows a directory too, with its
// path there, until f says that it is enough. It takes no lock.
func (t *Tree) elsewhere(m *Mount, fsPath, host string, f func(*Mount, string) bool) {
	for _, x := range t.Mounts() {
		p, ok := fsPath, x.FS == m.FS
		switch {
		case x == m || x.Magic:
			continue
		case !ok && host != "":
			p, ok = x.FS.PathOf(host)
		}
		if ok {
			p, ok = x.inside(p)
		}
		if ok && f(x, p) {
			return
		}
	}
}

// shared tells whether another mount shows a directory too.
func (t *Tree) shared(m *Mount, fsPath, host string) (is bool) {
	if m.Magic || len(t.Mounts()) == 1 {
		return false
	}
	t.elsewhere(m, fsPath, host, func(x *Mount, p string) bool {
		t.mu.Lock()
		defer t.mu.Unlock()
		is = !x.gone && !covered(x, p, false)
		return is
	})
	return is || host != "" && t.showsFileOf(host)
}

// showsFileOf tells whether a mount shows a single file of a host directory.
func (t *Tree) showsFileOf(dir string) bool {
	for _, x := range t.Mounts() {
		if x.kind != unix.S_IFDIR && x.host != "" && parentOf(x.host) == dir {
			return true
		}
	}
	return false
}

// ShownElsewhere tells whether another mount shows the host file too that the end
// of a walk stands for.
func (t *Tree) ShownElsewhere(w *Where, host string) (is bool) {
	if m := w.Dir.mount; !m.Magic && len(t.Mounts()) > 1 {
		t.elsewhere(m, w.Path(), host, func(*Mount, string) bool { is = true; return true })
	}
	return is
}

// twins are the directories of other mounts that show the same one, as far as
// they are remembered.
func (t *Tree) twins(d *Dir) (all []*Dir) {
	if d.rec.Flags&Shared == 0 {
		return nil
	}
	t.elsewhere(d.mount, d.fsPath, d.rec.Host, func(x *Mount, p string) bool {
		if c := known(x, p); c != nil {
			all = append(all, c)
		}
		return false
	})
	return all
}
