package ptrace

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// faults are the signals of a mistake in the thread itself. Where they are
// blocked the kernel ends the process (force_sig_info_to_task in kernel/signal.c),
// and Go cannot make a panic of them.
var faults = []unix.Signal{unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL}

// BlockSignals blocks every signal on the calling thread, which must be locked
// to its goroutine, but for faults and those listed. It returns the mask of
// before.
//
// A transport needs it because Go interrupts threads with SIGURG: should a
// signal interrupt SECCOMP_IOCTL_NOTIF_ADDFD with SECCOMP_ADDFD_FLAG_SEND, the
// kernel takes the request back but not the answer, and the guest's open
// returns descriptor 0 (seccomp_notify_addfd in kernel/seccomp.c, 6.18).
func BlockSignals(except ...unix.Signal) (before unix.Sigset_t) {
	var all unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	for _, s := range append(except, faults...) {
		all.Val[(s-1)/64] &^= 1 << ((s - 1) % 64)
	}
	unix.PthreadSigmask(unix.SIG_SETMASK, &all, &before)
	return before
}

// Undisturbed calls f on a thread with all signals but faults blocked.
func Undisturbed(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := BlockSignals()
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	f()
}
