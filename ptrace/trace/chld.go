package trace

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/inner"
)

// A tracer gets SIGCHLD for each stop of a tracee. Only the kernel may send one
// that says so (rt_sigqueueinfo(2): si_code below 0), so it bears another code
// until it is delivered, when the engine sees it.

// codeOfOurs is that code; the values of CLD_ are added to it.
const codeOfOurs = -0x5645_0000

// Codes of SIGCHLD (sigaction(2)).
const (
	cldExited  = 1
	cldKilled  = 2
	cldDumped  = 3
	cldTrapped = 4
	cldStopped = 5
)

// Where si_status lies, and what tells our own signal from a forged one.
const (
	siStatus = 24
	siToken  = 28
)

// tell sends the signal for a stop. PTRACE_EVENT_STOP is told of as a group-stop,
// also where there is none (do_jobctl_trap in kernel/signal.c).
func (e *Engine) tell(x *inner.Tracee, code int) {
	sig := unix.Signal(code & 0x7f)
	switch {
	case code>>8 != unix.PTRACE_EVENT_STOP:
		e.tellOf(x, cldTrapped, int(sig))
	case sig == unix.SIGTRAP:
		e.tellOf(x, cldStopped, 0)
	default:
		e.tellOf(x, cldStopped, int(sig))
	}
}

// tellEnd sends the one for an end.
func (e *Engine) tellEnd(x *inner.Tracee, status unix.WaitStatus) {
	switch {
	case status.Exited():
		e.tellOf(x, cldExited, status.ExitStatus())
	case status.CoreDump():
		e.tellOf(x, cldDumped, int(status.Signal()))
	default:
		e.tellOf(x, cldKilled, int(status.Signal()))
	}
}

func (e *Engine) tellOf(x *inner.Tracee, why int32, status int) {
	leads := e.pool.Inner.Leads(x)
	s, err := ptrace.SignalsOf(leads)
	if err != nil || !ptrace.Has(s.Caught|s.Blocked, unix.SIGCHLD) && e.pool.Inner.TracerOf(leads) == 0 {
		return
	}
	info := ptrace.Siginfo{Signo: int32(unix.SIGCHLD), Code: codeOfOurs + why, PID: int32(x.TID), UID: ownerOf(x.TID)}
	info.Set32(siStatus, uint32(status))
	info.Set32(siToken, token)
	queueSignal(leads, &info)
}

// recoded makes the kernel's signal of ours.
func (e *Engine) recoded(s *ptrace.Siginfo) bool {
	why := s.Code - codeOfOurs
	if unix.Signal(s.Signo) != unix.SIGCHLD || why < cldExited || why > cldStopped || s.Get32(siToken) != token {
		return false
	}
	s.Code = why
	s.Set32(siToken, 0)
	return true
}

// tooSoon tells the kernel's signal for the group-stop of a child that its parent
// traces: it is to a parent, and natively there is but the tracer's, which tell
// sends. Where that one found this one pending, it has been left out for it.
func (e *Engine) tooSoon(t *task, s *ptrace.Siginfo) bool {
	if t.tracer == 0 || t.in != nil || unix.Signal(s.Signo) != unix.SIGCHLD || s.Code != cldStopped ||
		e.pool.Inner.LeadOf(int(s.PID)) != t.tracer {
		return false
	}
	return !e.pool.Inner.Stops(int(s.PID)) || childPending(t.tracer)
}

// childPending tells whether a process has a SIGCHLD to come.
func childPending(pid int) bool {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, rest, ok := bytes.Cut(status, []byte("\nShdPnd:\t"))
	if err != nil || !ok || len(rest) < 16 {
		return false
	}
	set, _ := strconv.ParseUint(string(rest[:16]), 16, 64)
	return ptrace.Has(set, unix.SIGCHLD)
}

// token is known to nobody else.
var token = func() uint32 {
	var b [4]byte
	unix.Getrandom(b[:], 0)
	return binary.NativeEndian.Uint32(b[:])
}()

// ownerOf is the real user id of a task.
func ownerOf(tid int) uint32 {
	k, _ := kinOf(tid)
	return k.uid
}
