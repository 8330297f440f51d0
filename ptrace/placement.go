package ptrace

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Placement keeps a guest on the CPU of the thread that serves it, while it is
// the only one that stops. A wake-up across CPUs costs 5 to 15 times one on the
// same CPU, and the kernel, seeing the serving thread busy, would send the guest
// to an idle CPU at every single resumption.
//
// The guest's own affinity is put back as soon as another task stops, a child is
// born, the guest asks for its affinity, or it computes without a stop.
type Placement struct {
	mu     sync.Mutex // guards all fields
	tid    int        // who stopped last
	row    int        // stops of tid without one of another task
	pinned bool
	server int         // thread that serves, pinned with the guest
	guest  unix.CPUSet // affinity of the guest before
	own    unix.CPUSet // and of the serving thread
	seen   int         // row at the last look of the watch
	watch  *time.Timer
	alone  bool // there is one CPU only
}

const (
	pinAfter = 32                    // stops in a row
	pinFor   = 4096                  // stops, then the kernel may choose again
	idleFor  = 10 * time.Millisecond // without a stop
)

// NewPlacement makes a placement; nothing is pinned yet.
func NewPlacement() *Placement {
	p := &Placement{}
	var all unix.CPUSet
	p.alone = unix.SchedGetaffinity(0, &all) != nil || all.Count() < 2
	p.watch = time.AfterFunc(time.Hour, p.look)
	p.watch.Stop()
	return p
}

// Stopped tells that a task has stopped and is served by the calling thread.
func (p *Placement) Stopped(tid int) {
	if p.alone {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if tid != p.tid {
		p.release()
		p.tid, p.row = tid, 0
		return
	}
	p.row++
	switch {
	case !p.pinned && p.row%pinFor == pinAfter:
		p.pin()
	case p.pinned && p.row%pinFor == 0:
		p.release()
	}
}

// Born gives a child the affinity that its parent has by its own will, and lets
// both run anywhere.
func (p *Placement) Born(parent, child int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pinned && p.tid == parent {
		unix.SchedSetaffinity(child, &p.guest)
		p.release()
		p.row = 0
	}
}

// Release puts everybody's affinity back.
func (p *Placement) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release()
	p.row = 0
}

// pin is called with the lock held.
func (p *Placement) pin() {
	cpu := currentCPU()
	if cpu < 0 || unix.SchedGetaffinity(p.tid, &p.guest) != nil || unix.SchedGetaffinity(0, &p.own) != nil {
		return
	}
	if p.guest.Count() < 2 || !p.guest.IsSet(cpu) || !p.own.IsSet(cpu) {
		return
	}
	var one unix.CPUSet
	one.Set(cpu)
	p.server = unix.Gettid()
	if unix.SchedSetaffinity(p.server, &one) != nil {
		return
	}
	if unix.SchedSetaffinity(p.tid, &one) != nil {
		unix.SchedSetaffinity(p.server, &p.own)
		return
	}
	p.pinned, p.seen = true, p.row
	p.watch.Reset(idleFor)
}

// release is called with the lock held.
func (p *Placement) release() {
	if !p.pinned {
		return
	}
	p.pinned = false
	p.watch.Stop()
	unix.SchedSetaffinity(p.tid, &p.guest)
	unix.SchedSetaffinity(p.server, &p.own)
}

// look releases a guest that has not stopped for a while.
func (p *Placement) look() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.pinned {
		return
	}
	if p.row == p.seen {
		p.release()
		p.row = 0
		return
	}
	p.seen = p.row
	p.watch.Reset(idleFor)
}

// Gone tells that a task has ended.
func (p *Placement) Gone(tid int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tid == tid {
		p.release()
		p.tid, p.row = 0, 0
	}
}
