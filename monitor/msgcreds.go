package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// A message in AF_UNIX may say who sends it (SCM_CREDENTIALS, unix(7)). To the
// kernel all guests have the monitor's ids: they are what it lets a sender say,
// and what it says of one that says nothing. So ids are translated on their way
// into the kernel and out of it.

// mostControl bounds the control data that are looked at, in bytes.
const mostControl = 1 << 16

// speaks tells whether the kernel refuses what the view lets its guests say of
// themselves.
func (m *Monitor) speaks() bool {
	k := m.real
	return m.tree != nil && m.view.Identity != nil && !(k.Capable(unix.CAP_SETUID) && k.Capable(unix.CAP_SETGID))
}

// passCred is the condition of a setsockopt by which a socket tells senders.
func passCred(e *sysent.Entry) []seccomp.Cond { return socketOption(e, unix.SO_PASSCRED) }

// control copies the control data of a message, nil if they hold no ids.
func (c *call) control(head []byte) []byte {
	abi := c.abi()
	at, n := abi.At(head, msgControl), abi.At(head, msgControllen)
	if c.m.view.Identity == nil || at == 0 || n < uint64(cmsgHeader(abi)+unix.SizeofUcred) || n > mostControl {
		return nil
	}
	b := make([]byte, n)
	if c.thread.Mem.Read(at, b) != nil || credentials(b, abi) == nil {
		return nil
	}
	return b
}

// cmsgHeader is the size of struct cmsghdr {len, level, type} in bytes: a word and
// two ints.
func cmsgHeader(abi arch.ABI) int { return abi.Word() + 8 }

// credentials are the places in control data that hold a struct ucred.
func credentials(control []byte, abi arch.ABI) (all [][]byte) {
	head, word := cmsgHeader(abi), abi.Word()
	for b := control; len(b) >= head; {
		n := abi.At(b, 0)
		if n < uint64(head) || n > uint64(len(b)) {
			return nil // EINVAL, says the kernel
		}
		level, kind := le32(b[word:]), le32(b[word+4:])
		if data := b[head:n]; level == unix.SOL_SOCKET && kind == unix.SCM_CREDENTIALS && len(data) == unix.SizeofUcred {
			all = append(all, data)
		}
		b = b[min((int(n)+word-1)&^(word-1), len(b)):]
	}
	return all
}

// says puts what the kernel lets the sender say in the place of what the view
// does.
func (c *call) says(control []byte) unix.Errno {
	for _, b := range credentials(control, c.abi()) {
		if e := c.saysOne(b); e != 0 {
			return e
		}
	}
	return 0
}

// saysOne: the rules are those of scm_check_creds in net/core/scm.c. What differs
// from what is told of the sender anyway gets to nobody, if the kernel does not
// take it.
func (c *call) saysOne(b []byte) unix.Errno {
	pid, uid, gid := int(int32(le32(b))), le32(b[4:]), le32(b[8:])
	k, own := c.task.cred, pid == c.task.tgid
	switch {
	case uid == keep || gid == keep:
		return unix.EINVAL
	case !own && !k.Capable(unix.CAP_SYS_ADMIN), !maySay(k, uid, gid):
		return unix.EPERM
	case !c.m.speaks():
		return 0
	case !own || uid != k.UID || gid != k.GID:
		return unix.EPERM
	}
	put32(b[4:], c.m.real.UID)
	put32(b[8:], c.m.real.GID)
	return 0
}

// maySay tells whether somebody may say that these are his ids.
func maySay(k *cred.Cred, uid, gid uint32) bool {
	return (uid == k.UID || uid == k.EUID || uid == k.SUID || k.Capable(unix.CAP_SETUID)) &&
		(gid == k.GID || gid == k.EGID || gid == k.SGID || k.Capable(unix.CAP_SETGID))
}

// told puts the view's ids in the place of those that the kernel tells of
// senders in control data.
func (m *Monitor) told(control []byte, abi arch.ABI) (changed bool) {
	for _, b := range credentials(control, abi) {
		pid, uid, gid := int(int32(le32(b))), le32(b[4:]), le32(b[8:])
		if pid == 0 || uid != m.real.UID || gid != m.real.GID {
			continue // nobody, somebody else, or what root has said
		}
		k := m.credOf(pid)
		put32(b[4:], k.UID)
		put32(b[8:], k.GID)
		changed = changed || k.UID != uid || k.GID != gid
	}
	return changed
}

// credOf are the credentials of a process of the monitor's own user: those of
// the first guest, whose files that user's are, if it is no guest.
func (m *Monitor) credOf(pid int) *cred.Cred {
	t := m.taskOf(pid)
	if t == nil {
		m.mu.Lock()
		t = m.lately(pid)
		m.mu.Unlock()
	}
	if t == nil {
		return m.initial
	}
	return t.cred
}
