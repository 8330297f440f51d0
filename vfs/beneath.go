package vfs

import "golang.org/x/sys/unix"

// MoveBeneath takes a mount to the place of another, below that (move_mount(2),
// MOVE_MOUNT_BENEATH). EINVAL where the walk did not end at the root of a mount
// that hangs somewhere, or that the first is in; ELOOP into itself.
func (t *Tree) MoveBeneath(m *Mount, to *Where) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	over := to.Dir.mount
	if to.Name != "" || to.Dir != over.root || over.gone || over.loose || over.root == t.Root() || over == m ||
		m.gone || m.root == t.Root() || m.loose && m.root.parent != nil || over.kind != m.kind && (over.kind == unix.S_IFDIR || m.kind == unix.S_IFDIR) {
		return unix.EINVAL
	}
	for x := over; x != nil; x = x.parent {
		if x == m {
			return unix.ELOOP
		}
	}
	for x := m; x != nil; x = x.parent {
		if x == over {
			return unix.EINVAL
		}
	}
	for _, x := range t.below(m) {
		x.loose = false
	}
	t.slide(t.unhang(m), over)
	t.renew()
	return nil
}

// slide puts a pile of mounts, the lowest first, below one that hangs.
func (t *Tree) slide(pile []*Mount, over *Mount) {
	below, parent := over.under, over.parent
	for _, m := range pile {
		m.root.parent, m.root.name = over.root.parent, over.root.name
		t.hangs++
		m.hung = t.hangs
		m.under, m.parent = below, parent
		m.Point = m.root.path()
		below, parent = m, m
	}
	over.under, over.parent = below, parent
}
