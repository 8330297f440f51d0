package seccomp

import (
	"fmt"
	"math"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// Offsets in struct seccomp_data.
const (
	offNr   = 0
	offArch = 4
	offIP   = 8
	offArgs = 16
)

// Assemble makes the program. An error means a policy that contradicts itself,
// or one whose program is longer than the kernel takes (BPF_MAXINSNS).
func (p *Policy) Assemble() ([]bpf.Instruction, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	native := p.table()
	prog := []bpf.Instruction{bpf.LoadAbsolute{Off: offArch, Size: 4}}
	if c := p.Compat; c != nil {
		prog = append(prog,
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: p.AuditArch, SkipTrue: 3},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: c.AuditArch, SkipFalse: 1},
			bpf.Jump{Skip: uint32(1 + len(native))})
		native = append(native, c.table()...)
	} else {
		prog = append(prog, bpf.JumpIf{Cond: bpf.JumpEqual, Val: p.AuditArch, SkipTrue: 1})
	}
	prog = append(prog, bpf.RetConstant{Val: uint32(p.Foreign)})
	prog = append(prog, native...)
	if len(prog) > unix.BPF_MAXINSNS {
		return nil, fmt.Errorf("filter of %d instructions, the kernel takes %d", len(prog), unix.BPF_MAXINSNS)
	}
	return prog, nil
}

// Compile is Assemble in the form that the kernel takes.
func (p *Policy) Compile() ([]unix.SockFilter, error) {
	prog, err := p.Assemble()
	if err != nil {
		return nil, err
	}
	raw, err := bpf.Assemble(prog)
	if err != nil {
		return nil, err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return filter, nil
}

// table answers the numbers of one architecture.
func (p *Policy) table() []bpf.Instruction {
	return append([]bpf.Instruction{bpf.LoadAbsolute{Off: offNr, Size: 4}}, search(p.segments())...)
}

// search finds the segment of the number in the accumulator by halves.
func search(segs []segment) []bpf.Instruction {
	if len(segs) == 1 {
		return segs[0].code()
	}
	middle := len(segs) / 2
	below, above := search(segs[:middle]), search(segs[middle:])
	test := bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: segs[middle].lo}
	prog := make([]bpf.Instruction, 0, 2+len(below)+len(above))
	if len(below) <= math.MaxUint8 {
		test.SkipTrue = uint8(len(below))
		prog = append(prog, test)
	} else { // out of the reach of a conditional jump
		test.SkipFalse = 1
		prog = append(prog, test, bpf.Jump{Skip: uint32(len(below))})
	}
	return append(append(prog, below...), above...)
}

// code answers a number. It ends in a return on every path, and the number
// is not needed any more when arguments take its place in the accumulator.
func (l *leaf) code() []bpf.Instruction {
	var prog []bpf.Instruction
	for _, r := range l.rules {
		prog = append(prog, r.code()...)
	}
	return append(prog, bpf.RetConstant{Val: uint32(l.final)})
}

// code returns the action if all conditions hold, and else falls through.
func (r *Rule) code() []bpf.Instruction {
	prog := []bpf.Instruction{bpf.RetConstant{Val: uint32(r.Action)}}
	for i := len(r.If) - 1; i >= 0; i-- {
		prog = append(r.If[i].code(len(prog)), prog...)
	}
	return prog
}
