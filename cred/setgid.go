package cred

import "golang.org/x/sys/unix"

// Setgid is setgid(2). EINVAL, EPERM.
func (c *Cred) Setgid(gid uint32) unix.Errno {
	return c.setGIDs(c.gids().set(gid, c.Capable(unix.CAP_SETGID)))
}

// Setregid is setregid(2); (gid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setregid(rgid, egid uint32) unix.Errno {
	return c.setGIDs(c.gids().setre(rgid, egid, c.Capable(unix.CAP_SETGID)))
}

// Setresgid is setresgid(2); (gid_t)-1 leaves an id as it is. EPERM.
func (c *Cred) Setresgid(rgid, egid, sgid uint32) unix.Errno {
	return c.setGIDs(c.gids().setres(rgid, egid, sgid, c.Capable(unix.CAP_SETGID)))
}

// Setfsgid is setfsgid(2): it returns the fsgid before the call and never an
// error.
func (c *Cred) Setfsgid(gid uint32) uint32 {
	i := c.gids()
	if i.maySetfs(gid, c.Capable(unix.CAP_SETGID)) {
		n := i
		n.fs = gid
		c.setGIDs(n, 0)
	}
	return i.fs
}

func (c *Cred) gids() ids { return ids{c.GID, c.EGID, c.SGID, c.FSGID} }

func (c *Cred) setGIDs(i ids, e unix.Errno) unix.Errno {
	if e != 0 {
		return e
	}
	return c.change(func(n *Cred) unix.Errno {
		n.GID, n.EGID, n.SGID, n.FSGID = i.real, i.effective, i.saved, i.fs
		return 0
	})
}
