package inner

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// Tracee is a task that a guest traces. Its fields do not change, but for those
// under the registry's lock.
type Tracee struct {
	TID, TGID int
	// Seized: by PTRACE_SEIZE, or born of one that was.
	Seized bool
	// Maker is the thread that made it: WNOTHREAD lets that one wait for it, too,
	// where its own process traces (ptrace_reparented in the kernel).
	Maker int
	// Free ends the relation, by the thread that commands the task: its tracer
	// has gone.
	Free func(kill bool)

	tracer  int // thread id
	leads   int // process id of the tracer
	options uint32
	stopped bool
	waited  bool // its stop has been reported
	code    int  // of the stop: what wait4(2) has above the low byte
}

// Registry is all relations of a pool of engines.
type Registry struct {
	count   atomic.Int32 // len(tracees)
	mu      sync.Mutex   // guards the fields below and those of every Tracee
	tracees map[int]*Tracee
	tracers map[int]*tracer // by process id
}

// tracer is a process of which a thread traces.
type tracer struct {
	tracees int
	ends    []end
	waiters map[int]waiter // by thread id
}

// end is a task's that its tracer has not waited for yet.
type end struct {
	tid     int
	status  int
	release func() // not nil: the task is held until this is called
	by      int    // thread id of the tracer
	maker   int
}

type waiter struct {
	wait Wait
	wake func()
}

// None tells that nobody traces anybody.
func (r *Registry) None() bool { return r.count.Load() == 0 }

// Attach makes tracer, a thread of process leads, the tracer of a task. EPERM if
// it has one.
func (r *Registry) Attach(t *Tracee, tracerTID, leads int, options uint32) unix.Errno {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tracees == nil {
		r.tracees, r.tracers = map[int]*Tracee{}, map[int]*tracer{}
	}
	if r.tracees[t.TID] != nil {
		return unix.EPERM
	}
	t.tracer, t.leads, t.options = tracerTID, leads, options
	r.tracees[t.TID] = t
	r.of(leads).tracees++
	r.count.Add(1)
	return 0
}

// of is called with the lock held.
func (r *Registry) of(leads int) *tracer {
	x := r.tracers[leads]
	if x == nil {
		x = &tracer{waiters: map[int]waiter{}}
		r.tracers[leads] = x
	}
	return x
}

// Detach ends a relation.
func (r *Registry) Detach(t *Tracee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.detach(t)
}

func (r *Registry) detach(t *Tracee) {
	if r.tracees[t.TID] != t {
		return
	}
	delete(r.tracees, t.TID)
	r.tracers[t.leads].tracees--
	r.count.Add(-1)
	r.sweep(t.leads)
}

// sweep forgets a tracer that has nothing left. The caller holds the lock.
func (r *Registry) sweep(leads int) {
	if x := r.tracers[leads]; x != nil && x.tracees == 0 && len(x.ends) == 0 && len(x.waiters) == 0 {
		delete(r.tracers, leads)
	}
}

// Traces tells whether a process has tracees or is to hear of the end of some.
func (r *Registry) Traces(pid int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tracers[pid] != nil
}

// By is the tracee with an id, if the thread is its tracer; stopped tells
// whether it is in a stop.
func (r *Registry) By(tracerTID, tid int) (t *Tracee, stopped bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t = r.tracees[tid]; t == nil || t.tracer != tracerTID {
		return nil, false
	}
	return t, t.stopped
}

// TracerOf is the thread id of a task's tracer, 0 if it has none.
func (r *Registry) TracerOf(tid int) int {
	if r.None() {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tracees[tid]; t != nil {
		return t.tracer
	}
	return 0
}

// Stops tells whether a task is in a stop of its tracer's.
func (r *Registry) Stops(tid int) bool {
	if r.None() {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tracees[tid]
	return t != nil && t.stopped
}

// LeadOf is the process of a task's tracer, 0 if it has none.
func (r *Registry) LeadOf(tid int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.tracees[tid]; t != nil {
		return t.leads
	}
	return 0
}

// Of are the tracees of a thread.
func (r *Registry) Of(tracerTID int) (all []*Tracee) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range r.tracees {
		if t.tracer == tracerTID {
			all = append(all, t)
		}
	}
	return all
}

// Leads is the process id of a tracee's tracer, Tracer the thread's.
func (r *Registry) Leads(t *Tracee) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.leads
}

// Tracer is the thread id of a tracee's tracer.
func (r *Registry) Tracer(t *Tracee) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.tracer
}

// Options are those of PTRACE_SETOPTIONS.
func (r *Registry) Options(t *Tracee) uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.options
}

// SetOptions replaces them.
func (r *Registry) SetOptions(t *Tracee, options uint32) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t.options = options
}

// Renamed tells that by execve a thread has got its leader's id; whoever traced
// the leader traces nobody any more (ptrace(2), "execve(2) under ptrace").
func (r *Registry) Renamed(former, tid int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old := r.tracees[tid]; old != nil {
		r.detach(old)
	}
	if t := r.tracees[former]; t != nil {
		delete(r.tracees, former)
		t.TID = tid
		r.tracees[tid] = t
	}
	for _, t := range r.tracees {
		if t.tracer == former {
			t.tracer = tid
		}
	}
}
