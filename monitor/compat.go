package monitor

import (
	"encoding/binary"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// 32-bit calls, those of 32-bit programs and of int $0x80 in others, are of
// another table. Their handlers are the same: what differs is put right before and
// behind them here, and how structures lie in memory is the call's abi.

// conditionsOf are conditions for a call of either table.
func conditionsOf(nr int, conds []seccomp.Cond) []seccomp.Cond {
	if !arch.IsCompat(nr) {
		return conds
	}
	var low []seccomp.Cond
	for _, c := range conds {
		low = append(low, c.Low())
	}
	return low
}

// subcallRules catch what socketcall(2) spells of certain calls, whatever its
// arguments, which are in memory.
func subcallRules(of func(*sysent.Entry) bool) (rules []seccomp.Rule) {
	nr, _ := arch.CompatNumber("socketcall")
	for _, s := range arch.Subcalls() {
		e := sysent.Lookup(s.Nr)
		if e.Arg(sysent.SockAddr) >= s.NArgs { // send and recv
			continue
		}
		if of(e) {
			rules = append(rules, seccomp.Rule{Nr: arch.Raw(nr), Action: seccomp.Trace, If: command(sysent.Lookup(nr), s.Cmd)})
		}
	}
	return rules
}

// subcall makes the call the one that socketcall(2) spells. Its arguments are
// copied: with these the call is made by itself.
func (c *call) subcall() {
	s, ok := arch.SubcallOf(c.value(sysent.Cmd))
	if !ok {
		return
	}
	abi := c.abi()
	b := make([]byte, s.NArgs*abi.Word())
	if err := c.thread.Mem.Read(c.value(sysent.Addr), b); err != nil {
		c.handle = func(*call) ptrace.Verdict { return fails(err) }
		return
	}
	c.Args = [6]uint64{}
	for i := range s.NArgs {
		c.Args[i] = abi.At(b, i)
	}
	c.entry = sysent.Lookup(s.Nr)
	if handle := routes[c.entry.Op].handle; handle != nil && c.meets() {
		c.handle = handle
	}
}

// passes is a call in which the view has no say.
func (c *call) passes() ptrace.Verdict { return ptrace.Pass() }

// meets tells whether the arguments are such that the call would be caught by
// itself.
func (c *call) meets() bool {
	for _, conds := range c.m.conditions(c.entry) {
		all := true
		for _, cond := range conds {
			all = all && cond.Low().Holds(&c.Args)
		}
		if all {
			return true
		}
	}
	return false
}

// widen makes of 32-bit arguments what the kernel makes of them. To do it twice
// changes nothing.
func (c *call) widen() {
	short, a := c.entry.ShortIDs(), &c.Args
	for i, r := range c.entry.Args {
		switch {
		case r == sysent.OffsetHigh:
			a[i-1] = a[i-1]&0xffffffff | a[i]<<32
		case r == sysent.Offset && !c.has(sysent.OffsetHigh):
			a[i] = uint64(int32(a[i]))
		case short && (r == sysent.UID || r == sysent.GID):
			if a[i] = uint64(uint16(a[i])); a[i] == 0xffff {
				a[i] = 0xffffffff
			}
		}
	}
}

// narrowed is a verdict in the form that a 32-bit call has it in.
func (c *call) narrowed(v ptrace.Verdict) ptrace.Verdict {
	if arch.Name(c.Nr) == "socketcall" && c.entry.Op != sysent.OpSocketcall {
		return c.spelledOut(v)
	}
	switch c.entry.Op {
	case sysent.OpGetuid, sysent.OpGeteuid, sysent.OpGetgid, sysent.OpGetegid: // not setfsuid, whose result has 32 bits
		if v.Kind == ptrace.KindReturn && c.entry.ShortIDs() {
			v.Value = int64(shortID(uint32(v.Value)))
		}
	}
	return v
}

// spelledOut is the verdict about a call that socketcall(2) spells.
func (c *call) spelledOut(v ptrace.Verdict) ptrace.Verdict {
	switch {
	case v.Kind == ptrace.KindPass, v.Kind == ptrace.KindThen:
		v.Kind, v.Rewrite = ptrace.KindRewrite, &ptrace.Rewrite{Nr: -1}
	case v.Kind != ptrace.KindRewrite || v.Rewrite.First:
		return v
	}
	rw := v.Rewrite
	if rw.Nr < 0 {
		rw.Nr, _ = arch.CompatNumber(c.entry.Name)
	}
	for i := range rw.Args {
		if !rw.Args[i].Set {
			rw.Args[i] = ptrace.Arg{Set: true, Value: c.Args[i]}
		}
	}
	return v
}

// overflowID is what an id that does not fit is told as (overflowuid in
// kernel/sys.c).
const overflowID = 65534

func shortID(id uint32) uint16 {
	if id > 0xffff {
		return overflowID
	}
	return uint16(id)
}

// appendID adds an id as the call has it in memory.
func (c *call) appendID(b []byte, id uint32) []byte {
	if c.entry.ShortIDs() {
		return binary.NativeEndian.AppendUint16(b, shortID(id))
	}
	return binary.NativeEndian.AppendUint32(b, id)
}

// idSize is how many bytes that are.
func (c *call) idSize() int { return len(c.appendID(nil, 0)) }

// idAt is id i of those in memory.
func (c *call) idAt(b []byte, i int) uint32 {
	if !c.entry.ShortIDs() {
		return binary.NativeEndian.Uint32(b[4*i:])
	}
	if id := binary.NativeEndian.Uint16(b[2*i:]); id != 0xffff {
		return uint32(id)
	}
	return 0xffffffff
}
