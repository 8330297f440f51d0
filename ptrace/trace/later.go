package trace

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

// finished is the outcome of work that a goroutine did for a stopped guest.
type finished struct {
	tid, work int
	verdict   ptrace.Verdict
}

// begin has work done on a goroutine while the guest stays stopped.
func (e *Engine) begin(t *task, work func() ptrace.Verdict) {
	e.works++
	t.later = e.works
	tid, number := t.tid, e.works
	go func() {
		v := work()
		e.lock.Lock()
		if e.ended {
			e.lock.Unlock()
			discard(v)
			return
		}
		e.done = append(e.done, finished{tid, number, v})
		e.lock.Unlock()
		e.bell.ring(func() bool {
			e.lock.Lock()
			defer e.lock.Unlock()
			return len(e.done) == 0
		})
	}()
}

// collect has the early ones looked at, if it is time, and carries out the verdicts of finished work. A guest that was killed
// meanwhile is not there any more.
func (e *Engine) collect() {
	e.lock.Lock()
	done := e.done
	e.done = nil
	look := e.look
	e.look = false
	e.lock.Unlock()
	if look {
		e.adopt()
	}
	for _, f := range done {
		t := e.tasks[f.tid]
		if t == nil || t.later != f.work {
			discard(f.verdict)
			continue
		}
		t.later = 0
		e.apply(t, f.verdict)
	}
}

// discard gives back what a verdict holds that nobody waits for.
func discard(v ptrace.Verdict) {
	switch {
	case v.Kind == ptrace.KindFD:
		unix.Close(v.FD)
	case v.Kind == ptrace.KindRewrite && v.Rewrite.Through != 0:
		unix.Close(v.Rewrite.Through)
	}
}

// end discards work that comes too late: the last guest has gone.
func (e *Engine) end() {
	e.lock.Lock()
	e.ended = true
	e.lock.Unlock()
	e.collect()
}
