package trace

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// The kernel's internal codes for a call that a signal interrupted
// (include/linux/errno.h): one that runs again if the handler has SA_RESTART,
// and one that runs again whatever the handler.
const (
	restartSys     = -512
	restartNoIntr  = -513
	lastRestarting = -516
)

// restarts tells those codes.
func restarts(ret int64) bool { return ret <= restartSys && ret >= lastRestarting }

// signal is the stop before a signal is delivered. A call that it interrupted
// on its way to the notify transport's listener has not begun: where the bare
// kernel would have done it first, it is to run again after the handler,
// never to fail with EINTR. (On arm64 the kernel has wound the registers back
// before this stop, and the code is not seen any more.)
func (e *Engine) signal(t *task, sig unix.Signal) {
	e.Stops.Signals++
	if unheard := e.pool.Unheard; unheard != nil && t.born {
		var r arch.Regs
		if getRegs(t.tid, &r) == 0 && int64(r.Ret()) == restartSys {
			c := ptrace.Call{Nr: r.Nr(), IP: r.IP()}
			for i := range c.Args {
				c.Args[i] = r.Arg(i)
			}
			if unheard(t.tid, &c) {
				back := int64(restartNoIntr)
				r.SetRet(uint64(back))
				setRegs(t.tid, &r)
			}
		}
	}
	cont(t.tid, sig)
}
