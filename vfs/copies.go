package vfs

import (
	"cmp"
	"slices"
	"strings"
)

// Copies are the mounts in a directory, to be put into another mount of that
// directory as they were when they were listed (copy_tree in fs/namespace.c).
type Copies struct {
	of   *Mount
	list []copied
}

// copied is one of them, and where it hangs: over another, or on a name of a
// directory of the file system.
type copied struct {
	of, parent  *Mount
	over        bool
	dir, fsName string
}

// Copies lists what is mounted in the directory that a walk ended at.
func (t *Tree) Copies(w *Where) Copies {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, at := w.Dir.mount, w.Path()
	c := Copies{of: m}
	in := map[*Mount]bool{m: true}
	for _, x := range t.inOrder(m)[1:] {
		d := x.root.parent
		switch {
		case !in[x.parent]:
			continue
		case x.under == nil && x.parent == m:
			if p := Join(d.fsPath, x.root.name); at != "/" && p != at && !strings.HasPrefix(p, at+"/") {
				continue
			}
		case x.under == m && at != m.top():
			continue
		}
		in[x] = true
		k := copied{of: x, parent: x.parent, over: x.under != nil}
		if !k.over {
			k.dir, k.fsName = d.fsPath, x.root.name
		}
		c.list = append(c.list, k)
	}
	return c
}

// inOrder lists a mount and those mounted in it, each before those in it and of
// those in one the first that was put there (next_mnt in fs/namespace.c).
func (t *Tree) inOrder(top *Mount) []*Mount {
	children := map[*Mount][]*Mount{}
	for _, m := range t.below(top)[1:] {
		children[m.parent] = append(children[m.parent], m)
	}
	var list []*Mount
	var visit func(m *Mount)
	visit = func(m *Mount) {
		list = append(list, m)
		in := children[m]
		slices.SortFunc(in, func(a, b *Mount) int { return cmp.Compare(a.hung, b.hung) })
		for _, c := range in {
			visit(c)
		}
	}
	visit(top)
	return list
}

// Graft puts copies of mounts into one that shows the directory that they were in.
func (t *Tree) Graft(c Copies, top *Mount) {
	t.mu.Lock()
	defer t.mu.Unlock()
	pairs := map[*Mount]*Mount{c.of: top}
	for _, k := range c.list {
		p := pairs[k.parent]
		if p == nil {
			continue
		}
		s := spot{p.root.parent, p.root.name}
		if !k.over {
			rest, ok := p.inside(k.dir)
			if !ok {
				continue
			}
			s = spot{t.bare(p.root, rest), k.fsName}
		}
		m := (&Where{Dir: k.of.root, dir: k.of.root.fsPath}).bind()
		m.kind, m.host = k.of.kind, k.of.host
		t.enlist(m)
		m.loose = top.loose
		pairs[k.of] = m
		t.hang([]*Mount{m}, s)
	}
	t.renew()
}

// bare is the directory of a path below another, past what is mounted there.
func (t *Tree) bare(d *Dir, path string) *Dir {
	for name := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if name == "" {
			continue
		}
		c := d.children[name]
		if c == nil {
			c = &Dir{mount: d.mount, parent: d, name: name, fsPath: Join(d.fsPath, name)}
			if d.children == nil {
				d.children = map[string]*Dir{}
			}
			d.children[name] = c
			t.count++
		}
		d = c
	}
	return d
}
