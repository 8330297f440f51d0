package cred

import "golang.org/x/sys/unix"

// Setuid is setuid(2). EINVAL, EPERM.
func (c *Cred) Setuid(uid uint32) unix.Errno {
	return c.setUIDs(c.uids().set(uid, c.Capable(unix.CAP_SETUID)))
}

// Setreuid is setreuid(2); (uid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setreuid(ruid, euid uint32) unix.Errno {
	return c.setUIDs(c.uids().setre(ruid, euid, c.Capable(unix.CAP_SETUID)))
}

// Setresuid is setresuid(2); (uid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setresuid(ruid, euid, suid uint32) unix.Errno {
	return c.setUIDs(c.uids().setres(ruid, euid, suid, c.Capable(unix.CAP_SETUID)))
}

// Setfsuid is setfsuid(2): it returns the fsuid before the call and never an
// error.
func (c *Cred) Setfsuid(uid uint32) uint32 {
	old := c.FSUID
	if c.uids().maySetfs(uid, c.Capable(unix.CAP_SETUID)) {
		c.change(func(n *Cred) unix.Errno {
			n.FSUID = uid
			n.fixupSetfsuid(c)
			return 0
		})
	}
	return old
}

func (c *Cred) uids() ids { return ids{c.UID, c.EUID, c.SUID, c.FSUID} }

func (c *Cred) setUIDs(i ids, e unix.Errno) unix.Errno {
	if e != 0 {
		return e
	}
	return c.change(func(n *Cred) unix.Errno {
		n.UID, n.EUID, n.SUID, n.FSUID = i.real, i.effective, i.saved, i.fs
		n.fixupSetuid(c)
		return 0
	})
}
