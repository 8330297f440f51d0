package cred

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/vfs"
)

// MayDelete checks the removal of victim from dir by unlink(2), rmdir(2) (then
// isdir) or rename(2). EACCES, EPERM, ENOTDIR, EISDIR.
func (c *Cred) MayDelete(dir, victim *vfs.Attr, isdir bool) error {
	return c.MayDeleteACL(dir, nil, victim, isdir)
}

// MayDeleteACL is MayDelete where dir has the ACL dirACL (may_delete in
// fs/namei.c).
func (c *Cred) MayDeleteACL(dir *vfs.Attr, dirACL []byte, victim *vfs.Attr, isdir bool) error {
	if err := c.MayACL(dir, dirACL, unix.W_OK|unix.X_OK); err != nil {
		return err
	}
	switch {
	case appendOnly(dir), c.sticky(dir, victim), appendOnly(victim), immutable(victim):
		return unix.EPERM
	case isdir && !victim.IsDir():
		return unix.ENOTDIR
	case !isdir && victim.IsDir():
		return unix.EISDIR
	}
	return nil
}

// sticky tells whether the sticky bit of dir protects victim from c.
func (c *Cred) sticky(dir, victim *vfs.Attr) bool {
	return dir.Mode&unix.S_ISVTX != 0 && victim.Uid != c.FSUID && dir.Uid != c.FSUID &&
		!c.Capable(unix.CAP_FOWNER)
}

// Rename is what a rename(2) is about. The two directories are one if SameDir;
// Target is nil if the new name is free.
type Rename struct {
	OldDir, Victim *vfs.Attr
	NewDir, Target *vfs.Attr
	SameDir        bool
	// Exchange is RENAME_EXCHANGE.
	Exchange bool
	// The ACLs of the files, nil for none.
	OldDirACL, VictimACL, NewDirACL, TargetACL []byte
}

// MayRename checks a rename, in the order of vfs_rename.
func (c *Cred) MayRename(r Rename) error {
	isdir := r.Victim.IsDir()
	if err := c.MayDeleteACL(r.OldDir, r.OldDirACL, r.Victim, isdir); err != nil {
		return err
	}
	var err error
	switch {
	case r.Target == nil:
		err = c.MayACL(r.NewDir, r.NewDirACL, unix.W_OK|unix.X_OK)
	case r.Exchange:
		err = c.MayDeleteACL(r.NewDir, r.NewDirACL, r.Target, r.Target.IsDir())
	default:
		err = c.MayDeleteACL(r.NewDir, r.NewDirACL, r.Target, isdir)
	}
	if err != nil || r.SameDir {
		return err
	}
	// A directory that moves has its ".." rewritten: that is a write to it.
	if isdir {
		err = c.MayACL(r.Victim, r.VictimACL, unix.W_OK)
	}
	if err == nil && r.Exchange && r.Target != nil && r.Target.IsDir() {
		err = c.MayACL(r.Target, r.TargetACL, unix.W_OK)
	}
	return err
}
