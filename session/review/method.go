package review

import (
	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/vfs"
	"golang.org/x/sys/unix"
)

// method is how a change reaches its path.
type method int

const (
	// swapped: a file is built aside and takes the place of what is there.
	swapped method = iota
	// inPlace: the file that is there stays the same inode.
	inPlace
	// moved: a directory with all in it.
	moved
	// removed: what is there is put aside.
	removed
)

// how chooses. A file stays the same inode if only attributes differ; if it
// has names that the layer does not hold, which change with it; or if the caller
// can't make another with its owner but may write to it.
func (p *plan) how(c *Change) method {
	switch {
	case c.Kind == Deleted:
		return removed
	case c.moves():
		return moved
	case c.Kind != Modified || c.LinkChange:
		return swapped
	case c.isDir() || !c.Content:
		return inPlace
	case c.Type == "file" && (c.OtherLinks > 0 || p.keepsOwner(c)):
		return inPlace
	}
	return swapped
}

// keepsOwner: a new file would be the caller's, the old one is not and need not
// change hands.
func (p *plan) keepsOwner(c *Change) bool {
	if p.who.root || c.OwnerChange != nil && !p.who.noOwner {
		return false
	}
	return !p.who.can(ids{c.oldUID(), c.oldGID()}) && hostpath.Access(c.base, unix.W_OK, unix.AT_EACCESS) == nil
}

func (c *Change) oldUID() uint32 {
	if c.OwnerChange != nil {
		return c.OwnerChange.OldUID
	}
	return c.UID
}

func (c *Change) oldGID() uint32 {
	if c.OwnerChange != nil {
		return c.OwnerChange.OldGID
	}
	return c.GID
}

// owns tells whether the real file of a change is the caller's.
func (p *plan) owns(c *Change) bool {
	a, err := vfs.HostLstat(c.base)
	return err == nil && (p.who.root || a.Uid == p.who.uid)
}

// openable tells whether a directory lacks nothing but a mode bit that the
// caller, whose it is, may set for the time of the commit.
func (p *plan) openable(dir string) bool {
	a, err := vfs.HostLstat(dir)
	return err == nil && !p.who.root && a.Uid == p.who.uid && a.Perm()&0o700 != 0o700
}
