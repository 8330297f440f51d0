package trace

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// A tracer hears of the end of a process before its parent does. The kernel
// tells the parent as soon as the monitor has waited, so the tracee is held at
// the last stop before its end until its tracer has.

// exiting is PTRACE_EVENT_EXIT.
func (e *Engine) exiting(t *task) {
	if t.in == nil {
		cont(t.tid, 0)
		return
	}
	if e.shows(t, unix.PTRACE_EVENT_EXIT) {
		t.in.at = atEnd
		return
	}
	e.ending(t)
}

// ending goes on from there.
func (e *Engine) ending(t *task) {
	in := t.in
	status, errno := eventMessage(t.tid)
	k, ok := kinOf(t.tid)
	if errno != 0 || !ok {
		return
	}
	in.status = int(status)
	in.child = k.tgid == t.tid && e.reaps(k.ppid, in)
	if k.tgid != t.tid || in.child || e.leavesOthers(t) {
		in.at = running
		cont(t.tid, 0)
		return
	}
	in.at = atEnd
	if e.alone(t) {
		e.hold(t)
		return
	}
	e.holding = append(e.holding, t.tid)
}

// reaps tells whether the kernel tells a tracer, being the parent, of its tracee's
// end: not where it ignores its children's, for it is not the kernel's tracer.
func (e *Engine) reaps(parent int, in *traced) bool {
	if parent != e.pool.Inner.Leads(in.Tracee) {
		return false
	}
	s, err := ptrace.SignalsOf(parent)
	return err != nil || !ptrace.Has(s.Ignored, unix.SIGCHLD)
}

// leavesOthers tells of a leader that ends without its threads.
func (e *Engine) leavesOthers(t *task) bool {
	var r arch.Regs
	return getRegs(t, &r) == 0 && arch.Twin(r.Nr()) == unix.SYS_EXIT && !e.alone(t)
}

// alone tells whether a leader has no other threads any more.
func (e *Engine) alone(t *task) bool {
	list, err := os.ReadDir("/proc/" + strconv.Itoa(t.tid) + "/task")
	return err != nil || len(list) < 2
}

// hold tells the tracer of the end of a process, and holds that until it has
// waited.
func (e *Engine) hold(t *task) {
	in, tid := t.in, t.tid
	in.ending = true
	free := func() {
		if t.in == in && e.tasks[tid] == t {
			t.in = nil
			cont(tid, 0)
		}
	}
	e.tellEnd(in.Tracee, unix.WaitStatus(in.status))
	e.pool.Inner.Ended(in.Tracee, true, in.status, func() { e.run(free) })
}

// parted is for the relations of a task that has gone.
func (e *Engine) parted(t *task, status unix.WaitStatus) {
	if in := t.in; in != nil && !in.ending {
		in.ending = true
		if !in.child { // else the kernel tells the same
			e.tellEnd(in.Tracee, status)
		}
		e.pool.Inner.Ended(in.Tracee, !in.child, int(status), nil)
	}
	if len(e.holding) > 0 {
		e.lastThreads()
	}
	r := &e.pool.Inner
	if t.tracer == 0 && r.None() {
		return
	}
	for _, x := range r.Of(t.tid) {
		x.Free(r.Options(x)&unix.PTRACE_O_EXITKILL != 0)
	}
	if t.tracer != 0 {
		r.Forget(t.tid, t.tracer)
	}
}

// lastThreads holds leaders whose last thread has gone.
func (e *Engine) lastThreads() {
	left := e.holding[:0]
	for _, tid := range e.holding {
		t := e.tasks[tid]
		switch {
		case t == nil || t.in == nil || t.in.at != atEnd:
		case e.alone(t):
			e.hold(t)
		default:
			left = append(left, tid)
		}
	}
	e.holding = left
}
