package monitor

import (
	"encoding/binary"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

const (
	xattrNameMax = 255     // XATTR_NAME_MAX, bytes
	xattrSizeMax = 1 << 16 // XATTR_SIZE_MAX, bytes
)

// xattrArgs are the arguments that are looked at before the file.
type xattrArgs struct {
	name       string
	addr, size uint64
	flags      int
	value      []byte // to set
}

func (c *call) xattrArgs() (x xattrArgs, err error) {
	named, removes := c.has(sysent.Name), c.entry.Op == sysent.OpRemovexattr || c.entry.Op == sysent.OpFremovexattr
	if named && !removes {
		if x.addr, x.size, x.flags, err = c.xattrBuffer(); err != nil {
			return x, err
		}
	}
	if c.has(sysent.DirFD) && c.flags()&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return x, unix.EINVAL
	}
	if !named {
		return x, nil
	}
	sets := c.entry.Op == sysent.OpSetxattr || c.entry.Op == sysent.OpFsetxattr
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
	if flags&unix.AT_EMPTY_PATH != 0 && c.value(sysent.Path) == 0 {
		return c.fileOfFD(c.dirfd(sysent.DirFD)) // getname_maybe_null in fs/namei.c
	}
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
	host, err := c.m.hostLink(proc)
	switch {
	case err == unix.ENAMETOOLONG:
		return vfs.Where{Kernel: true}, nil
	case err != nil:
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
	if w, ok := c.sameFile(host, c.shownBy(fd, host), &a); ok {
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
