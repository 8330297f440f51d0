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
