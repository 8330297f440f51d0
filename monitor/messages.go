package monitor

import (
	"encoding/binary"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// Sizes and offsets in words of struct msghdr and struct mmsghdr
// (include/linux/socket.h, include/net/compat.h).
const (
	msghdrWords    = 7
	mmsghdrWords   = 8
	msgName        = 0
	msgNamelen     = 1 // an int
	msgControl     = 4
	msgControllen  = 5
	mmsgLen        = 7    // an int
	mostMessages   = 1024 // UIO_MAXIOV
	sizeofSockaddr = sunPath + sunPathMax
)

// words is the size of so many words of the call's, in bytes.
func (c *call) words(n int) int { return n * c.abi().Word() }

// headers copies the message headers of a call, as many as there are in memory,
// and how far apart they are. EFAULT if there is none.
func (c *call) headers() (b []byte, stride int, err error) {
	stride, n := c.words(msghdrWords), 1
	if c.entry.Name == "sendmmsg" || strings.HasPrefix(c.entry.Name, "recvmmsg") {
		stride, n = c.words(mmsghdrWords), int(min(c.Uint32(2), mostMessages))
	}
	b = make([]byte, n*stride)
	got := c.thread.Mem.ReadSome(c.value(sysent.MsgHdr), b) / stride
	if got == 0 && n > 0 {
		return nil, stride, unix.EFAULT
	}
	return b[:got*stride], stride, nil
}

// sendmsg sends to the socket that the view has at a path. Of several messages
// only the first is sent: the kernel, too, may send fewer than it was given.
func (c *call) sendmsg() ptrace.Verdict {
	all, stride, err := c.headers()
	if err != nil {
		return ptrace.Pass()
	}
	several, one := stride == c.words(mmsghdrWords), c.words(msghdrWords)
	for i := 0; i < len(all); i += stride {
		a, named := c.recipient(all[i:])
		control := c.control(all[i:])
		switch {
		case !named && control == nil:
			continue
		case i > 0:
			return c.sendFirst(all[:one], nil, several, 0)
		}
		return c.sendChanged(all[:one:one], a, control, several)
	}
	return ptrace.Pass()
}

// sendChanged makes the call with an address or control data of ours; the other
// is nil.
func (c *call) sendChanged(head []byte, a unixAddr, control []byte, several bool) ptrace.Verdict {
	if e := c.says(control); e != 0 {
		return c.unlessNoSocket(e)
	}
	abi, through, pointers := c.abi(), 0, []int(nil)
	if a != nil {
		var err error
		if a, through, err = c.target(a); err != nil {
			return fails(err)
		}
		abi.Put(head, msgName, uint64(len(head)))
		put32(head[c.words(msgNamelen):], uint32(len(a)))
		head, pointers = append(head, a...), append(pointers, msgName)
	}
	if control != nil {
		abi.Put(head, msgControl, uint64(len(head)))
		head, pointers = append(head, control...), append(pointers, msgControl)
	}
	return c.sendFirst(head, pointers, several, through)
}

// recipient copies the address of a message; ok is false where it is not one of
// AF_UNIX.
func (c *call) recipient(head []byte) (a unixAddr, ok bool) {
	at, n := c.abi().At(head, msgName), int(int32(le32(head[c.words(msgNamelen):])))
	if at == 0 || n < sunPath {
		return nil, false
	}
	a = make(unixAddr, min(n, addrMax)) // the kernel cuts a longer one off (net/socket.c)
	if c.thread.Mem.Read(at, a) != nil {
		return nil, false
	}
	return a, binary.NativeEndian.Uint16(a) == unix.AF_UNIX
}

// sendFirst makes the call with a header of ours, which what the words of
// pointers point at may follow.
func (c *call) sendFirst(head []byte, pointers []int, several bool, through int) ptrace.Verdict {
	rw := &ptrace.Rewrite{Nr: unix.SYS_SENDMSG, Through: through}
	rw.Args[1] = ptrace.Arg{Set: true, Bytes: head, Pointers: pointers}
	rw.Args[2] = ptrace.Arg{Set: true, Value: uint64(c.flags())}
	v := ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
	if at := c.value(sysent.MsgHdr) + uint64(c.words(mmsgLen)); several {
		v.After = func(t *ptrace.Thread, ret int64) int64 {
			if ret < 0 {
				return ret
			}
			t.Mem.Write(at, binary.NativeEndian.AppendUint32(nil, uint32(ret)))
			return 1
		}
	}
	return v
}

// recvmsg puts the view's name and ids in the place of a sender's, once they
// are there.
func (c *call) recvmsg() ptrace.Verdict {
	if c.entry.Name == "recvfrom" {
		return c.recvfrom()
	}
	all, stride, err := c.headers()
	if err != nil {
		return ptrace.Pass()
	}
	var senders []sender
	abi := c.abi()
	for i := 0; i < len(all); i += stride {
		head, at := all[i:], c.value(sysent.MsgHdr)+uint64(i)
		s := sender{message: i / stride, at: abi.At(head, msgName),
			lenAt: at + uint64(c.words(msgNamelen)), room: int(int32(le32(head[c.words(msgNamelen):])))}
		if c.m.view.Identity != nil {
			s.control, s.controlLenAt, s.abi = abi.At(head, msgControl), at+uint64(c.words(msgControllen)), abi
		}
		if s.at != 0 || s.control != 0 {
			senders = append(senders, s)
		}
	}
	if senders == nil {
		return ptrace.Pass()
	}
	return c.m.receiving(senders, stride == c.words(mmsghdrWords))
}

// recvfrom is also accept: the address and its length are in registers.
func (c *call) recvfrom() ptrace.Verdict {
	at, lenAt := c.value(sysent.SockAddr), c.value(sysent.AddrLen)
	var size [4]byte
	if c.thread.Mem.Read(lenAt, size[:]) != nil {
		return ptrace.Pass()
	}
	return c.m.receiving([]sender{{at: at, lenAt: lenAt, room: int(int32(le32(size[:])))}}, false)
}

// sender is where the name of a message's sender goes: its address, that of its
// length, and how much room there is; and the addresses of control data and of
// their length. What is 0 is not asked for.
type sender struct {
	message               int
	at, lenAt             uint64
	room                  int
	control, controlLenAt uint64
	abi                   arch.ABI // of the control data
}

// receiving lets the kernel receive, then changes names and ids.
func (m *Monitor) receiving(senders []sender, several bool) ptrace.Verdict {
	return ptrace.Then(func(t *ptrace.Thread, ret int64) int64 {
		got := int64(1)
		if several {
			got = ret
		}
		for _, s := range senders {
			if ret < 0 || int64(s.message) >= got {
				break
			}
			if s.at != 0 {
				m.rename(t, s)
			}
			if s.control != 0 {
				m.tell(t, s)
			}
		}
		return ret
	})
}

// tell changes the ids in what the kernel has written of control data.
func (m *Monitor) tell(t *ptrace.Thread, s sender) {
	size := make([]byte, s.abi.Word())
	if t.Mem.Read(s.controlLenAt, size) != nil {
		return
	}
	b := make([]byte, min(s.abi.At(size, 0), mostControl))
	if t.Mem.Read(s.control, b) == nil && m.told(b, s.abi) {
		t.Mem.Write(s.control, b)
	}
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
