package review

import (
	"fmt"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/owner"
	"golang.org/x/sys/unix"
)

// Discard drops changes of a session, those that the patterns name (see Select)
// with those that would not make sense without; none for all. The view shows the
// real files there again. It returns what was dropped. The session must be
// locked.
func Discard(s *session.Session, patterns []string) ([]*Change, error) {
	if !s.Locked() {
		return nil, fmt.Errorf("session %s: discard without its lock", s.Name())
	}
	all, err := Changes(s)
	if err != nil {
		return nil, err
	}
	chosen, err := Select(all, patterns)
	if err != nil {
		return nil, err
	}
	own, err := owners(s)
	if err != nil {
		return nil, err
	}
	defer own.Sidecar.Close()
	chosen = dependents(all, chosen)
	d := &discarding{owners: own, gone: map[*node]bool{}, stay: staying(all, chosen)}
	for _, c := range chosen {
		if err := d.drop(c); err != nil {
			return nil, fmt.Errorf("discard %s: %w", quote(c.Path), err)
		}
	}
	for _, link := range indexLinks(s, d.gone) {
		if err := hostpath.Unlink(link); err != nil {
			return nil, fmt.Errorf("discard: %w", err)
		}
	}
	return chosen, nil
}

// staying are deletions that are not chosen and that only an opaque directory
// makes, by that directory.
func staying(all, chosen []*Change) map[*node][]*Change {
	in := map[*Change]bool{}
	for _, c := range chosen {
		in[c] = true
	}
	m := map[*node][]*Change{}
	for _, c := range all {
		if c.Kind == Deleted && c.under == nil && !c.n.whiteout && !in[c] {
			m[c.n] = append(m[c.n], c)
		}
	}
	return m
}

// dependents adds to chosen changes those that rest on them: all that is in a
// new or renamed directory, and what takes the path that a rename frees.
func dependents(all, chosen []*Change) []*Change {
	s := closing{all: all, in: map[*Change]bool{}}
	byNode := map[*node]*Change{}
	for _, c := range all {
		if c.Kind != Deleted {
			byNode[c.n] = c
		}
	}
	for _, c := range chosen {
		s.add(c)
	}
	for len(s.queue) > 0 {
		c := s.queue[0]
		s.queue = s.queue[1:]
		if c.isDir() && c.Kind != Modified || c.OldType == typeDir {
			s.below(string(c.Path))
		}
		if c.Kind == Renamed {
			s.add(byNode[c.hider])
		}
		if c.Kind == Renamed {
			s.addDeleted(c.base)
		}
		// A deletion within one needs the directory back.
		if c.Kind == Deleted && c.under != nil {
			s.add(c.under)
		}
	}
	return filter(all, s.in)
}

// addDeleted adds the deletions of directories that a real path is in: what
// comes back there needs them back.
func (s *closing) addDeleted(real string) {
	for _, c := range s.all {
		if c.Kind == Deleted && c.isDir() && within(real, c.base) {
			s.add(c)
		}
	}
}

type discarding struct {
	owners *owner.Store
	gone   map[*node]bool
	stay   map[*node][]*Change
}

func (d *discarding) drop(c *Change) error {
	n := c.n
	if c.Kind == Renamed {
		if w := c.hider; w != nil && w.whiteout {
			if err := d.remove(w); err != nil {
				return err
			}
		}
	}
	if c.hidden != nil && !c.hidden.goneIn(d.gone) {
		if err := d.uncover(c.hidden); err != nil {
			return err
		}
	}
	if n.goneIn(d.gone) {
		return nil
	}
	switch {
	case c.Kind == Deleted && n.whiteout && n.path == string(c.Path):
		return d.remove(n)
	case c.Kind == Deleted && (c.under != nil || n.whiteout):
		return nil // comes back with what it was in
	case c.Kind == Deleted:
		return d.uncover(n)
	case c.Kind == Modified && c.isDir():
		return d.reset(c)
	}
	return d.removeShown(c)
}

// removeShown removes the upper file of a change. In an opaque directory the
// real file would stay hidden, so that is made to merge first.
func (d *discarding) removeShown(c *Change) error {
	if c.n.covered() {
		if err := d.uncover(c.n.parent); err != nil {
			return err
		}
	}
	return d.remove(c.n)
}

func (d *discarding) remove(n *node) error {
	if n.goneIn(d.gone) {
		return nil
	}
	d.gone[n] = true
	if n.raw.IsDir() {
		return session.RemoveTree(n.upper)
	}
	err := hostpath.Unlink(n.upper)
	if err == unix.ENOENT {
		return nil
	}
	return err
}

// uncover makes a directory merge with the real one, if it or one that it is in
// is opaque. What it hid stays hidden: files by whiteouts, and the directories
// in it by being opaque themselves.
func (d *discarding) uncover(n *node) error {
	if top := n.cover(); top != nil {
		if err := d.uncover(n.parent); err != nil {
			return err
		}
	}
	if !n.opaque {
		return nil
	}
	for _, c := range d.stay[n] {
		if err := whiteout(n.upper + string(c.Path[len(n.path):])); err != nil {
			return err
		}
	}
	for _, k := range n.kids {
		if k.raw.IsDir() && !d.gone[k] {
			if err := hostpath.Lsetxattr(k.upper, xattrOpaque, []byte("y"), 0); err != nil {
				return err
			}
			k.opaque = true
		}
	}
	n.opaque = false
	return hostpath.Lremovexattr(n.upper, xattrOpaque)
}

func whiteout(path string) error {
	err := hostpath.Mknod(path, unix.S_IFCHR, 0)
	if err == unix.EEXIST {
		return nil
	}
	return err
}

// reset gives an upper directory the attributes of the real one.
func (d *discarding) reset(c *Change) error {
	low, err := vfs.HostLstat(c.base)
	if err != nil {
		return err
	}
	d.owners.Map(&low)
	if err := d.owners.SettlePath(c.n.upper, owner.InodeOf(&low)); err != nil {
		return err
	}
	for _, x := range c.XattrChange {
		if x.Old == nil {
			err = d.owners.Removexattr(c.n.upper, x.Name)
		} else {
			err = d.owners.Setxattr(c.n.upper, x.Name, x.Old, 0)
		}
		if err != nil {
			return fmt.Errorf("attribute %s: %w", x.Name, err)
		}
	}
	return nil
}
