package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// change works out what to set on a file of which a tells the attributes.
type change func(a *vfs.Attr) (vfs.SetAttr, error)

// setByPath changes the file that the path argument names.
func (c *call) setByPath(ch change) ptrace.Verdict {
	flags := c.flags()
	if flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if len(p) == 0 && flags&unix.AT_EMPTY_PATH != 0 {
		fd := c.dirfd(sysent.DirFD)
		if fd == unix.AT_FDCWD {
			p = []byte(".")
		} else {
			return c.setByFD(fd, ch)
		}
	}
	w, err := c.resolve(c.dirfd(sysent.DirFD), p, flags&unix.AT_SYMLINK_NOFOLLOW == 0, 0)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return c.setByProc(vfs.Join(w.Rec.Host, w.Name), ch)
	}
	return c.set(&w, ch)
}

// set changes a file of the view.
func (c *call) set(w *vfs.Where, ch change) ptrace.Verdict {
	a, err := attr(w)
	if err != nil {
		return fails(err)
	}
	if w.Rec.Flags&vfs.ReadOnly != 0 {
		return fails(c.unchangeable(&a))
	}
	s, err := ch(&a)
	if err != nil {
		return fails(err)
	}
	if s.Valid == 0 {
		return ptrace.Return(0)
	}
	if c.copies(w, &a) {
		return c.again(causeWorks)
	}
	err = w.FS.SetAttr(w.Path(), s)
	if a.IsDir() {
		c.m.tree.StaleAt(w)
	}
	return done(err)
}

// unchangeable is the error where nothing takes changes. Some things that the
// file or the arguments are not fit for come before it (vfs_truncate in
// fs/open.c, vfs_utimes in fs/utimes.c).
func (c *call) unchangeable(a *vfs.Attr) error {
	switch c.entry.Op {
	case sysent.OpTruncate:
		if err := hasSize(a); err != nil {
			return err
		}
		if err := c.cred().May(a, unix.W_OK); err != nil {
			return err
		}
	case sysent.OpUtimes:
		var s vfs.SetAttr
		if err := c.times(&s); err != nil {
			return err
		}
		if !validTimes(&s) {
			return unix.EINVAL
		}
	}
	return unix.EROFS
}

// hasSize: what is no regular file cannot be truncated.
func hasSize(a *vfs.Attr) error {
	switch {
	case a.IsDir():
		return unix.EISDIR
	case a.Kind() != unix.S_IFREG:
		return unix.EINVAL
	}
	return nil
}

func (c *call) truncate() ptrace.Verdict {
	size := int64(c.value(sysent.Offset))
	if size < 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	w, err := c.path(true)
	if err != nil {
		return fails(err)
	}
	resize := func(a *vfs.Attr) (s vfs.SetAttr, err error) {
		if err := hasSize(a); err != nil {
			return s, err
		}
		if w.Kernel || w.Rec.Flags&vfs.Magic == 0 { // nothing in procfs has a size
			s = vfs.SetAttr{Valid: vfs.SetSize, Size: size}
		}
		if mode := c.cred().WriteMode(a); mode != a.Perm() && s.Valid != 0 {
			s.Valid, s.Mode = s.Valid|vfs.SetMode, mode
		}
		return s, c.cred().May(a, unix.W_OK)
	}
	if w.Kernel {
		return c.setByProc(vfs.Join(w.Rec.Host, w.Name), resize)
	}
	return c.set(&w, resize)
}
