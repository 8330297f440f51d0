package monitor

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// stat answers the stat family and statx by path.
func (c *call) stat() ptrace.Verdict {
	flags := c.flags()
	if !c.statFlags(flags) {
		return ptrace.Fail(unix.EINVAL)
	}
	var p []byte
	if c.value(sysent.Path) != 0 || flags&unix.AT_EMPTY_PATH == 0 {
		var err error
		if p, err = c.str(sysent.Path); err != nil {
			return fails(err)
		}
	}
	if len(p) == 0 {
		if flags&unix.AT_EMPTY_PATH == 0 {
			return ptrace.Fail(unix.ENOENT)
		}
		return c.fstatOf(c.dirfd(sysent.DirFD))
	}
	dirfd, follow := c.dirfd(sysent.DirFD), flags&unix.AT_SYMLINK_NOFOLLOW == 0
	if c.beside(dirfd, p, follow) {
		return ptrace.Pass()
	}
	if err := c.aim(dirfd, p, follow, 0); err != nil {
		return fails(err)
	}
	if g, ok := c.glance(p); ok {
		switch {
		case follow && gone(&g):
			return ptrace.Fail(unix.ENOENT)
		case plainly(&g) && g.Flags&vfs.AttrsDiffer == 0:
			return ptrace.Pass()
		}
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if follow && c.missing(&w) {
		return ptrace.Fail(unix.ENOENT)
	}
	if untouched(&w) {
		return ptrace.Pass()
	}
	a, err := attr(&w)
	if err != nil {
		return fails(err)
	}
	return c.tell(&a)
}

// statFlags checks flags and mask as the kernel does before all else.
func (c *call) statFlags(flags int) bool {
	const at = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT | unix.AT_EMPTY_PATH
	if c.entry.Op == sysent.OpStat {
		return flags&^at == 0
	}
	return flags&^(at|statxSyncType) == 0 && flags&statxSyncType != statxSyncType &&
		c.value(sysent.Mask)&unix.STATX__RESERVED == 0
}

// fstat answers fstat(2).
func (c *call) fstat() ptrace.Verdict {
	fd := c.Int(c.entry.Arg(sysent.FD))
	if fd < 0 {
		return ptrace.Fail(unix.EBADF)
	}
	return c.fstatOf(fd)
}

func (c *call) fstatOf(fd int) ptrace.Verdict {
	if !c.m.fixes || fd != unix.AT_FDCWD && c.m.tree.Plain() && c.m.truthful() {
		return ptrace.Pass()
	}
	proc := c.proc("cwd")
	if fd != unix.AT_FDCWD {
		if c.plainDir(fd) {
			return ptrace.Pass()
		}
		proc = c.procFD(fd)
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil {
		return ptrace.Pass() // the kernel knows the errno
	}
	was := a
	if err := c.fix(&a, proc); err != nil || a == was {
		return ptrace.Pass()
	}
	return c.tell(&a)
}

// plainDir tells that a descriptor is known to be a directory whose host
// directory shows what the view does, and lists what the view does.
func (c *call) plainDir(fd int) bool {
	e, ok := c.task.files.find(c.task.tid, fd)
	if !ok {
		return false
	}
	rec, err := c.record(e.dir)
	return err == nil && rec.Class != vfs.ClassMerged && rec.Class != vfs.ClassVirtual &&
		rec.Flags&vfs.AttrsDiffer == 0 && rec.Host == e.host
}

// truthful tells that no file shows other attributes than the host's, but for
// directories.
func (m *Monitor) truthful() bool {
	for _, x := range m.mounts {
		if !x.FS.Truthful() {
			return false
		}
	}
	return true
}

// fix turns a host file's attributes into the view's.
func (c *call) fix(a *vfs.Attr, proc string) error {
	was := *a
	for _, m := range c.m.mounts {
		if err := m.FS.FixAttr(a, proc); err != nil {
			return err
		}
		if *a != was {
			return nil
		}
	}
	return nil
}

// tell writes attributes to the guest in the form that it asked for.
func (c *call) tell(a *vfs.Attr) ptrace.Verdict {
	if addr, ok := c.arg(sysent.Statx); ok {
		return done(c.thread.Mem.Write(addr, arch.StatxBytes(&a.Statx_t)))
	}
	s := arch.StatOf(&a.Statx_t)
	return done(c.thread.Mem.Write(c.value(sysent.Stat), arch.StatBytes(&s)))
}

// access answers the access family.
func (c *call) access() ptrace.Verdict {
	flags, mask := c.flags(), uint32(c.value(sysent.Mask))
	if mask&^7 != 0 || flags&^(unix.AT_SYMLINK_NOFOLLOW|unix.AT_EACCESS|unix.AT_EMPTY_PATH) != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	if flags&unix.AT_EMPTY_PATH != 0 {
		if p, err := c.str(sysent.Path); err == nil && len(p) == 0 {
			return ptrace.Pass()
		}
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if err := c.aim(c.dirfd(sysent.DirFD), p, flags&unix.AT_SYMLINK_NOFOLLOW == 0, 0); err != nil {
		return fails(err)
	}
	agrees := func(f vfs.Flags) bool {
		return mask == 0 || f&(vfs.AttrsDiffer|vfs.ReadOnly) == 0 && c.kernelAgrees(flags)
	}
	if g, ok := c.glance(p); ok {
		switch {
		case gone(&g):
			return ptrace.Fail(unix.ENOENT)
		case plainly(&g) && agrees(g.Flags):
			return ptrace.Pass()
		}
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return ptrace.Pass()
	}
	if c.missing(&w) {
		return ptrace.Fail(unix.ENOENT)
	}
	if native(&w) && agrees(w.Rec.Flags) {
		return ptrace.Pass()
	}
	a, err := attr(&w)
	if err != nil {
		return fails(err)
	}
	if mask&unix.W_OK != 0 && w.Rec.Flags&vfs.ReadOnly != 0 && writable(a.Kind()) {
		return ptrace.Fail(unix.EROFS)
	}
	if mask == 0 {
		return ptrace.Return(0)
	}
	who := c.cred()
	if flags&unix.AT_EACCESS == 0 {
		who = c.m.permission(c.task.cred.WithRealIDs())
	}
	return done(who.May(&a, mask))
}

// kernelAgrees tells that the kernel gives the guest the permission that the
// view gives it, where files show their own attributes.
func (c *call) kernelAgrees(flags int) bool {
	if c.m.view.Identity == nil {
		return !c.m.view.OwnLayer
	}
	who := c.task.cred
	if flags&unix.AT_EACCESS == 0 && who.UID != who.EUID {
		return false // its capabilities are not what counts
	}
	return privileged(who) && privileged(c.m.real) && c.m.real.UID == 0
}

// writable: a read-only file system refuses writing these types.
func writable(kind uint32) bool {
	return kind == unix.S_IFREG || kind == unix.S_IFDIR || kind == unix.S_IFLNK
}

// readlink answers readlink and readlinkat.
func (c *call) readlink() ptrace.Verdict {
	if c.Int(c.entry.Arg(sysent.Len)) <= 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if len(p) == 0 {
		return ptrace.Pass() // the descriptor of a link
	}
	dirfd := c.dirfd(sysent.DirFD)
	if c.beside(dirfd, p, false) {
		return ptrace.Pass()
	}
	if err := c.aim(dirfd, p, false, 0); err != nil {
		return fails(err)
	}
	if g, ok := c.glance(p); ok {
		switch layered := g.Class == vfs.ClassLower || g.Class == vfs.ClassMerged; {
		case layered && g.Known && g.Kind == 0:
			return ptrace.Fail(unix.ENOENT)
		case layered && g.Known && g.Kind != unix.S_IFLNK:
			return ptrace.Fail(unix.EINVAL) // realpath(3) asks this of every component
		case plainly(&g) && (g.Known || !layered):
			return ptrace.Pass()
		}
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if w.Rec.Flags&vfs.Magic != 0 {
		return c.magicText(&w)
	}
	if !w.Slash && (w.Rec.Class == vfs.ClassLower || w.Rec.Class == vfs.ClassMerged) {
		switch kind, err := c.m.tree.Kind(&w); {
		case err != nil:
			return fails(c.gate.far(err))
		case kind == 0:
			return ptrace.Fail(unix.ENOENT)
		case kind != unix.S_IFLNK:
			return ptrace.Fail(unix.EINVAL)
		}
	}
	if native(&w) && !w.Slash {
		return ptrace.Pass()
	}
	if w.Slash || w.Name == "" {
		if a, err := attr(&w); err != nil {
			return fails(err)
		} else if !a.IsLink() {
			return ptrace.Fail(unix.EINVAL)
		}
	}
	text, err := w.FS.Readlink(w.Path())
	if err != nil {
		return fails(err)
	}
	return c.tellText(text)
}

// tellText answers a readlink: the text without a NUL, cut off at the size.
func (c *call) tellText(text string) ptrace.Verdict {
	n := min(len(text), c.Int(c.entry.Arg(sysent.Len)))
	if err := c.thread.Mem.Write(c.value(sysent.BufOut), []byte(text[:n])); err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(n))
}

// gone tells whether the file behind a magic link is not at its view path any
// more: what the view removed of a lower layer is still there.
func (c *call) gone(path, proc string) bool {
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err != nil || c.fix(&a, proc) != nil {
		return false
	}
	w, err := c.find(path)
	if err != nil {
		return vfs.Errno(err) == unix.ENOENT
	}
	b, err := w.FS.Lstat(w.Path())
	return vfs.Errno(err) == unix.ENOENT || err == nil && (b.Ino != a.Ino || b.Dev() != a.Dev())
}

// magicText reads a link of procfs: paths in it become those of the view.
func (c *call) magicText(w *vfs.Where) ptrace.Verdict {
	host := vfs.Join(w.Rec.Host, w.Name)
	if w.Path() == "/self" || w.Path() == "/thread-self" {
		return ptrace.Pass()
	}
	if c.m.sealedPath(host) {
		return ptrace.Fail(unix.EACCES)
	}
	text, err := os.Readlink(host)
	if err != nil || text == "" || text[0] != '/' {
		return ptrace.Pass()
	}
	p, ok := c.m.viewPath(text)
	if !ok {
		p = text // of a lower layer, and hidden
	}
	if !strings.HasSuffix(p, deleted) && c.gone(p, host) {
		p += deleted
	}
	if p == text {
		return ptrace.Pass()
	}
	return c.tellText(p)
}

// statxSyncType is AT_STATX_SYNC_TYPE (include/uapi/linux/fcntl.h).
const statxSyncType = 0x6000
