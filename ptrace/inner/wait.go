package inner

import (
	"slices"

	"golang.org/x/sys/unix"
)

// Wait is what a wait4(2) or waitid(2) waits for.
type Wait struct {
	// Which is P_ALL, P_PID or P_PGID, ID the process or group.
	Which, ID int
	Flags     int
	// TID is the thread that waits, PID its process.
	TID, PID int
	// Ends: it waits for ends as well, as all wait4(2) do.
	Ends bool
}

// Event is what a wait gets: a status of wait4(2).
type Event struct {
	PID, Status int
}

// Stopped notes that a tracee has stopped, and has those woken that wait for
// such a thing. code is the status of wait4(2) without its low byte.
func (r *Registry) Stopped(t *Tracee, code int) {
	r.mu.Lock()
	t.stopped, t.waited, t.code = true, false, code
	wake := r.waiters(t.leads, t.TID, t.tracer)
	r.mu.Unlock()
	call(wake)
}

// Unheard tells whether a tracee is in a stop that nobody has waited for.
func (r *Registry) Unheard(t *Tracee) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.stopped && !t.waited
}

// Resumed notes that it goes on; false if it was not stopped.
func (r *Registry) Resumed(t *Tracee) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	was := t.stopped
	t.stopped = false
	return was
}

// Ended ends a relation by the end of the task. Where told, its tracer is to
// hear of it; release, if not nil, is called when it has.
func (r *Registry) Ended(t *Tracee, told bool, status int, release func()) {
	r.mu.Lock()
	if r.tracees[t.TID] != t {
		r.mu.Unlock()
		return
	}
	x := r.tracers[t.leads]
	if told {
		x.ends = append(x.ends, end{t.TID, status, release, t.tracer, t.Maker})
	}
	wake := r.waiters(t.leads, t.TID, t.tracer)
	r.detach(t)
	r.mu.Unlock()
	call(wake)
}

// Forget drops the ends that a thread has not waited for: it is gone itself.
func (r *Registry) Forget(tracerTID, leads int) {
	r.mu.Lock()
	var free []func()
	if x := r.tracers[leads]; x != nil {
		x.ends = slices.DeleteFunc(x.ends, func(e end) bool {
			if e.by == tracerTID && e.release != nil {
				free = append(free, e.release)
			}
			return e.by == tracerTID
		})
		delete(x.waiters, tracerTID)
		r.sweep(leads)
	}
	r.mu.Unlock()
	call(free)
}

// waiters are those that an event of tid is for. The caller holds the lock.
func (r *Registry) waiters(leads, tid, by int) (wake []func()) {
	for _, w := range r.tracers[leads].waiters {
		if w.wait.wants(tid, by, by) { // child_wait_callback in kernel/exit.c
			wake = append(wake, w.wake)
		}
	}
	return wake
}

func call(all []func()) {
	for _, f := range all {
		f()
	}
}

// wants tells whether a wait is for a task. Those of a tracer are so whatever
// the signal of their end (eligible_child in kernel/exit.c). by is the thread
// that traces it.
func (w *Wait) wants(tid, by, maker int) bool {
	if w.Flags&unix.WNOTHREAD != 0 && by != w.TID && maker != w.TID {
		return false
	}
	switch w.Which {
	case unix.P_ALL:
		return true
	case unix.P_PID:
		return w.ID == tid
	case unix.P_PGID:
		group, err := unix.Getpgid(tid)
		return err == nil && group == w.ID
	}
	return false
}

// Next is an event that a wait gets now; any tells whether there is a tracee at
// all that it could get one of. If there is no event and wake is not nil, the
// waiter is noted and woken at the first, until Unwait: also of a child that
// becomes a tracee meanwhile.
func (r *Registry) Next(w Wait, wake func()) (ev Event, found, any bool) {
	r.mu.Lock()
	ev, release, found, any := r.next(&w)
	if !found && wake != nil {
		r.of(w.PID).waiters[w.TID] = waiter{w, wake}
	}
	r.sweep(w.PID)
	r.mu.Unlock()
	if release != nil {
		release()
	}
	return ev, found, any
}

func (r *Registry) next(w *Wait) (ev Event, release func(), found, any bool) {
	x := r.tracers[w.PID]
	if x == nil {
		return ev, nil, false, false
	}
	for i, e := range x.ends {
		if !w.wants(e.tid, e.by, e.maker) {
			continue
		}
		any = true
		if !w.Ends {
			continue
		}
		if w.Flags&unix.WNOWAIT == 0 {
			x.ends = slices.Delete(x.ends, i, i+1)
			release = e.release
		}
		return Event{e.tid, e.status}, release, true, true
	}
	for _, t := range r.tracees {
		if t.leads != w.PID || !w.wants(t.TID, t.tracer, t.Maker) {
			continue
		}
		any = true
		if t.stopped && !t.waited {
			t.waited = w.Flags&unix.WNOWAIT == 0
			return Event{t.TID, t.code<<8 | 0x7f}, nil, true, true
		}
	}
	return ev, nil, false, any
}

// Unwait takes a waiter away.
func (r *Registry) Unwait(w Wait) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x := r.tracers[w.PID]; x != nil {
		delete(x.waiters, w.TID)
		r.sweep(w.PID)
	}
}
