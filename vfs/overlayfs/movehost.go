package overlayfs

import (
	"errors"
	"os"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// leave renames and leaves a whiteout under the old name if it is needed.
func (m *move) leave() error {
	old, new := m.upper(m.src.path), m.upper(m.dst.path)
	_, base := split(m.src.path)
	if !m.oldBelow {
		return hostpath.Rename(old, new)
	}
	if !m.noNodes {
		err := hostpath.Renameat2(old, new, unix.RENAME_WHITEOUT)
		if err == nil {
			m.from.covered[base] = struct{}{}
		}
		if err != unix.EINVAL {
			return err
		}
	}
	if err := hostpath.Rename(old, new); err != nil {
		return err
	}
	return m.cover(m.from, base, old)
}

func (m *move) file() error {
	_, base := split(m.dst.path)
	if m.exists && m.dst.layer != inUpper {
		if err := m.origins.add(m.originOf(m.dst.path, &m.newLower.raw, m.newLower.host, m.indexed(&m.dst))); err != nil {
			return err
		}
		if m.newLower.raw.Nlink > 1 {
			m.tell("/")
		}
	}
	gone := func() {}
	if m.exists {
		m.bereave(&m.dst)
		gone = m.o.Owners.Watch(m.upper(m.dst.path))
	}
	if err := m.leave(); err != nil {
		return err
	}
	gone()
	if m.exists {
		m.dropLast(&m.dst.raw)
	}
	if !m.oldBelow {
		m.uncovered(&m.src)
	}
	m.to.covered[base] = struct{}{}
	m.origins.moved(&m.src.raw, m.dst.path)
	return nil
}

// dir moves a directory; what may lie under the new name in the upper layer is
// a whiteout or a directory with nothing but whiteouts.
func (m *move) dir() error {
	old, new := m.upper(m.src.path), m.upper(m.dst.path)
	_, base := split(m.src.path)
	_, err := vfs.HostLstat(new)
	if errors.Is(err, unix.ENOENT) {
		if m.exists {
			if err := m.origins.add(m.originOf(m.dst.path, &m.newLower.raw, m.newLower.host, nil)); err != nil {
				return err
			}
		}
		if err := m.leave(); err != nil {
			return err
		}
		return m.moved()
	}
	if err != nil {
		return err
	}
	if err := hostpath.Renameat2(old, new, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	if err := m.takeAwayOld(base, old); err != nil {
		return err
	}
	return m.moved()
}

// takeAwayOld disposes of what an exchange has put under the old name.
func (m *move) takeAwayOld(base, old string) error {
	if m.exists {
		return m.takeAway(m.from, base, old, m.oldBelow)
	}
	if m.oldBelow {
		m.from.covered[base] = struct{}{}
		return nil // the whiteout has come to where it is needed
	}
	return os.Remove(old)
}

// moved gives the node of the directory its new place.
func (m *move) moved() error {
	_, oldName := split(m.src.path)
	_, newName := split(m.dst.path)
	n := m.from.kids[oldName]
	if k := m.to.kids[newName]; k != nil {
		m.forget(k)
	}
	delete(m.from.kids, oldName)
	n.parent, n.name = m.to, newName
	m.adopt(n)
	m.origins.relocated(m.src.path, m.dst.path, false)
	return nil
}

// swap is RENAME_EXCHANGE.
func (m *move) swap() error {
	old, new := m.upper(m.src.path), m.upper(m.dst.path)
	if err := hostpath.Renameat2(old, new, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	_, oldName := split(m.src.path)
	_, newName := split(m.dst.path)
	a, b := m.from.kids[oldName], m.to.kids[newName]
	delete(m.from.kids, oldName)
	delete(m.to.kids, newName)
	m.put(a, m.to, newName)
	m.put(b, m.from, oldName)
	m.origins.relocated(m.src.path, m.dst.path, true)
	return nil
}

// put enters a moved directory, or a moved file (nil), under a name.
func (m *move) put(n *node, into *node, name string) {
	if n == nil {
		into.covered[name] = struct{}{}
		return
	}
	n.parent, n.name = into, name
	m.adopt(n)
}
