package monitor

import (
	"math/bits"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// Addresses and ids in messages lie in memory, where no filter sees them, and
// sendmsg, recvmsg and accept are too hot to be caught for those that matter:
// of sockets with paths, or whose other end asks who sends. So a process that
// makes datagram sockets in AF_UNIX, or listens there at a path, and only that,
// gets one more filter for each, which catches them; by ids one that asks for
// them, and where they differ from the kernel's one that may be asked.

// arms are the filters that a task can get.
type arms uint32

const (
	armMessages arms = 1 << iota
	armAccept
	armIDs // of one thread: asksIDs
	armSignals
)

// armed are the calls that each catches. An address in a register counts if it
// is not NULL; that of sendto every view catches anyway.
var armed = map[arms][]sysent.Op{
	armMessages: {sysent.OpSendmsg, sysent.OpRecvmsg},
	armAccept:   {sysent.OpAccept},
	armIDs:      ownIDs,
	armSignals:  {sysent.OpRead},
}

func (a arms) count() int { return bits.OnesCount32(uint32(a)) }

// socket is one of datagrams in AF_UNIX, one of a pair, or one whose messages
// are to tell the sender.
func (c *call) socket() ptrace.Verdict { return c.arm(armMessages) }

// armSpeaker has a process that talks to another in AF_UNIX looked at when it
// says who it is; ok is false if that has been done, or need not be.
func (c *call) armSpeaker() (v ptrace.Verdict, ok bool) {
	if !c.m.speaks() || c.task.arms()&armMessages != 0 {
		return v, false
	}
	if v = c.arm(armMessages); v.Rewrite != nil {
		v.Rewrite.Again = true
	}
	return v, true
}

// listen is looked at for the socket's name.
func (c *call) listen() ptrace.Verdict {
	fd, err := c.borrow(c.Int(0))
	if err != nil {
		return ptrace.Pass()
	}
	defer unix.Close(fd)
	sa, err := unix.Getsockname(fd)
	un, ok := sa.(*unix.SockaddrUnix)
	if err != nil || !ok {
		return ptrace.Pass()
	}
	if v, ok := c.armSpeaker(); ok {
		return v
	}
	if un.Name == "" || un.Name[0] == '@' {
		return ptrace.Pass()
	}
	return c.arm(armAccept)
}

// arm has a filter put on the process before the call is made.
func (c *call) arm(a arms) ptrace.Verdict {
	if c.task.arms()&a != 0 {
		return ptrace.Pass()
	}
	prog, err := armFilter(armed[a]).Compile()
	if err != nil {
		return fails(err)
	}
	v := c.installing(prog, unix.SECCOMP_FILTER_FLAG_TSYNC)
	v.Rewrite.Filters, v.Rewrite.First = false, true
	m, tgid := c.m, c.task.tgid
	v.After = func(_ *ptrace.Thread, ret int64) int64 {
		// If it failed, a thread has filters of its own: the kernel's names and
		// ids stay.
		m.tasks.each(func(t *task) {
			if t.tgid == tgid {
				t.armed.Or(uint32(a))
			}
		})
		return ret
	}
	return v
}

func (t *task) arms() arms { return arms(t.armed.Load()) }

// armFilter catches operations by every spelling, of both tables.
func armFilter(ops []sysent.Op) *seccomp.Policy {
	p := armTable(false, ops)
	if arch.HasCompat {
		p.Compat = armTable(arch.ABI32, ops)
		p.Compat.Rules = append(p.Compat.Rules, subcallRules(func(e *sysent.Entry) bool { return slices.Contains(ops, e.Op) })...)
	}
	return p
}

func armTable(abi arch.ABI, ops []sysent.Op) *seccomp.Policy {
	p := &seccomp.Policy{AuditArch: auditArch(abi), Default: seccomp.Allow, Foreign: seccomp.Allow}
	for _, nr := range sysent.Numbers(abi) {
		e := sysent.Lookup(nr)
		if !slices.Contains(ops, e.Op) {
			continue
		}
		r := seccomp.Rule{Nr: arch.Raw(nr), Action: seccomp.Trace}
		if e.Has(sysent.SockAddr) {
			r.If = conditionsOf(nr, addressed(e))
		}
		if e.Op == sysent.OpRead {
			r.If = conditionsOf(nr, signals(e))
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// addressed is the condition of a call with an address in a register.
func addressed(e *sysent.Entry) []seccomp.Cond {
	return []seccomp.Cond{{Arg: e.Arg(sysent.SockAddr), Op: seccomp.NotEqual, Value: 0}}
}

// inUnix is the condition of a socket in AF_UNIX, datagrams that of one whose
// messages can have paths.
func inUnix(e *sysent.Entry) []seccomp.Cond {
	return []seccomp.Cond{{Arg: e.Arg(sysent.AddrFamily), Op: seccomp.MaskedEqual, Mask: 0xffffffff, Value: unix.AF_UNIX}}
}

func datagrams(e *sysent.Entry) []seccomp.Cond {
	kind := e.Arg(sysent.AddrFamily) + 1
	return append(inUnix(e), seccomp.Cond{Arg: kind, Op: seccomp.MaskedEqual, Mask: 0xf, Value: unix.SOCK_DGRAM}) // SOCK_TYPE_MASK, include/linux/net.h
}
