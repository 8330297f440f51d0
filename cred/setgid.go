package cred

import "golang.org/x/sys/unix"

// Setgid is setgid(2). EINVAL, EPERM.
func (c *Cred) Setgid(gid uint32) unix.Errno {
	if gid == invalid {
		return unix.EINVAL
	}
	return c.change(func(n *Cred) unix.Errno {
		if c.Capable(unix.CAP_SETGID) {
			n.GID, n.SGID = gid, gid
		} else if gid != c.GID && gid != c.SGID {
			return unix.EPERM
		}
		n.EGID, n.FSGID = gid, gid
		return 0
	})
}

// Setregid is setregid(2); (gid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setregid(rgid, egid uint32) unix.Errno {
	privileged := c.Capable(unix.CAP_SETGID)
	if !privileged && rgid != invalid && rgid != c.GID && rgid != c.EGID {
		return unix.EPERM
	}
	if !privileged && egid != invalid && egid != c.GID && egid != c.EGID && egid != c.SGID {
		return unix.EPERM
	}
	return c.change(func(n *Cred) unix.Errno {
		n.GID, n.EGID = pick(rgid, c.GID), pick(egid, c.EGID)
		// As for setreuid(2): the saved id follows unless the call only
		// went back to the real one.
		if rgid != invalid || egid != invalid && egid != c.GID {
			n.SGID = n.EGID
		}
		n.FSGID = n.EGID
		return 0
	})
}

// Setresgid is setresgid(2); (gid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setresgid(rgid, egid, sgid uint32) unix.Errno {
	for _, id := range []uint32{rgid, egid, sgid} {
		if id != invalid && id != c.GID && id != c.EGID && id != c.SGID && !c.Capable(unix.CAP_SETGID) {
			return unix.EPERM
		}
	}
	// A call that asks for nothing new leaves an fsgid of its own alone;
	// any other pulls it to the egid.
	if pick(rgid, c.GID) == c.GID && pick(sgid, c.SGID) == c.SGID &&
		(egid == invalid || egid == c.EGID && egid == c.FSGID) {
		return 0
	}
	return c.change(func(n *Cred) unix.Errno {
		n.GID, n.EGID, n.SGID = pick(rgid, c.GID), pick(egid, c.EGID), pick(sgid, c.SGID)
		n.FSGID = n.EGID
		return 0
	})
}

// Setfsgid is setfsgid(2): it returns the fsgid before the call and never an
// error.
func (c *Cred) Setfsgid(gid uint32) uint32 {
	old := c.FSGID
	if gid == invalid || gid == old {
		return old
	}
	if gid == c.GID || gid == c.EGID || gid == c.SGID || c.Capable(unix.CAP_SETGID) {
		c.change(func(n *Cred) unix.Errno {
			n.FSGID = gid
			return 0
		})
	}
	return old
}
