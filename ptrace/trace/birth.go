package trace

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

// forked handles a fork, vfork or clone event of the parent. The child stops
// by itself; whichever comes first, it goes on only when Born has been told.
func (e *Engine) forked(parent *task) {
	msg, errno := eventMessage(parent.tid)
	if errno == 0 {
		flags := e.cloneFlags(parent)
		e.bear(parent, int(msg), flags)
	}
	e.resume(parent)
}

// bear makes the record of a new task and lets it go if it waits already.
func (e *Engine) bear(parent *task, tid int, flags uint64) {
	t := e.tasks[tid]
	if t == nil {
		t = &task{tid: tid, fd: -1}
		e.tasks[tid] = t
		e.pool.live.Add(1)
	}
	if t.born {
		return // adopted already
	}
	switch {
	case parent == nil || parent.mm == nil:
		t.mm = &mm{}
	case flags&unix.CLONE_VM != 0:
		t.mm = parent.mm
	default:
		t.mm = parent.mm.copied()
	}
	parentTID := 0
	if parent != nil {
		parentTID = parent.tid
	}
	t.born = true
	e.load.Add(1)
	e.pool.Place.Born(parentTID, tid)
	e.h.Born(parentTID, tid, flags)
	t.first, t.flags = true, flags
	if t.early {
		t.early = false
		delete(e.early, tid)
		e.firstStep(t)
	}
}

// firstStep lets a new task make its first step, here or with another engine.
func (e *Engine) firstStep(t *task) {
	t.first = false
	if to := e.pool.lighter(e, t.flags); to != nil && !t.mm.filtered && e.pass(t, to) {
		return
	}
	cont(t.tid, 0)
}

// cloneFlags are those of the call that the parent is in.
func (e *Engine) cloneFlags(parent *task) uint64 {
	var r arch.Regs
	if getRegs(parent.tid, &r) != 0 {
		return 0
	}
	switch r.Nr() {
	case unix.SYS_CLONE:
		return r.Arg(0)
	case unix.SYS_CLONE3:
		var b [8]byte
		if e.threadOf(parent).Mem.Read(r.Arg(0), b[:]) == nil {
			return le64(b[:])
		}
		return 0
	case arch.NrVfork:
		return unix.CLONE_VM | unix.CLONE_VFORK
	}
	return 0
}

func le64(b []byte) (v uint64) {
	for i := 7; i >= 0; i-- {
		v = v<<8 | uint64(b[i])
	}
	return v
}

// adopt finds the parents of children that stopped although their parent was
// killed before its own event could be seen: without it they would wait for
// ever.
//
// A child made with CLONE_PARENT has another parent than its maker, whose event
// is still to come: unless somebody has died, a child of the monitor's is such.
func (e *Engine) adopt(died bool) {
	for tid := range e.early {
		ppid, tgid := lineage(tid)
		if !died && ppid == self {
			continue
		}
		if e.tasks[ppid] != nil && e.tasks[ppid].born && tgid == tid {
			continue // its parent lives: the event is still to come
		}
		flags := uint64(0)
		parent := e.tasks[ppid]
		if tgid != tid {
			if p := e.tasks[tgid]; p != nil && p.born {
				continue
			}
			flags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_THREAD
		}
		e.bear(parent, tid, flags)
	}
}

// lineage reads PPid and Tgid of a task from proc(5).
func lineage(tid int) (ppid, tgid int) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return 0, tid
	}
	for line := range bytes.Lines(b) {
		if v, ok := bytes.CutPrefix(line, []byte("PPid:\t")); ok {
			ppid, _ = strconv.Atoi(string(bytes.TrimSpace(v)))
		}
		if v, ok := bytes.CutPrefix(line, []byte("Tgid:\t")); ok {
			tgid, _ = strconv.Atoi(string(bytes.TrimSpace(v)))
		}
	}
	return ppid, tgid
}

// execed handles the exec event: the address space is new, and if a thread
// other than the leader called execve, it now has the leader's id.
func (e *Engine) execed(t *task) {
	former := t.tid
	if msg, errno := eventMessage(t.tid); errno == 0 && int(msg) != t.tid {
		former = int(msg)
		if f := e.tasks[former]; f != nil {
			e.settle(f)
			e.drop(former)
			e.pool.less()
		}
	}
	e.settle(t)
	t.mm = &mm{filtered: t.mm.filtered}
	e.h.Execed(e.threadOf(t), former)
	cont(t.tid, 0)
}
