package trace

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/inner"
)

// A guest's tracee stays in its real ptrace-stop while its tracer, another
// guest, believes to command it: the engine shows it the stops that it would
// get (package inner), keeps those that are the monitor's own from it, and
// restarts the tracee as it has asked to.

// traced is what the engine keeps of a task that a guest traces.
type traced struct {
	*inner.Tracee
	at   stopKind
	sig  unix.Signal // at atSignal
	mode int         // how its tracer last let it go on: PTRACE_CONT, PTRACE_SYSCALL …

	real        uint32 // options that the kernel has for it
	interrupted bool   // by its tracer
	execed      bool   // at atExec: the call's exit is where it stops
	newborn     bool   // its tracer has it with its parent; its first stop is to come
	again       bool   // the call's entry has been shown
	former      int    // at atExec: the thread that called execve
	data        uint16 // at atSeccomp: of its filter's answer
	// signals that the engine has sent in the kernel's stead
	sentStop, sentTrap bool
	joined             bool // sentStop is that of a new child
	ending             bool // its end has been told, or is not to be
	child              bool // its tracer is its parent, as far as known
	status             int  // of its end
}

// stopKind says where a tracee is stopped.
type stopKind uint8

const (
	running   stopKind = iota
	atEntry            // of a call
	atSeccomp          // a filter of its own said SECCOMP_RET_TRACE
	atExit             // of a call
	atStep             // the same, after PTRACE_SINGLESTEP
	atSignal
	atEvent     // fork, vfork …
	atExec      // PTRACE_EVENT_EXEC
	atEnd       // PTRACE_EVENT_EXIT
	atGroup     // group-stop
	atTrap      // PTRACE_EVENT_STOP without a group-stop
	atBirth     // the same, of a new child
	atListening // PTRACE_LISTEN
)

// stoppedCode is the upper part of a status of wait4(2).
func stoppedCode(sig unix.Signal, event int) int { return int(sig) | event<<8 }

// report stops a tracee in the eyes of its tracer.
func (e *Engine) report(t *task, at stopKind, code int) {
	t.in.at, t.in.again = at, false
	t.in.interrupted = false // any trap clears what is pending (ptrace_stop in the kernel)
	e.pool.Inner.Stopped(t.in.Tracee, code)
	e.tell(t.in.Tracee, code)
}

// has tells whether the tracer has asked for something.
func (e *Engine) has(t *task, option uint32) bool {
	return t.in != nil && e.pool.Inner.Options(t.in.Tracee)&option != 0
}

// restart lets a stopped task go on in the way that it needs: to the exit of its call,
// as its tracer has it, or to its next call if it traces others.
func (e *Engine) restart(t *task, sig unix.Signal) {
	mode := unix.PTRACE_CONT
	switch {
	case t.exit != exitNone:
		mode = unix.PTRACE_SYSCALL
	case t.in != nil:
		mode = t.in.mode
		e.setOptions(t)
	}
	if sig == 0 {
		sig, t.inject = t.inject, 0
	}
	if (t.tracer != 0 || t.asks != nil) && mode == unix.PTRACE_CONT {
		mode = unix.PTRACE_SYSCALL
	}
	e.stillInterrupted(t)
	request(mode, t.tid, 0, uintptr(sig))
}

// toExit lets the call run and stops again at its exit.
func (e *Engine) toExit(t *task) {
	e.stillInterrupted(t)
	toExit(t.tid)
}

// stillInterrupted has a tracee stop that its tracer has told to: a stop that
// only the engine needed has taken that away.
func (e *Engine) stillInterrupted(t *task) {
	if t.in != nil && t.in.interrupted {
		request(unix.PTRACE_INTERRUPT, t.tid, 0, 0)
	}
}

// setOptions gives the kernel what the tracer has asked for beside the options
// of every guest.
func (e *Engine) setOptions(t *task) {
	const more = unix.PTRACE_O_TRACEEXIT
	want := uint32(options) | more | e.pool.Inner.Options(t.in.Tracee)&unix.PTRACE_O_TRACEVFORKDONE
	if want != t.in.real && request(unix.PTRACE_SETOPTIONS, t.tid, 0, uintptr(want)) == 0 {
		t.in.real = want
	}
}

// callStop is a syscall-stop.
func (e *Engine) callStop(t *task) {
	if t.exit != exitNone {
		e.exit(t)
		return
	}
	if t.in == nil && t.tracer == 0 && t.asks == nil {
		cont(t.tid, 0)
		return
	}
	if getSyscallInfo(t.tid, &e.info) != 0 {
		return
	}
	if e.info.op == infoExit {
		e.left(t)
		return
	}
	e.called(t)
	if t.in != nil && (t.in.mode == unix.PTRACE_SYSCALL || emulates(t.in.mode)) && !t.in.again {
		e.report(t, atEntry, e.trapCode(t))
		return
	}
	e.entered(t)
}

// trapCode is the status of a syscall-stop.
func (e *Engine) trapCode(t *task) int {
	if e.has(t, unix.PTRACE_O_TRACESYSGOOD) {
		return int(unix.SIGTRAP) | 0x80
	}
	return int(unix.SIGTRAP)
}

// entered goes on with a call whose entry its tracer has seen.
func (e *Engine) entered(t *task) {
	if t.in != nil {
		again := t.in.again
		t.in.again = false
		if again {
			e.passed(t)
			return
		}
	}
	if t.asks != nil && e.asks(t) {
		return
	}
	e.passed(t)
}

// passed goes on with a call that no filter of the guest's keeps.
func (e *Engine) passed(t *task) {
	if t.tracer != 0 {
		if !e.pool.Inner.Traces(t.tracer) {
			t.tracer = 0
		} else if e.waits(t) {
			return
		}
	}
	e.restart(t, 0)
}

// left is the exit of a call: the tracer sees it where it has asked to.
func (e *Engine) left(t *task) {
	if t.in == nil {
		e.restart(t, 0)
		return
	}
	switch t.in.mode {
	case unix.PTRACE_SYSCALL:
		e.report(t, atExit, e.trapCode(t))
	case unix.PTRACE_SINGLESTEP, arch.PtraceBlockStep:
		// After this stop, which the engine needed, the kernel would step on.
		e.report(t, atStep, int(unix.SIGTRAP))
	default:
		e.restart(t, 0)
	}
}

// emulates tells the ways of going on by which calls are left to the tracer.
func emulates(mode int) bool { return mode == arch.PtraceSysemu || mode == arch.PtraceSysemuStep }

// signaled shows a tracee's signal to its tracer.
func (e *Engine) signaled(t *task, sig unix.Signal) {
	t.in.sig = sig
	e.report(t, atSignal, int(sig))
}

// disguise makes a signal that the engine sent look like the kernel's own.
func (in *traced) disguise(s *ptrace.Siginfo) (changed bool) {
	if s.Code != siTkill || int(s.PID) != self {
		return false
	}
	sender := func(code int32, pid int, uid uint32) bool {
		s.Code, s.PID, s.UID = code, int32(pid), uid
		return true
	}
	switch sig := unix.Signal(s.Signo); {
	case sig == unix.SIGSTOP && in.sentStop:
		in.sentStop = false
		if in.joined {
			return sender(0, 0, 0)
		}
		return sender(siKernel, 0, 0)
	case sig == unix.SIGTRAP && in.sentTrap:
		in.sentTrap = false
		return sender(0, in.TGID, s.UID)
	}
	return false
}

const (
	siTkill  = -6   // SI_TKILL
	siKernel = 0x80 // SI_KERNEL
)

// resumed lets a tracee go on from where it stopped, as its tracer asks.
func (e *Engine) resumed(t *task, mode int, sig unix.Signal) {
	in := t.in
	e.pool.Inner.Resumed(in.Tracee)
	at, was := in.at, in.mode
	in.at, in.mode = running, mode
	switch at {
	case atEntry:
		if emulates(was) {
			e.restart(t, sig) // to no call
			return
		}
		t.inject = sig
		if getSyscallInfo(t.tid, &e.info) == 0 {
			e.called(t) // the tracer may have changed it
		}
		e.entered(t)
	case atSeccomp:
		if getSyscallInfo(t.tid, &e.info) == 0 {
			e.called(t)
		}
		e.passed(t)
	case atEnd:
		e.ending(t)
	case atBirth:
		e.restart(t, 0)
	case atExec:
		e.fromExec(t)
	case atSignal:
		e.sends(t, sig)
		e.restart(t, sig)
	default:
		e.restart(t, sig)
	}
}

// sends has a signal that its tracer gives a tracee in another's place bear the
// tracer's name, not the monitor's (ptrace_signal in kernel/signal.c).
func (e *Engine) sends(t *task, sig unix.Signal) {
	var s ptrace.Siginfo
	if sig == 0 || t.in == nil || getSiginfo(t.tid, &s) != 0 || s.Signo == int32(sig) {
		return
	}
	tracer := e.pool.Inner.Tracer(t.in.Tracee)
	s = ptrace.Siginfo{Signo: int32(sig), PID: int32(tracer), UID: ownerOf(tracer)}
	e.h.Signaled(e.threadOf(t), &s)
	setSiginfo(t.tid, &s)
}
