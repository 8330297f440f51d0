package monitor

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

func watched(t *testing.T) (*Monitor, *task) {
	t.Helper()
	m, err := New(modules.Host(), nil, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	n := &task{tid: 7, tgid: 7, cred: cred.User(1, 1, nil)}
	m.tasks.set(7, n)
	return m, n
}

// A call that a handler does not give back is told of once.
func TestWatchdogHandler(t *testing.T) {
	m, n := watched(t)
	begin := time.Now()
	n.takes(unix.SYS_OPENAT)
	for i := range 10 {
		stuck := m.look(begin.Add(time.Duration(i) * 2 * time.Second))
		switch want := i == 5; {
		case want && (len(stuck) != 1 || stuck[0].entry.Name != "openat" || stuck[0].tid != 7):
			t.Errorf("after %d s: %+v", 2*i, stuck)
		case !want && len(stuck) > 0:
			t.Errorf("after %d s told of %+v", 2*i, stuck)
		}
	}
	if g := m.Guests(); len(g) != 1 || g[0].Held == nil || g[0].Held.Call != "openat" {
		t.Errorf("guests %+v", g)
	}
	n.gives()
	if g := m.Guests(); len(g) != 1 || g[0].Held != nil {
		t.Errorf("guests afterwards %+v", g)
	}
}

// A task that is busy is not stuck, however many looks find a call in hand.
func TestWatchdogBusy(t *testing.T) {
	m, n := watched(t)
	begin := time.Now()
	for i := range 20 {
		n.takes(unix.SYS_OPENAT)
		if stuck := m.look(begin.Add(time.Duration(i) * 2 * time.Second)); len(stuck) > 0 {
			t.Fatalf("after %d s: %+v", 2*i, stuck)
		}
		n.gives()
	}
}

// Who waits for another process is marked, and not told of; who waits for a file
// system is both.
func TestWatchdogLater(t *testing.T) {
	for why, want := range map[cause]int{causeWaits: 0, causeWorks: 0, causeFar: 1, causeMoves: 1} {
		m, n := watched(t)
		v := m.later(n, sysent.ByName("openat"), why, func() ptrace.Verdict { return ptrace.Return(0) })
		if stuck := m.look(time.Now().Add(2 * tooLong)); len(stuck) != want {
			t.Errorf("%v: told of %+v", why, stuck)
		}
		if g := m.Guests(); g[0].Held == nil || g[0].Held.Why != why.String() {
			t.Errorf("%v: guests %+v", why, g)
		}
		v.Work()
		if g := m.Guests(); g[0].Held != nil {
			t.Errorf("%v: guests afterwards %+v", why, g)
		}
	}
}

// A guest that is killed while its call waits for its turn is waited for no more.
func TestWorksGone(t *testing.T) {
	m, n := watched(t)
	for range mostWorks {
		m.works.rooms[causeFar] <- struct{}{}
	}
	v := m.later(n, sysent.ByName("openat"), causeFar, func() ptrace.Verdict {
		t.Error("work for nobody")
		return ptrace.Return(0)
	})
	done := make(chan struct{})
	go func() {
		v.Work()
		close(done)
	}()
	m.works.gone(n)
	<-done
}

func BenchmarkTakes(b *testing.B) {
	var n task
	for b.Loop() {
		n.takes(unix.SYS_OPENAT)
		n.gives()
	}
}
