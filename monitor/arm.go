package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// Addresses in messages lie in memory, where no filter sees them, and
// sendmsg and recvmsg are too hot to be caught for those that matter: of
// datagram sockets with paths. So a process that makes such a socket, and only
// that, gets a second filter, which catches them.

// armed are the calls that the second filter catches. An address in a register
// counts if it is not NULL; that of sendto every view catches anyway.
var armed = []sysent.Op{sysent.OpSendmsg, sysent.OpRecvmsg}

// arm is a socket of datagrams in AF_UNIX: before it is made, the process gets
// the filter.
func (c *call) arm() ptrace.Verdict {
	if c.task.armed.Load() {
		return ptrace.Pass()
	}
	p := seccomp.Policy{AuditArch: c.Arch, Default: seccomp.Allow, Foreign: seccomp.Allow}
	for _, op := range armed {
		for _, e := range sysent.All() {
			if e.Op != op {
				continue
			}
			r := seccomp.Rule{Nr: e.Number(), Action: seccomp.Trace}
			if e.Has(sysent.SockAddr) {
				r.If = addressed(e)
			}
			p.Rules = append(p.Rules, r)
		}
	}
	prog, err := p.Compile()
	if err != nil {
		return fails(err)
	}
	v := installing(prog, unix.SECCOMP_FILTER_FLAG_TSYNC)
	v.Rewrite.Filters, v.Rewrite.First = false, true
	m, tgid := c.m, c.task.tgid
	v.After = func(_ *ptrace.Thread, ret int64) int64 {
		if ret == 0 { // else a thread has filters of its own: the kernel's names stay
			m.tasks.each(func(t *task) {
				if t.tgid == tgid {
					t.armed.Store(true)
				}
			})
		}
		return ret
	}
	return v
}

// addressed is the condition of a call with an address in a register.
func addressed(e *sysent.Entry) []seccomp.Cond {
	return []seccomp.Cond{{Arg: e.Arg(sysent.SockAddr), Op: seccomp.NotEqual, Value: 0}}
}

// datagrams is the condition of a socket whose messages can have paths.
func datagrams(e *sysent.Entry) []seccomp.Cond {
	family := e.Arg(sysent.AddrFamily)
	return []seccomp.Cond{
		{Arg: family, Op: seccomp.MaskedEqual, Mask: 0xffffffff, Value: unix.AF_UNIX},
		{Arg: family + 1, Op: seccomp.MaskedEqual, Mask: 0xf, Value: unix.SOCK_DGRAM}, // SOCK_TYPE_MASK, include/linux/net.h
	}
}
