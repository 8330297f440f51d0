package seccomp

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// A dice makes choices out of fuzz bytes, zeros when they are used up.
type dice struct{ rest []byte }

func (d *dice) roll(n int) int { return int(d.word() % uint64(n)) }

func (d *dice) word() uint64 {
	var b [4]byte
	d.rest = d.rest[copy(b[:], d.rest):]
	return uint64(binary.LittleEndian.Uint32(b[:]))
}

func (d *dice) action() Action {
	return []Action{Allow, Log, Trace, TraceData(7), Notify, Trap, KillProcess, Errno(unix.EPERM)}[d.roll(8)]
}

func (d *dice) cond() Cond {
	c := Cond{Arg: d.roll(6), Op: Op(d.roll(int(AnyBit) + 1)), Mask: d.word() << d.roll(33), Value: words[d.roll(len(words))]}
	if c.Op == MaskedEqual || c.Op == MaskedNotEqual {
		c.Value &= c.Mask
	}
	return c
}

func (d *dice) policy() *Policy {
	p := &Policy{
		AuditArch: unix.AUDIT_ARCH_X86_64, X32Bit: 0x40000000 * uint32(d.roll(2)),
		Default: d.action(), Unknown: d.action(), Foreign: d.action(),
	}
	for nr := range d.roll(64) {
		if d.roll(4) > 0 {
			p.Known = append(p.Known, nr)
		}
	}
	for range d.roll(64) {
		r := Rule{Nr: d.roll(64), Action: d.action()}
		for range d.roll(3) {
			r.If = append(r.If, d.cond())
		}
		p.Rules = append(p.Rules, r)
	}
	return p
}

// FuzzProgramDecidesAsThePolicy makes policies and calls of random bytes.
func FuzzProgramDecidesAsThePolicy(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00 a few words more of no meaning"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := &dice{data}
		p := d.policy()
		prog, err := p.Assemble()
		if err != nil {
			return
		}
		vm, err := bpf.NewVM(prog)
		if err != nil {
			t.Fatalf("%+v: %v", p, err)
		}
		for nr := int32(-2); nr < 70; nr++ {
			call := Data{Nr: nr, Arch: p.AuditArch}
			for i := range call.Args {
				call.Args[i] = words[d.roll(len(words))]
			}
			got, err := vm.Run(call.packet())
			if want := p.decide(call); err != nil || Action(got) != want {
				t.Fatalf("%+v\n%+v: program says %v (%v), policy %v", p, call, Action(got), err, want)
			}
		}
	})
}
