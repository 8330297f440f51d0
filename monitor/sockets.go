package monitor

import (
	"bytes"
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// sunPath is where the path starts in struct sockaddr_un, sunPathMax its room
// and addrMax that of any address, in bytes (unix(7), struct sockaddr_storage).
const (
	sunPath    = 2
	sunPathMax = 108
	addrMax    = 128
)

// unixAddr is a copy of an address in AF_UNIX.
type unixAddr []byte

// path is the path that an address names; ok is false for one without a name,
// one of the abstract name space, and one that the kernel does not take.
func (a unixAddr) path() (p []byte, ok bool) {
	if binary.NativeEndian.Uint16(a) != unix.AF_UNIX || len(a) <= sunPath || len(a) > sunPath+sunPathMax || a[sunPath] == 0 {
		return nil, false
	}
	p, _, _ = bytes.Cut(a[sunPath:], []byte{0})
	return p, true
}

// unixAddrOf is the address of a path.
func unixAddrOf(path string) unixAddr {
	a := binary.NativeEndian.AppendUint16(nil, unix.AF_UNIX)
	return append(append(a, path...), 0)[:min(sunPath+len(path)+1, sunPath+sunPathMax)]
}

// socketAddress copies the address argument. EFAULT, and EINVAL for a length
// that no address has.
func (c *call) socketAddress() (unixAddr, error) {
	n := int(int32(c.value(sysent.AddrLen)))
	if n < sunPath || n > addrMax {
		return nil, unix.EINVAL
	}
	a := make(unixAddr, n)
	return a, c.thread.Mem.Read(c.value(sysent.SockAddr), a)
}

// connect and sendto reach the socket that the view has at a path. The guest
// makes the call itself, with another address: so it waits, is interrupted and
// says who it is (SO_PEERCRED, SCM_CREDENTIALS) as without us. Where nothing
// else is meant, the address still is our copy of it.
func (c *call) connect() ptrace.Verdict {
	a, err := c.socketAddress()
	if err != nil || binary.NativeEndian.Uint16(a) != unix.AF_UNIX {
		return ptrace.Pass()
	}
	if _, named := a.path(); named {
		if e := c.noSocket(); e != 0 {
			return ptrace.Fail(e) // before a link on the way is read
		}
	}
	a, through, err := c.target(a)
	if err != nil {
		return c.unlessNoSocket(err)
	}
	if c.entry.Op == sysent.OpConnect {
		if v, ok := c.armSpeaker(); ok {
			if through != 0 {
				unix.Close(through)
			}
			return v
		}
	}
	rw := &ptrace.Rewrite{Nr: -1, Through: through}
	rw.Args[c.entry.Arg(sysent.SockAddr)] = ptrace.Arg{Set: true, Bytes: a}
	rw.Args[c.entry.Arg(sysent.AddrLen)] = ptrace.Arg{Set: true, Value: uint64(len(a))}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
}

// noSocket is the error of a descriptor that is no socket (sockfd_lookup in
// net/socket.c).
func (c *call) noSocket() unix.Errno {
	var buf [16]byte
	fd := c.Int(c.entry.Arg(sysent.FD))
	n, err := unix.Readlink(c.procFD(fd), buf[:])
	switch {
	case err != nil:
		return unix.EBADF
	case bytes.HasPrefix(buf[:n], []byte("socket:")):
		return 0
	}
	if e := c.pathOnly(fd); e != 0 {
		return e
	}
	return unix.ENOTSOCK
}

// unlessNoSocket answers with the error of an address, unless the descriptor,
// which the kernel looks up before, is no AF_UNIX socket.
func (c *call) unlessNoSocket(err error) ptrace.Verdict {
	fd, e := c.borrow(c.Int(c.entry.Arg(sysent.FD)))
	if e != nil {
		return ptrace.Fail(unix.EBADF)
	}
	defer unix.Close(fd)
	if domain, e := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); e != nil || domain != unix.AF_UNIX {
		return ptrace.Pass()
	}
	if kind, e := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE); e == nil && kind != unix.SOCK_DGRAM && c.entry.Op == sysent.OpSendto {
		return ptrace.Pass() // such a one sends to nobody but its peer
	}
	return fails(err)
}

// target is the address by which the kernel comes to the socket that an address
// means in the view. through, if not 0, is a descriptor of ours that it leads
// through.
func (c *call) target(a unixAddr) (b unixAddr, through int, err error) {
	p, ok := a.path()
	if !ok {
		return a, 0, nil
	}
	host, same, err := c.socketAt(p)
	switch {
	case err != nil:
		return nil, 0, err
	case same:
		return a, 0, nil
	case len(host) < sunPathMax:
		return unixAddrOf(host), 0, nil
	}
	fd, err := hostpath.Open(host, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, 0, err
	}
	return unixAddrOf("/proc/" + strconv.Itoa(self) + "/fd/" + strconv.Itoa(fd)), fd, nil
}

// socketAt finds the host path of a socket; same tells that the kernel finds
// it by the guest's own address.
func (c *call) socketAt(p []byte) (host string, same bool, err error) {
	w, err := c.resolve(unix.AT_FDCWD, p, true, 0)
	if err != nil || w.Kernel {
		host, err = c.m.boundNames.unseen(p, err)
		return host, host == "", err
	}
	if native(&w) && c.walk.Who == nil && (c.m.view.Identity == nil || searcher(c.m.real)) {
		return "", true, nil
	}
	a, err := attr(&w)
	if err != nil {
		host, err = c.m.boundNames.unseen(p, err)
		return host, false, err
	}
	if err := c.cred().May(&a, unix.W_OK); err != nil {
		return "", false, err
	}
	if a.Kind() != unix.S_IFSOCK {
		return "", false, unix.ECONNREFUSED // unix_find_bsd in net/unix/af_unix.c
	}
	place, err := w.FS.Open(w.Path(), vfs.How{Flags: unix.O_PATH | unix.O_NOFOLLOW})
	return place.Host, place.Host == w.NatPath(), err
}
