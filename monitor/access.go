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
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if flags&unix.AT_EACCESS == 0 {
		c.as = c.task.cred.WithRealIDs()
	}
	if len(p) == 0 && flags&unix.AT_EMPTY_PATH != 0 {
		return c.accessOf(c.dirfd(sysent.DirFD), mask)
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
		case plainly(&g) && agrees(g.Flags) && (mask&unix.X_OK == 0 || !c.m.tree.AnyNoExec()):
			return ptrace.Pass()
		}
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if w.Kernel && c.m.view.Identity == nil {
		return ptrace.Pass()
	}
	if c.missing(&w) {
		return ptrace.Fail(unix.ENOENT)
	}
	noExec := mask&unix.X_OK != 0 && !w.Kernel && c.m.tree.MayNotExec(w.Mount())
	if !w.Kernel && native(&w) && agrees(w.Rec.Flags) && !noExec {
		return ptrace.Pass()
	}
	a, err := c.attrAt(&w)
	if err != nil {
		return fails(err)
	}
	if noExec && a.Kind() == unix.S_IFREG {
		return ptrace.Fail(unix.EACCES) // do_faccessat in fs/open.c asks path_noexec first
	}
	if w.Rec.Flags&vfs.Magic != 0 && !w.Kernel && c.ownDescriptors(w.Path()) {
		return ptrace.Return(0)
	}
	if mask == 0 {
		return ptrace.Return(0)
	}
	return done(c.mayAccess(&a, mask, w.Rec.Flags&vfs.ReadOnly != 0))
}

// mayAccess asks whether the mount takes changes last (do_faccessat in
// fs/open.c).
func (c *call) mayAccess(a *vfs.Attr, mask uint32, readOnly bool) error {
	err := c.cred().May(a, mask)
	if err == nil && readOnly && mask&unix.W_OK != 0 && writable(a.Kind()) {
		err = unix.EROFS
	}
	return err
}

// accessOf answers for the file behind a descriptor.
func (c *call) accessOf(fd int, mask uint32) ptrace.Verdict {
	var buf [ptrace.PathMax]byte
	mount := c.mountOf(fd, c.hostOfFD(fd, buf[:]))
	readOnly, noExec := c.m.tree.ReadOnly(mount), c.m.tree.MayNotExec(mount)
	if c.m.view.Identity == nil && !c.m.layered && !readOnly && !noExec {
		return ptrace.Pass()
	}
	a, err := c.attrAt(&vfs.Where{Rec: vfs.Record{Host: c.procOf(fd)}, Kernel: true})
	if err != nil {
		return ptrace.Pass() // the kernel knows the errno
	}
	if noExec && mask&unix.X_OK != 0 && a.Kind() == unix.S_IFREG {
		return ptrace.Fail(unix.EACCES)
	}
	return done(c.mayAccess(&a, mask, readOnly))
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
