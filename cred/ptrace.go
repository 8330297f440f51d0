package cred

import "golang.org/x/sys/unix"

// PtracePermitted checks the "ptrace access mode" of ptrace(2) to a task of
// another thread group. fscreds is PTRACE_MODE_FSCREDS, of the accesses through
// /proc; attaching goes by the real ids. EPERM (__ptrace_may_access in
// kernel/ptrace.c, cap_ptrace_access_check).
func (c *Cred) PtracePermitted(target *Cred, fscreds bool) error {
	if c.Capable(unix.CAP_SYS_PTRACE) {
		return nil
	}
	uid, gid, caps := c.UID, c.GID, c.Permitted
	if fscreds {
		uid, gid, caps = c.FSUID, c.FSGID, c.Effective
	}
	if uid != target.UID || uid != target.EUID || uid != target.SUID ||
		gid != target.GID || gid != target.EGID || gid != target.SGID ||
		target.Dumpable != 1 || !target.Permitted.SubsetOf(caps) {
		return unix.EPERM
	}
	return nil
}

// MayTraceme checks a PTRACE_TRACEME of c, whose parent is to become its
// tracer. EPERM (cap_ptrace_traceme).
func (c *Cred) MayTraceme(parent *Cred) error {
	if c.Permitted.SubsetOf(parent.Permitted) {
		return nil
	}
	return parent.needs(unix.CAP_SYS_PTRACE)
}
