package monitor

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// sunPath is where the path starts in struct sockaddr_un, and its room in
// bytes (unix(7)).
const (
	sunPath    = 2
	sunPathMax = 108
)

// unixPath is the path of an AF_UNIX address argument; ok is false for all
// other addresses, which are the kernel's business.
func (c *call) unixPath() (path []byte, ok bool) {
	n := int(int32(c.value(sysent.AddrLen)))
	if n <= sunPath || n > 128 {
		return nil, false
	}
	b := c.buf[:n]
	if c.thread.Mem.Read(c.value(sysent.SockAddr), b) != nil {
		return nil, false
	}
	if uint16(b[0])|uint16(b[1])<<8 != unix.AF_UNIX || b[sunPath] == 0 {
		return nil, false
	}
	path, _, _ = bytes.Cut(b[sunPath:], []byte{0})
	return path, len(path) > 0
}

// bind makes the socket's file where the view has it.
func (c *call) bind() ptrace.Verdict {
	p, ok := c.unixPath()
	if !ok {
		return ptrace.Pass()
	}
	w, err := c.resolve(unix.AT_FDCWD, p, false, 0)
	if err != nil {
		return fails(err)
	}
	if err := c.free(&w); err != nil {
		if err == unix.EEXIST {
			err = unix.EADDRINUSE
		}
		return fails(err)
	}
	mode := 0o777 &^ c.task.umask()
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY, Mode: mode, Owner: c.owner()})
	if err != nil {
		return fails(err)
	}
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Fail(unix.EBADF)
	}
	defer unix.Close(fd)
	if err := c.m.boundNames.bind(fd, place.Host, string(p)); err != nil {
		return fails(err)
	}
	c.m.tree.Forget(w.Dir, w.Name)
	if err := unix.Chmod(place.Host, mode); err != nil {
		return fails(err)
	}
	if place.Stamp {
		s := vfs.SetAttr{Valid: vfs.SetUID | vfs.SetGID, UID: c.owner().UID, GID: c.owner().GID}
		return done(w.FS.SetAttr(w.Path(), s))
	}
	return ptrace.Return(0)
}

// connect reaches the socket that the view has at a path.
func (c *call) connect() ptrace.Verdict {
	p, ok := c.unixPath()
	if !ok {
		return ptrace.Pass()
	}
	place, same, v := c.socketAt(p)
	if v.Kind != ptrace.KindPass || same {
		return v
	}
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Fail(unix.EBADF)
	}
	// A full backlog makes connect(2) wait.
	return ptrace.Later(func() ptrace.Verdict {
		defer unix.Close(fd)
		return done(withAddress(place, func(sa *unix.SockaddrUnix) error { return unix.Connect(fd, sa) }))
	})
}

// sendto sends to a socket's path; it is trapped only with an address.
func (c *call) sendto() ptrace.Verdict {
	p, ok := c.unixPath()
	if !ok {
		return ptrace.Pass()
	}
	place, same, v := c.socketAt(p)
	if v.Kind != ptrace.KindPass || same {
		return v
	}
	n := c.value(sysent.Len)
	if n > 1<<20 {
		return ptrace.Fail(unix.EMSGSIZE)
	}
	data := make([]byte, n)
	if err := c.thread.Mem.Read(c.value(sysent.BufIn), data); err != nil && n > 0 {
		return fails(err)
	}
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Fail(unix.EBADF)
	}
	flags := c.flags()
	return ptrace.Later(func() ptrace.Verdict {
		defer unix.Close(fd)
		err := withAddress(place, func(sa *unix.SockaddrUnix) error { return unix.Sendto(fd, data, flags, sa) })
		if err != nil {
			return fails(err)
		}
		return ptrace.Return(int64(len(data)))
	})
}

// socketAt finds the host path of a socket; same tells that the kernel finds
// it by the guest's own address.
func (c *call) socketAt(p []byte) (host string, same bool, v ptrace.Verdict) {
	w, err := c.resolve(unix.AT_FDCWD, p, true, 0)
	if err != nil {
		return "", false, fails(err)
	}
	if w.Kernel || native(&w) && c.walk.Who == nil {
		return "", true, ptrace.Pass()
	}
	a, err := attr(&w)
	if err != nil {
		return "", false, fails(err)
	}
	if err := c.cred().May(&a, unix.W_OK); err != nil {
		return "", false, fails(err)
	}
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_PATH | unix.O_NOFOLLOW})
	if err != nil {
		return "", false, fails(err)
	}
	return place.Host, place.Host == w.NatPath(), ptrace.Pass()
}

// withAddress calls f with an address of the socket at a host path, by way of
// a descriptor where the path is longer than an address has room for.
func withAddress(host string, f func(*unix.SockaddrUnix) error) error {
	if len(host) < sunPathMax {
		return f(&unix.SockaddrUnix{Name: host})
	}
	fd, err := unix.Open(host, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return f(&unix.SockaddrUnix{Name: descriptorPaths + itoa(fd)})
}

// address answers getsockname and getpeername: what bind was given, or the path
// of the view where bind was another's. The kernel's answer is asked on a
// duplicate of the socket.
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
	if err != nil || !ok || un.Name == "" || un.Name[0] != '/' {
		return ptrace.Pass()
	}
	p, ok := c.m.boundNames.get(un.Name)
	if !ok {
		p, ok = c.m.viewPath(un.Name)
	}
	if !ok || p == un.Name {
		return ptrace.Pass()
	}
	return c.tellAddress(p)
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
