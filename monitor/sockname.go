package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// address answers getsockname and getpeername: the name of the view. The
// kernel's answer is asked on a duplicate of the socket.
func (c *call) address() ptrace.Verdict {
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Pass()
	}
	defer unix.Close(fd)
	get := unix.Getsockname
	if c.entry.Name == "getpeername" {
		get = unix.Getpeername
	}
	sa, err := get(fd)
	un, ok := sa.(*unix.SockaddrUnix)
	if err != nil || !ok {
		return ptrace.Pass()
	}
	p, ok := c.m.SocketName(un.Name)
	if !ok {
		return ptrace.Pass()
	}
	return c.tellAddress(p)
}

// SocketName is what the view calls a socket that the kernel has a path of; ok
// is false where it is the same.
func (m *Monitor) SocketName(name string) (p string, ok bool) {
	if n, ok := m.boundNames.find(name); ok {
		return n.given, n.given != name
	}
	if name == "" || name[0] != '/' {
		return "", false
	}
	p, ok = m.ViewPath(name)
	return p, ok && p != name
}

// tellAddress writes a struct sockaddr_un and its length.
func (c *call) tellAddress(p string) ptrace.Verdict {
	var size [4]byte
	lenAt := c.value(sysent.AddrLen)
	if err := c.thread.Mem.Read(lenAt, size[:]); err != nil {
		return fails(err)
	}
	room := int(int32(le32(size[:])))
	if room < 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	b := append([]byte{unix.AF_UNIX, 0}, p...)
	b = append(b, 0)
	if err := c.thread.Mem.Write(c.value(sysent.SockAddr), b[:min(room, len(b))]); err != nil {
		return fails(err)
	}
	put32(size[:], uint32(len(b)))
	return done(c.thread.Mem.Write(lenAt, size[:]))
}
