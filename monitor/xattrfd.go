package monitor

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// xattrOfNameless answers for a file that has no path in the view: one that was
// removed or never had a name, or what is no file of a file system.
func (c *call) xattrOfNameless(w *vfs.Where, x *xattrArgs) ptrace.Verdict {
	proc := vfs.Join(w.Rec.Host, w.Name)
	if w.Rec.Host == "" {
		proc = c.procFD(c.xattrFD())
	}
	host, err := c.m.hostLink(proc)
	if err != nil && err != unix.ENAMETOOLONG {
		return ptrace.Fail(unix.EBADF)
	}
	if err == nil && !strings.HasPrefix(host, "/") {
		return c.xattrOfAnonymous(host, proc, x.name)
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err == nil {
		err = c.fix(&a, proc)
	}
	if err != nil {
		return fails(err)
	}
	a.ACL = namelessACL{c.m, proc}
	fs := c.m.bearing(host)
	return c.xattrOf(&bearer{
		a:      &a,
		copies: func() bool { return false },
		get:    func(n string) ([]byte, error) { return fs.GetxattrFD(proc, n) },
		set:    func(n string, v []byte, flags int) error { return fs.SetxattrFD(proc, n, v, flags) },
		list:   func() ([]string, error) { return fs.ListxattrFD(proc) },
		remove: func(n string) error { return fs.RemovexattrFD(proc, n) },
	}, x)
}

// bearing is the file system to ask for the attributes of a host file.
func (m *Monitor) bearing(host string) vfs.FileSystem {
	if fs, mine, _ := m.holder(host); mine {
		return fs
	}
	return m.tree.Systems()[0].FS
}

// namelessACL is the access ACL of the file behind a magic link.
type namelessACL struct {
	m    *Monitor
	proc string
}

// AccessACL implements vfs.AccessACL.
func (x namelessACL) AccessACL() []byte {
	host, err := x.m.hostLink(x.proc)
	if err != nil || !strings.HasPrefix(host, "/") {
		return nil
	}
	acl, err := x.m.bearing(host).GetxattrFD(x.proc, vfs.XattrACLAccess)
	if err != nil {
		return nil
	}
	return acl
}

// xattrFD is the descriptor that stands for the file.
func (c *call) xattrFD() int {
	if c.has(sysent.Path) {
		return c.dirfd(sysent.DirFD)
	}
	return c.Int(c.entry.Arg(sysent.FD))
}

// xattrOfAnonymous answers for pipes, sockets and their like, which have no
// attributes. What the guest may ask for and the monitor may not, or the other
// way round, the kernel cannot be asked: trusted.* and security.* (xattr_permission
// in fs/xattr.c, cap_inode_setxattr, sockfs_security_xattr_set), and names of no
// kind, for which the permission to read or write counts.
func (c *call) xattrOfAnonymous(host, proc, name string) ptrace.Verdict {
	if c.m.view.Identity == nil {
		return ptrace.Pass()
	}
	trusted, security := strings.HasPrefix(name, "trusted."), strings.HasPrefix(name, "security.")
	if !trusted && !security {
		return c.xattrOfNoKind(proc, name)
	}
	none := vfs.Attr{}
	private := strings.HasPrefix(host, "anon_inode:") // nothing that security modules look at
	var err error
	switch c.entry.Op {
	case sysent.OpListxattr, sysent.OpFlistxattr:
		return ptrace.Pass()
	case sysent.OpGetxattr, sysent.OpFgetxattr:
		if security {
			return ptrace.Pass()
		}
		err = c.cred().MayGetXattr(&none, name)
	case sysent.OpRemovexattr, sysent.OpFremovexattr:
		if security && private {
			break
		}
		if err = c.cred().MaySetXattr(&none, name); err == nil && security && strings.HasPrefix(host, "socket:") {
			err = unix.EAGAIN
		}
	default:
		if security && private {
			break
		}
		err = c.cred().MaySetXattr(&none, name)
	}
	if err != nil {
		return fails(err)
	}
	return ptrace.Fail(unix.EOPNOTSUPP)
}

// xattrOfNoKind answers for an attribute of an anonymous file that is neither
// trusted nor of security modules.
func (c *call) xattrOfNoKind(proc, name string) ptrace.Verdict {
	if name == "" || len(name) > xattrNameMax || strings.HasPrefix(name, "user.") || strings.HasPrefix(name, "system.") {
		return ptrace.Pass()
	}
	mask := uint32(unix.W_OK)
	switch c.entry.Op {
	case sysent.OpListxattr, sysent.OpFlistxattr:
		return ptrace.Pass()
	case sysent.OpGetxattr, sysent.OpFgetxattr:
		mask = unix.R_OK
	}
	a, err := vfs.HostStatAt(unix.AT_FDCWD, proc, 0)
	if err == nil {
		err = c.fix(&a, proc)
	}
	if err == nil {
		err = c.cred().May(&a, mask)
	}
	if err != nil {
		return fails(err)
	}
	return ptrace.Fail(unix.EOPNOTSUPP)
}
