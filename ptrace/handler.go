package ptrace

import "golang.org/x/sys/unix"

// Handler decides about calls and is told of the life of tasks. Task ids are
// those of the monitor's own pid namespace.
type Handler interface {
	// Syscall decides about one trapped call.
	Syscall(t *Thread, c *Call) Verdict
	// Born tells of a new task before its first instruction; flags are those
	// of clone(2), with the sharing that fork and vfork imply.
	Born(parent, child int, flags uint64)
	// Execed tells that tid runs a new program; former is the id of the
	// thread that called execve (a thread group's other threads are gone).
	Execed(t *Thread, former int)
	// Gone tells that a task has ended and been reaped.
	Gone(tid int, status unix.WaitStatus)
	// GroupStopped tells that a task entered or left a group-stop by sig
	// (sig 0: it goes on).
	GroupStopped(tid int, sig unix.Signal)
	// Signaled tells of a signal that a task is about to get, and whether the
	// handler has changed what it says.
	Signaled(t *Thread, s *Siginfo) (changed bool)
}
