package vfs

// Plain tells that every directory of which a guest may hold a descriptor
// shows to the kernel what it shows in the view, so that what is asked of a
// descriptor, or of a name just below one, may be left to the kernel without
// finding out which directory it is. Descriptors travel (dup, fork, SCM_RIGHTS),
// so this is said of all or of none, and once untrue it stays untrue.
func (t *Tree) Plain() bool { return !t.odd.Load() }

// Hand notes that a guest gets a descriptor of a directory with such a record,
// or of one in a directory with such a record.
func (t *Tree) Hand(c Class, f Flags) {
	if (c == ClassReal || c == ClassLower) && f&(AttrsDiffer|MountBelow|Magic|Shared) == 0 {
		if !t.handed.Load() {
			t.handed.Store(true)
		}
		return
	}
	t.odd.Store(true)
}

// altered is called when directories may have changed class.
func (t *Tree) altered() {
	if t.handed.Load() {
		t.odd.Store(true)
	}
}
