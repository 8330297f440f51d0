package trace_test

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/launch"
	"github.com/veduta/veduta/ptrace/notify"
	"github.com/veduta/veduta/ptrace/seccomp"
	"github.com/veduta/veduta/ptrace/trace"
)

// TestMain makes the test binary the launcher and, by the variable GUEST, the
// guest as well.
func TestMain(m *testing.M) {
	runtime.LockOSThread()
	launch.Main()
	if name := os.Getenv("GUEST"); name != "" {
		guests[name]()
		os.Exit(0)
	}
	runtime.UnlockOSThread()
	os.Exit(m.Run())
}

// guests are programs of the test binary, filled by the files of the tests.
var guests = map[string]func(){}

// handler decides by a function and writes down what it is told.
type handler struct {
	syscall func(t *ptrace.Thread, c *ptrace.Call) ptrace.Verdict

	mu     sync.Mutex     // guards all below
	flags  map[int]uint64 // of births
	status map[int]unix.WaitStatus
	former map[int]int // by new id, where they differ
	stops  []unix.Signal
	onGone func(tid int)
}

func (h *handler) Syscall(t *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
	if h.syscall == nil {
		return ptrace.Pass()
	}
	return h.syscall(t, c)
}

func (h *handler) Born(parent, child int, flags uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.flags == nil {
		h.flags, h.status, h.former = map[int]uint64{}, map[int]unix.WaitStatus{}, map[int]int{}
	}
	h.flags[child] = flags
}

func (h *handler) Execed(t *ptrace.Thread, former int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if former != t.TID {
		h.former[t.TID] = former
	}
}

func (h *handler) Gone(tid int, status unix.WaitStatus) {
	h.mu.Lock()
	h.status[tid] = status
	f := h.onGone
	h.mu.Unlock()
	if f != nil {
		f(tid)
	}
}

func (*handler) Signaled(*ptrace.Thread, *ptrace.Siginfo) bool { return false }

func (h *handler) GroupStopped(tid int, sig unix.Signal) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stops = append(h.stops, sig)
}

// job is one run of a guest.
type job struct {
	argv    []string // or
	guest   string   // a name in guests
	catch   []int    // numbers of calls for the handler
	notify  []int    // and by user notification
	engines int
	slack   int
	gate    bool // getcwd is the gate of a pool
}

// outcome is what became of it.
type outcome struct {
	pid    int
	status unix.WaitStatus
	out    string
	stops  trace.Stops
}

// run runs a job to its end, within a bound of time that only a fault reaches.
func run(t testing.TB, h *handler, j job) (o outcome) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var read sync.WaitGroup
	read.Go(func() {
		b, _ := io.ReadAll(r)
		o.out = string(b)
	})
	done := make(chan error, 1)
	pid := make(chan int, 1)
	go func() {
		runtime.LockOSThread()
		done <- j.serve(h, w, pid, &o)
	}()
	select {
	case err = <-done:
	case <-time.After(30 * time.Second):
		select {
		case p := <-pid:
			unix.Kill(p, unix.SIGKILL)
		default:
		}
		w.Close()
		t.Fatal("the guests did not come to an end")
	}
	w.Close()
	read.Wait()
	r.Close()
	if err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	o.status = h.status[o.pid]
	h.mu.Unlock()
	return o
}

func (j *job) policy() *seccomp.Policy {
	p := &seccomp.Policy{AuditArch: arch.AuditArch, X32Bit: arch.X32Bit, Default: seccomp.Allow,
		Foreign: seccomp.Errno(unix.ENOSYS)}
	for _, nr := range j.catch {
		p.Rules = append(p.Rules, seccomp.Rule{Nr: nr, Action: seccomp.Trace})
	}
	for _, nr := range j.notify {
		p.Rules = append(p.Rules, seccomp.Rule{Nr: nr, Action: seccomp.Notify})
	}
	return p
}

// serve is the tracer's thread.
func (j *job) serve(h *handler, out *os.File, pid chan<- int, o *outcome) error {
	filter, err := j.policy().Compile()
	if err != nil {
		return err
	}
	plan := &launch.Plan{Filter: filter, Notify: len(j.notify) > 0, NoNewPrivs: true, Argv: j.argv}
	if j.guest != "" {
		plan.Argv = []string{"/proc/self/exe"}
		self, err := os.Executable()
		if err != nil {
			return err
		}
		plan.Paths = []string{self}
		plan.Env = []string{"GUEST=" + j.guest}
	} else {
		plan.Paths = []string{j.argv[0]}
		plan.Env = []string{"PATH=/usr/bin:/bin"}
	}
	pool := trace.NewPool(h, max(j.engines, 1))
	pool.Slack = j.slack
	if j.gate {
		pool.Gate = unix.SYS_GETCWD
		inner := h.syscall
		h.syscall = func(t *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			if wait, ok := pool.Held(t.TID, c.Nr); ok {
				return ptrace.Later(func() ptrace.Verdict { wait(); return ptrace.Return(0) })
			}
			if inner == nil {
				return ptrace.Pass()
			}
			return inner(t, c)
		}
	}
	stdout := os.Stdout
	os.Stdout = out
	l, err := launch.Start()
	os.Stdout = stdout
	if err != nil {
		return err
	}
	o.pid = l.PID
	pid <- l.PID
	if err := pool.Seize(l.PID); err != nil {
		l.Abort()
		return err
	}
	var begun sync.WaitGroup
	var started error
	begun.Go(func() { started = begin(l, plan, h, pool.Place) })
	err = pool.Run()
	begun.Wait()
	o.stops = pool.Stops()
	if started != nil {
		return started
	}
	return err
}

func begin(l *launch.Launcher, plan *launch.Plan, h *handler, place *ptrace.Placement) error {
	fd, err := l.Go(plan)
	if err != nil {
		l.Abort()
		return err
	}
	var over chan error
	if fd >= 0 {
		n := notify.New(fd, h, place)
		over = make(chan error, 1)
		go func() {
			runtime.LockOSThread()
			over <- n.Run()
		}()
	}
	if e := l.Exec(); e != nil {
		return e
	}
	if over != nil {
		return <-over
	}
	return nil
}

// sh is a job of the shell.
func sh(script string, catch ...int) job {
	return job{argv: []string{"/bin/sh", "-c", script}, catch: catch}
}

// exits checks how the first guest ended.
func (o *outcome) exits(t *testing.T, code int) {
	t.Helper()
	if !o.status.Exited() || o.status.ExitStatus() != code {
		t.Errorf("the first guest ended with %#x, want exit status %d; it said %q", o.status, code, o.out)
	}
}

// path is the path argument of a caught openat.
func path(t *ptrace.Thread, c *ptrace.Call) string {
	var b [ptrace.PathMax]byte
	s, err := t.Mem.ReadString(c.Args[1], b[:])
	if err != nil {
		return ""
	}
	return string(s)
}

// must stops a guest with what went wrong.
func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(99)
	}
}
