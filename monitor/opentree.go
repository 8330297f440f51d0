package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// openTree answers open_tree(2) and open_tree_attr(2), in the order of those in
// fs/namespace.c.
func (c *call) openTree() ptrace.Verdict {
	const known = unix.AT_EMPTY_PATH | unix.AT_NO_AUTOMOUNT | unix.AT_RECURSIVE | unix.AT_SYMLINK_NOFOLLOW | unix.OPEN_TREE_CLONE | unix.OPEN_TREE_CLOEXEC
	flags := c.flags()
	clone := flags&unix.OPEN_TREE_CLONE != 0
	switch {
	case c.has(sysent.BufIn) && c.value(sysent.BufIn) == 0 && c.value(sysent.Len) != 0,
		flags&^known != 0, flags&unix.AT_RECURSIVE != 0 && !clone:
		return ptrace.Fail(unix.EINVAL)
	case clone && !c.task.cred.Capable(unix.CAP_SYS_ADMIN):
		return ptrace.Fail(unix.EPERM)
	}
	if !clone && !c.has(sysent.BufIn) {
		return c.openPath(flags)
	}
	if !c.patient {
		return c.again(causeWorks)
	}
	var ch attrChange
	some := false
	if c.value(sysent.BufIn) != 0 {
		var err error
		if ch, some, err = c.attrChange(); err != nil {
			return fails(err)
		}
	}
	w, err := c.pathArg(sysent.DirFD, sysent.Path, flags&unix.AT_EMPTY_PATH != 0, flags&unix.AT_SYMLINK_NOFOLLOW == 0)
	if err != nil {
		return fails(err)
	}
	if !clone {
		if m := c.m.tree.RootOf(&w); some && m == nil {
			return ptrace.Fail(unix.EINVAL)
		} else if some {
			if err := c.m.setAttr(m, ch, false); err != nil {
				return fails(err)
			}
		}
		return c.openPath(flags)
	}
	top := w.Bind()
	var rest vfs.Copies
	if flags&unix.AT_RECURSIVE != 0 {
		rest = c.m.tree.Copies(&w)
	}
	c.m.before(top)
	dir := c.m.tree.Loosen(top)
	c.m.tree.Graft(rest, top)
	if some {
		c.m.setAttr(top, ch, flags&unix.AT_RECURSIVE != 0) // nobody writes to it yet
	}
	return c.rootFD(dir, flags&unix.OPEN_TREE_CLOEXEC != 0)
}

// openPath is an open_tree that clones nothing: an open with O_PATH.
func (c *call) openPath(flags int) ptrace.Verdict {
	how := vfs.How{Flags: unix.O_PATH | flags&unix.OPEN_TREE_CLOEXEC, Owner: c.owner()}
	follow := flags&unix.AT_SYMLINK_NOFOLLOW == 0
	if !follow {
		how.Flags |= unix.O_NOFOLLOW
	}
	var p []byte
	if flags&unix.AT_EMPTY_PATH == 0 || c.value(sysent.Path) != 0 {
		var err error
		if p, err = c.str(sysent.Path); err != nil {
			return fails(err)
		}
	}
	if len(p) == 0 && flags&unix.AT_EMPTY_PATH != 0 {
		return c.openSame(flags)
	}
	w, err := c.resolve(c.dirfd(sysent.DirFD), p, follow, 0)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return ptrace.Pass()
	}
	if err := c.exists(&w); err != nil {
		return fails(err)
	}
	v := c.openToRead(&w, how)
	if v.Kind == ptrace.KindPass && w.NatPath() != "" {
		v = ptrace.Open(w.NatPath(), how.Flags, 0) // the kernel's own call would ask for more
	}
	return v
}

// openSame opens the file of a descriptor once more.
func (c *call) openSame(flags int) ptrace.Verdict {
	fd := c.dirfd(sysent.DirFD)
	if fd != unix.AT_FDCWD {
		if d := c.m.looseDir(c.task.tid, fd); d != nil {
			return c.rootFD(d, flags&unix.OPEN_TREE_CLOEXEC != 0)
		}
	}
	return ptrace.Pass()
}
