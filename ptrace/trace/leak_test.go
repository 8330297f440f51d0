package trace_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace"
)

// descriptors counts the descriptors of this process.
func descriptors(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// Whatever number of processes has come and gone, no goroutine or descriptor
// of theirs stays.
func TestNothingStays(t *testing.T) {
	count := 1000
	if testing.Short() {
		count = 200
	}
	script := fmt.Sprintf(`run() { i=0; while [ $i -lt $1 ]; do (umask 22) & (umask 27); kill -9 $! 2>/dev/null; wait $!; i=$((i+2)); done 2>/dev/null; }
		run 40; umask 070; run %d; umask 070`, count)
	var goroutines, fds []int
	h := &handler{syscall: func(_ *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
		if c.Args[0] == 0o70 {
			runtime.GC()
			goroutines, fds = append(goroutines, runtime.NumGoroutine()), append(fds, descriptors(t))
			return ptrace.Return(0)
		}
		return ptrace.Later(func() ptrace.Verdict { return ptrace.Return(0) })
	}}
	o := run(t, h, sh(script, unix.SYS_UMASK))
	o.exits(t, 0)
	if len(fds) != 2 {
		t.Fatalf("looked %d times, want 2", len(fds))
	}
	if goroutines[1] > goroutines[0]+4 || fds[1] > fds[0] {
		t.Errorf("goroutines %v, descriptors %v", goroutines, fds)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.flags) < count || len(h.flags) != len(h.status) {
		t.Errorf("%d tasks were born, %d have gone; want %d and more", len(h.flags), len(h.status), count)
	}
}
