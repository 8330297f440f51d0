package monitor

import "sync/atomic"

const (
	tidMax   = 1 << 22 // PID_MAX_LIMIT, include/linux/threads.h
	pageTIDs = 1 << 9  // ids of one page
)

// taskTable finds tasks by thread id: for every caught call of every engine, so
// without a lock and without an allocation. Changes are serialized by the
// caller.
type taskTable struct {
	pages [tidMax / pageTIDs]atomic.Pointer[taskPage]
	count int
}

// taskPage is a run of ids. It is there while one of them is in use, since the
// kernel hands out all ids in turn.
type taskPage struct {
	tasks [pageTIDs]atomic.Pointer[task]
	used  int
}

// get finds a task, nil if there is none.
func (t *taskTable) get(tid int) *task {
	if uint(tid) >= tidMax {
		return nil
	}
	p := t.pages[tid/pageTIDs].Load()
	if p == nil {
		return nil
	}
	return p.tasks[tid%pageTIDs].Load()
}

// set puts a task at an id, in the place of another if there is one.
func (t *taskTable) set(tid int, n *task) {
	at := &t.pages[tid/pageTIDs]
	p := at.Load()
	if p == nil {
		p = &taskPage{}
		at.Store(p)
	}
	if p.tasks[tid%pageTIDs].Swap(n) == nil {
		p.used++
		t.count++
	}
}

// remove forgets an id.
func (t *taskTable) remove(tid int) {
	at := &t.pages[tid/pageTIDs]
	p := at.Load()
	if p == nil || p.tasks[tid%pageTIDs].Swap(nil) == nil {
		return
	}
	t.count--
	if p.used--; p.used == 0 {
		at.Store(nil)
	}
}

// each calls f for every task, in order of their ids.
func (t *taskTable) each(f func(*task)) {
	for i := range t.pages {
		p := t.pages[i].Load()
		if p == nil {
			continue
		}
		for j := range p.tasks {
			if n := p.tasks[j].Load(); n != nil {
				f(n)
			}
		}
	}
}
