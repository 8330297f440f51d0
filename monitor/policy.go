package monitor

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// Policy is what the filter of the view catches, derived from what is bound
// and from the routes. notify: the kernel has user notifications for the calls
// that need no register changed.
func (m *Monitor) Policy(notify bool) *seccomp.Policy {
	p := m.tablePolicy(false, notify)
	p.X32Bit = arch.X32Bit
	if arch.HasCompat {
		p.Compat = m.tablePolicy(arch.ABI32, false) // what changes registers and what does not: all goes to trace
	}
	if m.view.Empty() {
		p.Foreign, p.X32Bit = seccomp.Allow, 0
	}
	return p
}

// tablePolicy is the policy for one table of calls. An empty view knows no
// numbers, as none could get around it.
func (m *Monitor) tablePolicy(abi arch.ABI, notify bool) *seccomp.Policy {
	p := &seccomp.Policy{AuditArch: auditArch(abi), Default: seccomp.Allow,
		Unknown: seccomp.Errno(unix.ENOSYS), Foreign: seccomp.Errno(unix.ENOSYS)}
	for _, nr := range sysent.Numbers(abi) {
		e := sysent.Lookup(nr)
		if !m.view.Empty() {
			p.Known = append(p.Known, arch.Raw(nr))
		}
		if m.catches(e) {
			p.Rules = append(p.Rules, m.rules(e, nr, notify)...)
		}
	}
	if abi == arch.ABI32 {
		p.Rules = append(p.Rules, subcallRules(m.catches)...)
	}
	return p
}

func auditArch(abi arch.ABI) uint32 {
	if abi == arch.ABI32 {
		return arch.CompatAuditArch
	}
	return arch.AuditArch
}

// catches tells whether a call is of interest. To a view that names nothing it is
// what makes a guest trace another, and what has to do with filters, of which
// there is one for that.
func (m *Monitor) catches(e *sysent.Entry) bool {
	if m.view.Empty() {
		return e.Op == sysent.OpPtrace || e.Op == sysent.OpSeccomp || e.Op == sysent.OpPrctl
	}
	return routes[e.Op].handle != nil && m.bound(e)
}

// rules are those for the number of a call that is of interest.
func (m *Monitor) rules(e *sysent.Entry, nr int, notify bool) (rules []seccomp.Rule) {
	add := func(action seccomp.Action, conds []seccomp.Cond) {
		rules = append(rules, seccomp.Rule{Nr: arch.Raw(nr), Action: action, If: conditionsOf(nr, conds)})
	}
	action := seccomp.Trace
	if notify && !routes[e.Op].rewrites && !e.Has(sysent.How) && !(m.ownIDs && changesIDs(e.Op)) {
		action = seccomp.Notify
		if e.Op == sysent.OpOpen && e.Has(sysent.Flags) {
			add(seccomp.Trace, pathOnly(e))
		}
	}
	if e.Op == sysent.OpPrctl {
		add(seccomp.Trace, command(e, unix.PR_SET_SECCOMP))
	}
	for _, conds := range m.conditions(e) {
		add(action, conds)
	}
	return rules
}

// bestowed tells whether the first guest gets no_new_privs: else only
// CAP_SYS_ADMIN may install a filter.
func (m *Monitor) bestowed() bool { return !m.view.Empty() || !m.real.Capable(unix.CAP_SYS_ADMIN) }

// pathOnly is the condition of an open with O_PATH: SECCOMP_IOCTL_NOTIF_ADDFD
// cannot hand over such a descriptor, so the guest has to open it itself. (The
// flags of openat2 are in memory; it goes to trace altogether.)
func pathOnly(e *sysent.Entry) []seccomp.Cond {
	return []seccomp.Cond{{Arg: e.Arg(sysent.Flags), Op: seccomp.AnyBit, Mask: unix.O_PATH}}
}

// command is the condition of a call with a certain sub-operation.
func command(e *sysent.Entry, cmd uint64) []seccomp.Cond {
	return []seccomp.Cond{{Arg: e.Arg(sysent.Cmd), Op: seccomp.MaskedEqual, Mask: 0xffffffff, Value: cmd}}
}

// bound tells whether the view has taken charge of what a call is about.
func (m *Monitor) bound(e *sysent.Entry) bool {
	v := m.view
	switch e.Op {
	case sysent.OpFstat, sysent.OpGetdents, sysent.OpFlock:
		return m.fixes
	case sysent.OpFchmod, sysent.OpFchown, sysent.OpFgetxattr, sysent.OpFsetxattr, sysent.OpFlistxattr, sysent.OpFremovexattr:
		return m.tree != nil || v.Identity != nil // whose permission counts, and which mount
	case sysent.OpIoctl:
		return m.layered
	case sysent.OpClone:
		return !v.Empty() // its flags cost nothing to look at
	case sysent.OpClockSet, sysent.OpGetsockopt:
		return v.Identity != nil
	case sysent.OpSiginfo, sysent.OpSignalfd: // and signals that killMany sends
		return v.Identity != nil || m.tree != nil && e.Family == sysent.Identity
	case sysent.OpSendmsg, sysent.OpRecvmsg, sysent.OpAccept, sysent.OpRead:
		return false // only of those that make certain sockets, or a signalfd: arm
	case sysent.OpSetsockopt:
		return m.tree != nil && v.Identity != nil
	case sysent.OpSocket:
		if e.Has(sysent.FDs) {
			return m.speaks()
		}
		return m.tree != nil
	case sysent.OpPtrace:
		return true
	case sysent.OpListen, sysent.OpProcessVM, sysent.OpReach, sysent.OpKill, sysent.OpIOUring, sysent.OpLandlock, sysent.OpSeccomp, sysent.OpUnshare, sysent.OpSetns, sysent.OpClone3, sysent.OpAffinity:
		return m.tree != nil
	}
	switch e.Family {
	case sysent.Identity:
		if m.ownIDs && slices.Contains(ownIDs, e.Op) {
			return false // until it has others: asksIDs
		}
		if e.Op == sysent.OpPrctl {
			return v.Identity != nil || m.tree != nil
		}
		return v.Identity != nil
	case sysent.UTS:
		return v.UTS != nil
	}
	return m.tree != nil && (e.Concerns(sysent.PathName) || e.Family == sysent.Descr || e.Family == sysent.Mount)
}

// conditions say for which arguments a call is caught, so that the others cost
// nothing; one list for every alternative.
func (m *Monitor) conditions(e *sysent.Entry) [][]seccomp.Cond {
	at := func(r sysent.Role) int { return e.Arg(r) }
	switch e.Op {
	case sysent.OpClone:
		return [][]seccomp.Cond{{{Arg: at(sysent.CloneFlags), Op: seccomp.AnyBit, Mask: strayFlags}}}
	case sysent.OpUnshare:
		return [][]seccomp.Cond{{{Arg: at(sysent.CloneFlags), Op: seccomp.AnyBit, Mask: newNamespaces | unix.CLONE_FS}}}
	case sysent.OpSiginfo:
		return [][]seccomp.Cond{{{Arg: at(sysent.BufOut), Op: seccomp.NotEqual, Value: 0}}}
	case sysent.OpSendto:
		return [][]seccomp.Cond{addressed(e)}
	case sysent.OpSocket:
		if e.Has(sysent.FDs) {
			return [][]seccomp.Cond{inUnix(e)}
		}
		return [][]seccomp.Cond{datagrams(e)}
	case sysent.OpGetsockopt:
		return [][]seccomp.Cond{peerIDs(e)}
	case sysent.OpSetsockopt:
		return [][]seccomp.Cond{passCred(e)}
	case sysent.OpSeccomp:
		return [][]seccomp.Cond{command(e, unix.SECCOMP_SET_MODE_STRICT), command(e, unix.SECCOMP_SET_MODE_FILTER)}
	case sysent.OpReach:
		return [][]seccomp.Cond{another(e)}
	case sysent.OpIoctl:
		var all [][]seccomp.Cond
		for _, request := range fileIoctls {
			all = append(all, command(e, request))
		}
		return all
	case sysent.OpPrctl:
		var all [][]seccomp.Cond
		options := idOptions
		switch {
		case m.view.Empty():
			options = filterOptions
		case m.view.Identity == nil:
			options = monitorOptions
		}
		for _, o := range options {
			all = append(all, command(e, uint64(o)))
		}
		return all
	}
	return [][]seccomp.Cond{nil}
}
