package seccomp

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

const enosys = Action(unix.SECCOMP_RET_ERRNO | unix.ENOSYS)

// decide says in plain Go what the program has to answer.
func (p *Policy) decide(d Data) Action {
	nr := int(d.Nr)
	switch {
	case p.Compat != nil && d.Arch == p.Compat.AuditArch:
		return p.Compat.decide(d)
	case d.Arch != p.AuditArch:
		return p.Foreign
	case nr == -1:
		return Allow
	case nr >= 0 && uint32(nr)&p.X32Bit != 0:
		return p.Foreign
	}
	if p.Known != nil {
		known := false
		for _, k := range p.Known {
			known = known || k == nr
		}
		if !known {
			return p.Unknown
		}
	}
	for _, r := range p.Rules {
		if r.Nr == nr && r.holds(d) {
			return r.Action
		}
	}
	return p.Default
}

func (r *Rule) holds(d Data) bool {
	for _, c := range r.If {
		if !c.holds(d.Args[c.Arg]) {
			return false
		}
	}
	return true
}

func (c Cond) holds(arg uint64) bool {
	switch c.Op {
	case Equal:
		return arg == c.Value
	case NotEqual:
		return arg != c.Value
	case MaskedEqual:
		return arg&c.Mask == c.Value
	case MaskedNotEqual:
		return arg&c.Mask != c.Value
	}
	return arg&c.Mask != 0
}

// x86 is a policy of one column, so that the x32 cases run on every machine.
func x86(rules ...Rule) *Policy {
	p := &Policy{
		AuditArch: unix.AUDIT_ARCH_X86_64, X32Bit: 0x40000000,
		Default: Allow, Unknown: enosys, Foreign: Errno(unix.EPERM), Rules: rules,
	}
	for _, name := range arch.Names() {
		if nr, ok := arch.NumberOn("amd64", name); ok {
			p.Known = append(p.Known, nr)
		}
	}
	return p
}

// i386 is the policy of the table beside it.
func i386(rules ...Rule) *Policy {
	p := &Policy{AuditArch: unix.AUDIT_ARCH_I386, Default: Allow, Unknown: enosys, Foreign: Errno(unix.EPERM), Rules: rules}
	for _, name := range arch.Names() {
		if nr, ok := arch.NumberOn("386", name); ok {
			p.Known = append(p.Known, nr)
		}
	}
	return p
}

func policies() map[string]*Policy {
	everyOther := x86()
	for i, nr := range everyOther.Known {
		if i%2 == 0 {
			everyOther.Rules = append(everyOther.Rules, Rule{Nr: nr, Action: TraceData(uint16(nr))})
		}
	}
	long := x86()
	for _, nr := range long.Known[:300] {
		long.Rules = append(long.Rules,
			Rule{Nr: nr, Action: Trace, If: []Cond{{Arg: 5, Op: NotEqual, Value: 1 << 33}, {Arg: 0, Op: Equal, Value: uint64(nr)}}})
	}
	known := x86(Rule{Nr: 2, Action: Notify})
	known.Known, known.Unknown = nil, 0
	noX32 := x86(Rule{Nr: 2, Action: Notify})
	noX32.X32Bit = 0
	both, bothLong := x86(Rule{Nr: 2, Action: Notify}), x86(long.Rules...)
	both.Compat = i386(Rule{Nr: 5, Action: Trace, If: []Cond{Cond{Arg: 1, Op: NotEqual, Value: 5}.Low()}}, Rule{Nr: 102, Action: Trace})
	bothLong.Compat = i386()
	return map[string]*Policy{
		"both tables":   both,
		"both, long":    bothLong,
		"nothing bound": x86(),
		"every other":   everyOther,
		"long":          long,
		"all known":     known,
		"no x32":        noX32,
		"ops": x86(
			Rule{Nr: 0, Action: Trace, If: []Cond{{Arg: 0, Op: Equal, Value: 1<<32 | 5}}},
			Rule{Nr: 1, Action: Trace, If: []Cond{{Arg: 1, Op: NotEqual, Value: 1<<32 | 5}}},
			Rule{Nr: 2, Action: Trace, If: []Cond{{Arg: 2, Op: MaskedEqual, Mask: 0xffffffff, Value: 5}}},
			Rule{Nr: 3, Action: Trace, If: []Cond{{Arg: 3, Op: MaskedNotEqual, Mask: 0xff000000ff, Value: 1<<32 | 5}}},
			Rule{Nr: 4, Action: Trace, If: []Cond{{Arg: 4, Op: AnyBit, Mask: 1<<63 | 1}}},
			Rule{Nr: 5, Action: Trace, If: []Cond{{Arg: 5, Op: AnyBit, Mask: 1 << 32}}},
			Rule{Nr: 6, Action: Trace, If: []Cond{{Arg: 0, Op: MaskedNotEqual, Mask: 0xff, Value: 5}}},
		),
		"order": x86(
			Rule{Nr: 9, Action: Notify, If: []Cond{{Arg: 0, Op: Equal, Value: 5}, {Arg: 1, Op: NotEqual, Value: 5}}},
			Rule{Nr: 9, Action: Trap, If: []Cond{{Arg: 0, Op: Equal, Value: 5}}},
			Rule{Nr: 9, Action: Errno(unix.EACCES)},
			Rule{Nr: 9, Action: KillProcess},
			Rule{Nr: 10, Action: Allow, If: []Cond{{Arg: 0, Op: Equal, Value: 5}}},
		),
	}
}

// words are arguments near the values that the policies compare with.
var words = []uint64{0, 1, 4, 5, 6, 9, 0x105, 1 << 32, 1<<32 | 5, 1<<32 | 6, 2<<32 | 5, 1 << 33, 1 << 63, ^uint64(0)}

func argSets(nr int32, random *rand.Rand) [][6]uint64 {
	sets := [][6]uint64{{uint64(nr)}, {5, 5}, {5, 6}}
	for _, w := range words {
		sets = append(sets, [6]uint64{w, w, w, w, w, w})
	}
	for range 8 {
		var set [6]uint64
		for i := range set {
			set[i] = words[random.IntN(len(words))]
		}
		sets = append(sets, set)
	}
	return sets
}

// numbers are all that a table may hold and the edges beyond.
func numbers() []int32 {
	var all []int32
	for nr := int32(-3); nr < 700; nr++ {
		all = append(all, nr, nr|0x40000000)
	}
	return append(all, 0x3fffffff, 0x7fffffff, -0x80000000, -0x40000000, -0x40000001)
}

func TestProgramDecidesAsThePolicy(t *testing.T) {
	for name, p := range policies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prog, err := p.Assemble()
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d instructions", len(prog))
			compare(t, p, prog)
		})
	}
}

func compare(t *testing.T, p *Policy, prog []bpf.Instruction) {
	t.Helper()
	vm, err := bpf.NewVM(prog)
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, audit := range []uint32{unix.AUDIT_ARCH_X86_64, unix.AUDIT_ARCH_I386, unix.AUDIT_ARCH_AARCH64, unix.AUDIT_ARCH_ARM, 0} {
		for _, nr := range numbers() {
			for _, args := range argSets(nr, random) {
				d := Data{Nr: nr, Arch: audit, IP: 0x1234567890, Args: args}
				got, err := vm.Run(d.packet())
				if want := p.decide(d); err != nil || Action(got) != want {
					t.Fatalf("%+v: program says %v (%v), policy %v", d, Action(got), err, want)
				}
			}
		}
	}
}

func TestSimulate(t *testing.T) {
	prog, err := x86(Rule{Nr: 2, Action: Notify}).Assemble()
	if err != nil {
		t.Fatal(err)
	}
	d := Data{Nr: 2, Arch: unix.AUDIT_ARCH_X86_64}
	if got, err := Simulate(prog, d); err != nil || got != Notify {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := Simulate(prog[:2], d); err == nil {
		t.Error("a program without an end passed")
	}
}

func TestMistakesAreErrors(t *testing.T) {
	cond := func(c Cond) *Policy { return x86(Rule{Nr: 1, Action: Trace, If: []Cond{c}}) }
	noDefault, noUnknown, noForeign, noArch, badX32 := x86(), x86(), x86(), x86(), x86()
	noDefault.Default, noUnknown.Unknown, noForeign.Foreign = 0, 0, 0
	noArch.AuditArch, badX32.X32Bit = 0, 3
	twice, badBeside := x86(), x86()
	twice.Compat, badBeside.Compat = x86(), i386(Rule{Nr: 1})
	for name, p := range map[string]*Policy{
		"default": noDefault, "unknown": noUnknown, "foreign": noForeign, "arch": noArch, "x32": badX32,
		"the same table": twice, "beside": badBeside,
		"action":      x86(Rule{Nr: 1}),
		"unknown nr":  x86(Rule{Nr: 400, Action: Trace}),
		"negative":    x86(Rule{Nr: -1, Action: Trace}),
		"argument":    cond(Cond{Arg: 6}),
		"comparison":  cond(Cond{Op: 9}),
		"no bit":      cond(Cond{Op: AnyBit}),
		"always":      cond(Cond{Op: MaskedEqual}),
		"never":       cond(Cond{Op: MaskedEqual, Mask: 1, Value: 2}),
		"conditions":  x86(Rule{Nr: 1, Action: Trace, If: make([]Cond, maxConds+1)}),
		"too long":    tooLong(),
		"known range": {AuditArch: 1, Default: Allow, Unknown: Allow, Foreign: Allow, Known: []int{maxNumber + 1}},
	} {
		if _, err := p.Compile(); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
}

func tooLong() *Policy {
	p := x86()
	for _, nr := range p.Known {
		for arg := range 6 {
			p.Rules = append(p.Rules, Rule{Nr: nr, Action: Trace, If: []Cond{{Arg: arg, Value: uint64(nr)}}})
		}
	}
	return p
}
