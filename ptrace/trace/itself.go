package trace

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// OpenItself has a task open a file when the call that notify holds it in ends
// with ERESTARTNOINTR: it is told to stop, and its call, which would be made
// again, becomes an openat2, which every filter of ours sends to trace. False if
// there is no such task, or where the stop does not show how the call ended
// (arm64).
func (p *Pool) OpenItself(tid int, v *ptrace.Verdict) bool {
	if arch.RetIsArg0 {
		return false
	}
	x := transfer{tid: tid, opening: opening(unix.SYS_OPENAT2, v.Host, v.Flags, v.Mode), took: make(chan bool, len(p.engines))}
	asked := 0
	for _, e := range p.engines {
		if e.load.Load() > 0 {
			e.send(x)
			asked++
		}
	}
	for range asked {
		if <-x.took {
			return true
		}
	}
	return false
}

// bid tells a task to stop and open a file.
func (e *Engine) bid(x transfer) bool {
	t := e.tasks[x.tid]
	if t == nil || request(unix.PTRACE_INTERRUPT, x.tid, 0, 0) != 0 {
		return false
	}
	t.bidden = x.opening
	return true
}

// opensItself has a task go on to the open that it was told to do.
func (e *Engine) opensItself(t *task) {
	var r arch.Regs
	if getRegs(t, &r) == 0 && int64(r.Ret()) == restartNoIntr {
		t.exit, t.interrupted, t.decided = exitAgain, restartNoIntr, true
		t.onward = ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: t.bidden}
	}
	t.bidden = nil
	e.restart(t, 0)
}
