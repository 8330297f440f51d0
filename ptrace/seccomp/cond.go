package seccomp

import (
	"fmt"

	"golang.org/x/net/bpf"
)

// Op compares an argument with the values of a Cond.
type Op uint8

const (
	Equal          Op = iota // arg == Value
	NotEqual                 // arg != Value
	MaskedEqual              // arg & Mask == Value
	MaskedNotEqual           // arg & Mask != Value
	AnyBit                   // arg & Mask != 0
)

// Cond is a condition on one argument, all 64 bits of the register. The kernel
// ignores the upper half where the argument is an int (a descriptor, a flag
// word), and a guest may leave anything there: compare those with a Mask of
// 0xffffffff.
type Cond struct {
	Arg         int // 0 to 5
	Op          Op
	Mask, Value uint64
}

// plain brings a condition to the form "arg & mask == value", or its negation.
func (c Cond) plain() (mask, value uint64, negated bool) {
	switch c.Op {
	case Equal:
		return ^uint64(0), c.Value, false
	case NotEqual:
		return ^uint64(0), c.Value, true
	case MaskedNotEqual:
		return c.Mask, c.Value, true
	case AnyBit:
		return c.Mask, 0, true
	}
	return c.Mask, c.Value, false
}

// Low is the condition on the lower half of an argument, which is all that a 32-bit
// call has of it; the upper one may hold anything.
func (c Cond) Low() Cond {
	mask, value, negated := c.plain()
	low := Cond{Arg: c.Arg, Op: MaskedEqual, Mask: mask & 0xffffffff, Value: value & 0xffffffff}
	if negated {
		low.Op = MaskedNotEqual
	}
	return low
}

// Holds tells whether arguments meet the condition.
func (c Cond) Holds(args *[6]uint64) bool {
	mask, value, negated := c.plain()
	return args[c.Arg]&mask == value != negated
}

// check refuses what no argument, or every argument, would meet: such a
// condition is a mistake of whoever wrote it.
func (c Cond) check() error {
	if c.Arg < 0 || c.Arg > 5 {
		return fmt.Errorf("no argument %d", c.Arg)
	}
	if c.Op > AnyBit {
		return fmt.Errorf("no comparison %d", c.Op)
	}
	if mask, value, _ := c.plain(); mask == 0 || value&^mask != 0 {
		return fmt.Errorf("arg%d&%#x compared with %#x is the same for every argument", c.Arg, mask, value)
	}
	return nil
}

// A half is one of the two 32-bit words of an argument: BPF has no wider
// registers.
type half struct {
	offset      uint32
	mask, value uint32
}

// halves of the condition that matter. The upper one comes first: where it
// matters at all, it is the rarer match.
func (c Cond) halves() []half {
	mask, value, _ := c.plain()
	low := uint32(offArgs + 8*c.Arg) // both CPUs are little-endian
	all := []half{
		{low + 4, uint32(mask >> 32), uint32(value >> 32)},
		{low, uint32(mask), uint32(value)},
	}
	switch {
	case all[0].mask == 0:
		return all[1:]
	case all[1].mask == 0:
		return all[:1]
	}
	return all
}

func (h half) load() []bpf.Instruction {
	load := []bpf.Instruction{bpf.LoadAbsolute{Off: h.offset, Size: 4}}
	if h.mask != ^uint32(0) {
		load = append(load, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: h.mask})
	}
	return load
}

// code falls through its end if the condition holds, and else skips as many
// instructions behind its end as otherwise says.
func (c Cond) code(otherwise int) []bpf.Instruction {
	_, _, negated := c.plain()
	var prog []bpf.Instruction
	halves := c.halves()
	for i := len(halves) - 1; i >= 0; i-- {
		h, rest := halves[i], len(prog)
		test := bpf.JumpIf{Cond: bpf.JumpEqual, Val: h.value}
		switch {
		case !negated:
			test.SkipFalse = uint8(rest + otherwise)
		case rest == 0: // the last word to differ
			test.SkipTrue = uint8(otherwise)
		default:
			test.SkipFalse = uint8(rest)
		}
		prog = append(append(h.load(), test), prog...)
	}
	return prog
}
