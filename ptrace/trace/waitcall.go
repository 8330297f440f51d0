package trace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/inner"
)

// A tracer's calls of the wait(2) family get the stops that it would see, and
// for its own children what the kernel has. One that blocks does so in the
// kernel, where signals end it as ever; the engine interrupts it when there is
// something to tell. With no child of its own the kernel would not let it
// block: it then sleeps in ppoll(2) for nothing instead.

// waitCall is such a call under way.
type waitCall struct {
	inner.Wait
	id               bool // waitid(2)
	status, usage    uint64
	after            func(*ptrace.Thread, int64) int64 // of the handler, for what the kernel has
	sleeps, childles bool
}

const (
	waitFlags   = unix.WNOHANG | unix.WUNTRACED | unix.WCONTINUED | unix.WNOTHREAD | unix.WCLONE | unix.WALL
	waitidFlags = waitFlags | unix.WEXITED | unix.WNOWAIT
)

// waits looks at the call that a tracer is about to make; true if it has been
// taken care of.
func (e *Engine) waits(t *task) bool {
	if t.nr != unix.SYS_WAIT4 && t.nr != unix.SYS_WAITID {
		return false
	}
	if getRegs(t, &t.regs) != 0 {
		return true
	}
	w := e.waitOf(t)
	if w == nil {
		t.wait = nil
		return false
	}
	if t.wait != nil && t.wait.childles {
		w.sleeps = true
	}
	t.wait = nil
	wake := func() { e.run(func() { e.rouse(t, w) }) }
	if w.Flags&unix.WNOHANG != 0 {
		wake = func() {}
	}
	ev, found, _ := e.pool.Inner.Next(w.Wait, wake)
	if found {
		e.answerWait(t, w, ev)
		return true
	}
	t.wait, t.exit = w, exitWait
	if w.sleeps {
		now := t.regs
		now.SetNr(unix.SYS_PPOLL)
		for i := range 5 {
			now.SetArg(i, 0)
		}
		t.exempt(&now)
		setRegs(t.tid, &now)
	}
	e.toExit(t)
	return true
}

// waitOf reads a call, nil if the kernel is to say what is wrong with it.
func (e *Engine) waitOf(t *task) *waitCall {
	r := &t.regs
	arg := func(i int) int { return int(int32(r.Arg(i))) }
	flags := func(i int) int { return int(uint32(r.Arg(i))) } // WCLONE is the topmost bit
	w := &waitCall{}
	w.TID, w.PID = t.tid, t.tracer
	if t.nr == unix.SYS_WAIT4 {
		w.status, w.Flags, w.usage, w.Ends = r.Arg(1), flags(2), r.Arg(3), true
		w.Which, w.ID = whom(arg(0), t.tracer)
		if w.Flags&^waitFlags != 0 {
			return nil
		}
		return w
	}
	w.id, w.Which, w.ID, w.status, w.Flags, w.usage = true, arg(0), arg(1), r.Arg(2), flags(3), r.Arg(4)
	w.Ends = w.Flags&unix.WEXITED != 0
	if w.Flags&^waitidFlags != 0 || w.Flags&(unix.WEXITED|unix.WUNTRACED|unix.WCONTINUED) == 0 {
		return nil
	}
	switch {
	case w.Which == unix.P_PIDFD:
		w.Which, w.ID = unix.P_PID, ptrace.PidOf(t.tid, w.ID)
	case w.Which == unix.P_PGID && w.ID == 0:
		w.ID, _ = unix.Getpgid(t.tracer)
	}
	return w
}

// whom reads the first argument of wait4(2).
func whom(pid, caller int) (which, id int) {
	switch {
	case pid > 0:
		return unix.P_PID, pid
	case pid == -1:
		return unix.P_ALL, 0
	case pid == 0:
		group, _ := unix.Getpgid(caller)
		return unix.P_PGID, group
	}
	return unix.P_PGID, -pid
}

// waitsToo is a tracer's wait that the handler looks at as well; false if that one
// alone decides.
func (e *Engine) waitsToo(t *task, v *ptrace.Verdict) bool {
	switch v.Kind {
	case ptrace.KindThen:
		t.wait.after = v.After
	case ptrace.KindPass:
	default:
		e.pool.Inner.Unwait(t.wait.Wait)
		t.wait, t.exit = nil, exitNone
		return false
	}
	e.toExit(t)
	return true
}

// rouse interrupts a wait for which there is something.
func (e *Engine) rouse(t *task, w *waitCall) {
	if e.tasks[t.tid] == t && t.wait == w {
		t.own = request(unix.PTRACE_INTERRUPT, t.tid, 0, 0) == 0 || t.own
	}
}

// answerWait answers a call at its entry.
func (e *Engine) answerWait(t *task, w *waitCall, ev inner.Event) {
	now := t.regs
	now.SetNr(-1)
	now.SetRet(uint64(e.tellWait(t, w, ev)))
	if t.mm.filtered {
		t.exempt(&now)
	}
	setRegs(t.tid, &now)
	t.exit = exitAnswered
	e.toExit(t)
}

// waited is the exit of a wait that has been in the kernel; false if the task
// has been sent on.
func (e *Engine) waited(t *task, now *arch.Regs) bool {
	w := t.wait
	t.wait = nil
	e.pool.Inner.Unwait(w.Wait)
	ret := int64(now.Ret())
	now.SetNr(t.regs.Nr())
	now.SetIP(t.regs.IP())
	for i := range 6 {
		if i > 0 || !arch.RetIsArg0 {
			now.SetArg(i, t.regs.Arg(i))
		}
	}
	switch {
	case restarts(ret) || ret == -int64(unix.ECHILD) || ret == 0 && w.Flags&unix.WNOHANG != 0 && !w.id:
		ev, found, any := e.pool.Inner.Next(w.Wait, nil)
		switch {
		case found:
			now.SetRet(uint64(e.tellWait(t, w, ev)))
		case ret != -int64(unix.ECHILD) && ret != 0:
			setRet(now, restartSys)
		case !any || ret == 0:
		case w.Flags&unix.WNOHANG != 0:
			now.SetRet(uint64(e.tellNothing(t, w)))
		default:
			e.waitAnew(t, now, &waitCall{childles: true})
			return false
		}
	case ret >= 0 && e.ownStop(t, w, ret):
		e.waitAnew(t, now, nil)
		return false
	case ret >= 0 && w.after != nil:
		now.SetRet(uint64(w.after(e.threadOf(t), ret)))
	}
	setRegs(t.tid, now)
	return true
}

// waitAnew has a tracer make its call once more, unseen, or fail with EINTR where a
// signal's handler comes first: the kernel decides that for a call that was
// interrupted, as this one is.
func (e *Engine) waitAnew(t *task, now *arch.Regs, w *waitCall) {
	t.exit, t.wait = exitNone, w
	if t.in != nil {
		t.in.again = true
	}
	setRet(now, restartSys)
	setRegs(t.tid, now)
	t.own = request(unix.PTRACE_INTERRUPT, t.tid, 0, 0) == 0 || t.own
	e.toExit(t)
}

// ownStop tells whether the kernel's answer is the group-stop of a tracee, which
// its tracer gets as such and not as its parent (wait_consider_task in
// kernel/exit.c).
func (e *Engine) ownStop(t *task, w *waitCall, ret int64) bool {
	mem, pid, stopped := e.threadOf(t).Mem, int(ret), false
	var b [sizeofSiginfo]byte
	switch {
	case w.Flags&unix.WUNTRACED == 0 || w.status == 0:
		return false
	case w.id:
		stopped = mem.Read(w.status, b[:24]) == nil && binary.NativeEndian.Uint32(b[8:]) == cldStopped
		pid = int(binary.NativeEndian.Uint32(b[16:]))
	case ret > 0:
		stopped = mem.Read(w.status, b[:4]) == nil && unix.WaitStatus(binary.NativeEndian.Uint32(b[:])).Stopped()
	}
	return stopped && e.pool.Inner.LeadOf(pid) == t.tracer
}

// tellNothing is the answer of WNOHANG while no tracee has anything to tell.
func (e *Engine) tellNothing(t *task, w *waitCall) int64 {
	if !w.id || w.status == 0 {
		return 0
	}
	var b [sizeofWaitInfo]byte
	if e.threadOf(t).Mem.Write(w.status, b[:]) != nil {
		return -int64(unix.EFAULT)
	}
	return 0
}

// tellWait writes an event down, and gives the result of the call.
func (e *Engine) tellWait(t *task, w *waitCall, ev inner.Event) int64 {
	mem := e.threadOf(t).Mem
	if w.usage != 0 {
		if mem.Write(w.usage, usageOf(ev.PID)) != nil {
			return -int64(unix.EFAULT)
		}
	}
	if !w.id {
		if w.status != 0 && mem.Write(w.status, binary.NativeEndian.AppendUint32(nil, uint32(ev.Status))) != nil {
			return -int64(unix.EFAULT)
		}
		return int64(ev.PID)
	}
	if w.status != 0 && mem.Write(w.status, e.waitInfo(t, ev)) != nil {
		return -int64(unix.EFAULT)
	}
	return 0
}

// sizeofWaitInfo is how much of a siginfo_t waitid(2) writes.
const sizeofWaitInfo = 28

// waitInfo is what waitid(2) writes: the beginning of a siginfo_t, to which the
// kernel adds no more than that.
func (e *Engine) waitInfo(t *task, ev inner.Event) []byte {
	s := ptrace.Siginfo{Signo: int32(unix.SIGCHLD), PID: int32(ev.PID), UID: ownerOf(ev.PID)}
	status, value := unix.WaitStatus(ev.Status), 0
	switch {
	case status&0xff == 0x7f:
		s.Code, value = cldTrapped, ev.Status>>8
	case status.Exited():
		s.Code, value = cldExited, status.ExitStatus()
	case status.CoreDump():
		s.Code, value = cldDumped, int(status.Signal())
	default:
		s.Code, value = cldKilled, int(status.Signal())
	}
	e.h.Signaled(e.threadOf(t), &s)
	b := make([]byte, 0, sizeofWaitInfo)
	for _, v := range []uint32{uint32(s.Signo), 0, uint32(s.Code), 0, uint32(s.PID), s.UID, uint32(value)} {
		b = binary.NativeEndian.AppendUint32(b, v)
	}
	return b
}
