package monitor

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

func (c *call) getid() ptrace.Verdict {
	k := c.task.cred
	id := uint32(0)
	switch c.entry.Op {
	case sysent.OpGetuid:
		id = k.UID
	case sysent.OpGeteuid:
		id = k.EUID
	case sysent.OpGetgid:
		id = k.GID
	case sysent.OpGetegid:
		id = k.EGID
	}
	return ptrace.Return(int64(id))
}

func (c *call) getresid() ptrace.Verdict {
	k := c.task.cred
	ids := [3]uint32{k.UID, k.EUID, k.SUID}
	if c.entry.Op == sysent.OpGetresgid {
		ids = [3]uint32{k.GID, k.EGID, k.SGID}
	}
	for i, id := range ids {
		if err := c.thread.Mem.Write(c.Args[i], c.appendID(nil, id)); err != nil {
			return fails(err)
		}
	}
	return ptrace.Return(0)
}

func (c *call) getgroups() ptrace.Verdict {
	n, list, e := c.task.cred.Getgroups(c.Int(0))
	if e != 0 {
		return ptrace.Fail(e)
	}
	if c.Int(0) == 0 {
		return ptrace.Return(int64(n))
	}
	b := make([]byte, 0, 4*len(list))
	for _, g := range list {
		b = c.appendID(b, g)
	}
	if err := c.thread.Mem.Write(c.Args[1], b); err != nil {
		return fails(err)
	}
	return ptrace.Return(int64(n))
}

// become gives the task changed credentials if f succeeds.
func (c *call) become(f func(k *cred.Cred) unix.Errno) ptrace.Verdict {
	k := c.task.changed()
	e := f(k)
	if e == 0 {
		if v, ok := c.asksIDs(k); ok {
			return v
		}
		if v, ok := c.followsFSetID(k); ok {
			return v
		}
		c.task.assume(k)
	}
	return ptrace.Fail(e)
}

func (c *call) setid() ptrace.Verdict {
	a, b, d := c.Uint32(0), c.Uint32(1), c.Uint32(2)
	return c.become(func(k *cred.Cred) unix.Errno {
		switch c.entry.Op {
		case sysent.OpSetuid:
			return k.Setuid(a)
		case sysent.OpSetgid:
			return k.Setgid(a)
		case sysent.OpSetreuid:
			return k.Setreuid(a, b)
		case sysent.OpSetregid:
			return k.Setregid(a, b)
		case sysent.OpSetresuid:
			return k.Setresuid(a, b, d)
		}
		return k.Setresgid(a, b, d)
	})
}

func (c *call) setfsid() ptrace.Verdict {
	k := c.task.changed()
	set := k.Setfsuid
	if c.entry.Op == sysent.OpSetfsgid {
		set = k.Setfsgid
	}
	old := set(c.Uint32(0))
	if v, ok := c.followsFSetID(k); ok {
		return v
	}
	c.task.assume(k)
	return ptrace.Return(int64(old))
}

func (c *call) setgroups() ptrace.Verdict {
	n := c.Int(0)
	if e := c.task.cred.MaySetgroups(n); e != 0 {
		return ptrace.Fail(e)
	}
	b := make([]byte, c.idSize()*n)
	if n > 0 {
		if err := c.thread.Mem.Read(c.Args[1], b); err != nil {
			return fails(err)
		}
	}
	list := make([]uint32, n)
	for i := range list {
		list[i] = c.idAt(b, i)
	}
	return c.become(func(k *cred.Cred) unix.Errno { return k.Setgroups(list) })
}

// capHeader reads struct __user_cap_header_struct {version, pid}.
func (c *call) capHeader() (h unix.CapUserHeader, err error) {
	var b [8]byte
	if err := c.thread.Mem.Read(c.Args[0], b[:]); err != nil {
		return h, err
	}
	h.Version, h.Pid = binary.NativeEndian.Uint32(b[:]), int32(binary.NativeEndian.Uint32(b[4:]))
	return h, nil
}

// tellVersion writes the version that this kernel prefers into the header.
func (c *call) tellVersion(h *unix.CapUserHeader) error {
	var b [4]byte
	binary.NativeEndian.PutUint32(b[:], h.Version)
	return c.thread.Mem.Write(c.Args[0], b[:])
}

func (c *call) capget() ptrace.Verdict {
	h, err := c.capHeader()
	if err != nil {
		return fails(err)
	}
	k := c.task.cred
	switch {
	case h.Pid < 0 && c.Args[1] != 0:
		return ptrace.Fail(unix.EINVAL)
	case h.Pid > 0 && int(h.Pid) != c.task.tid:
		other := c.m.taskOf(int(h.Pid))
		if other == nil {
			return ptrace.Pass() // not a guest
		}
		k = other.cred
	}
	words, e := k.Capget(&h)
	if e != 0 {
		if err := c.tellVersion(&h); err != nil {
			return fails(err)
		}
		if c.Args[1] == 0 {
			return ptrace.Return(0)
		}
		return ptrace.Fail(e)
	}
	if c.Args[1] == 0 {
		return ptrace.Return(0)
	}
	b := make([]byte, 0, 24)
	for _, w := range words {
		b = binary.NativeEndian.AppendUint32(b, w.Effective)
		b = binary.NativeEndian.AppendUint32(b, w.Permitted)
		b = binary.NativeEndian.AppendUint32(b, w.Inheritable)
	}
	return done(c.thread.Mem.Write(c.Args[1], b))
}

func (c *call) capset() ptrace.Verdict {
	h, err := c.capHeader()
	if err != nil {
		return fails(err)
	}
	n, e := cred.CapWords(&h)
	if e != 0 {
		if err := c.tellVersion(&h); err != nil {
			return fails(err)
		}
		return ptrace.Fail(e)
	}
	if h.Pid != 0 && int(h.Pid) != c.task.tid {
		return ptrace.Fail(unix.EPERM)
	}
	b := make([]byte, 12*n)
	if err := c.thread.Mem.Read(c.Args[1], b); err != nil {
		return fails(err)
	}
	data := make([]unix.CapUserData, n)
	for i := range data {
		w := b[12*i:]
		data[i] = unix.CapUserData{Effective: binary.NativeEndian.Uint32(w),
			Permitted: binary.NativeEndian.Uint32(w[4:]), Inheritable: binary.NativeEndian.Uint32(w[8:])}
	}
	return c.become(func(k *cred.Cred) unix.Errno { return k.Capset(&h, data) })
}

// idOptions are the options of prctl(2) that concern identity; all others pass
// the filter untouched.
var idOptions = []int{
	unix.PR_CAPBSET_READ, unix.PR_CAPBSET_DROP, unix.PR_CAP_AMBIENT,
	unix.PR_SET_KEEPCAPS, unix.PR_GET_KEEPCAPS, unix.PR_SET_SECUREBITS, unix.PR_GET_SECUREBITS,
	unix.PR_SET_NO_NEW_PRIVS, unix.PR_GET_NO_NEW_PRIVS, unix.PR_SET_DUMPABLE, unix.PR_GET_DUMPABLE,
	unix.PR_GET_SECCOMP,
}

// monitorOptions are those that concern whether the monitor may look at a guest:
// one that really is not dumpable could not be served.
// The other two are what the guest itself has asked for; the filter needs it
// anyway.
// PR_SET_SECCOMP is caught in every view with one of these lists: policy.go.
var monitorOptions = []int{unix.PR_SET_DUMPABLE, unix.PR_GET_DUMPABLE, unix.PR_SET_NO_NEW_PRIVS, unix.PR_GET_NO_NEW_PRIVS,
	unix.PR_GET_SECCOMP}

// filterOptions are those that tell of the filter of an empty view.
var filterOptions = []int{unix.PR_SET_NO_NEW_PRIVS, unix.PR_GET_NO_NEW_PRIVS, unix.PR_SET_SECCOMP, unix.PR_GET_SECCOMP}

func (c *call) prctl() ptrace.Verdict {
	switch c.Int(0) {
	case unix.PR_SET_SECCOMP:
		return c.prctlSeccomp()
	case unix.PR_GET_SECCOMP:
		return ptrace.Return(int64(c.seccompMode()))
	}
	k := c.task.changed()
	handled, ret, e := k.Prctl(c.Int(0), uintptr(c.Args[1]), uintptr(c.Args[2]), uintptr(c.Args[3]), uintptr(c.Args[4]))
	switch {
	case !handled:
		return ptrace.Pass()
	case e != 0:
		return ptrace.Fail(e)
	}
	c.task.assume(k)
	if !c.m.bestowed() && c.Int(0) == unix.PR_SET_NO_NEW_PRIVS {
		return ptrace.Pass() // it has yet to have an effect
	}
	return ptrace.Return(int64(ret))
}
