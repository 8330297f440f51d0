package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// Sizes and offsets in bytes of struct msghdr and struct mmsghdr on 64-bit
// CPUs (include/linux/socket.h).
const (
	sizeofMsghdr   = 56
	sizeofMmsghdr  = 64
	msgNamelen     = 8
	mmsgLen        = 56
	mostMessages   = 1024 // UIO_MAXIOV
	sizeofSockaddr = sunPath + sunPathMax
)

// headers copies the message headers of a call, and how far apart they are.
func (c *call) headers() (b []byte, stride int, err error) {
	stride, n := sizeofMsghdr, 1
	if c.entry.Name == "sendmmsg" || c.entry.Name == "recvmmsg" {
		stride, n = sizeofMmsghdr, int(min(c.Uint32(2), mostMessages))
	}
	b = make([]byte, n*stride)
	return b, stride, c.thread.Mem.Read(c.value(sysent.MsgHdr), b)
}

// sendmsg sends to the socket that the view has at a path. Of several messages
// only the first is sent: the kernel, too, may send fewer than it was given.
func (c *call) sendmsg() ptrace.Verdict {
	all, stride, err := c.headers()
	if err != nil {
		return ptrace.Pass()
	}
	several := stride == sizeofMmsghdr
	for i := 0; i < len(all); i += stride {
		a, ok := c.recipient(all[i:])
		if !ok {
			continue
		}
		if i > 0 {
			a, ok = c.recipient(all)
		}
		if !ok {
			return c.sendFirst(all[:sizeofMsghdr], several, 0)
		}
		a, through, err := c.target(a)
		if err != nil {
			return fails(err)
		}
		head := append(all[:sizeofMsghdr:sizeofMsghdr], a...)
		binary.NativeEndian.PutUint64(head, sizeofMsghdr)
		binary.NativeEndian.PutUint32(head[msgNamelen:], uint32(len(a)))
		return c.sendFirst(head, several, through)
	}
	return ptrace.Pass()
}

// recipient copies the address of a message; ok is false where it is not one of
// AF_UNIX.
func (c *call) recipient(head []byte) (a unixAddr, ok bool) {
	at, n := binary.NativeEndian.Uint64(head), int(int32(binary.NativeEndian.Uint32(head[msgNamelen:])))
	if at == 0 || n < sunPath {
		return nil, false
	}
	a = make(unixAddr, min(n, addrMax)) // the kernel cuts a longer one off (net/socket.c)
	if c.thread.Mem.Read(at, a) != nil {
		return nil, false
	}
	return a, binary.NativeEndian.Uint16(a) == unix.AF_UNIX
}

// sendFirst makes the call with a header of ours, which an address of ours may
// follow.
func (c *call) sendFirst(head []byte, several bool, through int) ptrace.Verdict {
	rw := &ptrace.Rewrite{Nr: unix.SYS_SENDMSG, Through: through}
	arg := ptrace.Arg{Set: true, Bytes: head}
	if len(head) > sizeofMsghdr {
		arg.Pointers = []int{0}
	}
	rw.Args[1] = arg
	rw.Args[2] = ptrace.Arg{Set: true, Value: uint64(c.flags())}
	v := ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
	if at := c.value(sysent.MsgHdr); several {
		v.After = func(t *ptrace.Thread, ret int64) int64 {
			if ret < 0 {
				return ret
			}
			t.Mem.Write(at+mmsgLen, binary.NativeEndian.AppendUint32(nil, uint32(ret)))
			return 1
		}
	}
	return v
}

// recvmsg puts the view's name in the place of a sender's, once it is there.
func (c *call) recvmsg() ptrace.Verdict {
	if c.entry.Name == "recvfrom" {
		return c.recvfrom()
	}
	all, stride, err := c.headers()
	if err != nil {
		return ptrace.Pass()
	}
	var names []sender
	for i := 0; i < len(all); i += stride {
		if at := binary.NativeEndian.Uint64(all[i:]); at != 0 {
			lenAt := c.value(sysent.MsgHdr) + uint64(i) + msgNamelen
			names = append(names, sender{i / stride, at, lenAt, int(int32(binary.NativeEndian.Uint32(all[i+msgNamelen:])))})
		}
	}
	if names == nil {
		return ptrace.Pass()
	}
	return c.m.receiving(names, stride == sizeofMmsghdr)
}

// recvfrom is also accept: the address and its length are in registers.
func (c *call) recvfrom() ptrace.Verdict {
	at, lenAt := c.value(sysent.SockAddr), c.value(sysent.AddrLen)
	var size [4]byte
	if c.thread.Mem.Read(lenAt, size[:]) != nil {
		return ptrace.Pass()
	}
	return c.m.receiving([]sender{{0, at, lenAt, int(int32(le32(size[:])))}}, false)
}

// sender is where the name of a message's sender goes: its address, that of its
// length, and how much room there is.
type sender struct {
	message   int
	at, lenAt uint64
	room      int
}

// receiving lets the kernel receive, then changes names.
func (m *Monitor) receiving(names []sender, several bool) ptrace.Verdict {
	return ptrace.Then(func(t *ptrace.Thread, ret int64) int64 {
		got := int64(1)
		if several {
			got = ret
		}
		for _, s := range names {
			if ret >= 0 && int64(s.message) < got {
				m.rename(t, s)
			}
		}
		return ret
	})
}

func (m *Monitor) rename(t *ptrace.Thread, s sender) {
	var size [4]byte
	if t.Mem.Read(s.lenAt, size[:]) != nil {
		return
	}
	whole := int(int32(le32(size[:])))
	n := min(whole, s.room, sizeofSockaddr)
	if n <= sunPath {
		return
	}
	a := make(unixAddr, n)
	if t.Mem.Read(s.at, a) != nil {
		return
	}
	name, ok := a.path()
	if !ok {
		return
	}
	text := string(name)
	if n < whole { // there was no room for more
		if text, ok = m.boundNames.complete(text, whole-sunPath-1); !ok {
			return
		}
	}
	given, ok := m.SocketName(text)
	if !ok {
		return
	}
	b := append(append([]byte{unix.AF_UNIX, 0}, given...), 0)
	if t.Mem.Write(s.at, b[:min(s.room, len(b))]) == nil {
		put32(size[:], uint32(len(b)))
		t.Mem.Write(s.lenAt, size[:])
	}
}
