package integration

import (
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// TestMonitorSealed: a guest gets at its monitor no more than the kernel lets it
// get at another user's process, whoever it is, and ends it by no signal.
func TestMonitorSealed(t *testing.T) {
	if len(callers()) < 2 {
		t.Skip("the reference is an ordinary user's child of root; run the tests as root")
	}
	// The tests' own process is the parent of the reference.
	reference := func(what string) string {
		o := newPlace(t, userCaller()).run(t, nil, reachParent(), what)
		if o.status != 0 {
			t.Fatalf("status %d\n%s", o.status, o.output)
		}
		return o.output
	}
	all, memory := reference("all"), reference("memory")
	const signals = `kill 0: ok
kill CONT: ok
9 kill: EPERM
19 kill: EPERM
11 kill: EPERM
6 kill: EPERM
62 kill: EPERM
tgkill: EPERM
pidfd_send_signal: EPERM
`
	keep := func(v *view, c caller) bool {
		// Nothing is trapped where nothing is named, and the real root may.
		return v.verb == "run" && (v.name != "empty" || c.uid != 0)
	}
	eachView(t, keep, func(t *testing.T, v *view, engine string, c caller) {
		argv, want := []string{reachParent()}, all+signals
		if v.name == "empty" {
			argv, want = append(argv, "memory"), memory
		}
		o := newPlace(t, c).run(t, nil, v.command(engine, argv...)...)
		if d := diff.Diff("another user's process", []byte(want), "the monitor", []byte(o.output)); d != nil || o.status != 0 {
			t.Errorf("status %d\n%s", o.status, d)
		}
	})
}

// reachParent is the program that tries.
func reachParent() string { return filepath.Join(base, "bin/reach_parent") }
