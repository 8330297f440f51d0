package trace_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

func init() {
	guests["answers"] = func() {
		for _, x := range []struct {
			arg  uintptr
			want int64
		}{{0, 12345}, {1, -int64(unix.EXDEV)}, {2, 0}, {3, 1 << 40}} {
			v, _, e := unix.RawSyscall(unix.SYS_GETPRIORITY, x.arg, 0, 0)
			if e != 0 {
				v = uintptr(-int64(e))
			}
			if int64(v) != x.want {
				must(fmt.Errorf("answer %d is %d, want %d", x.arg, int64(v), x.want))
			}
		}
	}
	guests["opens"] = func() {
		fd, err := unix.Open("/virtual", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		must(err)
		f := os.NewFile(uintptr(fd), "virtual")
		b, err := io.ReadAll(f)
		must(err)
		flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFD, 0)
		must(err)
		fd2, err := unix.Open("/virtual", unix.O_RDONLY, 0)
		must(err)
		flags2, err := unix.FcntlInt(uintptr(fd2), unix.F_GETFD, 0)
		must(err)
		_, err = unix.Open("/absent", unix.O_RDONLY, 0)
		fmt.Printf("%s %d %d %v", b, flags, flags2, err == unix.ENOENT)
	}
	guests["makes"] = func() {
		fd, err := unix.Open("/made", unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o777)
		must(err)
		_, err = unix.Write(fd, []byte("x"))
		must(err)
		_, err = unix.Open("/made", unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o777)
		fmt.Print(err == unix.EEXIST)
	}
	guests["after"] = func() {
		v, _, _ := unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
		fmt.Print(int(v) == -1, int(v))
	}
	guests["two threads"] = func() {
		runtime.LockOSThread() // the one that waits
		var other sync.WaitGroup
		other.Go(func() {
			runtime.LockOSThread()
			unix.RawSyscall(unix.SYS_GETSID, 0, 0, 0)
		})
		v, _, _ := unix.RawSyscall(unix.SYS_GETPRIORITY, 0, 0, 0)
		other.Wait()
		fmt.Print(v)
	}
}

// under runs a job by each transport that the verdict is meant for.
func under(t *testing.T, j job, f func(t *testing.T, j job)) {
	t.Run("trace", func(t *testing.T) { f(t, j) })
	n := j
	n.catch, n.notify = nil, j.catch
	t.Run("notify", func(t *testing.T) { f(t, n) })
}

func TestReturn(t *testing.T) {
	under(t, job{guest: "answers", catch: []int{unix.SYS_GETPRIORITY}}, func(t *testing.T, j job) {
		h := &handler{syscall: func(_ *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			return []ptrace.Verdict{ptrace.Return(12345), ptrace.Fail(unix.EXDEV), ptrace.Fail(0), ptrace.Return(1 << 40)}[c.Args[0]]
		}}
		o := run(t, h, j)
		o.exits(t, 0)
	})
}

func TestOpen(t *testing.T) {
	host := filepath.Join(t.TempDir(), "host")
	if err := os.WriteFile(host, []byte("contents"), 0o600); err != nil {
		t.Fatal(err)
	}
	under(t, job{guest: "opens", catch: []int{unix.SYS_OPENAT}}, func(t *testing.T, j job) {
		h := &handler{syscall: func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			switch path(th, c) {
			case "/virtual":
				return ptrace.Open(host, c.Int(2), uint32(c.Args[3]))
			case "/absent":
				return ptrace.Open(host+"/not", c.Int(2), 0)
			}
			return ptrace.Pass()
		}}
		o := run(t, h, j)
		o.exits(t, 0)
		if want := "contents 1 0 false"; o.out != want {
			t.Errorf("the guest said %q, want %q", o.out, want)
		}
	})
}

func TestOpenCreates(t *testing.T) {
	unix.Umask(0o022)
	under(t, job{guest: "makes", catch: []int{unix.SYS_OPENAT}}, func(t *testing.T, j job) {
		host := filepath.Join(t.TempDir(), "host")
		h := &handler{syscall: func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			if path(th, c) == "/made" {
				return ptrace.Open(host, c.Int(2), 0o640)
			}
			return ptrace.Pass()
		}}
		o := run(t, h, j)
		o.exits(t, 0)
		if o.out != "true" {
			t.Errorf("the second open with O_EXCL was not EEXIST: %q", o.out)
		}
		fi, err := os.Stat(host)
		if err != nil || fi.Mode().Perm() != 0o640 || fi.Size() != 1 {
			t.Errorf("made %v, %v", fi, err)
		}
	})
}

// memfd is a descriptor of the monitor's with some contents.
func memfd(t *testing.T, text string) int {
	fd, err := unix.MemfdCreate("test", unix.MFD_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unix.Pwrite(fd, []byte(text), 0); err != nil {
		t.Fatal(err)
	}
	return fd
}

// closed tells whether a descriptor of a memfd made by the test has been given
// back.
func closed(fd int) bool {
	text, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
	return err != nil || text != "/memfd:test (deleted)"
}

func TestReturnFD(t *testing.T) {
	under(t, job{guest: "opens", catch: []int{unix.SYS_OPENAT}}, func(t *testing.T, j job) {
		var given []int
		h := &handler{syscall: func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			switch path(th, c) {
			case "/virtual":
				given = append(given, memfd(t, "in memory"))
				return ptrace.ReturnFD(given[len(given)-1], c.Int(2), "")
			case "/absent":
				return ptrace.Fail(unix.ENOENT)
			}
			return ptrace.Pass()
		}}
		o := run(t, h, j)
		o.exits(t, 0)
		if want := "in memory 1 0 true"; o.out != want {
			t.Errorf("the guest said %q, want %q", o.out, want)
		}
		for _, fd := range given {
			if !closed(fd) {
				t.Errorf("descriptor %d was handed over and is still open here", fd)
			}
		}
	})
}

// Opened tells the guest's descriptor, and one kept is not closed.
func TestOpened(t *testing.T) {
	var guest, mine []int
	h := &handler{syscall: func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
		if path(th, c) != "/virtual" {
			return ptrace.Pass()
		}
		v := ptrace.Open("/dev/null", c.Int(2), 0)
		v.Opened = func(g, m int) bool {
			guest, mine = append(guest, g), append(mine, m)
			return len(mine) == 1
		}
		return v
	}}
	o := run(t, h, job{guest: "opens", notify: []int{unix.SYS_OPENAT}})
	o.exits(t, 0)
	if len(mine) != 2 || guest[0] < 3 || guest[0] == guest[1] {
		t.Fatalf("told of the guest's %v and ours %v", guest, mine)
	}
	if text, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", mine[0])); err != nil || text != "/dev/null" {
		t.Errorf("the kept descriptor is %q, %v", text, err)
	}
	if err := unix.Close(mine[0]); err != nil {
		t.Errorf("close of the kept descriptor: %v", err)
	}
}

func TestThen(t *testing.T) {
	var got int64
	h := &handler{syscall: func(*ptrace.Thread, *ptrace.Call) ptrace.Verdict {
		return ptrace.Then(func(th *ptrace.Thread, ret int64) int64 {
			got = ret
			return 4242
		})
	}}
	o := run(t, h, job{guest: "after", catch: []int{unix.SYS_GETPPID}})
	o.exits(t, 0)
	if o.out != "false 4242" || got != int64(os.Getpid()) {
		t.Errorf("the guest said %q, the kernel's result was %d", o.out, got)
	}
}

// While one guest waits for Later work, another one goes on; it is the other
// that ends the work.
func TestLater(t *testing.T) {
	under(t, job{guest: "two threads", catch: []int{unix.SYS_GETPRIORITY, unix.SYS_GETSID}}, func(t *testing.T, j job) {
		other := make(chan struct{})
		h := &handler{syscall: func(_ *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			if c.Nr == unix.SYS_GETSID {
				close(other)
				return ptrace.Return(1)
			}
			return ptrace.Later(func() ptrace.Verdict {
				<-other
				return ptrace.Later(func() ptrace.Verdict { return ptrace.Return(77) })
			})
		}}
		o := run(t, h, j)
		o.exits(t, 0)
		if o.out != "77" {
			t.Errorf("the guest said %q, want 77", o.out)
		}
	})
}

// until waits for a condition that only a fault keeps from coming.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !f(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

// A guest that is killed while Later work is under way: its verdict goes
// nowhere, and its descriptor is given back.
func TestKilledWhileLater(t *testing.T) {
	under(t, sh(`(umask 027) & p=$!; wait $p; echo $?; umask 011`, unix.SYS_UMASK), func(t *testing.T, j job) {
		var tid, fd int
		gone, worked := make(chan struct{}), make(chan struct{})
		h := &handler{}
		h.onGone = func(id int) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if id == tid {
				close(gone)
			}
		}
		h.syscall = func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			switch c.Args[0] {
			default: // the shell asks for its mask first
				return ptrace.Pass()
			case 0o27:
			case 0o11:
				return ptrace.Later(func() ptrace.Verdict { <-worked; return ptrace.Pass() })
			}
			h.mu.Lock()
			tid = th.TID
			h.mu.Unlock()
			fd = memfd(t, "")
			return ptrace.Later(func() ptrace.Verdict {
				unix.Kill(tid, unix.SIGKILL)
				<-gone
				close(worked)
				return ptrace.ReturnFD(fd, 0, "")
			})
		}
		o := run(t, h, j)
		o.exits(t, 0)
		if o.out != "137\n" {
			t.Errorf("the shell saw %q of its killed child, want 137", o.out)
		}
		until(t, "the descriptor is closed", func() bool { return closed(fd) })
	})
}

// The same for the last guest: the engine is gone when the work comes to its end.
func TestLastKilledWhileLater(t *testing.T) {
	under(t, sh(`umask 027`, unix.SYS_UMASK), func(t *testing.T, j job) {
		over := make(chan struct{})
		fd := memfd(t, "")
		before := runtime.NumGoroutine()
		h := &handler{syscall: func(th *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
			if c.Args[0] != 0o27 {
				return ptrace.Pass()
			}
			tid := th.TID
			return ptrace.Later(func() ptrace.Verdict {
				unix.Kill(tid, unix.SIGKILL)
				<-over
				return ptrace.ReturnFD(fd, 0, "")
			})
		}}
		o := run(t, h, j)
		if !o.status.Signaled() || o.status.Signal() != unix.SIGKILL {
			t.Errorf("the guest ended with %#x, want SIGKILL", o.status)
		}
		close(over)
		until(t, "the descriptor is closed", func() bool { return closed(fd) })
		until(t, "the work's goroutine ends", func() bool { return runtime.NumGoroutine() <= before })
	})
}
