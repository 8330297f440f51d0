package trace

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// The kernel's internal codes for a call that a signal interrupted
// (include/linux/errno.h): one that runs again if the handler has SA_RESTART,
// one that runs again whatever the handler, and one that does where there is no
// handler.
const (
	restartSys     = -512
	restartNoIntr  = -513
	restartNoHand  = -514
	lastRestarting = -516
)

// restarts tells those codes.
func restarts(ret int64) bool { return ret <= restartSys && ret >= lastRestarting }

// signal is the stop before a signal is delivered.
func (e *Engine) signal(t *task, sig unix.Signal) {
	e.Stops.Signals++
	var r arch.Regs
	e.abi(t)
	if t.born && getRegs(t, &r) == 0 && (e.unheard(t, &r) || t.in == nil && e.undisturbed(t, sig, &r)) {
		setRegs(t.tid, &r)
	}
	var info ptrace.Siginfo
	if getSiginfo(t.tid, &info) == 0 {
		if e.tooSoon(t, &info) {
			e.deliver(t, 0)
			return
		}
		changed := e.recoded(&info) || t.in != nil && t.in.disguise(&info)
		if e.h.Signaled(e.threadOf(t), &info) || changed {
			setSiginfo(t.tid, &info)
		}
	}
	if t.in != nil {
		e.signaled(t, sig)
		return
	}
	e.deliver(t, sig)
}

// deliver has a signal delivered, up to the call that then is made again.
func (e *Engine) deliver(t *task, sig unix.Signal) {
	if t.exit == exitAgain {
		request(unix.PTRACE_SYSCALL, t.tid, 0, uintptr(sig))
		return
	}
	e.restart(t, sig)
}

// unheard has a call made again that the signal interrupted on its way to the
// notify transport's listener: it has not begun, and where the bare kernel
// would have done it first, it is to run again after the handler, never to fail
// with EINTR. (On arm64 the kernel has wound the registers back before this
// stop, and the code is not seen any more.) It tells whether it has changed the
// registers.
func (e *Engine) unheard(t *task, r *arch.Regs) bool {
	if e.pool.Unheard == nil || r.Compat || int64(r.Ret()) != restartSys {
		return false
	}
	c := ptrace.Call{Nr: r.Nr(), IP: r.IP()}
	for i := range c.Args {
		c.Args[i] = r.Arg(i)
	}
	if !e.pool.Unheard(t.tid, &c) {
		return false
	}
	setRet(r, restartNoIntr)
	return true
}

func setRet(r *arch.Regs, ret int64) { r.SetRet(uint64(ret)) }
