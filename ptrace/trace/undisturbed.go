package trace

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// undisturbed has a call go on that was interrupted by a signal which has no
// effect. Without a tracer such a signal wakes nobody; with one, the kernel
// queues it for the tracer to see (sig_ignored in kernel/signal.c), and the few
// calls that are never made again after a signal return EINTR.
//
// It tells whether it has changed the registers.
func (e *Engine) undisturbed(t *task, sig unix.Signal, r *arch.Regs) bool {
	stopped := t.stopped
	t.stopped = false
	if arch.RetIsArg0 || stopped || int64(r.Ret()) != -int64(unix.EINTR) {
		return false // the call's first argument is lost by now, or a stop gives EINTR
	}
	limit, ok := timeout(r, e.threadOf(t).Mem)
	if !ok || !t.mayWait(r, limit) {
		return false
	}
	if s, err := ptrace.SignalsOf(t.tid); err != nil || !s.Ignores(sig) {
		return false
	}
	t.disturbed = disturbed{nr: r.Nr(), sp: r.SP(), until: time.Now().Add(limit)}
	setRet(r, restartNoHand)
	return true
}

// disturbed is a call that goes on after a signal.
type disturbed struct {
	nr    int
	sp    uint64
	until time.Time
}

const (
	forever = time.Duration(-1)
	// longestAgain bounds a wait that is begun anew: it may last up to twice
	// its time, for nobody knows when it began.
	longestAgain = time.Second
)

// mayWait tells whether a wait may be begun anew. One with a time limit is so
// once in its time, else a stream of signals would keep it from ever ending.
func (t *task) mayWait(r *arch.Regs, limit time.Duration) bool {
	if limit == forever {
		return true
	}
	again := t.disturbed.nr == r.Nr() && t.disturbed.sp == r.SP() && time.Now().Before(t.disturbed.until)
	return limit <= longestAgain && !again
}

// timed are the calls that return EINTR after any signal and are not made again
// (signal(7), "Interruption of system calls"), by number: the argument that
// limits the wait.
var timed = func() map[int]limit {
	all := map[int]limit{}
	for name, l := range map[string]limit{
		"epoll_wait": {arg: 3, millis: true}, "epoll_pwait": {arg: 3, millis: true}, "epoll_pwait2": {arg: 3},
		"semop": {arg: -1}, "semtimedop": {arg: 3}, "rt_sigtimedwait": {arg: 2},
		"io_getevents": {arg: 4}, "io_pgetevents": {arg: 4},
	} {
		if nr, ok := arch.Number(name); ok {
			all[nr] = l
		}
	}
	return all
}()

// limit says where a time limit is: in an argument in milliseconds, or in a
// struct timespec that it points to. arg -1: there is none.
type limit struct {
	arg    int
	millis bool
}

// timeout is the time limit of a call that waits, false for other calls.
func timeout(r *arch.Regs, m ptrace.Memory) (time.Duration, bool) {
	l, ok := timed[r.Nr()]
	if !ok || l.arg < 0 {
		return forever, ok
	}
	v := r.Arg(l.arg)
	if l.millis {
		if int32(v) < 0 {
			return forever, true
		}
		return time.Duration(int32(v)) * time.Millisecond, true
	}
	if v == 0 {
		return forever, true
	}
	var b [16]byte
	if m.Read(v, b[:]) != nil {
		return 0, false
	}
	sec, nsec := int64(binary.NativeEndian.Uint64(b[:])), int64(binary.NativeEndian.Uint64(b[8:]))
	if sec < 0 || sec > int64(longestAgain/time.Second) || nsec < 0 || nsec > int64(time.Second) {
		return 2 * longestAgain, true
	}
	return time.Duration(sec)*time.Second + time.Duration(nsec), true
}
