package monitor

import (
	"encoding/binary"
	"os"
	"strings"

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
	name := ""
	if c.has(sysent.Name) {
		var err error
		if name, err = c.xattrName(); err != nil {
			return fails(err)
		}
	}
	w, err := c.xattrFile()
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return ptrace.Pass()
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
		return c.getXattr(&w, name)
	case sysent.OpRemovexattr, sysent.OpFremovexattr:
		if err := c.maySetXattr(&w, &a, name); err != nil {
			return fails(err)
		}
		return done(w.FS.Removexattr(w.Path(), name))
	}
	return c.setXattr(&w, &a, name)
}

// xattrFile is the file that the call is about.
func (c *call) xattrFile() (vfs.Where, error) {
	if !c.has(sysent.Path) {
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
		var b [16]byte
		if c.value(sysent.Len) < 16 {
			return 0, 0, 0, unix.EINVAL
		}
		if err := c.thread.Mem.Read(at, b[:]); err != nil {
			return 0, 0, 0, err
		}
		return binary.NativeEndian.Uint64(b[:]), uint64(binary.NativeEndian.Uint32(b[8:])),
			int(binary.NativeEndian.Uint32(b[12:])), nil
	}
	return c.value(sysent.Value), c.value(sysent.Len), int(int32(c.value(sysent.XattrFlags))), nil
}

func (c *call) getXattr(w *vfs.Where, name string) ptrace.Verdict {
	addr, size, _, err := c.xattrBuffer()
	if err != nil {
		return fails(err)
	}
	value, err := w.FS.Getxattr(w.Path(), name)
	if err != nil {
		return fails(err)
	}
	return c.give(addr, size, value)
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

func (c *call) setXattr(w *vfs.Where, a *vfs.Attr, name string) ptrace.Verdict {
	addr, size, flags, err := c.xattrBuffer()
	switch {
	case err != nil:
		return fails(err)
	case flags&^(unix.XATTR_CREATE|unix.XATTR_REPLACE) != 0:
		return ptrace.Fail(unix.EINVAL)
	case size > xattrSizeMax:
		return ptrace.Fail(unix.E2BIG)
	}
	value := make([]byte, size)
	if err := c.thread.Mem.Read(addr, value); err != nil && size > 0 {
		return fails(err)
	}
	if err := c.maySetXattr(w, a, name); err != nil {
		return fails(err)
	}
	if name == cred.XattrCaps {
		if err := cred.ValidVFSCaps(value); err != nil {
			return fails(err)
		}
	}
	return done(w.FS.Setxattr(w.Path(), name, value, flags))
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
