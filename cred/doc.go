// Package cred is a model of credentials(7) and capabilities(7): the ids,
// groups, capability sets and securebits of one task, the calls that change
// them, and the permission checks that depend on them, with the kernel's rules
// and errors. It makes no system call and knows no guest.
//
// It follows Linux 6.18: kernel/sys.c, kernel/groups.c, kernel/capability.c and
// security/commoncap.c for what changes credentials; fs/namei.c, fs/attr.c,
// fs/open.c, fs/xattr.c, fs/posix_acl.c, kernel/signal.c and kernel/ptrace.c for
// what checks them. There is one user namespace, the view's, in which every id
// but (uid_t)-1 is mapped.
//
// What it is not: a security module (Yama, SafeSetID, SELinux are absent), a
// judge of mounts (EROFS, noexec and nodev are the caller's; nosuid is told to
// Exec), nor of resource limits (RLIMIT_NPROC).
//
// Calls that a guest makes (Setuid, Capset, Prctl, …) are methods that change
// the Cred and return the unix.Errno that the guest gets, 0 for success; a
// failed call changes nothing. Checks (May…) change nothing and return nil or a
// unix.Errno as an error. All ids are those of the view.
//
// # Concurrency
//
// A Cred is a value owned by one task; it is not safe for concurrent use. The
// slice Groups is never written to after it was assigned, so a shallow copy is
// a true copy: a reader elsewhere takes a Clone, or the owner publishes Clones
// through an atomic.Pointer. The package has no locks.
//
// In the kernel credentials belong to a thread, but dumpable to the address
// space. Who keeps several Creds of one process copies Dumpable between them
// after each call that may change it.
package cred
