package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// utsLen is the size in bytes of a field of struct new_utsname
// (include/uapi/linux/utsname.h), its NUL included.
const utsLen = 65

func (c *call) uname() ptrace.Verdict {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return fails(err)
	}
	node, domain := c.m.view.UTS.Names()
	var b [6 * utsLen]byte
	for i, f := range [][utsLen]byte{u.Sysname, u.Nodename, u.Release, u.Version, u.Machine, u.Domainname} {
		copy(b[i*utsLen:], f[:])
	}
	put := func(i int, s *string) {
		if s != nil {
			clear(b[i*utsLen : (i+1)*utsLen])
			copy(b[i*utsLen:], *s)
		}
	}
	put(1, node)
	put(5, domain)
	return done(c.thread.Mem.Write(c.value(sysent.BufOut), c.utsname(b[:])))
}

// utsname is a struct new_utsname in the form of the spelling: the older ones have
// no domain, and the oldest 8 bytes and a NUL of each name (kernel/sys.c).
func (c *call) utsname(b []byte) []byte {
	const oldest = 8
	switch c.entry.Name {
	case "olduname":
		return b[:5*utsLen]
	case "oldolduname":
		var old []byte
		for i := range 5 {
			old = append(append(old, b[i*utsLen:i*utsLen+oldest]...), 0)
		}
		return old
	}
	return b
}

func (c *call) sethostname() ptrace.Verdict { return c.setName(c.m.view.UTS.SetNode) }

func (c *call) setdomainname() ptrace.Verdict { return c.setName(c.m.view.UTS.SetDomain) }

func (c *call) setName(set func(string)) ptrace.Verdict {
	if !c.task.cred.Capable(unix.CAP_SYS_ADMIN) {
		return ptrace.Fail(unix.EPERM)
	}
	n := c.Int(c.entry.Arg(sysent.Len))
	if n < 0 || n >= utsLen {
		return ptrace.Fail(unix.EINVAL)
	}
	b := make([]byte, n)
	if err := c.thread.Mem.Read(c.value(sysent.BufIn), b); err != nil && n > 0 {
		return fails(err)
	}
	set(string(b))
	return ptrace.Return(0)
}
