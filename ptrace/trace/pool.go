package trace

import (
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/inner"
)

// Pool spreads trees of guests over several engines, each with an OS thread of
// its own. A stop is never handed from thread to thread; a new process is, once,
// before its first instruction: its first engine lets go of it inside a call
// that the notify transport holds (the gate), and the next one seizes it there.
type Pool struct {
	h       ptrace.Handler
	engines []*Engine
	// Place keeps a guest near the thread that serves it.
	Place *ptrace.Placement
	// Gate is the number of a call that is always caught by notify; negative
	// where there is none, and then nothing is spread.
	Gate int
	// Slack is how many more tasks than another an engine may have before it
	// passes a new process on.
	Slack int
	// Unheard tells of a call that ended with ERESTARTSYS for a signal whether
	// notify had not received it yet; nil where nothing is caught by notify.
	Unheard func(tid int, c *ptrace.Call) bool
	// Inner are the tracers among the guests.
	Inner inner.Registry

	closed atomic.Bool  // a process could not be seized: none is passed on any more
	live   atomic.Int64 // tasks of all engines, those on their way included
	over   chan struct{}
	gates  gates
	seal   seal
	wait   sync.WaitGroup
}

// gates are the processes on their way between engines.
type gates struct {
	count atomic.Int32
	mu    sync.Mutex // guards open
	open  map[int]*transfer
}

// transfer is a process on its way.
type transfer struct {
	tid    int
	mm     *mm
	mask   uint64 // of signals; all are blocked on the way
	to     *Engine
	seized chan struct{} // closed when it has arrived
	// ready is closed when it is sure to stop on its way out of the gate.
	ready chan struct{}
	held  bool // seized, and held in the gate: it can be told to stop

	// opening, if not nil: no process on its way, but an open that this task is
	// to do; took tells whether it was there.
	opening *ptrace.Rewrite
	took    chan bool
	// do, if not nil, is all: something for the engine's thread.
	do func()
}

// NewPool makes a pool of n engines, of which only those that are needed start.
func NewPool(h ptrace.Handler, n int) *Pool {
	p := &Pool{h: h, Gate: -1, Slack: 16, Place: ptrace.NewPlacement(), over: make(chan struct{})}
	p.gates.open = map[int]*transfer{}
	for range max(n, 1) {
		e := New(h)
		e.pool, e.inbox = p, make(chan transfer, 4096)
		p.engines = append(p.engines, e)
	}
	return p
}

// Seize attaches the calling thread, as the first engine's, to the first guest.
func (p *Pool) Seize(tid int) error {
	p.engines[0].once.Do(func() {}) // it is Run that runs it
	if err := p.engines[0].Seize(tid); err != nil {
		return err
	}
	p.live.Store(1)
	return nil
}

// Run serves guests until the last has gone, from the thread that called Seize.
func (p *Pool) Run() error {
	err := p.engines[0].Run()
	p.wait.Wait()
	return err
}

// Stops adds up the stops of all engines, after Run.
func (p *Pool) Stops() (s Stops) {
	for _, e := range p.engines {
		s.Calls += e.Stops.Calls
		s.Exits += e.Stops.Exits
		s.Events += e.Stops.Events
		s.Signals += e.Stops.Signals
		s.Groups += e.Stops.Groups
		s.Moved += e.Stops.Moved
	}
	return s
}

// Held tells whether a call is a task's way through the gate, which it is once;
// wait then returns when its new engine has it.
func (p *Pool) Held(tid, nr int) (wait func(), ok bool) {
	if nr != p.Gate || p.gates.count.Load() == 0 {
		return nil, false
	}
	p.gates.mu.Lock()
	defer p.gates.mu.Unlock()
	c := p.gates.open[tid]
	if c == nil {
		return nil, false
	}
	p.gates.forget(tid)
	return c.through, true
}

// through waits in the gate. The new engine tells the process to stop only when
// it is held here: before, the interruption would have it make the call again,
// with whatever handler of a signal comes first.
func (x *transfer) through() {
	<-x.seized
	select {
	case <-x.ready:
		return // it could not be seized
	default:
	}
	again := *x
	again.held = true
	x.to.send(again)
	<-x.ready
}

// send hands something over to another engine. Two engines that waited for each
// other to hear it would serve nobody.
func (e *Engine) send(x transfer) {
	e.inbox <- x
	go e.bell.ring(func() bool { return len(e.inbox) == 0 })
}

func (g *gates) shut(x *transfer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open[x.tid] = x
	g.count.Add(1)
}

// forget takes a gate away. The caller holds the lock.
func (g *gates) forget(tid int) {
	if g.open[tid] != nil {
		delete(g.open, tid)
		g.count.Add(-1)
	}
}

// gone takes away the gate of a task that was killed before it came to it.
func (g *gates) gone(tid int) {
	if g.count.Load() == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(tid)
}

// lighter finds an engine that a new process had better go to, nil if e is as
// good as any.
func (p *Pool) lighter(e *Engine, flags uint64) *Engine {
	if !arch.RetIsNr || p.Gate < 0 || p.closed.Load() || flags&(unix.CLONE_VM|unix.CLONE_THREAD) != 0 {
		return nil
	}
	best := e
	for _, o := range p.engines {
		if o.load.Load()+int64(p.Slack) < best.load.Load() {
			best = o
		}
	}
	if best == e {
		return nil
	}
	return best
}

// pass lets go of a new process that is stopped before its first instruction:
// it makes the gate's call, whose result is the 0 that fork returns.
func (e *Engine) pass(t *task, to *Engine) bool {
	var r arch.Regs
	if getRegs(t, &r) != 0 || r.Ret() != 0 || r.Compat {
		return false
	}
	mask, errno := getSigmask(t.tid)
	if errno != 0 || setSigmask(t.tid, ^uint64(0)) != 0 {
		return false
	}
	back := r
	r.SetIP(r.IP() - uint64(arch.SyscallInsnLen))
	r.SetRet(uint64(e.pool.Gate))
	r.SetNr(-1)
	if setRegs(t.tid, &r) != 0 {
		setSigmask(t.tid, mask)
		return false
	}
	x := transfer{tid: t.tid, mm: t.mm, mask: mask, to: to, seized: make(chan struct{}), ready: make(chan struct{})}
	e.pool.gates.shut(&x)
	if request(unix.PTRACE_DETACH, t.tid, 0, 0) != 0 {
		e.pool.gates.gone(t.tid)
		setRegs(t.tid, &back)
		setSigmask(t.tid, mask)
		return false
	}
	e.drop(t.tid)
	e.Stops.Moved++
	to.load.Add(1)
	to.start()
	to.send(x)
	return true
}

// start runs an engine's thread, the first time that it is needed.
func (e *Engine) start() {
	e.once.Do(func() {
		ready := make(chan struct{})
		e.pool.wait.Go(func() {
			runtime.LockOSThread()
			e.prepare()
			close(ready)
			e.Run()
		})
		<-ready
	})
}

// receive seizes a process that another engine has let go of, and has it stop
// once it is held in the gate.
func (e *Engine) receive(x transfer) {
	if x.opening != nil {
		x.took <- e.bid(x)
		return
	}
	if x.do != nil {
		x.do()
		return
	}
	if x.held {
		request(unix.PTRACE_INTERRUPT, x.tid, 0, 0)
		close(x.ready)
		return
	}
	errno := e.seize(x.tid)
	if errno == 0 {
		e.tasks[x.tid] = &task{tid: x.tid, mm: x.mm, born: true, fd: -1, masked: true, sigmask: x.mask}
		close(x.seized)
		return
	}
	if errno != unix.ESRCH {
		unix.Kill(x.tid, unix.SIGKILL) // better than to let it run by itself
		e.pool.closed.Store(true)
	}
	e.load.Add(-1)
	e.pool.gates.gone(x.tid)
	close(x.ready)
	close(x.seized)
	e.h.Gone(x.tid, 0)
	e.pool.less()
}

// less counts a task that has gone.
func (p *Pool) less() {
	if p.live.Add(-1) == 0 {
		close(p.over)
	}
}
