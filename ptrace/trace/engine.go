package trace

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

// Engine follows one tree of guests.
type Engine struct {
	h      ptrace.Handler
	tasks  map[int]*task
	early  map[int]*task // stopped before their maker's event
	thread ptrace.Thread // handed to the handler, reused at every stop
	call   ptrace.Call
	info   syscallInfo

	pool     *Pool
	inbox    chan transfer
	once     sync.Once    // start
	load     atomic.Int64 // tasks, those on their way here included
	bell     bell
	lock     sync.Mutex // guards the fields up to works
	done     []finished
	look     bool // the early ones are to be looked at,
	watching bool // or will be in a while
	ended    bool // nobody collects any more
	works    int

	waiting   atomic.Int32  // len(early)
	departed  [16]*departed // the last one first
	holding   []int         // tracees that wait for the end of their threads
	stillborn map[int]bool  // killed before their first stop and their maker's event

	turn    uint
	waiters []waiter // of serveAll

	// Stops counts ptrace stops by kind.
	Stops Stops
}

// Stops counts what the kernel stopped guests for.
type Stops struct {
	Calls, Exits, Events, Signals, Groups uint64
	Moved                                 uint64 // processes passed on to another engine
}

// New makes an engine of a pool. Its methods are to be called from one
// locked OS thread that ends with it: its signals stay blocked.
func New(h ptrace.Handler) *Engine {
	return &Engine{h: h, tasks: map[int]*task{}, early: map[int]*task{}, stillborn: map[int]bool{}}
}

// Seize attaches the calling thread to a task, which becomes the first guest.
func (e *Engine) Seize(tid int) error {
	e.prepare()
	if errno := e.seize(tid); errno != 0 {
		return fmt.Errorf("ptrace(PTRACE_SEIZE, %d): %w", tid, errno)
	}
	e.tasks[tid] = &task{tid: tid, mm: &mm{}, born: true, fd: -1}
	e.load.Add(1)
	e.h.Born(0, tid, 0)
	return nil
}

func (e *Engine) seize(tid int) unix.Errno {
	return seize(tid, options)
}

// prepare makes the calling thread fit for waiting.
func (e *Engine) prepare() {
	// Without SA_NOCLDSTOP Go's handler would run at every stop.
	changeSigaction(unix.SIGCHLD, saNoCldStop, 0)
	e.bell.install()
	ptrace.BlockSignals(bellSignal)
}

// idle takes in what other engines pass on, and blocks for it while there is
// nobody to serve; false when all guests have gone.
func (e *Engine) idle() bool {
	for {
		if len(e.tasks) > 0 {
			select {
			case x := <-e.inbox:
				e.receive(x)
				continue
			default:
				return true
			}
		}
		select {
		case x := <-e.inbox:
			e.receive(x)
		case <-e.pool.over:
			return false
		}
	}
}

// Run serves guests until the last has gone.
func (e *Engine) Run() error {
	defer e.end()
	for e.idle() {
		var status unix.WaitStatus
		tid, errno := wait(&status)
		e.collect()
		switch errno {
		case 0:
			e.stop(tid, status)
			e.serveAll()
		case unix.EINTR:
		case unix.ECHILD:
			e.abandon()
		default:
			return fmt.Errorf("wait4: %w", errno)
		}
	}
	return nil
}

// serveAll serves, now and then, each guest that waits once. Of several the kernel
// names the one that was seized last (do_wait in kernel/exit.c, 6.18), and that
// may be back before the others have been served: a few busy threads would keep
// their maker from ever going on.
func (e *Engine) serveAll() {
	if e.turn++; e.turn%unfair != 0 {
		return
	}
	e.waiters = e.waiters[:0]
	for {
		var w waiter
		if w.tid = waitNow(&w.status); w.tid <= 0 {
			break
		}
		e.waiters = append(e.waiters, w)
	}
	for _, w := range e.waiters {
		e.stop(w.tid, w.status)
	}
}

// unfair is how many stops may be served in the kernel's order. A look at all
// costs a call.
const unfair = 16

// waiter is a stop, or an end, that has not been served.
type waiter struct {
	tid    int
	status unix.WaitStatus
}

func (e *Engine) stop(tid int, status unix.WaitStatus) {
	t := e.tasks[tid]
	if status.Exited() || status.Signaled() {
		e.gone(t, tid, status)
		return
	}
	if t == nil {
		t = &task{tid: tid, fd: -1}
		e.tasks[tid] = t
		delete(e.stillborn, tid)
		e.pool.live.Add(1)
	}
	sig := status.StopSignal()
	switch event := int(status) >> 16; event {
	case unix.PTRACE_EVENT_SECCOMP:
		e.Stops.Calls++
		e.entry(t)
	case unix.PTRACE_EVENT_FORK, unix.PTRACE_EVENT_VFORK, unix.PTRACE_EVENT_CLONE:
		e.Stops.Events++
		e.forked(t, event)
	case unix.PTRACE_EVENT_EXEC:
		e.Stops.Events++
		e.execed(t)
	case unix.PTRACE_EVENT_STOP:
		e.eventStop(t, sig)
	case 0:
		if sig == unix.SIGTRAP|0x80 {
			e.Stops.Exits++
			e.callStop(t)
			return
		}
		e.signal(t, sig)
	case unix.PTRACE_EVENT_VFORK_DONE:
		e.vforkDone(t)
	case unix.PTRACE_EVENT_EXIT:
		e.exiting(t)
	default:
		cont(tid, 0)
	}
}

// eventStop is a new child's first stop, a group-stop, or the end of one.
func (e *Engine) eventStop(t *task, sig unix.Signal) {
	if !t.born {
		e.arrive(t, sig)
		return
	}
	switch sig {
	case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		e.Stops.Groups++
		t.stopped = true
		e.h.GroupStopped(t.tid, sig)
		if t.in != nil {
			e.groupStopped(t, sig)
			return
		}
		t.listening = true
		listen(t.tid)
		return
	}
	goesOn := t.listening
	if t.listening {
		t.listening = false
		e.h.GroupStopped(t.tid, 0)
	}
	if t.first {
		e.Stops.Events++
		e.firstStep(t)
		return
	}
	if t.bidden != nil {
		e.opensItself(t)
		return
	}
	if t.masked {
		t.masked = false
		setSigmask(t.tid, t.sigmask)
		cont(t.tid, 0)
		return
	}
	if !goesOn {
		e.Stops.Events++
	}
	if e.trapped(t, goesOn) {
		return
	}
	e.restart(t, 0)
}

func (e *Engine) gone(t *task, tid int, status unix.WaitStatus) {
	if t == nil {
		e.stillborn[tid] = true
		return
	}
	e.settle(t)
	e.drop(tid)
	e.parted(t, status)
	if t.born {
		e.depart(t)
		e.pool.gates.gone(tid)
		e.pool.Place.Gone(tid)
		e.h.Gone(tid, status)
	} else {
		e.stillborn[tid] = true
	}
	e.pool.less()
}

// drop forgets a task.
func (e *Engine) drop(tid int) {
	if t := e.tasks[tid]; t != nil && t.born {
		e.load.Add(-1)
	} else if t != nil {
		e.heard(t)
	}
	delete(e.tasks, tid)
}

// abandon forgets tasks that the kernel knows nothing of any more.
func (e *Engine) abandon() {
	for tid, t := range e.tasks {
		e.gone(t, tid, 0)
	}
}

// Thread prepares the thread handed to the handler for a task.
func (e *Engine) threadOf(t *task) *ptrace.Thread {
	e.thread = ptrace.Thread{TID: t.tid, Mem: ptrace.MemoryOf(t.tid), Transport: "trace", Filtered: t.mm != nil && t.mm.filtered}
	return &e.thread
}

var self = os.Getpid()
