// Package seccomp turns a policy (which system calls a view has to see) into
// a filter program, installs it, and finds out by trying what the kernel's
// seccomp(2) can do.
//
// It does not decide which calls those are, and it does not receive
// notifications or stops: its callers in ptrace do.
//
// # Programs that cost nothing
//
// Since 5.11 the kernel runs each filter once for every number when it is
// installed and remembers for which the answer is ALLOW without a look at
// arguments or instruction pointer (kernel/seccomp.c, seccomp_is_const_allow).
// Calls with those numbers never run the program again. So a program made here
// loads the architecture, then the number, and searches the number by halves;
// arguments are loaded only behind numbers that have conditions.
//
// # Numbers that are not calls
//
// The number -1 is always allowed: it is how a tracer skips a call, the kernel
// runs nothing for it, and a filter that answered ERRNO would overwrite the
// result that the tracer has put in place.
//
// # Concurrency
//
// A Policy is read only while it is compiled. Install and NoNewPrivs change
// the calling thread for good; the caller locks it (runtime.LockOSThread) and
// never unlocks. Probe does so with a thread of its own that it throws away.
//
// ABI: seccomp(2), seccomp_unotify(2), include/uapi/linux/seccomp.h.
package seccomp
