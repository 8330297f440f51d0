package trace

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// bellSignal is one that neither Go nor libc uses.
const bellSignal = unix.Signal(62)

// bell gets the engine's thread out of wait4(2). A signal that arrives just
// before the thread blocks would be lost, so it is sent until it has been
// heard.
type bell struct{ tid int }

// install makes the signal interrupt wait4 of the calling thread.
func (b *bell) install() {
	b.tid = unix.Gettid()
	changeSigaction(bellSignal, 0, saRestart)
}

func (b *bell) ring(heard func() bool) {
	for pause := 20 * time.Microsecond; !heard(); pause = min(2*pause, 10*time.Millisecond) {
		Interrupt(b.tid)
		runtime.Gosched()
		if heard() {
			return
		}
		time.Sleep(pause)
	}
}

// Interrupt has a call return EINTR that a thread of this process is blocked in,
// once an engine has been started. A call that is about to block is missed.
func Interrupt(tid int) { unix.Tgkill(self, tid, bellSignal) }
