package vfs

// State is a mount as it is now.
type State struct {
	ID, Parent int
	Mount      *Mount
	Point      string // view path
	Root       string // in the file system
	ReadOnly   bool
	Closed     bool // the file system is read-only everywhere
	Flags      uintptr
	Super      string // options of the file system
	Hidden     bool   // other mounts cover the place
}

// States tells of all mounts of the tree, in order of mounting.
func (t *Tree) States() []State {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []State
	for _, m := range t.Mounts() {
		if !m.loose {
			all = append(all, t.state(m))
		}
	}
	return all
}

// State tells of one mount.
func (t *Tree) State(m *Mount) State {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state(m)
}

func (t *Tree) state(m *Mount) State {
	s := State{ID: m.id, Mount: m, Point: m.root.path(), Root: m.top(), ReadOnly: m.ReadOnly, Closed: t.closed[m.FS], Flags: m.Flags, Super: m.Super, Hidden: !t.visible(m)}
	if m.parent != nil {
		s.Parent = m.parent.id
	}
	return s
}

// Mounted tells that something is mounted on what a name stands for, there or
// where another mount shows it too.
func (t *Tree) Mounted(w *Where) bool {
	if w.MountPoint {
		return true
	}
	all := t.Mounts()
	if len(all) == 1 {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, m := range all {
		d, under := m.root.parent, m.under
		switch {
		case m.loose:
		case under != nil: // it is on the root of that
			if under.FS == w.FS && under.top() == w.Path() {
				return true
			}
		case d != nil && d.mount.FS == w.FS && m.root.name == w.Name && d.fsPath == w.dir:
			return true
		}
	}
	return false
}
