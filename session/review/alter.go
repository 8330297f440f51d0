package review

import (
	"path/filepath"

	"github.com/veduta/veduta/session"
	"github.com/veduta/veduta/vfs"
)

const capability = "security.capability"

// alter changes a file that stays the same inode.
func (p *plan) alter(c *Change) error {
	low, err := vfs.HostLstat(c.base)
	if err != nil {
		return err
	}
	id := identityOf(&low)
	if c.Content {
		return p.rewrite(c, &low, &id)
	}
	return p.attributes(c, &id)
}

// attributes makes the step for what differs beside the data.
func (p *plan) attributes(c *Change, id *identity) error {
	low, err := vfs.HostLstat(c.base)
	if err != nil {
		return err
	}
	want := p.differing(c)
	if !want.empty() {
		was := restoring(&low, want, oldValues(c))
		p.finish = append(p.finish, &step{Op: attr, Path: c.Path, Old: id, Want: want, Was: was})
	}
	return nil
}

// differing are the attributes that a change sets.
func (p *plan) differing(c *Change) *attrs {
	a := &attrs{}
	if o := c.OwnerChange; o != nil && (!p.who.noOwner || p.who.can(ids{o.NewUID, o.NewGID})) {
		a.UID, a.GID = &c.UID, &c.GID
	}
	if c.ModeChange != nil || a.UID != nil && c.Type != "link" {
		a.Mode = &c.Mode
	}
	if c.TimesChange != nil {
		atime, mtime := nanos(c.n.attr.Atime), nanos(c.n.attr.Mtime)
		a.Atime, a.Mtime = &atime, &mtime
	}
	for _, x := range c.XattrChange {
		if a.Xattr == nil {
			a.Xattr = map[string][]byte{}
		}
		a.Xattr[x.Name] = x.New
	}
	return a
}

func oldValues(c *Change) map[string][]byte {
	m := map[string][]byte{}
	for _, x := range c.XattrChange {
		m[x.Name] = x.Old
	}
	return m
}

// rewrite makes the steps that put new data into a file. Writing takes set-id
// bits and capabilities away and moves the times, so attributes are set after
// it in either direction.
func (p *plan) rewrite(c *Change, low *vfs.Attr, id *identity) error {
	home := filepath.Join(commitDir(p.s), "slots")
	slot, err := p.areas.slot(home)
	if err != nil {
		return err
	}
	if err := copyFile(slot, c.n.upper); err != nil {
		return err
	}
	backup := slot + ".old"
	if err := copyFile(backup, c.base); err != nil {
		return err
	}
	want := p.differing(c)
	mode, atime, mtime := c.Mode, nanos(c.n.attr.Atime), nanos(c.n.attr.Mtime)
	want.Mode, want.Atime, want.Mtime = &mode, &atime, &mtime
	now, old := p.reader().attributes(c.n.upper)[capability], p.reader().attributes(c.base)[capability]
	if now != nil || old != nil {
		if want.Xattr == nil {
			want.Xattr = map[string][]byte{}
		}
		want.Xattr[capability] = now
	}
	values := oldValues(c)
	values[capability] = old
	was := restoring(low, want, values)
	mine := p.owns(c)
	if !mine {
		// Not ours to set: the write itself moves the time to now.
		want, was = &attrs{}, &attrs{}
	}
	p.placing = append(p.placing,
		&step{Op: attr, Path: c.Path, Old: id, Want: was, Was: was},
		&step{Op: write, Path: c.Path, Old: id, Slot: session.Path(slot), Backup: session.Path(backup)})
	p.finish = append(p.finish, &step{Op: attr, Path: c.Path, Old: id, Want: want, Was: was})
	return nil
}
