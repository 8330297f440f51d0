package cred

import "golang.org/x/sys/unix"

// Setuid is setuid(2). EINVAL, EPERM.
func (c *Cred) Setuid(uid uint32) unix.Errno {
	if uid == invalid {
		return unix.EINVAL
	}
	return c.change(func(n *Cred) unix.Errno {
		if c.Capable(unix.CAP_SETUID) {
			n.UID, n.SUID = uid, uid
		} else if uid != c.UID && uid != c.SUID {
			return unix.EPERM
		}
		n.EUID, n.FSUID = uid, uid
		n.fixupSetuid(c)
		return 0
	})
}

// Setreuid is setreuid(2); (uid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setreuid(ruid, euid uint32) unix.Errno {
	privileged := c.Capable(unix.CAP_SETUID)
	if !privileged && ruid != invalid && ruid != c.UID && ruid != c.EUID {
		return unix.EPERM
	}
	if !privileged && euid != invalid && euid != c.UID && euid != c.EUID && euid != c.SUID {
		return unix.EPERM
	}
	return c.change(func(n *Cred) unix.Errno {
		n.UID, n.EUID = pick(ruid, c.UID), pick(euid, c.EUID)
		// The saved id follows unless the call only went back to the real
		// id: 4.3BSD's rule, kept by setreuid(2).
		if ruid != invalid || euid != invalid && euid != c.UID {
			n.SUID = n.EUID
		}
		n.FSUID = n.EUID
		n.fixupSetuid(c)
		return 0
	})
}

// Setresuid is setresuid(2); (uid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setresuid(ruid, euid, suid uint32) unix.Errno {
	for _, id := range []uint32{ruid, euid, suid} {
		if id != invalid && id != c.UID && id != c.EUID && id != c.SUID && !c.Capable(unix.CAP_SETUID) {
			return unix.EPERM
		}
	}
	// A call that asks for nothing new leaves an fsuid of its own alone;
	// any other pulls it to the euid.
	if pick(ruid, c.UID) == c.UID && pick(suid, c.SUID) == c.SUID &&
		(euid == invalid || euid == c.EUID && euid == c.FSUID) {
		return 0
	}
	return c.change(func(n *Cred) unix.Errno {
		n.UID, n.EUID, n.SUID = pick(ruid, c.UID), pick(euid, c.EUID), pick(suid, c.SUID)
		n.FSUID = n.EUID
		n.fixupSetuid(c)
		return 0
	})
}

// Setfsuid is setfsuid(2): it returns the fsuid before the call and never an
// error.
func (c *Cred) Setfsuid(uid uint32) uint32 {
	old := c.FSUID
	if uid == invalid || uid == old {
		return old
	}
	if uid == c.UID || uid == c.EUID || uid == c.SUID || c.Capable(unix.CAP_SETUID) {
		c.change(func(n *Cred) unix.Errno {
			n.FSUID = uid
			n.fixupSetfsuid(c)
			return 0
		})
	}
	return old
}

// pick gives id, or what there is if id says to leave it.
func pick(id, current uint32) uint32 {
	if id == invalid {
		return current
	}
	return id
}
