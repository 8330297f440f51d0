package monitor

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// The monitor is a process like others to its guests, and as the parent of the
// command it is where a shell would be natively: it can be seen and waited for.
// What lies in it they get at no more than at another user's process.

// Sealed tells whether a process or thread id is the monitor's.
func (m *Monitor) Sealed(tid int) bool { return tid > 0 && unix.Tgkill(self, tid, 0) == nil }

// sealedPath tells whether a host path leads into the monitor's part of procfs.
func (m *Monitor) sealedPath(host string) bool {
	rest, ok := strings.CutPrefix(host, "/proc/")
	if !ok {
		return false
	}
	first, _, _ := strings.Cut(rest, "/")
	tid, err := strconv.Atoi(first)
	return err == nil && m.Sealed(tid)
}

// reach is a call that looks into another process, or changes it. Errors as the
// kernel's for a process of another user.
func (c *call) reach() ptrace.Verdict {
	closed := unix.EPERM
	switch c.entry.Name {
	case "process_madvise", "perf_event_open":
		closed = unix.EACCES
	}
	for i, role := range c.entry.Args {
		switch {
		case role == sysent.PID && c.m.Sealed(c.Int(i)),
			role == sysent.FD && c.m.Sealed(c.pidOf(c.Int(i))):
			return ptrace.Fail(closed)
		}
	}
	return ptrace.Pass()
}

// another is the condition of a call about a process that may be another: 0 is
// the caller, and less than that none.
func another(e *sysent.Entry) []seccomp.Cond {
	pid := e.Arg(sysent.PID)
	conds := []seccomp.Cond{
		{Arg: pid, Op: seccomp.MaskedEqual, Mask: 1 << 31, Value: 0},
		{Arg: pid, Op: seccomp.MaskedNotEqual, Mask: 0xffffffff, Value: 0},
	}
	switch e.Name {
	case "setpriority":
		return append(conds, which(unix.PRIO_PROCESS))
	case "ioprio_set":
		return append(conds, which(ioprioWhoProcess))
	}
	return conds
}

// ioprioWhoProcess is IOPRIO_WHO_PROCESS (include/uapi/linux/ioprio.h).
const ioprioWhoProcess = 1

// which is the condition of a call whose first argument says what the second
// stands for.
func which(kind uint64) seccomp.Cond {
	return seccomp.Cond{Arg: 0, Op: seccomp.MaskedEqual, Mask: 0xffffffff, Value: kind}
}

// pidOf is the process of a guest's pidfd, 0 if it is none.
func (c *call) pidOf(fd int) int { return ptrace.PidOf(c.task.tid, fd) }

// heard are the signals that mean to the monitor what they would to a command
// (it hands them on); all others would end it, and its guests with it.
var heard = []unix.Signal{0, unix.SIGTERM, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM,
	unix.SIGCONT, unix.SIGWINCH, unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE}

// killMonitor is a signal from a guest to the monitor.
func killMonitor(sig unix.Signal) ptrace.Verdict {
	if slices.Contains(heard, sig) {
		return ptrace.Pass()
	}
	return ptrace.Fail(unix.EPERM)
}
