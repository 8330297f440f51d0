package monitor

import (
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// setByFD changes the file behind a descriptor: by the view's path of it, so
// that a file of a lower layer is copied up.
func (c *call) setByFD(fd int, ch change) ptrace.Verdict {
	var buf [ptrace.PathMax]byte
	host := c.hostOfFD(fd, buf[:])
	fs, mine, plain := c.m.holder(host)
	readOnly := c.m.tree.ReadOnly(c.mountOf(fd, host))
	if mine && plain && !readOnly && privileged(c.cred()) {
		c.staleFD(fd)
		return ptrace.Pass() // the file is the view's own
	}
	if e := c.pathOnly(fd); e != 0 && (c.entry.Family == sysent.Descr || c.entry.Op == sysent.OpUtimes && c.value(sysent.Path) == 0) {
		return ptrace.Fail(e)
	}
	if readOnly {
		return fails(c.unchangeable(&vfs.Attr{}))
	}
	if mine {
		return c.setMine(fs, c.procFD(fd), ch)
	}
	return c.setByProc(c.procFD(fd), ch)
}

// staleFD has the directory of a descriptor learnt anew, if it is one.
func (c *call) staleFD(fd int) {
	if a, err := vfs.HostStatAt(unix.AT_FDCWD, c.procFD(fd), 0); err == nil && a.IsDir() {
		if d := c.m.tree.ByID(a.Dev(), a.Ino); d != nil {
			c.m.tree.Stale(d)
		}
	}
}

// setMine changes a file that needs no copy-up.
func (c *call) setMine(fs vfs.FileSystem, proc string, ch change) ptrace.Verdict {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err == nil {
		if d := c.m.tree.ByID(a.Dev(), a.Ino); d != nil {
			defer c.m.tree.Stale(d)
		}
		err = fs.FixAttr(&a, proc)
	}
	if err != nil {
		return fails(err)
	}
	return c.setNameless(fs, proc, &a, ch)
}

// setNameless changes a file by a link of procfs alone.
func (c *call) setNameless(fs vfs.FileSystem, proc string, a *vfs.Attr, ch change) ptrace.Verdict {
	a.ACL = namelessACL{c.m, proc}
	s, err := ch(a)
	if err != nil {
		return fails(err)
	}
	if s.Valid == 0 {
		return ptrace.Return(0)
	}
	return done(fs.SetAttrFD(proc, s))
}

// setByProc changes the file behind a magic link.
func (c *call) setByProc(proc string, ch change) ptrace.Verdict {
	host, err := c.m.hostLink(proc)
	if err != nil && err != unix.ENAMETOOLONG {
		return ptrace.Fail(unix.EBADF)
	}
	if err == nil && !strings.HasPrefix(host, "/") {
		return ptrace.Pass() // no file of a file system
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil {
		return fails(err)
	}
	if err := c.fix(&a, proc); err != nil {
		return fails(err)
	}
	if w, ok := c.sameFile(host, c.m.shownByLink(proc, host), &a); ok {
		return c.set(&w, ch)
	}
	return c.setNameless(c.m.tree.Systems()[0].FS, proc, &a, ch)
}

// holder finds the file system that a host file belongs to as one that takes
// changes already.
func (m *Monitor) holder(host string) (fs vfs.FileSystem, mine, plain bool) {
	for _, x := range slices.Backward(m.tree.Systems()) {
		if mine, plain := x.FS.Holds(host); mine {
			return x.FS, true, plain
		}
	}
	return nil, false, false
}

// sameFile finds the name of a descriptor's file in the view.
func (c *call) sameFile(host string, first *vfs.Mount, a *vfs.Attr) (w vfs.Where, ok bool) {
	start, p, ok := c.m.tree.Lead(strings.TrimSuffix(host, deleted), first)
	if !ok {
		return w, false
	}
	w, err := c.findFrom(start, p)
	if err != nil {
		return w, false
	}
	b, err := w.FS.Lstat(w.Path())
	return w, err == nil && b.Ino == a.Ino && b.Dev() == a.Dev()
}

// find walks to a view path without anybody's permission and without following
// a link at its end.
func (c *call) find(path string) (vfs.Where, error) {
	return c.findFrom(c.m.tree.Root(), path)
}

func (c *call) findFrom(start *vfs.Dir, path string) (vfs.Where, error) {
	return c.gated(c.m.tree.Walk(&vfs.Walk{Root: start, Start: start, Patient: c.patient}, []byte(path)))
}
