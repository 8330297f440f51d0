package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// keep is an id argument that leaves the id as it is ((uid_t)-1).
const keep = ^uint32(0)

func (c *call) chmod() ptrace.Verdict {
	return c.setByPath(c.chmodOf)
}

func (c *call) fchmod() ptrace.Verdict {
	return c.setByFD(c.Int(c.entry.Arg(sysent.FD)), c.chmodOf)
}

func (c *call) chown() ptrace.Verdict { return c.setByPath(c.chownOf) }

func (c *call) fchown() ptrace.Verdict {
	return c.setByFD(c.Int(c.entry.Arg(sysent.FD)), c.chownOf)
}

func (c *call) chmodOf(a *vfs.Attr) (s vfs.SetAttr, err error) {
	if a.IsLink() {
		return s, unix.EOPNOTSUPP
	}
	who := c.cred()
	if err := who.MayChmod(a); err != nil {
		return s, err
	}
	return vfs.SetAttr{Valid: vfs.SetMode, Mode: who.ChmodMode(a, uint32(c.value(sysent.Mode))&0o7777)}, nil
}

func (c *call) chownOf(a *vfs.Attr) (s vfs.SetAttr, err error) {
	uid, gid := uint32(c.value(sysent.UID)), uint32(c.value(sysent.GID))
	who := c.cred()
	if err := who.MayChown(a, uid, gid); err != nil {
		return s, err
	}
	if uid != keep {
		s.Valid, s.UID = s.Valid|vfs.SetUID, uid
	}
	if gid != keep {
		s.Valid, s.GID = s.Valid|vfs.SetGID, gid
	}
	if !a.IsDir() && !a.IsLink() {
		if mode := who.ChownMode(a, gid); mode != a.Perm() {
			s.Valid, s.Mode = s.Valid|vfs.SetMode, mode
		}
	}
	return s, nil
}
