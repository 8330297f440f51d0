package trace

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// Without a tracer a signal that has no effect wakes nobody; with one, the
// kernel queues it for the tracer to see (sig_ignored in kernel/signal.c), and
// calls that wait are interrupted. Most are made again by the kernel itself. A
// few return EINTR, or have moved only a part of what they were to move: those
// the guest is made to go on with.

// undisturbed has a call go on that was interrupted by a signal which has no
// effect. It tells whether it has changed the registers.
func (e *Engine) undisturbed(t *task, sig unix.Signal, r *arch.Regs) bool {
	stopped, pending := t.stopped, t.exit == exitAgain
	t.stopped = false
	if pending { // another signal, before the call has gone on
		t.exit = exitNone
		setRet(r, t.interrupted)
	}
	if arch.RetIsArg0 || stopped { // the first argument is lost by now; a stop interrupts without a tracer, too
		t.disturbed = time.Time{}
		return pending
	}
	rest, ok := e.rest(t, r)
	if ok {
		s, err := ptrace.SignalsOf(t.tid)
		ok = err == nil && s.Ignores(sig)
	}
	if !ok {
		t.disturbed = time.Time{}
		return pending
	}
	if rest != nil {
		t.exit, t.onward, t.interrupted = exitAgain, *rest, int64(r.Ret())
		t.decided = t.interrupted > 0
	}
	setRet(r, restartNoHand)
	return true
}

// rest is what is left of an interrupted call, nil if that is all of it.
func (e *Engine) rest(t *task, r *arch.Regs) (v *ptrace.Verdict, ok bool) {
	m := e.threadOf(t).Mem
	by, ok := spelled(r, m)
	if !ok {
		return t.restOf(r, m)
	}
	v, ok = t.restOf(&by, m)
	r.SetRet(by.Ret())
	if v != nil && slices.ContainsFunc(v.Rewrite.Args[:], func(a ptrace.Arg) bool { return a.Set }) {
		v.Rewrite.Nr = by.Nr()
		for i := range v.Rewrite.Args {
			if a := &v.Rewrite.Args[i]; !a.Set {
				*a = ptrace.Arg{Set: true, Value: by.Arg(i)}
			}
		}
	}
	return v, ok
}

// spelled are the registers of the call by itself that socketcall(2) spells.
func spelled(r *arch.Regs, m ptrace.Memory) (by arch.Regs, ok bool) {
	if arch.Name(r.Nr()) != "socketcall" {
		return by, false
	}
	s, ok := arch.SubcallOf(r.Arg(0))
	b := make([]byte, s.NArgs*arch.ABI32.Word())
	if !ok || m.Read(r.Arg(1), b) != nil {
		return by, false
	}
	by = *r
	by.SetNr(s.Nr)
	for i := range 6 {
		by.SetArg(i, 0)
		if i < s.NArgs {
			by.SetArg(i, arch.ABI32.At(b, i))
		}
	}
	return by, true
}

func (t *task) restOf(r *arch.Regs, m ptrace.Memory) (v *ptrace.Verdict, ok bool) {
	ret := int64(r.Ret())
	switch {
	case ret == -int64(unix.EINTR):
		if l, ok := limitOf(r); ok {
			return t.restOfWait(l, r, m)
		}
		if direction, ok := socketCalls[r.Nr()]; ok {
			return t.restOfSocketWait(direction, r)
		}
	case ret > 0:
		if x, ok := transfers[r.Nr()]; ok {
			return x.rest(t, r, m)
		}
	}
	return nil, false
}

// onward is a call that is made again with other arguments.
func onward(args [6]ptrace.Arg, after func(ret int64) int64) *ptrace.Verdict {
	v := &ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: &ptrace.Rewrite{Nr: -1, Args: args}}
	if after != nil {
		v.After = func(_ *ptrace.Thread, ret int64) int64 { return after(ret) }
	}
	return v
}

// goOn is the entry of a call that goes on; without effect if there was no
// scratch memory.
func (e *Engine) goOn(t *task) {
	v := t.onward
	if t.held.Kind != ptrace.KindPass {
		v = t.held
		t.held = ptrace.Verdict{}
		setSigmask(t.tid, t.sigmask)
	}
	t.unseen = true
	e.rewrite(t, v.Rewrite, v)
}

// seen tells that a call which is made again is to be handled, being caught. The
// rest of a transfer has been handled with its beginning.
func (e *Engine) seen(t *task) bool {
	if t.decided {
		e.restart(t, 0)
		return false
	}
	setRegs(t.tid, &t.regs)
	t.disturbed = time.Time{}
	e.settle(t)
	return true
}

// wentOn forgets the limit of a wait that is over.
func (t *task) wentOn(ret int64) {
	if t.unseen && ret != -int64(unix.EINTR) {
		t.disturbed = time.Time{}
	}
}

// timed are the calls that return EINTR after any signal and are not made again
// (signal(7), "Interruption of system calls"), by number: the argument that
// limits the wait.
var timed = numbered(map[string]limit{
	"epoll_wait": {arg: 3, millis: true}, "epoll_pwait": {arg: 3, millis: true}, "epoll_pwait2": {arg: 3},
	"semop": {arg: -1}, "semtimedop": {arg: 3}, "rt_sigtimedwait": {arg: 2},
	"io_getevents": {arg: 4}, "io_pgetevents": {arg: 4},
	"semtimedop_time64": {arg: 3}, "rt_sigtimedwait_time64": {arg: 2}, "io_pgetevents_time64": {arg: 4},
})

// limitOf is the limit of a call that is one of those.
func limitOf(r *arch.Regs) (l limit, ok bool) {
	if l, ok = timed[r.Nr()]; ok || arch.Name(r.Nr()) != "ipc" {
		return l, ok
	}
	switch r.Arg(0) & 0xffff { // the rest is a version (ipc/syscall.c)
	case ipcSemop:
		return limit{arg: -1}, true
	case ipcSemtimedop:
		return limit{arg: 5}, true
	}
	return l, false
}

// Calls that ipc(2) spells (include/uapi/linux/ipc.h).
const (
	ipcSemop      = 1
	ipcSemtimedop = 4
)

// wide are 32-bit calls whose struct timespec has 64 bits for each member.
var wide = numbered(map[string]bool{
	"epoll_pwait2": true, "semtimedop_time64": true, "rt_sigtimedwait_time64": true, "io_pgetevents_time64": true,
})

// numbered is by number, of both tables, what belongs to names.
func numbered[T any](names map[string]T) map[int]T {
	all := map[int]T{}
	for name, x := range names {
		if nr, ok := arch.Number(name); ok {
			all[nr] = x
		}
		if nr, ok := arch.CompatNumber(name); ok {
			all[nr] = x
		}
	}
	return all
}

// limit says where a time limit is: in an argument in milliseconds, or in a
// struct timespec that it points to. arg -1: there is none.
type limit struct {
	arg    int
	millis bool
}

// restOfWait is the wait for what is left of its time. When it began nobody
// knows at the first signal: it begins anew, and so ends late by as much as it had
// waited, for none may end early.
func (t *task) restOfWait(l limit, r *arch.Regs, m ptrace.Memory) (v *ptrace.Verdict, ok bool) {
	d, limited, ok := l.read(r, m)
	if !ok || !limited {
		return nil, ok
	}
	var args [6]ptrace.Arg
	if left, again := t.left(d); again {
		args[l.arg] = l.spelled(left, timespecOf(r.Nr()))
	}
	return onward(args, nil), true
}

// left is how long a wait has still to last; again: this is not its first signal.
func (t *task) left(d time.Duration) (left time.Duration, again bool) {
	if again = !t.disturbed.IsZero(); again {
		return max(time.Until(t.disturbed), 0), true
	}
	t.disturbed = time.Now().Add(d)
	return d, false
}

// longestWait is above all limits that differ from none, within what a Duration
// holds.
const longestWait = 1 << 32 * time.Second

// read is the time limit of a call.
func (l limit) read(r *arch.Regs, m ptrace.Memory) (d time.Duration, limited, ok bool) {
	if l.arg < 0 {
		return 0, false, true
	}
	v := r.Arg(l.arg)
	if l.millis {
		return time.Duration(int32(v)) * time.Millisecond, int32(v) >= 0, true
	}
	if v == 0 {
		return 0, false, true
	}
	abi := timespecOf(r.Nr())
	b := make([]byte, 2*abi.Word())
	if m.Read(v, b) != nil {
		return 0, false, false
	}
	sec, nsec := abi.IntAt(b, 0), abi.IntAt(b, 1)
	if r.Compat && !bool(abi) {
		nsec = int64(uint32(nsec)) // get_timespec64 in kernel/time/time.c
	}
	if sec < 0 || nsec < 0 || nsec >= int64(time.Second) {
		return 0, false, false
	}
	if sec >= int64(longestWait/time.Second) {
		return 0, false, true
	}
	return time.Duration(sec)*time.Second + time.Duration(nsec), true, true
}

// timespecOf is how a call's struct timespec lies.
func timespecOf(nr int) arch.ABI { return arch.ABIOf(nr) && !arch.ABI(wide[nr]) }

// spelled is the argument for a limit.
func (l limit) spelled(d time.Duration, abi arch.ABI) ptrace.Arg {
	if l.millis {
		return ptrace.Arg{Set: true, Value: uint64((d + time.Millisecond - 1) / time.Millisecond)}
	}
	return ptrace.Arg{Set: true, Bytes: abi.Append(nil, uint64(d/time.Second), uint64(d%time.Second))}
}

// unbroken has a call go on that the engine's own PTRACE_INTERRUPT has ended.
func (e *Engine) unbroken(t *task) {
	var r arch.Regs
	e.abi(t)
	if arch.RetIsArg0 || getRegs(t, &r) != 0 || int64(r.Ret()) != -int64(unix.EINTR) {
		return
	}
	if _, ok := limitOf(&r); ok {
		setRet(&r, restartNoHand)
		setRegs(t.tid, &r)
	}
}
