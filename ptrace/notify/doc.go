// Package notify is the transport by seccomp user notification
// (seccomp_unotify(2)): cheaper than a ptrace stop, for calls that are answered
// by Pass, a value or a descriptor. It never changes registers or memory
// addresses; what needs that is sent to ptrace/trace by the filter.
//
// One Listener serves one filter from one locked OS thread, in a blocking
// ioctl. Later work answers from its own goroutine: a notification may be
// answered by anybody.
//
// WAIT_KILLABLE_RECV is required by the caller's probe: once a call has been
// received, only a fatal signal ends the guest's wait, so that no signal can
// repeat a mkdir. One that interrupts a call before would make it fail with
// EINTR; ptrace/trace, which sees the signal first, has such a call run again.
package notify
