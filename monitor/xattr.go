package monitor

import (
	"encoding/binary"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

const (
	xattrNameMax = 255     // XATTR_NAME_MAX, bytes
	xattrSizeMax = 1 << 16 // XATTR_SIZE_MAX, bytes
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

// xattrArgs are the arguments that are looked at before the file.
type xattrArgs struct {
	name       string
	addr, size uint64
	flags      int
	value      []byte // to set
}

func (c *call) xattrArgs() (x xattrArgs, err error) {
	if !c.has(sysent.Name) {
		return x, nil
	}
	sets := c.entry.Op == sysent.OpSetxattr || c.entry.Op == sysent.OpFsetxattr
	if c.entry.Op != sysent.OpRemovexattr && c.entry.Op != sysent.OpFremovexattr {
		if x.addr, x.size, x.flags, err = c.xattrBuffer(); err != nil {
			return x, err
		}
	}
	if x.flags&^(unix.XATTR_CREATE|unix.XATTR_REPLACE) != 0 || !sets && x.flags != 0 {
		return x, unix.EINVAL
	}
	if x.name, err = c.xattrName(); err != nil || !sets {
		return x, err
	}
	if x.size > xattrSizeMax {
		return x, unix.E2BIG
	}
	x.value = make([]byte, x.size)
	if x.size > 0 {
		err = c.thread.Mem.Read(x.addr, x.value)
	}
	return x, err
}

// xattrFile is the file that the call is about.
func (c *call) xattrFile() (vfs.Where, error) {
	if !c.has(sysent.Path) {
		if c.Int(c.entry.Arg(sysent.FD)) == unix.AT_FDCWD && c.takesCwd() {
			return c.resolve(unix.AT_FDCWD, []byte("."), true, 0)
		}
		if e := c.pathOnly(c.Int(c.entry.Arg(sysent.FD))); e != 0 {
			return vfs.Where{}, e
		}
		return c.fileOfFD(c.Int(c.entry.Arg(sysent.FD)))
	}
	follow := c.entry.Implied&unix.AT_SYMLINK_NOFOLLOW == 0
	if !c.has(sysent.DirFD) {
		return c.path(follow)
	}
	flags := c.flags()
	p, err := c.str(sysent.Path)
	if err != nil {
		return vfs.Where{}, err
	}
	if len(p) == 0 && flags&unix.AT_EMPTY_PATH != 0 {
		return c.fileOfFD(c.dirfd(sysent.DirFD))
	}
	return c.resolve(c.dirfd(sysent.DirFD), p, flags&unix.AT_SYMLINK_NOFOLLOW == 0, 0)
}

// xattrOfCwd tells that fgetxattr takes AT_FDCWD for the working directory, as it
// does since it shares its code with getxattrat (path_getxattrat in fs/xattr.c).
var xattrOfCwd = sync.OnceValue(func() bool {
	_, err := unix.Fgetxattr(unix.AT_FDCWD, "user.none", nil)
	return err != unix.EBADF
})

// takesCwd: and so does fsetxattr, but not the others.
func (c *call) takesCwd() bool {
	return (c.entry.Op == sysent.OpFgetxattr || c.entry.Op == sysent.OpFsetxattr) && xattrOfCwd()
}

// fileOfFD is the file of the view behind a descriptor; one that has no path
// (any more) is left to the kernel.
func (c *call) fileOfFD(fd int) (vfs.Where, error) {
	proc := c.procFD(fd)
	host, err := os.Readlink(proc)
	if err != nil {
		return vfs.Where{}, unix.EBADF
	}
	if !strings.HasPrefix(host, "/") {
		return vfs.Where{Kernel: true}, nil
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil {
		return vfs.Where{}, err
	}
	if err := c.fix(&a, proc); err != nil {
		return vfs.Where{}, err
	}
	if w, ok := c.sameFile(host, &a); ok {
		return w, nil
	}
	return vfs.Where{Kernel: true}, nil
}

func (c *call) xattrName() (string, error) {
	b, err := c.thread.Mem.ReadString(c.value(sysent.Name), c.buf[:xattrNameMax+1])
	if err == unix.ENAMETOOLONG || err == nil && len(b) == 0 {
		return "", unix.ERANGE
	}
	return string(b), err
}

// xattrBuffer is where a value is or goes: in registers, or in struct
// xattr_args {value, size, flags}.
func (c *call) xattrBuffer() (addr, size uint64, flags int, err error) {
	if at, ok := c.arg(sysent.XattrArgs); ok {
		b, err := c.versioned(at, sizeofXattrArgs)
		if err != nil {
			return 0, 0, 0, err
		}
		return binary.NativeEndian.Uint64(b), uint64(binary.NativeEndian.Uint32(b[8:])),
			int(binary.NativeEndian.Uint32(b[12:])), nil
	}
	return c.value(sysent.Value), c.value(sysent.Len), int(int32(c.value(sysent.XattrFlags))), nil
}

func (c *call) getXattr(w *vfs.Where, x *xattrArgs) ptrace.Verdict {
	value, err := w.FS.Getxattr(w.Path(), x.name)
	if err != nil {
		return fails(err)
	}
	return c.give(x.addr, x.size, value)
}

// give answers with bytes: their number alone where the size is 0.
func (c *call) give(addr, size uint64, b []byte) ptrace.Verdict {
	if size == 0 {
		return ptrace.Return(int64(len(b)))
	}
	if uint64(len(b)) > size {
		return ptrace.Fail(unix.ERANGE)
	}
	if err := c.thread.Mem.Write(addr, b); err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(len(b)))
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
