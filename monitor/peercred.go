package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// peerIDs is the condition of a getsockopt that asks for the ids of the other
// end.
func peerIDs(e *sysent.Entry) []seccomp.Cond { return socketOption(e, unix.SO_PEERCRED) }

// socketOption is the condition of a call about an option of any socket.
func socketOption(e *sysent.Entry, option uint64) []seccomp.Cond {
	name := e.Arg(sysent.Cmd)
	return []seccomp.Cond{
		{Arg: name - 1, Op: seccomp.MaskedEqual, Mask: 0xffffffff, Value: unix.SOL_SOCKET},
		{Arg: name, Op: seccomp.MaskedEqual, Mask: 0xffffffff, Value: option},
	}
}

// peerCred answers getsockopt(SO_PEERCRED) with the ids of the view: the kernel
// knows the process, and what it knows of its ids is the monitor's. They are those
// that the other end has now, where the kernel's are those of its connect or
// listen.
func (c *call) peerCred() ptrace.Verdict {
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Pass()
	}
	defer unix.Close(fd)
	peer, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil || !c.m.seen(peer) {
		return ptrace.Pass()
	}
	b, err := binary.Append(nil, binary.NativeEndian, peer)
	if err != nil {
		return fails(err)
	}
	var size [4]byte
	lenAt := c.value(sysent.Addr)
	if err := c.thread.Mem.Read(lenAt, size[:]); err != nil {
		return fails(err)
	}
	room := int(int32(le32(size[:])))
	if room < 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	b = b[:min(room, len(b))]
	if err := c.thread.Mem.Write(c.value(sysent.BufOut), b); err != nil {
		return fails(err)
	}
	put32(size[:], uint32(len(b)))
	return done(c.thread.Mem.Write(lenAt, size[:]))
}

// seen puts the view's ids in the place of the kernel's; false if they are no
// guest's.
func (m *Monitor) seen(peer *unix.Ucred) bool {
	if t := m.taskOf(int(peer.Pid)); t != nil {
		peer.Uid, peer.Gid = t.cred.EUID, t.cred.EGID
		return true
	}
	if peer.Pid == 0 || int(peer.Uid) != unix.Geteuid() {
		return false // nobody, or somebody else
	}
	// One that has gone, or another process of the same user: files of that
	// user are the first guest's as well.
	peer.Uid, peer.Gid = m.initial.EUID, m.initial.EGID
	return true
}
