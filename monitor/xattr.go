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
	x, err := c.xattrArgs()
	if err != nil {
		return fails(err)
	}
	w, err := c.xattrFile()
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return c.xattrOfNameless(&w, &x)
	}
	a, err := attr(&w)
	if err != nil {
		return fails(err)
	}
	if w.Rec.Flags&vfs.Magic != 0 && c.ownDescriptors(w.Path()) {
		a.Mode |= 0o777
	}
	if a.IsDir() && x.name == vfs.XattrACLAccess && c.entry.Op != sysent.OpGetxattr && c.entry.Op != sysent.OpFgetxattr {
		defer c.m.tree.StaleAt(&w) // who may search it changes
	}
	fs := w.FS
	return c.xattrOf(&bearer{
		a: &a, readOnly: w.Rec.Flags&vfs.ReadOnly != 0,
		copies: func() bool { return c.copies(&w, &a) },
		get:    func(n string) ([]byte, error) { return fs.Getxattr(w.Path(), n) },
		set:    func(n string, v []byte, flags int) error { return fs.Setxattr(w.Path(), n, v, flags) },
		list:   func() ([]string, error) { return fs.Listxattr(w.Path()) },
		remove: func(n string) error { return fs.Removexattr(w.Path(), n) },
	}, &x)
}

// bearer is a file with its attributes, reached by a path or by a descriptor.
type bearer struct {
	a        *vfs.Attr
	readOnly bool
	copies   func() bool // a change waits for a copy-up
	get      func(name string) ([]byte, error)
	set      func(name string, value []byte, flags int) error
	list     func() ([]string, error)
	remove   func(name string) error
}

// xattrOf answers a call for a file of a file system.
func (c *call) xattrOf(b *bearer, x *xattrArgs) ptrace.Verdict {
	switch c.entry.Op {
	case sysent.OpListxattr, sysent.OpFlistxattr:
		return c.listXattr(b)
	case sysent.OpGetxattr, sysent.OpFgetxattr:
		if err := c.cred().MayGetXattr(b.a, x.name); err != nil {
			return fails(err)
		}
		value, err := b.get(x.name)
		if err != nil {
			return fails(err)
		}
		return c.give(x.addr, x.size, value)
	case sysent.OpRemovexattr, sysent.OpFremovexattr:
		if err := c.maySetXattr(b, x.name); err != nil {
			return fails(err)
		}
		if b.copies() {
			return c.again(causeWorks)
		}
		return done(b.remove(x.name))
	}
	return c.setXattr(b, x)
}

func (c *call) maySetXattr(b *bearer, name string) error {
	if b.readOnly {
		return unix.EROFS
	}
	return c.cred().MaySetXattr(b.a, name)
}

func (c *call) setXattr(b *bearer, x *xattrArgs) ptrace.Verdict {
	if !b.readOnly && strings.HasPrefix(x.name, "system.posix_acl_") {
		if err := acl(x.value); err != nil {
			return fails(err)
		}
	}
	if err := c.maySetXattr(b, x.name); err != nil {
		return fails(err)
	}
	if x.name == cred.XattrCaps {
		if err := cred.ValidVFSCaps(x.value); err != nil {
			return fails(err)
		}
	}
	if b.copies() {
		return c.again(causeWorks)
	}
	return done(b.set(x.name, x.value, x.flags))
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

func (c *call) listXattr(b *bearer) ptrace.Verdict {
	names, err := b.list()
	if err != nil {
		return fails(err)
	}
	var text []byte
	for _, n := range names {
		if c.cred().ListsXattr(n) {
			text = append(append(text, n...), 0)
		}
	}
	return c.give(c.value(sysent.BufOut), c.value(sysent.Len), text)
}
