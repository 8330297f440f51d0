package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// xattr answers the xattr calls, by path and by descriptor.
func (c *call) xattr() ptrace.Verdict {
	if c.has(sysent.DirFD) && c.flags()&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	x, err := c.xattrArgs()
	if err != nil {
		return fails(err)
	}
	name := x.name
	w, err := c.xattrFile()
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return c.xattrOfNameless(name)
	}
	a, err := attr(&w)
	if err != nil {
		return fails(err)
	}
	switch c.entry.Op {
	case sysent.OpListxattr, sysent.OpFlistxattr:
		return c.listXattr(&w)
	}
	switch c.entry.Op {
	case sysent.OpGetxattr, sysent.OpFgetxattr:
		if err := c.cred().MayGetXattr(&a, name); err != nil {
			return fails(err)
		}
		return c.getXattr(&w, &x)
	case sysent.OpRemovexattr, sysent.OpFremovexattr:
		if err := c.maySetXattr(&w, &a, name); err != nil {
			return fails(err)
		}
		if c.copies(&w, &a) {
			return c.again(causeWorks)
		}
		return done(w.FS.Removexattr(w.Path(), name))
	}
	return c.setXattr(&w, &a, &x)
}

// xattrOfNameless has the kernel do what the view permits with a file that has no
// path in it.
func (c *call) xattrOfNameless(name string) ptrace.Verdict {
	if c.m.view.Identity == nil || c.has(sysent.Path) {
		return ptrace.Pass()
	}
	proc := c.procFD(c.Int(c.entry.Arg(sysent.FD)))
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil || c.fix(&a, proc) != nil {
		return ptrace.Pass()
	}
	switch c.entry.Op {
	case sysent.OpFgetxattr:
		err = c.cred().MayGetXattr(&a, name)
	case sysent.OpFsetxattr, sysent.OpFremovexattr:
		err = c.cred().MaySetXattr(&a, name)
	}
	if err != nil {
		return fails(err)
	}
	return ptrace.Pass()
}

func (c *call) getXattr(w *vfs.Where, x *xattrArgs) ptrace.Verdict {
	value, err := w.FS.Getxattr(w.Path(), x.name)
	if err != nil {
		return fails(err)
	}
	return c.give(x.addr, x.size, value)
}

func (c *call) maySetXattr(w *vfs.Where, a *vfs.Attr, name string) error {
	if w.Rec.Flags&vfs.ReadOnly != 0 {
		return unix.EROFS
	}
	return c.cred().MaySetXattr(a, name)
}

func (c *call) setXattr(w *vfs.Where, a *vfs.Attr, x *xattrArgs) ptrace.Verdict {
	if strings.HasPrefix(x.name, "system.posix_acl_") {
		if err := acl(x.value); err != nil {
			return fails(err)
		}
	}
	if err := c.maySetXattr(w, a, x.name); err != nil {
		return fails(err)
	}
	if x.name == cred.XattrCaps {
		if err := cred.ValidVFSCaps(x.value); err != nil {
			return fails(err)
		}
	}
	if c.copies(w, a) {
		return c.again(causeWorks)
	}
	return done(w.FS.Setxattr(w.Path(), x.name, x.value, x.flags))
}

// acl refuses what is no ACL, whoever sets it (posix_acl_from_xattr in
// fs/posix_acl.c).
func acl(b []byte) error {
	switch n := len(b); {
	case n == 0:
		return nil
	case n < 4:
		return unix.EINVAL
	case le32(b) != 2:
		return unix.EOPNOTSUPP
	case (n-4)%8 != 0:
		return unix.EINVAL
	}
	return nil
}

func (c *call) listXattr(w *vfs.Where) ptrace.Verdict {
	names, err := w.FS.Listxattr(w.Path())
	if err != nil {
		return fails(err)
	}
	var b []byte
	for _, n := range names {
		if c.cred().ListsXattr(n) {
			b = append(append(b, n...), 0)
		}
	}
	return c.give(c.value(sysent.BufOut), c.value(sysent.Len), b)
}
