package monitor

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// killMany is a signal to a process group (0 or -PGID), or to all processes that
// the caller may signal (-1). The monitor is never among them: natively it is
// not there. A copy-on-write view's guests reach none outside of it. Where that
// makes no difference the kernel does it, so that siginfo says who it was.
func (c *call) killMany(pid int) ptrace.Verdict {
	sig := unix.Signal(c.Int(c.entry.Arg(sysent.Signal)))
	all, group := pid == -1, -pid
	if pid == 0 {
		group, _ = unix.Getpgid(c.task.tgid)
	}
	if sig < 0 || sig > 64 {
		return ptrace.Fail(unix.EINVAL)
	}
	targets, natural := c.targets(all, group, sig)
	if natural {
		return ptrace.Pass()
	}
	count, sent, last := 0, false, error(unix.ESRCH)
	for _, t := range targets {
		count++
		err := t.refused
		if err == nil {
			c.m.sends(t.pid, int(sig), c.task)
			err = unix.Kill(t.pid, sig)
		}
		sent, last = sent || err == nil, err
	}
	if sent || all && count > 0 { // kill_something_info, __kill_pgrp_info in kernel/signal.c
		return ptrace.Return(0)
	}
	return fails(last)
}

// target is a process that a signal may be for.
type target struct {
	pid     int
	refused error // the caller may not
}

// targets lists them, the caller last. natural tells that the kernel would
// choose the same and allow the same.
func (c *call) targets(all bool, group int, sig unix.Signal) (list []target, natural bool) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, true
	}
	natural = !all
	own := false
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || all && (pid == 1 || pid == c.task.tgid) {
			continue
		}
		if g, err := unix.Getpgid(pid); !all && (err != nil || g != group) {
			continue
		}
		switch t := c.m.taskOf(pid); {
		case c.m.Sealed(pid):
			natural = false
		case pid == c.task.tgid:
			own = true
		default:
			err := c.mayReach(pid, t, sig)
			natural = natural && err == nil
			list = append(list, target{pid, err})
		}
	}
	if own {
		list = append(list, target{pid: c.task.tgid})
	}
	return list, natural
}

// mayReach tells whether the caller may signal a process. Who is outside is
// judged by the kernel, or out of reach. EPERM.
func (c *call) mayReach(pid int, t *task, sig unix.Signal) error {
	switch {
	case t == nil && c.m.layered && c.m.view.Identity != nil:
		return unix.EPERM
	case t == nil || c.m.view.Identity == nil:
		return nil
	}
	return c.task.cred.KillPermitted(t.cred, sig, sameSession(c.task.tgid, pid))
}
