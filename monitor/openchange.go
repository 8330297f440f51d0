package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// openToChange is an open for writing, of a new file or with truncation.
func (c *call) openToChange(w *vfs.Where, how vfs.How) ptrace.Verdict {
	if w.Slash && how.Creates() {
		return ptrace.Fail(unix.EISDIR)
	}
	if v, ok := c.openBacked(w, how); ok {
		return v
	}
	a, err := attr(w)
	exists := err == nil
	if err != nil && (vfs.Errno(err) != unix.ENOENT || !how.Creates()) {
		return fails(err)
	}
	switch {
	case exists:
		if err := how.Refuses(a.Kind()); err != nil {
			return fails(c.unlessDenied(w, how, err))
		}
		readOnly := w.Rec.Flags&vfs.ReadOnly != 0
		if readOnly && how.Flags&unix.O_TRUNC != 0 && a.Kind() == unix.S_IFREG {
			return ptrace.Fail(unix.EROFS) // before all else (do_open in fs/namei.c)
		}
		if err := c.mayOpen(w, how); err != nil {
			return fails(err)
		}
		if readOnly && writable(a.Kind()) && (how.WantsWrite() || how.Tmpfile()) {
			return ptrace.Fail(unix.EROFS)
		}
		if how.Tmpfile() {
			how.Mode = c.modeIn(&a, how.Mode)
		}
	default:
		if err := c.mayCreate(w); err != nil {
			return fails(err)
		}
		if how.Mode, err = c.modeAt(w, how.Mode); err != nil {
			return fails(err)
		}
	}
	if exists && c.copies(w, &a) {
		return c.again(causeWorks)
	}
	place, err := w.FS.Open(w.Path(), how)
	if err == nil && exists {
		err = c.dropSetID(w, &a, how)
	}
	if err != nil {
		return fails(err)
	}
	return c.place(w, place, how)
}

// openBacked is the short way for regular files in a directory that one host
// directory stands for: no layer to look into, no copy-up, nothing to record,
// so that the kernel's own open says it all.
func (c *call) openBacked(w *vfs.Where, how vfs.How) (v ptrace.Verdict, ok bool) {
	if w.Rec.Class != vfs.ClassBacked || w.Rec.Flags&(vfs.ReadOnly|vfs.Inherits) != 0 || w.Name == "" || w.Slash ||
		how.Tmpfile() || !privileged(c.cred()) {
		return v, false
	}
	if how.Creates() && (w.Fresh == nil || *w.Fresh != how.Owner || how.Mode&0o600 != 0o600 || how.Mode&^0o777 != 0) {
		return v, false
	}
	host := vfs.Join(w.Rec.Host, w.Name)
	excl := how.Creates() && how.Flags&unix.O_EXCL != 0
	if !excl {
		kind, err := c.m.tree.Kind(w)
		if c.gate.far(err) != nil || kind != 0 && kind != unix.S_IFREG || kind != 0 && c.locked(w, host) {
			return v, false
		}
	}
	// Never left to the kernel with the guest's own path: another task that
	// shares the memory could change it.
	return c.m.opened(c.task, w, ptrace.Open(host, how.Flags, how.Mode)), true
}

// locked tells that a file's mode keeps its real owner from it, which no file of
// a layer does.
func (c *call) locked(w *vfs.Where, host string) bool {
	if w.Mount().Layers || searcher(c.m.real) {
		return false
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, host, 0)
	return err != nil || a.Perm()&0o600 != 0o600
}

// mayOpen checks permission with the ids of the view.
func (c *call) mayOpen(w *vfs.Where, how vfs.How) error {
	who := c.cred()
	if how.Flags&unix.O_PATH != 0 || privileged(who) {
		return nil
	}
	a, err := w.FS.Lstat(w.Path())
	if err != nil {
		return err
	}
	a.ACL = vfs.ACLAt{FS: w.FS, Path: w.Path()}
	if how.Tmpfile() {
		return who.MayCreate(&a)
	}
	return who.MayOpen(&a, nil, how.Flags)
}

// unlessDenied is the error of an open. That nothing answers behind a socket or
// a device is seen only by those who may open it (may_open in fs/namei.c).
func (c *call) unlessDenied(w *vfs.Where, how vfs.How, err error) error {
	if vfs.Errno(err) == unix.ENXIO {
		if w.Slash {
			return unix.ENOTDIR // do_open in fs/namei.c, before that
		}
		if denied := c.mayOpen(w, how); denied != nil {
			return denied
		}
	}
	return err
}
