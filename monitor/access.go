package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// access answers the access family.
func (c *call) access() ptrace.Verdict {
	flags, mask := c.flags(), uint32(c.value(sysent.Mask))
	if mask&^7 != 0 || flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EACCESS|unix.AT_EMPTY_PATH) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	if flags&unix.AT_EMPTY_PATH != 0 {
		if p, err := c.str(sysent.Path); err == nil && len(p) == 0 {
			return ptrace.Pass()
		}
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if err := c.aim(c.dirfd(sysent.DirFD), p, flags&unix.AT_SYMLINK_NOFOLLOW == 0, 0); err != nil {
		return fails(err)
	}
	agrees := func(f vfs.Flags) bool {
		return mask == 0 || f&(vfs.AttrsDiffer|vfs.ReadOnly) == 0 && c.kernelAgrees(flags)
	}
	if g, ok := c.glance(p); ok {
		switch {
		case gone(&g):
			return ptrace.Fail(unix.ENOENT)
		case plainly(&g) && agrees(g.Flags):
			return ptrace.Pass()
		}
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return ptrace.Pass()
	}
	if c.missing(&w) {
		return ptrace.Fail(unix.ENOENT)
	}
	if native(&w) && agrees(w.Rec.Flags) {
		return ptrace.Pass()
	}
	a, err := attr(&w)
	if err != nil {
		return fails(err)
	}
	if mask&unix.W_OK != 0 && w.Rec.Flags&vfs.ReadOnly != 0 && writable(a.Kind()) {
		return ptrace.Fail(unix.EROFS)
	}
	if mask == 0 {
		return ptrace.Return(0)
	}
	who := c.cred()
	if flags&unix.AT_EACCESS == 0 {
		who = c.m.permission(c.task.cred.WithRealIDs())
	}
	return done(who.May(&a, mask))
}

// kernelAgrees tells that the kernel gives the guest the permission that the
// view gives it, where files show their own attributes.
func (c *call) kernelAgrees(flags int) bool {
	if c.m.view.Identity == nil {
		return !c.m.view.OwnLayer
	}
	who := c.task.cred
	if flags&unix.AT_EACCESS == 0 && who.UID != who.EUID {
		return false // its capabilities are not what counts
	}
	return privileged(who) && privileged(c.m.real) && c.m.real.UID == 0
}

// writable: a read-only file system refuses writing these types.
func writable(kind uint32) bool {
	return kind == unix.S_IFREG || kind == unix.S_IFDIR || kind == unix.S_IFLNK
}
