package monitor

import (
	"bytes"
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
	if v, refused := c.strays(flags); refused {
		return v
	}
	rw := &ptrace.Rewrite{Nr: -1}
	rw.Args[0] = ptrace.Arg{Set: true, Value: flags &^ unix.CLONE_UNTRACED}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
}

// strays refuses new namespaces, unless the kernel does so for another reason
// (copy_process in kernel/fork.c).
func (c *call) strays(flags uint64) (v ptrace.Verdict, refused bool) {
	if flags&newNamespaces == 0 || c.m.tree == nil {
		return v, false
	}
	if flags&unix.CLONE_FS != 0 && flags&(unix.CLONE_NEWNS|unix.CLONE_NEWUSER) != 0 {
		return ptrace.Fail(unix.EINVAL), true
	}
	return ptrace.Fail(unix.EPERM), true
}

// clone3 has its flags in memory, where another thread could change them: the
// kernel gets a copy. A child cannot be kept untraced at its own wish, and need not know.
func (c *call) clone3() ptrace.Verdict {
	args, err := c.structure(c.value(sysent.CloneArgs), cloneArgsLeast, sizeofCloneArgs)
	if err != nil {
		return fails(err)
	}
	b := bytes.Clone(args)
	flags := binary.NativeEndian.Uint64(b)
	if v, refused := c.strays(flags); refused {
		return v
	}
	binary.NativeEndian.PutUint64(b, flags&^unix.CLONE_UNTRACED)
	rw := &ptrace.Rewrite{Nr: -1}
	rw.Args[0] = ptrace.Arg{Set: true, Bytes: b}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
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
		c.task.fs = f
		c.m.mu.Unlock()
	}
	return ptrace.Pass()
}

// refused answers what a view's root may not do to the real system.
func (c *call) refused() ptrace.Verdict { return ptrace.Fail(unix.EPERM) }

// absent answers what would get around the view.
func (c *call) absent() ptrace.Verdict { return ptrace.Fail(unix.ENOSYS) }

// landlock answers as a kernel does that was booted without it (landlock(7)):
// its rules would bind the host's files where the kernel opens them, and not
// where the monitor does. A guest must not believe itself confined.
func (c *call) landlock() ptrace.Verdict { return ptrace.Fail(unix.EOPNOTSUPP) }

// affinity lets the kernel answer once the guest's own affinity is back.
func (c *call) affinity() ptrace.Verdict {
	c.m.pool.Place.Release()
	if c.entry.Name == "sched_setaffinity" && c.Uint32(0) != 0 {
		return c.reach()
	}
	return ptrace.Pass()
}

// kill asks whether the ids of the view permit a signal to another guest; the
// kernel's own rule, by the ids of the monitor, comes after. Process groups are
// left to that rule.
func (c *call) kill() ptrace.Verdict {
	i := c.entry.Arg(sysent.PID)
	pid := 0
	if i < 0 {
		pid = c.pidOf(c.Int(0))
	} else {
		pid = c.Int(i)
	}
	if pid <= 0 && c.entry.Name == "kill" {
		return c.killMany(pid)
	}
	if pid <= 0 || pid == c.task.tgid || pid == c.task.tid {
		return ptrace.Pass()
	}
	sig := unix.Signal(c.Int(c.entry.Arg(sysent.Signal)))
	target := c.m.taskOf(pid)
	switch {
	case target == nil && c.m.Sealed(pid):
		return killMonitor(sig)
	case c.m.view.Identity == nil:
		return ptrace.Pass()
	case target == nil:
		return c.killOutside(pid)
	}
	if target.tgid == c.task.tgid {
		return ptrace.Pass()
	}
	if err := c.task.cred.KillPermitted(target.cred, sig, sameSession(c.task.tgid, pid)); err != nil {
		return fails(err)
	}
	return ptrace.Pass()
}

// killOutside keeps the root of a copy-on-write view from ending what does not
// live in it. A guest that has ended does not either, but nothing can end it
// any more.
func (c *call) killOutside(pid int) ptrace.Verdict {
	if !c.m.layered || unix.Kill(pid, 0) == unix.ESRCH || zombie(pid) {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EPERM)
}

// zombie tells of a process all of whose threads have ended; a leader may end
// before the others.
func zombie(pid int) bool {
	f := taskStat(pid)
	return f != nil && f[statState] == "Z" && f[statThreads] == "1"
}

func sameSession(a, b int) bool {
	x, errX := unix.Getsid(a)
	y, errY := unix.Getsid(b)
	return errX == nil && errY == nil && x == y
}
