package trace_test

import (
	"fmt"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// Processes spread over several engines, and nothing shows of it.
func TestPoolSpreads(t *testing.T) {
	if !arch.RetIsNr {
		t.Skip("this CPU has no gate")
	}
	var mu sync.Mutex
	masks := 0
	h := &handler{syscall: func(_ *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
		if c.Nr == unix.SYS_UMASK {
			mu.Lock()
			masks++
			mu.Unlock()
		}
		return ptrace.Pass()
	}}
	script := `for i in 1 2 3 4 5 6 7 8 9 10; do (umask 022; (exit $i); exit $?) & p="$p $!"; done
		for q in $p; do wait $q; echo $?; done; pwd -P >/dev/null; exit 6`
	j := sh(script, unix.SYS_UMASK)
	j.notify, j.engines, j.slack, j.gate = []int{unix.SYS_GETCWD}, 3, 0, true
	o := run(t, h, j)
	o.exits(t, 6)
	want := ""
	for i := 1; i <= 10; i++ {
		want += fmt.Sprintln(i)
	}
	if o.out != want {
		t.Errorf("statuses %q, want %q", o.out, want)
	}
	if o.stops.Moved == 0 {
		t.Error("no process was passed on")
	}
	if masks < 10 {
		t.Errorf("%d calls of umask caught, want 10 and more", masks)
	}
	if len(h.flags) != len(h.status) {
		t.Errorf("%d tasks were born, %d have gone", len(h.flags), len(h.status))
	}
}

// Without a gate, all stay with the first engine.
func TestPoolWithoutGate(t *testing.T) {
	j := sh("for i in 1 2 3 4 5; do (umask 022) & done; wait", unix.SYS_UMASK)
	j.engines = 3
	o := run(t, &handler{}, j)
	o.exits(t, 0)
	if o.stops.Moved != 0 {
		t.Errorf("%d processes passed on without a gate", o.stops.Moved)
	}
}

// A guest that is killed on its way to another engine is not waited for.
func TestPoolKilledOnTheWay(t *testing.T) {
	if !arch.RetIsNr {
		t.Skip("this CPU has no gate")
	}
	j := sh(`i=0; while [ $i -lt 40 ]; do sleep 100 & kill -KILL $!; i=$((i+1)); done; wait; echo over`)
	j.notify, j.engines, j.slack, j.gate = []int{unix.SYS_GETCWD}, 3, 0, true
	o := run(t, &handler{}, j)
	o.exits(t, 0)
	if o.out != "over\n" {
		t.Errorf("the shell said %q", o.out)
	}
}
