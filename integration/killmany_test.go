package integration

import (
	"os"
	"os/signal"
	"syscall"
	"testing"
)

const killMany = `
import os, signal
p, w = os.pipe()
got = []
signal.signal(signal.SIGWINCH, lambda *a: got.append("caller"))
child = os.fork()
if child == 0:
    signal.signal(signal.SIGWINCH, lambda *a: os.write(w, b"child"))
    os.write(w, b"ready")
    while True:
        signal.pause()
os.read(p, 5)
for whom in 0, -os.getpgrp(), -1:
    os.kill(whom, signal.SIGWINCH)
    print(whom == -1, os.read(p, 5), len(got))
try:
    os.kill(-1 << 22, 0)
except OSError as e:
    print(e.strerror)
os.kill(-1, signal.SIGKILL)
print(os.waitstatus_to_exitcode(os.wait()[1]))
`

// TestKillAllStaysInside: a signal to everybody, by root of a copy-on-write view,
// reaches every guest but the caller, not the monitor, and nobody outside; the
// kernel alone cannot be asked how that looks. The signal that gets out of a
// broken view is one that is ignored.
func TestKillAllStaysInside(t *testing.T) {
	if len(callers()) < 2 {
		t.Skip("signals of an ordinary user reach nobody that counts; run the tests as root")
	}
	outside := make(chan os.Signal, 8)
	signal.Notify(outside, syscall.SIGWINCH)
	defer signal.Stop(outside)
	const want = "False b'child' 1\nFalse b'child' 2\nTrue b'child' 2\nNo such process\n-9\n"
	keep := func(v *view, c caller) bool { return v.name == "lab" }
	eachView(t, keep, func(t *testing.T, v *view, engine string, c caller) {
		argv := append([]string{"setsid", "-w"}, v.command(engine, "python3", "-c", killMany)...)
		o := newPlace(t, c).run(t, nil, argv...)
		if o.output != want || o.status != 0 {
			t.Errorf("status %d\n%swant\n%s", o.status, o.output, want)
		}
	})
	t.Cleanup(func() {
		select {
		case <-outside:
			t.Error("a guest's signal to all came out of the view")
		default:
		}
	})
}
