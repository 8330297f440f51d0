package monitor

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/launch"
	"github.com/veduta/veduta/ptrace/notify"
	"github.com/veduta/veduta/ptrace/seccomp"
	"github.com/veduta/veduta/ptrace/trace"
	"github.com/veduta/veduta/vfs"
)

// Command is what to run.
type Command struct {
	// Paths are tried in order, as execvp(3) would.
	Paths     []string
	Argv, Env []string
	Dir       string // in the view; empty: where the monitor is
	Notify    bool   // use user notifications; the caller has probed for them
	// Slack, if not 0, is one more than how uneven the load of the tracer
	// threads may be before a new process changes threads.
	Slack int
	// Started, if not nil, is called when the command has been executed.
	Started func(pid int)
}

// Outcome is how a run ended.
type Outcome struct {
	Status unix.WaitStatus
	Stats  Stats
}

// Run runs a command as the first guest until the last guest has left. An
// error that is a *launch.ExecError means that the command could not be
// executed; any other, that there is no view.
func (m *Monitor) Run(cmd Command) (o Outcome, err error) {
	defer func() {
		m.works.finish()
		m.loaders.remove()
		m.closeMounts()
		err = errors.Join(err, m.view.Close())
	}()
	done := make(chan struct{})
	go func() {
		// The thread that seizes guests is the only one that can command
		// them; it ends with the run.
		runtime.LockOSThread()
		defer close(done)
		o, err = m.run(cmd)
	}()
	<-done
	return o, err
}

// spareProcs are Go's processors beyond one for each thread that waits in the
// kernel for guests. Without an idle one the runtime takes the processor away
// from every thread that waits longer than 20 µs (retake in runtime/proc.go),
// and giving it back costs more than the stop: a tenth of a shell loop's CPU.
const spareProcs = 2

func (m *Monitor) run(cmd Command) (o Outcome, err error) {
	runtime.GOMAXPROCS(runtime.NumCPU() + 1 + spareProcs)
	plan := launch.Plan{Dir: cmd.Dir, Paths: cmd.Paths, Argv: cmd.Argv, Env: cmd.Env}
	plan.Closed, _ = arch.ClosedAtStart()
	if plan.Filter, err = m.Policy(cmd.Notify).Compile(); err != nil {
		return o, err
	}
	plan.Notify = cmd.Notify && !m.view.Empty()
	plan.NoNewPrivs = m.bestowed()
	m.pool = trace.NewPool(m, runtime.NumCPU())
	if plan.Notify {
		filter, err := m.Policy(true).Assemble()
		if err != nil {
			return o, err
		}
		m.pool.Unheard = func(tid int, pc *ptrace.Call) bool { return m.unheard(filter, tid, pc) }
	}
	if m.tree != nil && cmd.Notify {
		m.pool.Gate = unix.SYS_GETCWD // always caught, always by notify
	}
	if cmd.Slack > 0 {
		m.pool.Slack = cmd.Slack - 1
	}
	defer m.pool.Seal()()
	l, err := launch.Start()
	if err != nil {
		return o, err
	}
	m.inherited(l.PID)
	m.umask = uint32(unix.Umask(0)) // modes are made by hand from here on
	m.mu.Lock()
	m.main = l.PID
	m.mu.Unlock()
	if err := m.pool.Seize(l.PID); err != nil {
		l.Abort()
		return o, fmt.Errorf("%w; is another tracer there already?", err)
	}
	over := make(chan struct{})
	defer close(over)
	go m.watchFor(over)
	var begin beginning
	begin.wait.Go(func() { begin.err = m.begin(l, &plan, cmd.Started, &begin) })
	err = m.pool.Run()
	begin.wait.Wait()
	if begin.listener != nil {
		<-begin.over
	}
	m.mu.Lock()
	o.Status = m.mainStatus
	m.mu.Unlock()
	o.Stats = m.stats(begin.listener)
	return o, errors.Join(err, begin.err)
}

// inherited notes the directories of which the first guest has descriptors from
// outside.
func (m *Monitor) inherited(pid int) {
	if m.tree == nil {
		return
	}
	dir := "/proc/" + strconv.Itoa(pid) + "/fd/"
	list, err := os.ReadDir(dir)
	odd := err != nil
	for _, e := range list {
		a, err := vfs.HostStatAt(unix.AT_FDCWD, dir+e.Name(), 0)
		odd = odd || err != nil || a.IsDir()
	}
	if odd {
		m.tree.Hand(vfs.ClassVirtual, 0)
	}
}

// beginning is what runs beside the tracer: the hand-shake with the launcher,
// then the listener.
type beginning struct {
	wait     sync.WaitGroup
	listener *notify.Listener
	over     chan struct{}
	err      error
}

func (m *Monitor) begin(l *launch.Launcher, plan *launch.Plan, started func(int), b *beginning) error {
	fd, err := l.Go(plan)
	if err != nil {
		l.Abort()
		return explain(err)
	}
	if fd >= 0 {
		b.listener, b.over = notify.New(fd, m, m.pool.Place), make(chan struct{})
		b.listener.Itself = m.pool.OpenItself
		go func() {
			runtime.LockOSThread()
			defer close(b.over)
			if err := b.listener.Run(); err != nil {
				m.say("%v; the guests are ended", err)
				m.killAll()
			}
		}()
	}
	if started != nil {
		started(l.PID)
	}
	if e := l.Exec(); e != nil {
		return e
	}
	return nil
}

// explain adds the way out to what kept the first guest from starting.
func explain(err error) error {
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) {
		return fmt.Errorf("%w; this kernel or container refuses seccomp filters: see veduta doctor", err)
	}
	return err
}

// Notifiable tells whether the kernel has all that the notify transport needs.
func Notifiable(f *seccomp.Features) error {
	for _, x := range []seccomp.Feature{f.Filter, f.Notify, f.WaitKillable, f.AddFD, f.AddFDSend} {
		if !x.OK {
			return x.Why
		}
	}
	return nil
}
