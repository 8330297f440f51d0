package trace

import (
	"bytes"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A new task that stops before its maker's event is early. Mostly the event
// follows at once; but a maker that is killed, or whose process another thread
// replaces by execve, between making the child and stopping for the event never
// reports it. The kernel does not tell who made a task, so such a child is known
// by this: nobody is left that can be in the middle of making it.

// eventWithin is how long a child waits for its maker's event before anybody
// looks for the maker.
const eventWithin = 20 * time.Millisecond

// onCPU is the time on a CPU, in nanoseconds, within which a maker comes from
// making the child to its event: the kernel does nothing in between.
const onCPU = 10e6

// early is what is kept of a child that waits for its maker's event.
type early struct {
	at   time.Time
	sig  unix.Signal // of the stop that it is in
	ppid int         // at that time
	last *departed   // who had gone last by then
	// ran is how long those that may have made it had been on a CPU when they
	// were looked at first.
	ran map[int]uint64
}

// arrive notes a new task's first stop when its maker's event is to come.
func (e *Engine) arrive(t *task, sig unix.Signal) {
	x := &early{at: time.Now(), sig: sig, last: e.departed[0], ran: map[int]uint64{}}
	if k, ok := kinOf(t.tid); ok {
		x.ppid = k.ppid
	}
	t.early = x
	e.early[t.tid] = t
	e.waiting.Store(int32(len(e.early)))
	e.watch()
}

// heard forgets that a task is early: its maker is known, or it has gone.
func (e *Engine) heard(t *task) {
	t.early = nil
	delete(e.early, t.tid)
	e.waiting.Store(int32(len(e.early)))
}

// watch has the early ones looked at after a while.
func (e *Engine) watch() {
	e.lock.Lock()
	defer e.lock.Unlock()
	if e.watching {
		return
	}
	e.watching = true
	time.AfterFunc(eventWithin, func() {
		e.lock.Lock()
		e.watching, e.look = false, true
		e.lock.Unlock()
		e.bell.ring(func() bool {
			e.lock.Lock()
			defer e.lock.Unlock()
			return !e.look || e.ended || e.waiting.Load() == 0
		})
	})
}

// adopt lets those go on whose maker cannot be there any more.
func (e *Engine) adopt() {
	all := kinship{}
	for tid, t := range e.early {
		if time.Since(t.early.at) < eventWithin {
			continue
		}
		k, ok := kinOf(tid)
		if ok && !e.awaited(t, k, all) {
			parent, flags := e.presumed(t, k)
			e.bear(parent, tid, flags, nil)
		}
	}
	if len(e.early) > 0 {
		e.watch()
	}
}

// awaited tells whether somebody may still report that it made t: a thread of
// the parent's, or with CLONE_PARENT of a sibling's, that is about to stop. Where
// there are many, the first thread of the parent is mostly the one: all are
// looked at only if it is not.
func (e *Engine) awaited(t *task, k kin, all kinship) bool {
	if e.mayTell(t, k, k.ppid, all) || k.tgid != t.tid && e.mayTell(t, k, k.tgid, all) {
		return true
	}
	for tid := range e.tasks {
		if e.mayTell(t, k, tid, all) {
			return true
		}
	}
	return false
}

// mayTell tells whether a task may be about to report that it made t.
func (e *Engine) mayTell(t *task, k kin, tid int, all kinship) bool {
	m := e.tasks[tid]
	if m == nil || !m.born || m.later != 0 || m.listening || m.in != nil && m.in.at != running {
		return false
	}
	o, ok := all.of(tid)
	if !ok || !k.mayBeMadeBy(o) {
		return false
	}
	switch o.state {
	case 't':
		return true // what it stopped for is seen next
	case 'R':
		ran, was := timeOnCPU(tid), t.early.ran[tid]
		if was == 0 {
			t.early.ran[tid] = ran
		}
		return was == 0 || ran < was+onCPU
	}
	return false
}

// presumed is who made an orphan, as far as can be told, and how.
func (e *Engine) presumed(t *task, k kin) (parent *task, flags uint64) {
	if k.tgid != t.tid {
		return e.tasks[k.tgid], unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD
	}
	for _, d := range e.departed {
		if d != nil && d.tid == t.early.ppid {
			return d.task, 0
		}
	}
	if d := t.early.last; d != nil && t.early.at.Sub(d.at) < time.Second {
		return d.task, 0
	}
	return e.tasks[t.early.ppid], 0
}

// departed is a task that has gone; its children may be heard of later.
type departed struct {
	*task
	at time.Time
}

// depart remembers a few of those that have gone, the last one first.
func (e *Engine) depart(t *task) {
	copy(e.departed[1:], e.departed[:])
	e.departed[0] = &departed{t, time.Now()}
}

// kin is what proc(5) tells of a task's relations.
type kin struct {
	ppid, tgid int
	state      byte
	uid        uint32 // real
}

// kinship is what has been read of tasks in one look at all that are early: to
// read it for each anew would keep the thread from their makers' events.
type kinship map[int]*kin

func (s kinship) of(tid int) (k kin, ok bool) {
	if known, ok := s[tid]; ok {
		if known == nil {
			return k, false
		}
		return *known, true
	}
	k, ok = kinOf(tid)
	s[tid] = nil
	if ok {
		s[tid] = &k
	}
	return k, ok
}

// mayBeMadeBy: a thread is made by one of its process, a process by a thread of
// its parent or, with CLONE_PARENT, of a sibling.
func (k kin) mayBeMadeBy(m kin) bool {
	return m.tgid == k.tgid || m.tgid == k.ppid || m.ppid == k.ppid
}

// kinOf reads the status of a task.
func kinOf(tid int) (k kin, ok bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return k, false
	}
	for line := range bytes.Lines(b) {
		name, value, _ := bytes.Cut(line, []byte(":\t"))
		value = bytes.TrimSpace(value)
		switch string(name) {
		case "State":
			k.state = value[0]
		case "Tgid":
			k.tgid, _ = strconv.Atoi(string(value))
		case "PPid":
			k.ppid, _ = strconv.Atoi(string(value))
		case "Uid":
			real, _, _ := bytes.Cut(value, []byte{'\t'})
			uid, _ := strconv.ParseUint(string(real), 10, 32)
			k.uid = uint32(uid)
			return k, true
		}
	}
	return k, false
}

// timeOnCPU is how long a task has run, in nanoseconds; at least 1.
func timeOnCPU(tid int) uint64 {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/schedstat")
	if err != nil {
		return 1
	}
	first, _, _ := bytes.Cut(b, []byte(" "))
	n, _ := strconv.ParseUint(string(first), 10, 64)
	return n + 1
}
