package monitor

import (
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
	numbered := c.asksMountID()
	if !numbered && c.beside(dirfd, p, follow) {
		return ptrace.Pass()
	}
	if err := c.aim(dirfd, p, follow, 0); err != nil {
		return fails(err)
	}
	if g, ok := c.glance(p); ok {
		switch {
		case follow && gone(&g):
			return ptrace.Fail(unix.ENOENT)
		case !numbered && plainly(&g) && g.Flags&vfs.AttrsDiffer == 0:
			return ptrace.Pass()
		}
	}
	w, err := c.walked(p)
	if err != nil {
		return fails(err)
	}
	if w.Kernel {
		return c.statOf(vfs.Join(w.Rec.Host, w.Name))
	}
	if follow && c.missing(&w) {
		return ptrace.Fail(unix.ENOENT)
	}
	if !numbered && untouched(&w) {
		return ptrace.Pass()
	}
	a, err := attr(&w)
	if err != nil {
		return fails(err)
	}
	if numbered {
		return c.statxID(&w, &a)
	}
	return c.tell(&a)
}

// statxSyncType is AT_STATX_SYNC_TYPE (include/uapi/linux/fcntl.h).
const statxSyncType = 0x6000

// statFlags checks flags and mask as the kernel does before all else.
func (c *call) statFlags(flags int) bool {
	const at = unix.AT_SYMLINK_NOFOLLOW | unix.AT_NO_AUTOMOUNT | unix.AT_EMPTY_PATH
	if flags&^(at|statxSyncType) != 0 {
		return false
	}
	return c.entry.Op == sysent.OpStat || flags&statxSyncType != statxSyncType && c.value(sysent.Mask)&unix.STATX__RESERVED == 0
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
	if c.asksMountID() {
		if v, ok := c.statxFD(fd); ok {
			return v
		}
	}
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
	return c.statOf(proc)
}

// statOf tells the attributes of what a magic link leads to.
func (c *call) statOf(proc string) ptrace.Verdict {
	if !c.m.fixes {
		return ptrace.Pass()
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
	if !ok || e.dir == nil {
		return false
	}
	rec, err := c.record(e.dir)
	return err == nil && rec.Class != vfs.ClassMerged && rec.Class != vfs.ClassVirtual &&
		rec.Flags&vfs.AttrsDiffer == 0 && rec.Host == e.host
}

// truthful tells that no file shows other attributes than the host's, but for
// directories.
func (m *Monitor) truthful() bool {
	for _, x := range m.tree.Systems() {
		if !x.FS.Truthful() {
			return false
		}
	}
	return true
}

// fix turns a host file's attributes into the view's.
func (c *call) fix(a *vfs.Attr, proc string) error { return c.m.fix(a, proc) }

func (m *Monitor) fix(a *vfs.Attr, proc string) error {
	was := *a
	for _, list := range [...][]*vfs.Mount{m.tree.Own(), m.tree.Systems()} {
		for _, x := range list {
			if err := x.FS.FixAttr(a, proc); err != nil {
				return err
			}
			if *a != was {
				return nil
			}
		}
	}
	return nil
}

// tell writes attributes to the guest in the form that it asked for.
func (c *call) tell(a *vfs.Attr) ptrace.Verdict {
	at, b, err := c.statBytes(a)
	if err != nil {
		return fails(err)
	}
	return done(c.thread.Mem.Write(at, b))
}

// statBytes is the structure of the spelling, and where it goes. EOVERFLOW.
func (c *call) statBytes(a *vfs.Attr) (at uint64, b []byte, err error) {
	if at, ok := c.arg(sysent.Statx); ok {
		return at, arch.StatxBytes(&a.Statx_t), nil
	}
	if at, ok := c.arg(sysent.Stat64); ok {
		return at, arch.Stat64(&a.Statx_t), nil
	}
	if at, ok := c.arg(sysent.OldStat); ok {
		b, err = arch.OldStat(&a.Statx_t)
		return at, b, err
	}
	at = c.value(sysent.Stat)
	if c.abi() == arch.ABI32 {
		b, err = arch.Stat32(&a.Statx_t)
		return at, b, err
	}
	s := arch.StatOf(&a.Statx_t)
	return at, arch.StatBytes(&s), nil
}
