package monitor

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/vfs"
)

// task is what a view knows of one guest thread. It is touched only by calls
// of that thread and by its birth and end.
type task struct {
	tid, tgid int
	// forebears are the processes that it is of, the parent first.
	forebears *forebears
	fs        *fsState
	files     *dirTable
	// cred is replaced, never written to: walks are remembered by it.
	cred *cred.Cred
	// dumpable is cred's Dumpable, which belongs to the address space.
	dumpable *atomic.Int32
	// heard is the spelling of the last call received by notify that a signal
	// may end.
	heard atomic.Uint64
	// doing is the number of the call in the monitor's hands and one, below a
	// count of calls; the lower half is 0 between calls.
	doing atomic.Uint64
	// next are the credentials that a successful exec gives.
	next *cred.Cred
	// began are the credentials that the program was executed with, nil if it
	// was not under the view.
	began *cred.Cred
	// given is the path in the call that executes, if the kernel got another.
	given  string
	secure bool // AT_SECURE of the new program
	// interp is where the view's interpreter lies in place of the kernel's, 0 if
	// it does not.
	interp uint64
	abi    arch.ABI // of the program, if it has been executed under the view
	// strict: it is in seccomp's strict mode, and any call that gets here is
	// its end.
	strict bool
	// noFSetID: the thread has really dropped CAP_FSETID.
	noFSetID bool
	// armed are the arms it has.
	armed atomic.Uint32
}

// forebears is a process and those before it, from whom descriptors are inherited.
type forebears struct {
	tgid int
	up   *forebears
}

// fsState is what CLONE_FS shares: working directory, root, umask.
type fsState struct {
	mu    sync.Mutex // guards the fields below
	root  *vfs.Dir
	cwd   *vfs.Dir // nil: ask the kernel
	host  string   // the real working directory
	umask uint32
	// displaced: pivot_root(2) has made cwd another than the kernel's.
	displaced bool
	// aim is where the last chdir goes, if it comes to aimHost.
	aim     *vfs.Dir
	aimHost string
	// left is where the task stood before, and stands still if that failed.
	left     *vfs.Dir
	leftHost string
	// moving are tasks inside a chdir: until their next call nobody knows
	// whether it has happened.
	moving map[int]struct{}
	moves  atomic.Int32 // len(moving), to be read without the lock
}

// copied is the state of a task that does not share it.
func (f *fsState) copied() *fsState {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &fsState{root: f.root, cwd: f.cwd, host: f.host, umask: f.umask, displaced: f.displaced, aim: f.aim, aimHost: f.aimHost,
		left: f.left, leftHost: f.leftHost}
}

// Born implements ptrace.Handler.
func (m *Monitor) Born(parent, child int, flags uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := &task{tid: child, tgid: child}
	p := m.tasks.get(parent)
	if p == nil {
		p = m.lately(parent)
	}
	if p == nil {
		n.renew(m.initial)
		n.fs = &fsState{root: m.root, umask: m.umask}
		n.files = &dirTable{users: 1}
		m.tasks.set(child, n)
		return
	}
	n.cred, n.noFSetID = p.cred, p.noFSetID
	if n.dumpable = p.dumpable; flags&unix.CLONE_VM == 0 {
		n.dumpable = new(atomic.Int32)
		n.dumpable.Store(p.dumpable.Load())
	}
	n.began, n.secure, n.interp, n.abi = p.began, p.secure, p.interp, p.abi
	n.armed.Store(p.armed.Load())
	if n.forebears = p.forebears; flags&unix.CLONE_THREAD != 0 {
		n.tgid = p.tgid
	} else {
		n.forebears = &forebears{p.tgid, p.forebears}
	}
	if flags&unix.CLONE_FS != 0 {
		n.fs = p.fs
	} else {
		n.fs = p.fs.copied()
	}
	if flags&unix.CLONE_FILES != 0 {
		n.files = p.files.joined()
	} else {
		n.files = p.files.copied()
	}
	m.tasks.set(child, n)
	m.born++
}

// changed is a copy of the task's credentials, to be changed.
func (t *task) changed() *cred.Cred {
	k := t.cred.Clone()
	k.Dumpable = int(t.dumpable.Load())
	return k
}

// assume gives the task credentials.
func (t *task) assume(k *cred.Cred) {
	t.cred = k
	t.dumpable.Store(int32(k.Dumpable))
}

// renew gives the task credentials with a new address space.
func (t *task) renew(k *cred.Cred) {
	t.dumpable = new(atomic.Int32)
	t.assume(k)
}

// lately finds a task that has gone, nil if it is not one of the last. The
// caller holds m.mu.
func (m *Monitor) lately(tid int) *task {
	for _, t := range m.departed {
		if t != nil && t.tid == tid {
			return t
		}
	}
	return nil
}

// leave takes a task out of what it shared. The caller holds m.mu.
func (t *task) leave() {
	t.files.leave()
	t.fs.mu.Lock()
	t.fs.arrived(t.tid)
	t.fs.mu.Unlock()
}
