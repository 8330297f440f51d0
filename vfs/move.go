package vfs

import (
	"golang.org/x/sys/unix"
)

// Loosen makes a mount known that is on no place yet: it can be walked in, and
// Move puts it on one.
func (t *Tree) Loosen(m *Mount) *Dir {
	m.inspect()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.enlist(m)
	m.loose = true
	t.renew()
	return m.root
}

// Loose tells of a mount that it is on no place yet, or in one that is not.
func (t *Tree) Loose(m *Mount) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return m.loose
}

// Move takes a mount to another place (mount(2), MS_MOVE). EINVAL for the root,
// for one in a loose mount and where only one of the two is a directory, ELOOP
// into itself.
func (t *Tree) Move(m *Mount, to *Where) error {
	kind, err := t.Kind(to)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if m.gone || m.root == t.Root() || m.loose && m.root.parent != nil || (kind == unix.S_IFDIR) != (m.kind == unix.S_IFDIR) {
		return unix.EINVAL
	}
	for x := to.Dir.mount; x != nil; x = x.parent {
		if x == m {
			return unix.ELOOP
		}
	}
	s, err := t.spotOf(to)
	if err != nil {
		return err
	}
	loose := s.dir != nil && s.dir.mount.loose
	for _, x := range t.below(m) {
		x.loose = loose
	}
	t.hang(t.unhang(m), s)
	t.renew()
	return nil
}

// Pivot makes the mount at the end of one walk the root in the place of another,
// which it puts at the end of a second walk (pivot_root(2)). EBUSY where one is
// the old root, EINVAL.
func (t *Tree) Pivot(root *Dir, to, old *Where) error {
	if kind, err := t.Kind(old); err != nil || kind != unix.S_IFDIR {
		return unix.ENOTDIR
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	top, at := to.Dir, t.uppermostAt(old.place(t))
	was, m := root.mount, top.mount
	switch {
	case was.gone || m.gone || m.loose || at.mount.gone:
		return unix.EINVAL
	case top.dead:
		return unix.ENOENT
	case m == was || at.mount == was:
		return unix.EBUSY
	}
	_, hangs := t.spot(was)
	_, newHangs := t.spot(m)
	if root != was.root || to.Name != "" || top != m.root || !hangs || !newHangs || !at.within(top) || !top.within(root) {
		return unix.EINVAL
	}
	t.swap(was, m, at)
	return nil
}

// place is the directory that the end of a walk stands for. The caller holds the
// lock.
func (w *Where) place(t *Tree) *Dir {
	if w.Name == "" {
		return w.Dir
	}
	return t.child(w.Dir, w.Name)
}

// within tells that a directory lies at or below another.
func (d *Dir) within(top *Dir) bool {
	for ; d != nil; d = d.above() {
		if d == top {
			return true
		}
	}
	return false
}

// Reaches tells that a directory lies at or below another.
func (t *Tree) Reaches(top, d *Dir) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return d.within(top)
}

// above is the directory that one lies in, and of the root of a mount over
// another that other root.
func (d *Dir) above() *Dir {
	if d == d.mount.root && d.mount.under != nil {
		return d.mount.under.root
	}
	return d.parent
}

// swap puts the mount m in the place of another, and that on a directory.
func (t *Tree) swap(was, m *Mount, at *Dir) {
	first, _ := t.spot(was)
	rises, sinks := t.unhang(m), t.unhang(was)
	t.hang(rises, first)
	s := spot{at.parent, at.name}
	t.hang(sinks, s)
	if first.dir == nil {
		t.root.Store(t.bottom().root)
	}
	was.moved, m.moved = true, true
	t.renew()
}

// bottom is the lowest mount where the tree begins.
func (t *Tree) bottom() *Mount {
	m := t.uppermost
	for m.under != nil {
		m = m.under
	}
	return m
}
