package cred

import "golang.org/x/sys/unix"

// KillPermitted checks a signal (0 for a probe) of c to a task of another
// thread group; within one's own all is permitted. sameSession tells whether
// both are of one session, which matters for SIGCONT alone. EPERM
// (check_kill_permission in kernel/signal.c).
func (c *Cred) KillPermitted(target *Cred, sig unix.Signal, sameSession bool) error {
	if c.EUID == target.SUID || c.EUID == target.UID || c.UID == target.SUID || c.UID == target.UID ||
		sig == unix.SIGCONT && sameSession {
		return nil
	}
	return c.needs(unix.CAP_KILL)
}
