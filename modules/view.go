package modules

import (
	"errors"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

// Binding is what a module takes charge of. A field that is not set is left to
// the view below.
type Binding struct {
	// Mounts are put onto the tree in order; one at "/" replaces the root.
	Mounts []*vfs.Mount
	// Identity of the guests.
	Identity *Identity
	// UTS names.
	UTS *UTS
	// OwnLayer: the layer that changes go to belongs to the caller, so that
	// the permission to change what lies below is not asked for.
	OwnLayer bool
	// Close is called when the last guest has left; it may be nil.
	Close func() error
}

// Identity is who the first guest is and whose files are whose.
type Identity struct{ Initial *cred.Cred }

// UTS is the host and domain name of a view, shared by its guests.
type UTS struct {
	mu           sync.Mutex // guards both names
	node, domain *string    // nil: the host's own
}

// NewUTS makes the names of a view; an empty one is the host's own.
func NewUTS(node, domain string) *UTS {
	u := &UTS{}
	if node != "" {
		u.SetNode(node)
	}
	if domain != "" {
		u.SetDomain(domain)
	}
	return u
}

// Names gives the host and domain name, nil for the host's own. A guest may make
// one empty.
func (u *UTS) Names() (node, domain *string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.node, u.domain
}

// SetNode sets the host name.
func (u *UTS) SetNode(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.node = &name
}

// SetDomain sets the domain name.
func (u *UTS) SetDomain(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.domain = &name
}

// View is a world: immutable, over a parent. The host is the view without
// parent and without anything bound.
type View struct {
	Parent   *View
	Module   string // who made it, empty for the host
	Mounts   []*vfs.Mount
	Identity *Identity
	UTS      *UTS
	OwnLayer bool
	// Between makes the directories that a mount point is in and that do not
	// exist: a mount for the first of them, with the others below. nil: such a
	// mount fails.
	Between func(point, below string) (*vfs.Mount, error)
	close   func() error
}

// Close gives back what the modules of the view hold, the topmost first.
func (v *View) Close() error {
	var err error
	for ; v != nil; v = v.Parent {
		if v.close != nil {
			err = errors.Join(err, v.close())
		}
	}
	return err
}

// Host is the view that names nothing.
func Host() *View { return &View{} }

func (v *View) over(module string, b Binding) (*View, error) {
	n := &View{Parent: v, Module: module, Mounts: v.Mounts, Identity: v.Identity, UTS: v.UTS,
		OwnLayer: v.OwnLayer || b.OwnLayer, close: b.Close}
	for _, m := range b.Mounts {
		if m.Point == "/" {
			// What was mounted below the old root is covered with it.
			n.Mounts = []*vfs.Mount{m}
			continue
		}
		n.Mounts = append(n.Mounts[:len(n.Mounts):len(n.Mounts)], m)
	}
	if b.Identity != nil {
		n.Identity = b.Identity
	}
	if b.UTS != nil {
		n.UTS = b.UTS
	}
	return n, nil
}

// Empty tells whether nothing is bound.
func (v *View) Empty() bool {
	return len(v.Mounts) == 0 && v.Identity == nil && v.UTS == nil
}

// HostDir is the host directory that stands for a directory of the view, for
// modules that need one to build on. ENOTSUP where several do, or none.
func (v *View) HostDir(path string) (string, error) {
	m := v.mountOf(path)
	if m == nil {
		return path, nil
	}
	rec, err := m.FS.Dir("/" + strings.TrimPrefix(strings.TrimPrefix(path, m.Point), "/"))
	if err != nil {
		return "", err
	}
	if rec.Class == vfs.ClassMerged || rec.Class == vfs.ClassVirtual {
		return "", unix.ENOTSUP
	}
	return rec.Host, nil
}

// mountOf is the mount that a path lies in, the last one that covers it.
func (v *View) mountOf(path string) *vfs.Mount {
	var found *vfs.Mount
	for _, m := range v.Mounts {
		if m.Point == "/" || path == m.Point || strings.HasPrefix(path, m.Point+"/") {
			found = m
		}
	}
	return found
}
