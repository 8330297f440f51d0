package trace

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// task is what the engine keeps of one guest thread between its stops.
type task struct {
	tid   int
	mm    *mm
	born  bool   // Born has been reported
	early *early // its first stop came before its maker's event

	first     bool       // its first stop is still to come
	flags     uint64     // of the clone that made it, until then
	made      *arch.Regs // registers of that call, if it was rewritten
	masked    bool       // all signals are blocked until it has changed engines
	listening bool       // in a group-stop

	stopped bool // was in a group-stop since its last signal

	nr     int  // of the call that it is stopped in
	compat bool // which is one of the 32-bit table

	// exit is what to do at the exit stop of the call under way, if any.
	exit  exitAction
	regs  arch.Regs // of the call's entry, where exit needs them
	after func(*ptrace.Thread, int64) int64
	again bool  // at exitFirst: the call is to be caught anew
	area  *area // scratch memory of the rewritten call
	fd    int   // descriptor to close after the call, -1 if none
	shown bool  // the guest opens it from the monitor, whose seal is lifted

	// held is a verdict that waits for scratch memory to be mapped.
	held     ptrace.Verdict
	heldSize int
	sigmask  uint64 // the guest's, while held or masked

	// A call that a signal without effect interrupted: when the wait is over,
	// if it has a limit; what the call is made again as; its result so far;
	// whether it is under way again; and that no handler is to be asked about it.
	disturbed   time.Time
	onward      ptrace.Verdict
	interrupted int64
	unseen      bool
	decided     bool

	bidden *ptrace.Rewrite // an open that it is to do when it stops

	exec   *ptrace.Exec // of the call under way
	start  *start       // of a program that has not run yet
	maker  int          // thread that made it
	in     *traced      // a guest traces it
	inject unix.Signal  // that its tracer gave it at the entry of the call under way
	tracer int          // its process traces guests: that one's id
	own    bool         // the engine has told it to stop
	wait   *waitCall
	// asks are filters of its own that would have its tracer decide; asking is
	// one that is being installed.
	asks   []filter
	asking *ptrace.Rewrite

	later int // number of the Later work it waits for, 0 if none
}

type exitAction uint8

const (
	exitNone exitAction = iota
	exitRestore
	exitThen
	exitMapped
	exitFirst
	exitAgain    // not an exit yet: the entry of a call that is made again
	exitAnswered // of a call that has been answered, whose number is to be put back
	exitExeced   // of the last call before a program runs
	exitWait     // of one that a tracer waits in
)

// mm is one guest address space.
type mm struct {
	areas []*area
	// filtered: its tasks have filters of their own. What runs in place of
	// their calls is exempt from those, and they are not made to pass the gate.
	filtered bool
}

// area is memory mapped into the guest for rewritten arguments.
type area struct {
	addr uint64
	size int
	busy bool
}

// copied is the address space of a forked child: the same mappings, unused.
func (m *mm) copied() *mm {
	c := &mm{filtered: m.filtered}
	for _, a := range m.areas {
		c.areas = append(c.areas, &area{addr: a.addr, size: a.size})
	}
	return c
}

// take finds memory for a call; one of the 32-bit table reaches the lowest 4 GiB.
func (m *mm) take(size int, compat bool) *area {
	for _, a := range m.areas {
		if !a.busy && a.size >= size && (!compat || a.addr+uint64(a.size) <= 1<<32) {
			a.busy = true
			return a
		}
	}
	return nil
}
