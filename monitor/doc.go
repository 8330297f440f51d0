// Package monitor runs guests in a view: it keeps what is known of each task,
// decides who owns a caught system call, and answers it by the view's file
// systems, identity and names. Transports (ptrace/…) bring the calls and carry
// out the verdicts.
//
// Files by concern: monitor.go (the object), run.go (start to end), policy.go
// (what the filter catches), dispatch.go (from call to handler), call.go and
// paths.go (arguments), then handlers by family.
//
// What may take its time is not done by the thread that serves guests: a handler
// that finds that it would copy, list or wait begins anew from a goroutine
// (later.go, gate.go), before it has changed anything.
//
// Concurrency: Syscall is called by one thread per transport, at the same time.
// A task's own state is touched only by calls of that task, which is stopped;
// what tasks share (working directory, descriptors) has a lock of its own.
//
// Tasks are found without a lock (tasktable.go); births and ends hold Monitor.mu.
//
// Lock order: Monitor.mu, then fsState.mu, then the tree's, then a file
// system's. None is held over a call to the host that can block.
package monitor
