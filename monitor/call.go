package monitor

import (
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// call is one caught call on its way through a handler.
type call struct {
	ptrace.Call
	m      *Monitor
	task   *task
	thread *ptrace.Thread
	entry  *sysent.Entry
	handle func(*call) ptrace.Verdict
	walk   vfs.Walk
	second bool // the second path is being resolved
	// removed is where a path ends that starts from a removed directory and
	// does not leave it; rest is what is left of one that does.
	removed *vfs.Where
	rest    []byte
	as      *cred.Cred // whose permission counts, nil for the task's
	// patient: the call may wait, being made from a goroutine of its own.
	patient bool
	gate    gate
	buf     [ptrace.PathMax]byte
}

var calls = sync.Pool{New: func() any { return new(call) }}

// abi is how the structures of the call lie in memory.
func (c *call) abi() arch.ABI { return arch.ABIOf(c.Nr) }

// arg is the value of the first argument with a role; ok tells whether the
// spelling has one.
func (c *call) arg(r sysent.Role) (v uint64, ok bool) {
	i := c.entry.Arg(r)
	if i < 0 {
		return 0, false
	}
	return c.Args[i], true
}

// value is the argument with a role, or the flags implied by the spelling.
func (c *call) value(r sysent.Role) uint64 {
	v, _ := c.arg(r)
	return v
}

// flags are the AT_ or operation flags, given or implied.
func (c *call) flags() int {
	v, ok := c.arg(sysent.Flags)
	if !ok {
		return int(c.entry.Implied)
	}
	return int(int32(v)) | int(c.entry.Implied)
}

// has tells whether the spelling has an argument of a role.
func (c *call) has(r sysent.Role) bool { return c.entry.Has(r) }

// str copies the string argument with a role. It is good until the next str.
func (c *call) str(r sysent.Role) ([]byte, error) {
	return c.thread.Mem.ReadString(c.value(r), c.buf[:])
}

// dirfd is the descriptor that a relative path starts from.
func (c *call) dirfd(r sysent.Role) int {
	v, ok := c.arg(r)
	if !ok {
		return unix.AT_FDCWD
	}
	return int(int32(v))
}

// proc is the path of something of the calling thread in procfs.
func (c *call) proc(rest string) string {
	return "/proc/" + strconv.Itoa(c.task.tid) + "/" + rest
}

// procFD reaches the file behind a descriptor of the guest.
func (c *call) procFD(fd int) string { return c.proc("fd/" + strconv.Itoa(fd)) }

// cred are the credentials that permission is checked with.
func (c *call) cred() *cred.Cred {
	if c.as != nil {
		return c.m.permission(c.as)
	}
	return c.m.permission(c.task.cred)
}

// fails is the verdict for an error.
func fails(err error) ptrace.Verdict { return ptrace.Fail(vfs.Errno(err)) }

// done is the verdict for an operation that returns nothing.
func done(err error) ptrace.Verdict {
	if err != nil {
		return fails(err)
	}
	return ptrace.Return(0)
}
