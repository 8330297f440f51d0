package monitor

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

func (c *call) statfs() ptrace.Verdict {
	w, err := c.path(true)
	if err != nil {
		return fails(err)
	}
	if native(&w) {
		return ptrace.Pass()
	}
	if _, err := attr(&w); err != nil {
		return fails(err)
	}
	s, err := w.FS.Statfs(w.Path())
	if err != nil {
		return fails(err)
	}
	return done(c.thread.Mem.Write(c.value(sysent.Statfs), arch.StatfsBytes(&s)))
}

// inotifyAdd watches the host file that stands for the view's, on a duplicate
// of the guest's descriptor.
func (c *call) inotifyAdd() ptrace.Verdict {
	mask := uint32(c.value(sysent.Mask))
	var buf [64]byte
	if n, err := unix.Readlink(c.procFD(c.Int(0)), buf[:]); err != nil || string(buf[:n]) != "anon_inode:inotify" {
		return ptrace.Pass() // EBADF or EINVAL
	}
	w, err := c.path(mask&unix.IN_DONT_FOLLOW == 0)
	if err != nil {
		return fails(err)
	}
	if native(&w) {
		return ptrace.Pass()
	}
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_PATH | unix.O_NOFOLLOW})
	if err != nil {
		return fails(err)
	}
	if place.Host == w.NatPath() {
		return ptrace.Pass()
	}
	fd, err := borrow(c.task.tgid, c.Int(0))
	if err != nil {
		return ptrace.Fail(unix.EBADF)
	}
	defer unix.Close(fd)
	wd, err := unix.InotifyAddWatch(fd, place.Host, mask|unix.IN_DONT_FOLLOW)
	if err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(wd))
}

// nativeOnly lets calls through that the view cannot do for the guest, where
// the kernel would come to the very file; elsewhere the file system is said
// not to support them.
func (c *call) nativeOnly() ptrace.Verdict {
	if c.value(sysent.Path) == 0 {
		return ptrace.Pass()
	}
	p, err := c.str(sysent.Path)
	if err != nil {
		return fails(err)
	}
	if len(p) == 0 {
		return ptrace.Pass()
	}
	w, err := c.resolve(c.dirfd(sysent.DirFD), p, true, 0)
	if err != nil {
		return fails(err)
	}
	if native(&w) {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EOPNOTSUPP)
}

// sizeofPtr is the size of a pointer in the guest, in bytes.
const sizeofPtr = int(unsafe.Sizeof(uintptr(0)))
