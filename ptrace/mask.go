package ptrace

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// BlockSignals blocks every signal on the calling thread, which must be locked
// to its goroutine, but for those listed. It returns the mask of before.
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
	for _, s := range except {
		all.Val[(s-1)/64] &^= 1 << ((s - 1) % 64)
	}
	unix.PthreadSigmask(unix.SIG_SETMASK, &all, &before)
	return before
}

// Undisturbed calls f on a thread with all signals blocked.
func Undisturbed(f func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := BlockSignals()
	f()
	unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
}
