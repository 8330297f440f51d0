package vfs

import (
	"golang.org/x/sys/unix"
)

// spot is where mounts hang, one over the other: on a name of a directory, or
// with a nil dir where the tree itself begins.
type spot struct {
	dir  *Dir
	name string
}

// top is the uppermost mount at a spot, nil if there is none.
func (t *Tree) top(s spot) *Mount {
	if s.dir == nil {
		return t.uppermost
	}
	return s.dir.over[s.name]
}

func (t *Tree) setTop(s spot, m *Mount) {
	switch {
	case s.dir == nil:
		t.uppermost = m
	case m == nil:
		delete(s.dir.over, s.name)
	default:
		if s.dir.over == nil {
			s.dir.over = map[string]*Mount{}
		}
		s.dir.over[s.name] = m
	}
}

// spot is where a mount hangs; ok is false for one that hangs nowhere.
func (t *Tree) spot(m *Mount) (s spot, ok bool) {
	s = spot{m.root.parent, m.root.name}
	for x := t.top(s); x != nil; x = x.under {
		if x == m {
			return s, true
		}
	}
	return s, false
}

// spotOf is the spot that the end of a walk stands for. The caller holds the
// lock. ENOENT, EINVAL.
func (t *Tree) spotOf(w *Where) (s spot, err error) {
	d := w.Dir
	if d.dead {
		return s, unix.ENOENT
	}
	if d.mount.gone {
		return s, unix.EINVAL
	}
	switch {
	case w.Name != "":
		return spot{d, w.Name}, nil
	case d.parent != nil:
		return spot{d.parent, d.name}, nil
	}
	s, ok := t.spot(d.mount)
	if !ok {
		return s, unix.EINVAL
	}
	return s, nil
}

// hang puts a pile of mounts at a spot, the lowest first. The caller holds the
// lock.
func (t *Tree) hang(pile []*Mount, s spot) {
	for _, m := range pile {
		m.root.parent, m.root.name = s.dir, s.name
		t.hangs++
		m.hung = t.hangs
		m.under, m.parent = t.top(s), nil
		switch {
		case m.under != nil:
			m.parent = m.under
		case s.dir != nil:
			m.parent = s.dir.mount
		}
		t.setTop(s, m)
		m.Point = m.root.path()
	}
	for d := s.dir; d != nil; d = d.parent {
		d.pinned = true
	}
}

// unhang takes a mount and those over it from their spot.
func (t *Tree) unhang(m *Mount) (pile []*Mount) {
	s, ok := t.spot(m)
	if !ok {
		return []*Mount{m}
	}
	for x := t.top(s); ; x = x.under {
		pile = append([]*Mount{x}, pile...)
		if x == m {
			break
		}
	}
	t.setTop(s, m.under)
	for _, x := range pile {
		x.under = nil
	}
	return pile
}

// uppermostAt is the root of what is mounted over a directory, or the directory
// itself. The caller holds the lock.
func (t *Tree) uppermostAt(d *Dir) *Dir {
	if d.parent == nil && d != t.Root() {
		return d
	}
	m := t.top(spot{d.parent, d.name})
	if m == nil || m.root == d {
		return d
	}
	if d != d.mount.root {
		return m.root
	}
	if _, ok := t.spot(d.mount); ok {
		return m.root
	}
	return d
}

// Uppermost is what is mounted over the mount that a walk ended at the root of,
// or that itself; nil if it ended elsewhere.
func (t *Tree) Uppermost(w *Where) *Mount {
	t.mu.Lock()
	defer t.mu.Unlock()
	if w.Name != "" || w.Dir.mount.gone {
		return nil
	}
	if d := t.uppermostAt(w.Dir); d == d.mount.root {
		return d.mount
	}
	return nil
}
