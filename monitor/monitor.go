package monitor

import (
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/monitor/binfmt"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/trace"
	"github.com/veduta/veduta/vfs"
)

// Monitor runs the guests of one view.
type Monitor struct {
	view    *modules.View
	tree    *vfs.Tree // nil: no path is bound
	root    *vfs.Dir
	initial *cred.Cred
	ownIDs  bool       // the first guest has the monitor's ids
	real    *cred.Cred // the monitor's own, and to the kernel every guest's
	umask   uint32
	log     *Log
	pool    *trace.Pool

	mu    sync.Mutex // guards changes of tasks, born, departed and the fields of the main guest
	tasks taskTable  // read without mu
	born  int
	// departed are the last that have gone: a child of theirs may be heard of
	// later.
	departed [64]*task

	main       int // tid of the first guest
	mainStatus unix.WaitStatus
	mainGone   bool
	onStop     func(pid int, sig unix.Signal) // the main guest entered a group-stop

	counts  [maxOps]atomic.Uint64                                // calls by operation, for --stats
	jumps   func(hostLink string) (vfs.Target, *vfs.Mount, bool) // m.jump, made once
	layered bool                                                 // what lies below must not change
	fixes   bool                                                 // attributes of descriptors may differ from the host's
	streams streams
	lengths lengths
	loaders loaders
	images  binfmt.Cache[*ptrace.Image] // of loaders
	say     func(format string, args ...any)
	raised  sync.Map // *cred.Cred → with layerCaps
	// onBehalf are the senders of signals on their way: sent → origin.
	onBehalf sync.Map
	execs    binfmt.Cache[binfmt.Header]
	works    works
	watch    watchdog

	boundNames boundNames
	shown      shown

	mountFDs mountFDs

	// Mounter makes what guests mount; nil: nothing but binds.
	Mounter Mounter
}

// New makes a monitor for a view.
//
// say tells the person in front of it what a guest cannot be told.
func New(view *modules.View, log *Log, say func(format string, args ...any)) (*Monitor, error) {
	m := &Monitor{view: view, log: log, say: say}
	m.works.prepare()
	if len(view.Mounts) > 0 {
		m.tree = vfs.NewTree(view.Mounts[0])
		for _, mount := range view.Mounts[1:] {
			if err := m.mount(mount); err != nil {
				return nil, &MountError{mount.Point, err}
			}
		}
		m.root = m.tree.Root()
		m.number()
		for _, mount := range m.tree.Mounts() {
			m.fixes = m.fixes || mount.Layers || mount.Owners || mount.Own
			m.layered = m.layered || mount.Layers
		}
		m.fixes = m.fixes || m.tree.Adds()
	}
	m.jumps = m.jump
	m.real = realCred()
	m.initial = m.real
	if view.Identity != nil {
		m.initial = view.Identity.Initial
		m.ownIDs = sameIDs(m.initial, m.real)
	}
	// Who may mount may get layers, and names that only the view has.
	m.fixes = m.fixes || m.tree != nil && m.initial.Capable(unix.CAP_SYS_ADMIN)
	return m, nil
}

// mount makes a mount of the view as it starts, and what its point is in.
func (m *Monitor) mount(mount *vfs.Mount) error {
	err := m.tree.Mount(mount)
	if err != unix.ENOENT || m.view.Between == nil {
		return err
	}
	for i := 1; i < len(mount.Point); i++ {
		if mount.Point[i] != '/' {
			continue
		}
		w, e := m.walkTo(mount.Point[:i])
		if e != nil {
			return err
		}
		if kind, e := m.tree.Kind(&w); e != nil || kind != 0 {
			continue
		}
		between, e := m.view.Between(mount.Point[:i], mount.Point[i:strings.LastIndexByte(mount.Point, '/')])
		if e != nil {
			return e
		}
		if e := m.tree.Attach(&w, between); e != nil {
			return e
		}
		return m.tree.Mount(mount)
	}
	return err
}

// MountError tells which mount could not be made.
type MountError struct {
	Point string
	Err   error
}

func (e *MountError) Error() string { return "mount on " + e.Point + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *MountError) Unwrap() error { return e.Err }

// Tree is the mount tree of the view, nil if it has none.
func (m *Monitor) Tree() *vfs.Tree { return m.tree }

// Execed implements ptrace.Handler.
func (m *Monitor) Execed(t *ptrace.Thread, former int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	task := m.tasks.get(former)
	if task == nil {
		return
	}
	if former != t.TID {
		// The leader is gone without an exit of its own; its id is the
		// caller's now.
		if leader := m.tasks.get(t.TID); leader != nil {
			m.works.gone(leader)
			leader.leave()
		}
		m.tasks.remove(former)
		task.tid = t.TID
		m.tasks.set(t.TID, task)
	}
	task.tgid, task.noFSetID, task.interp, task.abi = t.TID, false, 0, t.ABI
	if task.given != "" {
		setExecName(t, task.given)
		task.given = ""
	}
	if task.next != nil {
		task.renew(task.next)
		task.began, task.next = task.next, nil
		identify(t, task.cred, task.secure)
	}
}

// Gone implements ptrace.Handler.
func (m *Monitor) Gone(tid int, status unix.WaitStatus) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.tasks.get(tid); t != nil {
		m.works.gone(t)
		t.leave()
		m.tasks.remove(tid)
		if t.tgid == tid {
			m.unsent(tid)
		}
		copy(m.departed[1:], m.departed[:])
		m.departed[0] = t
	}
	if tid == m.main {
		m.mainStatus, m.mainGone = status, true
	}
}

// GroupStopped implements ptrace.Handler.
func (m *Monitor) GroupStopped(tid int, sig unix.Signal) {
	m.mu.Lock()
	stop := m.onStop
	main := m.main
	m.mu.Unlock()
	if tid == main && sig != 0 && stop != nil {
		stop(tid, sig)
	}
}

// taskOf finds a task by thread id.
func (m *Monitor) taskOf(tid int) *task { return m.tasks.get(tid) }

// Tasks counts the guests alive.
func (m *Monitor) Tasks() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.tasks.count
}
