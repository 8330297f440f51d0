// Package inner knows which guests trace which: the relations that a guest's
// ptrace(2) makes while the kernel's one tracer of every guest is the monitor.
// It keeps options, stops that nobody has waited for yet and ends that a tracer
// is to hear of before the parent, and finds what a wait(2) of a tracer gets.
//
// It commands nobody: ptrace/trace does, from the thread that has attached a
// guest, and hands in functions that run there.
//
// Concurrency: all of a Registry may be used from any goroutine. Its lock is
// held over no call but getpgid(2); functions that it was given are called
// without it. Where nobody traces it costs one atomic load.
package inner
