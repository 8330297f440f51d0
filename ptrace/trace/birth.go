package trace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

// forked handles a fork, vfork or clone event of the parent. The child stops
// by itself; whichever comes first, it goes on only when Born has been told.
func (e *Engine) forked(parent *task, event int) {
	msg, errno := eventMessage(parent.tid)
	if errno != 0 {
		return // killed meanwhile
	}
	if e.stillborn[int(msg)] {
		delete(e.stillborn, int(msg))
		e.restart(parent, 0)
		return
	}
	var made *arch.Regs
	if parent.exit == exitRestore {
		// Its arguments have been read, so no stop at the call's exit is
		// needed; the child has a copy of the changed registers.
		made = new(arch.Regs)
		*made = parent.regs
	}
	e.abi(parent)
	flags := e.cloneFlags(parent)
	if made != nil { // no child is untraced by the monitor, but by its tracer
		flags |= e.flagsOf(parent, made) & unix.CLONE_UNTRACED
	}
	if e.follows(parent, event, flags) {
		flags |= unix.CLONE_PTRACE
	} else {
		flags &^= unix.CLONE_PTRACE
	}
	e.bear(parent, int(msg), flags, made)
	if made != nil {
		restore(parent, made)
		e.settle(parent)
	}
	if flags&unix.CLONE_UNTRACED != 0 || !e.shows(parent, event) {
		e.restart(parent, 0)
	}
}

// bear makes the record of a new task and lets it go if it waits already. made
// are the registers of the call that made it, if it was rewritten.
func (e *Engine) bear(parent *task, tid int, flags uint64, made *arch.Regs) {
	t := e.tasks[tid]
	if t == nil {
		t = &task{tid: tid, fd: -1}
		e.tasks[tid] = t
		e.pool.live.Add(1)
	}
	if t.born {
		return // adopted already
	}
	t.made = made
	switch {
	case parent == nil || parent.mm == nil:
		t.mm = &mm{}
	case flags&unix.CLONE_VM != 0:
		t.mm = parent.mm
	default:
		t.mm = parent.mm.copied()
	}
	parentTID := 0
	if parent != nil {
		parentTID = parent.tid
	}
	t.born = true
	e.load.Add(1)
	e.pool.Place.Born(parentTID, tid)
	e.h.Born(parentTID, tid, flags)
	t.first, t.flags, t.maker = true, flags, parentTID
	if parent != nil {
		e.inherit(parent, t)
	}
	if x := t.early; x != nil {
		e.heard(t)
		e.eventStop(t, x.sig)
	}
}

// firstStep lets a new task make its first step, here or with another engine.
func (e *Engine) firstStep(t *task) {
	t.first = false
	e.abi(t)
	if t.made != nil {
		restore(t, t.made)
		t.made = nil
	}
	if t.in != nil && t.in.newborn {
		e.firstTraced(t)
		return
	}
	if to := e.pool.lighter(e, t.flags); to != nil && t.in == nil && !t.mm.filtered && e.pass(t, to) {
		return
	}
	e.restart(t, 0)
}

// cloneFlags are those of the call that the parent is in.
func (e *Engine) cloneFlags(parent *task) uint64 {
	var r arch.Regs
	if getRegs(parent, &r) != 0 {
		return 0
	}
	return e.flagsOf(parent, &r)
}

func (e *Engine) flagsOf(parent *task, r *arch.Regs) uint64 {
	switch arch.Twin(r.Nr()) {
	case unix.SYS_CLONE:
		return r.Arg(0)
	case unix.SYS_CLONE3:
		var b [8]byte
		if e.threadOf(parent).Mem.Read(r.Arg(0), b[:]) == nil {
			return binary.NativeEndian.Uint64(b[:])
		}
		return 0
	case arch.NrVfork:
		return unix.CLONE_VM | unix.CLONE_VFORK
	}
	return 0
}

// execed handles the exec event: the address space is new, and if a thread
// other than the leader called execve, it now has the leader's id.
func (e *Engine) execed(t *task) {
	former, x := t.tid, t.exec
	if msg, errno := eventMessage(t.tid); errno == 0 && int(msg) != t.tid {
		former = int(msg)
		if f := e.tasks[former]; f != nil {
			x = f.exec
			e.settle(f)
			e.drop(former)
			e.pool.less()
			t.in, t.tracer, t.own = f.in, f.tracer, f.own
		}
		e.pool.Inner.Renamed(former, t.tid)
	}
	e.settle(t)
	e.abi(t)
	t.mm = &mm{filtered: t.mm.filtered}
	t.exec = nil
	thread := e.threadOf(t)
	var r arch.Regs
	if getRegs(t, &r) == 0 {
		thread.SP, thread.ABI = r.SP(), arch.ABI(r.Compat)
	}
	e.h.Execed(thread, former)
	if x != nil && !e.begins(t, x) {
		unix.Kill(t.tid, unix.SIGKILL)
		return
	}
	if t.in != nil {
		t.in.former = former
	}
	if t.start != nil {
		cont(t.tid, 0) // its tracer sees the program when it is whole
		return
	}
	e.shownExec(t)
}
