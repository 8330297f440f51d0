package trace_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

func init() {
	guests["exec from a thread"] = func() {
		// TestMain's thread is the leader, and locked.
		go func() {
			runtime.LockOSThread()
			must(unix.Exec("/bin/sh", []string{"sh", "-c", "echo $$; exit 7"}, nil))
		}()
		select {}
	}
	guests["vfork"] = func() {
		for i := range 3 {
			err := exec.Command("/bin/sh", "-c", fmt.Sprintf("umask 0; exit %d", i)).Run()
			if code := 0; err != nil {
				var e *exec.ExitError
				if errors.As(err, &e) {
					code = e.ExitCode()
				}
				if code != i {
					must(fmt.Errorf("child %d: %w", i, err))
				}
			}
		}
		if err := exec.Command("/no/such/program").Run(); !errors.Is(err, os.ErrNotExist) {
			must(fmt.Errorf("a program that is not there: %w", err))
		}
	}
	guests["threads"] = func() {
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				runtime.LockOSThread() // its thread ends with it
				for range 50 {
					unix.RawSyscall(unix.SYS_GETPRIORITY, 0, 0, 0)
				}
			})
		}
		all.Wait()
	}
	guests["group-stop"] = func() {
		p, err := syscall.ForkExec("/bin/sh", []string{"sh", "-c", "kill -STOP $$; umask 022; exit 5"}, &syscall.ProcAttr{})
		must(err)
		var s unix.WaitStatus
		wait := func(options int) unix.WaitStatus {
			_, err := unix.Wait4(p, &s, options, nil)
			must(err)
			return s
		}
		if s := wait(unix.WUNTRACED); !s.Stopped() || s.StopSignal() != unix.SIGSTOP {
			must(fmt.Errorf("status %#x, want a stop", s))
		}
		// A second look, and the state that others see.
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p))
		must(err)
		_, state, _ := strings.Cut(string(stat), ") ")
		must(unix.Kill(p, unix.SIGCONT))
		if s := wait(unix.WCONTINUED); !s.Continued() {
			must(fmt.Errorf("status %#x, want that it goes on", s))
		}
		if s := wait(0); !s.Exited() || s.ExitStatus() != 5 {
			must(fmt.Errorf("status %#x, want exit status 5", s))
		}
		fmt.Print(state[:1])
	}
	guests["signals"] = func() {
		c := make(chan os.Signal, 100)
		signal.Notify(c, unix.SIGUSR1)
		for i := range 100 {
			must(unix.Kill(os.Getpid(), unix.SIGUSR1))
			unix.RawSyscall(unix.SYS_GETPRIORITY, uintptr(i), 0, 0)
			<-c
		}
		fmt.Print(len(c))
	}
}

func TestExitStatus(t *testing.T) {
	for script, want := range map[string]string{
		"exit 0":         "exit 0",
		"exit 3":         "exit 3",
		"kill -TERM $$":  "signal 15",
		"kill -KILL $$":  "signal 9",
		"(exit 4)":       "exit 4",
		"sh -c 'exit 5'": "exit 5",
		"sh -c 'kill -TERM $$'; echo $? >&1; exit 1": "exit 1",
	} {
		h := &handler{}
		o := run(t, h, sh(script))
		got := fmt.Sprintf("exit %d", o.status.ExitStatus())
		if o.status.Signaled() {
			got = fmt.Sprintf("signal %d", o.status.Signal())
		}
		if got != want {
			t.Errorf("%q: %s, want %s", script, got, want)
		}
		h.mu.Lock()
		if len(h.flags) != len(h.status) {
			t.Errorf("%q: %d tasks were born, %d have gone", script, len(h.flags), len(h.status))
		}
		h.mu.Unlock()
	}
}

// A program that cannot be executed: the launcher tells.
func TestNoProgram(t *testing.T) {
	h := &handler{}
	j := job{argv: []string{"/no/such/program"}}
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		var o outcome
		done <- j.serve(h, os.Stdout, make(chan int, 1), &o)
	}()
	if err := <-done; !errors.Is(err, unix.ENOENT) {
		t.Errorf("the error is %v, want ENOENT", err)
	}
}

// Execve by a thread that is not the leader: it takes the leader's id over.
func TestExecFromThread(t *testing.T) {
	h := &handler{syscall: func(*ptrace.Thread, *ptrace.Call) ptrace.Verdict { return ptrace.Pass() }}
	o := run(t, h, job{guest: "exec from a thread", catch: []int{unix.SYS_EXECVE, unix.SYS_OPENAT}})
	o.exits(t, 7)
	if want := fmt.Sprintf("%d\n", o.pid); o.out != want {
		t.Errorf("the shell has pid %q, want %q", o.out, want)
	}
	if h.former[o.pid] == 0 {
		t.Error("nobody told that another thread called execve")
	}
	if _, ok := h.status[h.former[o.pid]]; ok {
		t.Error("the thread that became the leader is said to have gone as well")
	}
}

func TestVfork(t *testing.T) {
	calls := 0
	h := &handler{syscall: func(*ptrace.Thread, *ptrace.Call) ptrace.Verdict {
		calls++
		return ptrace.Then(func(_ *ptrace.Thread, ret int64) int64 { return ret })
	}}
	o := run(t, h, job{guest: "vfork", catch: []int{unix.SYS_UMASK, unix.SYS_EXECVE}})
	o.exits(t, 0)
	vforks := 0
	for _, flags := range h.flags {
		if flags&unix.CLONE_VFORK != 0 {
			vforks++
			if flags&unix.CLONE_VM == 0 {
				t.Errorf("a vfork with flags %#x does not share memory", flags)
			}
		}
	}
	if vforks < 4 { // the Go runtime tries one of its own
		t.Errorf("%d vforks seen, want 4 and more", vforks)
	}
	if calls < 8 {
		t.Errorf("%d calls caught", calls)
	}
}

// vfork(2) itself, by a shell that uses it, with a rewritten call in the child
// that shares the parent's memory.
func TestVforkRewritten(t *testing.T) {
	h := &handler{syscall: func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
		var b [ptrace.PathMax]byte
		p, _ := th.Mem.ReadString(c.Args[0], b[:])
		if string(p) != "/virtual/true" {
			return ptrace.Pass()
		}
		rw := &ptrace.Rewrite{Nr: -1}
		rw.Args[0] = ptrace.Arg{Set: true, Bytes: []byte("/bin/true\x00")}
		return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
	}}
	o := run(t, h, sh("/virtual/true && /virtual/true & /virtual/true && /virtual/true && wait && echo well; /virtual/false || exit 9", unix.SYS_EXECVE))
	o.exits(t, 9)
	if o.out != "well\n" {
		t.Errorf("the shell said %q", o.out)
	}
}

func TestThreads(t *testing.T) {
	under(t, job{guest: "threads", catch: []int{unix.SYS_GETPRIORITY}}, func(t *testing.T, j job) {
		var mu sync.Mutex
		calls := map[int]int{}
		h := &handler{syscall: func(th *ptrace.Thread, _ *ptrace.Call) ptrace.Verdict {
			mu.Lock()
			defer mu.Unlock()
			calls[th.TID]++
			return ptrace.Return(0)
		}}
		o := run(t, h, j)
		o.exits(t, 0)
		all := 0
		for tid, n := range calls {
			all += n
			if tid != o.pid && h.flags[tid]&unix.CLONE_THREAD == 0 {
				t.Errorf("thread %d was born with flags %#x", tid, h.flags[tid])
			}
		}
		if all != 16*50 {
			t.Errorf("%d calls, want %d", all, 16*50)
		}
	})
}

// A guest stopped by a signal looks stopped to its parent, and goes on at
// SIGCONT.
func TestGroupStop(t *testing.T) {
	h := &handler{syscall: func(*ptrace.Thread, *ptrace.Call) ptrace.Verdict { return ptrace.Pass() }}
	o := run(t, h, job{guest: "group-stop", catch: []int{unix.SYS_UMASK}})
	o.exits(t, 0)
	if !strings.ContainsAny(o.out, "Tt") {
		t.Errorf("the state of the stopped guest is %q", o.out)
	}
	if want := []unix.Signal{unix.SIGSTOP, 0}; !slices.Equal(h.stops, want) {
		t.Errorf("group-stops %v, want %v", h.stops, want)
	}
}

// Each signal comes once, whatever the guest is stopped for meanwhile.
func TestSignals(t *testing.T) {
	verdicts := map[string]ptrace.Verdict{
		"Return": ptrace.Return(0),
		"Pass":   ptrace.Pass(),
		"Then":   ptrace.Then(func(_ *ptrace.Thread, ret int64) int64 { return ret }),
		"Later":  ptrace.Later(func() ptrace.Verdict { return ptrace.Return(0) }),
		"Open":   ptrace.Open("/dev/null", unix.O_CLOEXEC, 0),
	}
	for name, v := range verdicts {
		t.Run(name, func(t *testing.T) {
			h := &handler{syscall: func(*ptrace.Thread, *ptrace.Call) ptrace.Verdict { return v }}
			o := run(t, h, job{guest: "signals", catch: []int{unix.SYS_GETPRIORITY}})
			o.exits(t, 0)
			if o.out != "0" {
				t.Errorf("%s signals too many", o.out)
			}
		})
	}
}

// A shell handles a trap for every signal that it sends itself.
func TestSignalsCounted(t *testing.T) {
	h := &handler{syscall: func(*ptrace.Thread, *ptrace.Call) ptrace.Verdict { return ptrace.Pass() }}
	o := run(t, h, sh(`n=0; trap 'n=$((n+1)); umask 022' USR1; i=0
		while [ $i -lt 100 ]; do kill -USR1 $$; i=$((i+1)); done; echo $n`, unix.SYS_UMASK, unix.SYS_KILL, unix.SYS_RT_SIGRETURN))
	o.exits(t, 0)
	if o.out != "100\n" {
		t.Errorf("%q traps for 100 signals", o.out)
	}
}
