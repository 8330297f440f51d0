// Package trace is the transport that can do everything: ptrace(2) with
// PTRACE_SEIZE. It follows the life of every guest task, whichever transport
// catches its calls, and catches those that the filter sends to
// SECCOMP_RET_TRACE.
//
// One Engine owns one OS thread: ptrace ties a guest to the thread that
// attached it, and children inherit that thread. All guest state in the Engine
// belongs to that thread; the only thing shared with other goroutines is the
// queue of finished Later work, under its lock.
//
// Stops per call: one where the verdict is Pass or Return. Rewrite, Open, FD
// and Then take a second one at the call's exit, because the registers that the
// guest passed must come back unchanged.
//
// Group-stops are kept with PTRACE_LISTEN, so that a stopped guest looks
// stopped to its parent and goes on at SIGCONT only (ptrace(2), "Group-stop").
//
// Lock order: none; Handler methods may take locks of their own, and must not
// wait for another guest.
package trace
