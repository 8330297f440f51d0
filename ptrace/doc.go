// Package ptrace is the boundary between transports, which catch a guest's
// system calls, and the Handler that decides about them.
//
// A transport (ptrace/trace, ptrace/notify) stops a guest at the entry of a
// call, hands the Handler a Thread and a Call, and carries out the Verdict that
// comes back. Handlers are transport-blind: whatever a transport cannot do is
// routed to trace by the filter beforehand, never found out afterwards.
//
// Concurrency: a Thread is valid only until its verdict is given. Each
// transport calls the Handler from one locked OS thread, so a Handler is
// called concurrently by as many transports as there are. Lifecycle methods
// (Born, Execed, Gone) come from trace only, and a task's Born always returns
// before its first call is handed over by anyone.
package ptrace
