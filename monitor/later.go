package monitor

import (
	"time"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// cause is why a call is answered later, from a goroutine.
type cause uint8

const (
	causeWaits  cause = iota // it waits for another process, as it would natively
	causeWorks               // data is copied, or many names are looked at
	causeFar                 // what it asks for lies where an answer may never come
	causeMoves               // it changes tracer threads
	causesCount = iota
)

func (c cause) String() string {
	return [...]string{"waits for another process", "copies or lists", "waits for a file system", "changes threads"}[c]
}

// mostWorks bounds how many calls are worked on at once for one cause, each on
// an OS thread; more of them wait their turn.
const mostWorks = 256

// work is a call that is answered later.
type work struct {
	task  *task
	entry *sysent.Entry
	why   cause
	since time.Time
	gone  chan struct{} // closed when the guest has been killed meanwhile
}

// again has a call made anew from a goroutine, where it may take its time.
// Nothing has been changed by it yet. Guest memory is read anew as well, and
// what was read before counts no more.
func (c *call) again(why cause) ptrace.Verdict {
	m, task, entry, pc, thread, handle := c.m, c.task, c.entry, c.Call, *c.thread, c.handle
	thread.Mem = thread.Mem.While(func() bool { return m.taskOf(task.tid) == task })
	return m.later(task, entry, why, func() ptrace.Verdict {
		c := calls.Get().(*call)
		c.begin(m, task, &thread, &pc, entry)
		c.handle, c.patient = handle, true
		v := c.finish()
		c.end()
		return v
	})
}

const (
	largeCopy = 1 << 20 // bytes of a file
	largeDir  = 1 << 16 // bytes of a directory, as stat(2) tells them
)

// copies tells whether a change of a file may have much of it copied first, or
// many names of a directory looked at, which is not to be done here.
func (c *call) copies(w *vfs.Where, a *vfs.Attr) bool {
	if c.patient || w.Rec.Class == vfs.ClassBacked || w.Rec.Class == vfs.ClassReal {
		return false
	}
	return a.Size >= largeCopy || a.IsDir() && a.Size >= largeDir
}

// later is a Later that is known to whoever asks what a guest waits for.
func (m *Monitor) later(t *task, e *sysent.Entry, why cause, f func() ptrace.Verdict) ptrace.Verdict {
	w := &work{task: t, entry: e, why: why, since: time.Now(), gone: make(chan struct{})}
	m.works.add(w)
	if why == causeWorks {
		m.works.busy.Add(1)
	}
	return ptrace.Later(func() ptrace.Verdict {
		defer m.works.remove(w)
		if why == causeWorks {
			defer m.works.busy.Done()
		}
		if why != causeWaits && why != causeMoves {
			if !m.works.enter(w) {
				return ptrace.Return(0) // to nobody
			}
			defer m.works.leave(w)
		}
		return f()
	})
}
