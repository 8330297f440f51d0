package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

func (c *call) unlink() ptrace.Verdict {
	flags := c.flags()
	if flags&^unix.AT_REMOVEDIR != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	if flags&unix.AT_REMOVEDIR != 0 {
		return c.rmdir()
	}
	w, err := c.path(false)
	if err != nil {
		return fails(err)
	}
	if w.Name == "" {
		return ptrace.Fail(unix.EISDIR)
	}
	if w.Rec.Flags&vfs.ReadOnly != 0 {
		return ptrace.Fail(unix.EROFS) // without a look at the name (do_unlinkat in fs/namei.c)
	}
	a, err := w.Last(c.m.tree)
	if err != nil {
		return fails(err)
	}
	if w.Slash {
		if a.IsDir() {
			return ptrace.Fail(unix.EISDIR)
		}
		return ptrace.Fail(unix.ENOTDIR)
	}
	if err := c.mayDelete(&w, &a, false); err != nil {
		return fails(err)
	}
	if c.m.tree.Mounted(&w) {
		return ptrace.Fail(unix.EBUSY)
	}
	err = w.FS.Unlink(w.Path())
	if err == nil && a.IsLink() {
		c.m.tree.Drop(w.Dir, w.Name, true)
	}
	return c.made(&w, err)
}

func (c *call) rmdir() ptrace.Verdict {
	w, err := c.path(false)
	if err != nil {
		return fails(err)
	}
	if w.Name == "" {
		return ptrace.Fail(c.lastDots(unix.EBUSY, unix.EINVAL, unix.ENOTEMPTY))
	}
	if w.Rec.Flags&vfs.ReadOnly != 0 {
		return ptrace.Fail(unix.EROFS)
	}
	a, err := w.Last(c.m.tree)
	if err != nil {
		return fails(err)
	}
	if err := c.mayDelete(&w, &a, true); err != nil {
		return fails(err)
	}
	if c.m.tree.Mounted(&w) {
		return ptrace.Fail(unix.EBUSY)
	}
	if c.copies(&w, &a) {
		return c.again(causeWorks)
	}
	if err = w.FS.Rmdir(w.Path()); err == nil {
		c.m.tree.Drop(w.Dir, w.Name, false)
	}
	return done(err)
}

// lastDots picks the errno for a path that ends in the root, "." or "..".
func (c *call) lastDots(root, dot, dotdot unix.Errno) unix.Errno {
	p, err := c.str(sysent.Path)
	if err != nil {
		return vfs.Errno(err)
	}
	for len(p) > 1 && p[len(p)-1] == '/' {
		p = p[:len(p)-1]
	}
	switch {
	case len(p) == 0:
		return unix.ENOENT
	case len(p) >= 2 && string(p[len(p)-2:]) == "..":
		return dotdot
	case p[len(p)-1] == '.':
		return dot
	}
	return root
}
