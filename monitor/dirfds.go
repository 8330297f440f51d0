package monitor

import (
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// dirTable remembers which directories of the view the descriptors of a task
// refer to; CLONE_FILES shares it. The kernel's table is the truth: each use is
// checked with kcmp(2), which costs half of what a look into procfs does.
type dirTable struct {
	mu    sync.Mutex // guards all
	all   map[int]*dirFD
	users int
}

// dirFD is one remembered descriptor; held is a duplicate of the monitor's.
type dirFD struct {
	held int
	dir  *vfs.Dir // nil: it is no directory
	host string
	// mount, if not nil, is the one that it was opened in, which nothing else
	// tells.
	mount *vfs.Mount
	refs  *atomic.Int32
}

const (
	mostHeld    = 64   // descriptors kept for one task
	mostHeldAll = 1024 // and for all, if that leaves the monitor enough
)

// mostHeldEver is how many are kept for all.
var mostHeldEver = sync.OnceValue(func() int32 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int32(min(mostHeldAll, limit.Cur/4))
})

// heldFDs counts the duplicates.
var heldFDs atomic.Int32

var self = os.Getpid()

const kcmpFile = 0 // KCMP_FILE, include/uapi/linux/kcmp.h

// same tells whether a descriptor of a guest is the open file of one of ours.
func same(tid, fd, held int) bool {
	r, _, e := unix.RawSyscall6(unix.SYS_KCMP, uintptr(tid), uintptr(self), kcmpFile, uintptr(fd), uintptr(held), 0)
	return e == 0 && r == 0
}

func (d *dirFD) release() {
	if d.refs.Add(-1) == 0 {
		unix.Close(d.held)
		heldFDs.Add(-1)
	}
}

// keep remembers what a descriptor that a guest has just got refers to. It
// takes over mine if it returns true.
func (t *dirTable) keep(fd, mine int, e dirFD) bool {
	if heldFDs.Load() >= mostHeldEver() {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users <= 0 {
		return false // the guest has gone meanwhile
	}
	if old := t.all[fd]; old != nil {
		old.release()
	} else if len(t.all) >= mostHeld {
		return false
	}
	if t.all == nil {
		t.all = map[int]*dirFD{}
	}
	e.held, e.refs = mine, new(atomic.Int32)
	e.refs.Store(1)
	heldFDs.Add(1)
	t.all[fd] = &e
	return true
}

// alias remembers a descriptor that is a duplicate of one that is known (find
// and rm work with such).
func (t *dirTable) alias(tid, fd int, d *vfs.Dir) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all[fd] != nil || len(t.all) >= mostHeld {
		return
	}
	for _, e := range t.all {
		if e.dir == d && same(tid, fd, e.held) {
			e.refs.Add(1)
			t.all[fd] = e
			return
		}
	}
}

// find gives what is remembered of a descriptor, if it still is that.
func (t *dirTable) find(tid, fd int) (*dirFD, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.all[fd]
	if e == nil {
		return nil, false
	}
	if !same(tid, fd, e.held) {
		e.release()
		delete(t.all, fd)
		return nil, false
	}
	return e, true
}

// copied is the table of a task that does not share it.
func (t *dirTable) copied() *dirTable {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := &dirTable{users: 1}
	if len(t.all) > 0 {
		n.all = make(map[int]*dirFD, len(t.all))
		for fd, e := range t.all {
			e.refs.Add(1)
			n.all[fd] = e
		}
	}
	return n
}

// joined is the table of one task more.
func (t *dirTable) joined() *dirTable {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.users++
	return t
}

// leave takes one task out; the last one gives the duplicates back.
func (t *dirTable) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.users--; t.users > 0 {
		return
	}
	for _, e := range t.all {
		e.release()
	}
	t.all = nil
}

// flock forgets a descriptor: our duplicate of it would keep the lock when the
// guest has closed its own (flock(2)).
func (c *call) flock() ptrace.Verdict {
	t, fd := c.task.files, c.Int(0)
	t.mu.Lock()
	defer t.mu.Unlock()
	if e := t.all[fd]; e != nil {
		for n, o := range t.all {
			if o.held == e.held {
				o.release()
				delete(t.all, n)
			}
		}
	}
	return ptrace.Pass()
}
