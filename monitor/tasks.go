package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// newNamespaces are the clone flags whose effect a view that knows paths
// cannot follow yet.
const newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWUTS

// strayFlags are the clone flags that have to be looked at: those, and the one
// by which a child would escape its tracer.
const strayFlags = newNamespaces | unix.CLONE_UNTRACED

// clone is trapped only with one of strayFlags.
func (c *call) clone() ptrace.Verdict {
	flags := c.value(sysent.CloneFlags)
	if flags&newNamespaces != 0 {
		return ptrace.Fail(unix.EPERM)
	}
	rw := &ptrace.Rewrite{Nr: -1}
	rw.Args[0] = ptrace.Arg{Set: true, Value: flags &^ unix.CLONE_UNTRACED}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
}

// clone3 has its flags in memory. With CLONE_UNTRACED it is refused as by a
// kernel without it, so that libc falls back to clone.
func (c *call) clone3() ptrace.Verdict {
	var b [8]byte
	if err := c.thread.Mem.Read(c.value(sysent.CloneArgs), b[:]); err != nil {
		return fails(err)
	}
	flags := binary.NativeEndian.Uint64(b[:])
	switch {
	case flags&newNamespaces != 0:
		return ptrace.Fail(unix.EPERM)
	case flags&unix.CLONE_UNTRACED != 0:
		return ptrace.Fail(unix.ENOSYS)
	}
	return ptrace.Pass()
}

// unshare of the file system attributes ends the sharing here as well.
func (c *call) unshare() ptrace.Verdict {
	flags := c.value(sysent.CloneFlags)
	if flags&newNamespaces != 0 {
		return ptrace.Fail(unix.EPERM)
	}
	if flags&unix.CLONE_FS != 0 {
		f := c.task.fs.copied()
		c.m.mu.Lock()
		c.task.fs.mu.Lock()
		c.task.fs.users--
		c.task.fs.mu.Unlock()
		c.task.fs = f
		c.m.mu.Unlock()
	}
	return ptrace.Pass()
}

// refused answers what a view's root may not do to the real system.
func (c *call) refused() ptrace.Verdict { return ptrace.Fail(unix.EPERM) }

// absent answers what would get around the view.
func (c *call) absent() ptrace.Verdict { return ptrace.Fail(unix.ENOSYS) }

// affinity lets the kernel answer once the guest's own affinity is back.
func (c *call) affinity() ptrace.Verdict {
	c.m.pool.Place.Release()
	return ptrace.Pass()
}
