package trace

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/inner"
)

// traceMe is PTRACE_TRACEME: the tracer is the thread that made the caller, or
// the leader of its parent.
func (e *Engine) traceMe(t *task) {
	k, ok := kinOf(t.tid)
	if !ok || t.in != nil || k.ppid == self || k.ppid == 0 {
		e.answer(t, -int64(unix.EPERM))
		return
	}
	tracer := k.ppid
	if p, ok := kinOf(t.maker); ok && p.tgid == k.ppid {
		tracer = t.maker
	}
	if errno := e.bind(t, k.tgid, tracer, k.ppid, false, 0); errno != 0 {
		e.answer(t, -int64(errno))
		return
	}
	e.elsewhere(t, tracer, func(o *Engine, _ *task) int64 {
		o.watchWaits(k.ppid, nil)
		return 0
	})
}

// attach is PTRACE_ATTACH or PTRACE_SEIZE.
func (e *Engine) attach(t *task, c *ptrace.Call) {
	tid, seize, options := c.Int(1), c.Int(0) == unix.PTRACE_SEIZE, uint32(0)
	if seize {
		if c.Args[2] != 0 || c.Args[3]&^traceOptionMask != 0 {
			e.answer(t, -int64(unix.EIO))
			return
		}
		options = uint32(c.Args[3])
		if options&unix.PTRACE_O_SUSPEND_SECCOMP != 0 {
			e.answer(t, -int64(unix.EPERM)) // as to a tracer under a filter
			return
		}
	}
	k, ok := kinOf(t.tid)
	if !ok {
		return // killed meanwhile
	}
	by := t.tid
	e.watchWaits(k.tgid, t) // before it goes on: with no child its next wait is over at once
	e.elsewhere(t, tid, func(o *Engine, x *task) int64 {
		other, ok := kinOf(tid)
		switch {
		case !ok:
			return -int64(unix.ESRCH)
		case other.tgid == k.tgid:
			return -int64(unix.EPERM)
		}
		errno := o.bind(x, other.tgid, by, k.tgid, seize, options)
		if errno == 0 {
			o.caughtUp(x)
		}
		if o != e {
			e.run(func() { e.watchWaits(k.tgid, t) })
		}
		return -int64(errno)
	})
}

// bind makes a relation.
func (e *Engine) bind(t *task, tgid, tracer, leads int, seized bool, options uint32) unix.Errno {
	x := &inner.Tracee{TID: t.tid, TGID: tgid, Seized: seized, Maker: t.maker}
	x.Free = func(kill bool) { e.run(func() { e.free(x, kill) }) }
	if errno := e.pool.Inner.Attach(x, tracer, leads, options); errno != 0 {
		return errno
	}
	t.in = &traced{Tracee: x, mode: unix.PTRACE_CONT}
	if k, ok := kinOf(t.tid); ok {
		t.in.child = tgid == t.tid && k.ppid == leads
	}
	return 0
}

// free detaches a task whose tracer has gone (ptrace(2), PTRACE_O_EXITKILL).
func (e *Engine) free(x *inner.Tracee, kill bool) {
	t := e.tasks[x.TID]
	if t == nil || t.in == nil || t.in.Tracee != x {
		return
	}
	if kill {
		unix.Kill(x.TGID, unix.SIGKILL)
	}
	sig := unix.Signal(0)
	if t.in.at == atSignal && e.pool.Inner.Unheard(x) {
		sig = t.in.sig // nobody has taken it
	}
	e.detach(t, sig)
}

// caughtUp brings a task that has just been attached to the stop that the
// kernel would bring it to.
func (e *Engine) caughtUp(t *task) {
	if !t.in.Seized {
		t.in.sentStop = unix.Tgkill(t.in.TGID, t.tid, unix.SIGSTOP) == nil
	}
	if t.listening {
		t.listening = false
		request(unix.PTRACE_INTERRUPT, t.tid, 0, 0) // it stops once more, to be seen
	}
}

// watchWaits has the calls of a process that traces looked at: those that wait.
// by is the thread that asks for it, and is stopped itself; nil if it is none of
// the process.
func (e *Engine) watchWaits(tgid int, by *task) {
	list, err := os.ReadDir("/proc/" + strconv.Itoa(tgid) + "/task")
	if err != nil {
		return
	}
	for _, d := range list {
		tid, _ := strconv.Atoi(d.Name())
		t := e.tasks[tid]
		if t == nil || !t.born || t.tracer != 0 {
			continue
		}
		t.tracer = tgid
		if t != by && t.later == 0 && !t.listening && !t.first && (t.in == nil || t.in.at == running) {
			t.own = request(unix.PTRACE_INTERRUPT, tid, 0, 0) == 0
		}
	}
}

// follows tells whether the child of a tracee is its tracer's as well.
func (e *Engine) follows(parent *task, event int, flags uint64) bool {
	return parent.in != nil && (flags&unix.CLONE_PTRACE != 0 || e.has(parent, 1<<event) && flags&unix.CLONE_UNTRACED == 0)
}

// inherit gives a new task what its parent has of tracers.
func (e *Engine) inherit(parent, t *task) {
	t.asks = parent.asks
	if t.flags&unix.CLONE_THREAD != 0 {
		t.tracer = parent.tracer
	}
	if parent.in == nil || t.flags&unix.CLONE_PTRACE == 0 {
		return
	}
	tgid := t.tid
	if t.flags&unix.CLONE_THREAD != 0 {
		tgid = parent.in.TGID
	}
	r := &e.pool.Inner
	e.bind(t, tgid, r.Tracer(parent.in.Tracee), r.Leads(parent.in.Tracee), parent.in.Seized, r.Options(parent.in.Tracee))
	t.in.newborn = true
}

// firstTraced is the first stop of a tracee's child.
func (e *Engine) firstTraced(t *task) {
	t.in.newborn = false
	if t.in.Seized {
		e.report(t, atBirth, stoppedCode(unix.SIGTRAP, unix.PTRACE_EVENT_STOP))
		return
	}
	t.in.joined = true
	t.in.sentStop = unix.Tgkill(t.in.TGID, t.tid, unix.SIGSTOP) == nil
	e.restart(t, 0)
}

// shows stops a tracee at an event that its tracer has asked for.
func (e *Engine) shows(t *task, event int) bool {
	switch {
	case e.has(t, 1<<event):
		e.report(t, atEvent, stoppedCode(unix.SIGTRAP, event))
		return true
	case event == unix.PTRACE_EVENT_EXEC && t.in != nil && !t.in.Seized:
		t.in.sentTrap = unix.Tgkill(t.in.TGID, t.tid, unix.SIGTRAP) == nil
	}
	return false
}

// shownExec goes on from an execve, or stops for the tracer first.
func (e *Engine) shownExec(t *task) {
	if !e.shows(t, unix.PTRACE_EVENT_EXEC) {
		e.restart(t, 0)
		return
	}
	t.in.at = atExec
}

// wholeExec does so where a program has become whole only at the exit of a call.
func (e *Engine) wholeExec(t *task) {
	if t.in == nil || !e.shows(t, unix.PTRACE_EVENT_EXEC) {
		e.left(t)
		return
	}
	t.in.at, t.in.execed = atExec, true
}

// fromExec goes on from PTRACE_EVENT_EXEC.
func (e *Engine) fromExec(t *task) {
	if t.in != nil && t.in.execed {
		t.in.execed = false
		e.left(t)
		return
	}
	e.restart(t, 0)
}

func (e *Engine) vforkDone(t *task) {
	if !e.shows(t, unix.PTRACE_EVENT_VFORK_DONE) {
		e.restart(t, 0)
	}
}

// groupStopped is a group-stop of a tracee.
func (e *Engine) groupStopped(t *task, sig unix.Signal) {
	if t.in.at == atListening {
		t.in.at, t.listening = running, false
	}
	event := 0
	if t.in.Seized {
		event = unix.PTRACE_EVENT_STOP
	}
	e.report(t, atGroup, stoppedCode(sig, event))
}

// trapped is PTRACE_EVENT_STOP outside of a group-stop; true if it is shown.
func (e *Engine) trapped(t *task, listened bool) bool {
	own := t.own
	t.own = false
	if own {
		e.unbroken(t)
	}
	if t.in == nil || !t.in.Seized || own && !t.in.interrupted && !listened {
		return false
	}
	e.report(t, atTrap, stoppedCode(unix.SIGTRAP, unix.PTRACE_EVENT_STOP))
	return true
}

// detach ends a relation; the task goes on by itself.
func (e *Engine) detach(t *task, sig unix.Signal) {
	in := t.in
	if in.at == atSignal {
		e.sends(t, sig)
	}
	t.in = nil
	e.pool.Inner.Detach(in.Tracee)
	if in.real != 0 {
		request(unix.PTRACE_SETOPTIONS, t.tid, 0, options)
	}
	switch in.at {
	case running, atListening:
	case atGroup:
		t.listening = true
		listen(t.tid)
	case atSignal:
		e.restart(t, sig)
	case atEntry:
		if !emulates(in.mode) {
			t.inject = sig
			e.entered(t)
			return
		}
		fallthrough
	case atExit, atStep:
		e.restart(t, sig)
	case atSeccomp:
		e.passed(t)
	default:
		e.restart(t, 0)
	}
}
