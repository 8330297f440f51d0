package seccomp

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Action is what a filter answers for a call: one of the SECCOMP_RET_ values,
// in the lower 16 bits its data. The zero Action is not valid in a Policy: to
// the kernel it would mean to kill the thread.
type Action uint32

const (
	// Allow: the kernel does the call.
	Allow Action = unix.SECCOMP_RET_ALLOW
	// Log: the same, and it is logged.
	Log Action = unix.SECCOMP_RET_LOG
	// Trace: a PTRACE_EVENT_SECCOMP stop; without a tracer that asked for
	// such stops the call is ENOSYS.
	Trace Action = unix.SECCOMP_RET_TRACE
	// Notify: a notification on the listener; without one ENOSYS.
	Notify Action = unix.SECCOMP_RET_USER_NOTIF
	// Trap: SIGSYS.
	Trap Action = unix.SECCOMP_RET_TRAP
	// KillProcess: the process dies of SIGSYS.
	KillProcess Action = unix.SECCOMP_RET_KILL_PROCESS
)

// maxErrno is the greatest error number a call can return (MAX_ERRNO).
const maxErrno = 4095

// Errno answers a call with an error, or with 0 as its result for 0.
func Errno(e unix.Errno) Action {
	return unix.SECCOMP_RET_ERRNO | Action(min(e, maxErrno))
}

// TraceData is Trace with 16 bits that the tracer reads by PTRACE_GETEVENTMSG.
func TraceData(data uint16) Action { return Trace | Action(data) }

// Base is the action without its data.
func (a Action) Base() Action { return a & unix.SECCOMP_RET_ACTION_FULL }

// Data is the 16 bits that go with the action.
func (a Action) Data() uint16 { return uint16(a & unix.SECCOMP_RET_DATA) }

func (a Action) String() string {
	switch a.Base() {
	case Allow:
		return "allow"
	case Log:
		return "log"
	case Trace:
		return fmt.Sprintf("trace(%d)", a.Data())
	case Notify:
		return "notify"
	case Trap:
		return fmt.Sprintf("trap(%d)", a.Data())
	case KillProcess:
		return "kill"
	case unix.SECCOMP_RET_ERRNO:
		return fmt.Sprintf("errno(%s)", unix.ErrnoName(unix.Errno(a.Data())))
	}
	return fmt.Sprintf("action(%#x)", uint32(a))
}

func (a Action) valid() bool {
	switch a.Base() {
	case Allow, Log, Trace, Notify, Trap, KillProcess, unix.SECCOMP_RET_ERRNO:
		return true
	}
	return false
}
