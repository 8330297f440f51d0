package review

import (
	"fmt"
	"os"
	"path"
	"slices"

	"github.com/veduta/veduta/hostpath"
	"golang.org/x/sys/unix"
)

// caller is who commits.
type caller struct {
	root    bool
	uid     uint32
	groups  []uint32 // with the effective one first
	noOwner bool
}

func currentCaller(noOwner bool) (*caller, error) {
	c := &caller{uid: uint32(os.Geteuid()), noOwner: noOwner}
	c.root = c.uid == 0
	groups, err := os.Getgroups()
	if err != nil {
		return nil, err
	}
	c.groups = []uint32{uint32(os.Getegid())}
	for _, g := range groups {
		c.groups = append(c.groups, uint32(g))
	}
	return c, nil
}

// can tells whether a file of the caller's can be given this owner.
func (u *caller) can(o ids) bool {
	return u.root || o.uid == u.uid && slices.Contains(u.groups, o.gid)
}

// refuse collects paths for one line about all of them.
type refuse struct {
	count int
	first string
}

func (r *refuse) add(format string, args ...any) {
	r.count++
	if r.count == 1 {
		r.first = fmt.Sprintf(format, args...)
	}
}

func (r *refuse) err(what, wayOut string) error {
	if r.count == 0 {
		return nil
	}
	return fmt.Errorf("commit: %s: %s (%d in all); %s", what, r.first, r.count, wayOut)
}

// check refuses up front what could only be done in part: owners that the
// caller can't give, devices it can't make, places it can't write to.
func (p *plan) check() error {
	var owner, device, place refuse
	for _, c := range p.changes {
		if !p.who.root && (c.Type == "char" || c.Type == "block") && (c.Kind == Added || c.Kind == Retyped || c.Content) && !c.n.whiteout {
			device.add("%s", quote(c.Path))
		}
		if !p.who.noOwner && !p.ownerReachable(c) {
			owner.add("%s wants %d:%d and you are user %d", quote(c.Path), c.UID, c.GID, p.who.uid)
		}
		if !p.who.root && !p.reachable(c) {
			place.add("%s", quote(c.Path))
		}
	}
	if err := owner.err("owners can't be given", "run as root, or --no-owner"); err != nil {
		return err
	}
	if err := device.err("devices can't be made", "run as root, or leave them out"); err != nil {
		return err
	}
	return place.err("no permission to change", "run as root, or leave them out")
}

func (p *plan) ownerReachable(c *Change) bool {
	switch {
	case c.Kind == Deleted || p.how(c) != swapped && c.OwnerChange == nil:
		return true
	case p.how(c) != swapped:
		return p.who.root || c.OwnerChange.OldUID == p.who.uid && p.who.can(ids{c.UID, c.GID})
	}
	return p.who.can(ids{c.UID, c.GID})
}

// reachable tells whether the caller may make a change where it belongs.
func (p *plan) reachable(c *Change) bool {
	if p.how(c) == inPlace {
		if c.ModeChange == nil && c.OwnerChange == nil && !c.TimesOnly() && !c.Content {
			return true // extended attributes: the kernel knows best
		}
		return c.Content && hostpath.Access(c.base, unix.W_OK, unix.AT_EACCESS) == nil || p.owns(c)
	}
	if c.Kind == Renamed && !p.writable(path.Dir(c.base)) {
		return false
	}
	return p.writable(c.dir)
}

// writable tells whether the caller may change what is in a directory: a new
// one, one that is opened for the time, or one that lets it anyway.
func (p *plan) writable(dir string) bool {
	return dir == "" || p.openable(dir) || hostpath.Access(dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS) == nil
}
