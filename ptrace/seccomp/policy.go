package seccomp

import (
	"errors"
	"fmt"
)

// Policy says what a filter answers.
type Policy struct {
	// AuditArch is the architecture of native calls (arch.AuditArch).
	AuditArch uint32
	// X32Bit marks the numbers of an ABI that shares the architecture
	// (arch.X32Bit); 0 if there is none.
	X32Bit uint32
	// Default answers a known number that no rule answers.
	Default Action
	// Known are the numbers that the table of calls knows, in any order. Nil:
	// every number is known.
	Known []int
	// Unknown answers numbers that are not in Known, so that a call newer
	// than the table cannot pass it by.
	Unknown Action
	// Compat answers the calls of its own AuditArch (on amd64 those of 32-bit
	// programs, and int $0x80 of others); nil: they are foreign.
	Compat *Policy
	// Foreign answers calls of other architectures and of the x32 ABI.
	Foreign Action
	// Rules are tried in order; the first that fits answers.
	Rules []Rule
}

// Rule answers one number if all its conditions hold.
type Rule struct {
	Nr     int
	Action Action
	If     []Cond
}

const (
	// maxNumber bounds the numbers of a policy; those of Linux end below 1000.
	maxNumber = 1 << 14
	// maxConds keeps a rule within the reach of an 8-bit jump.
	maxConds = 16
)

func (p *Policy) check() error {
	if p.AuditArch == 0 {
		return errors.New("policy without an architecture")
	}
	if x := p.X32Bit; x != 0 && (x&(x-1) != 0 || x <= maxNumber || x >= 1<<31) {
		return fmt.Errorf("policy with %#x for the x32 bit", x)
	}
	if c := p.Compat; c != nil {
		if c.AuditArch == p.AuditArch || c.Compat != nil || c.X32Bit != 0 {
			return errors.New("policy with a table beside its own that is not one")
		}
		if err := c.check(); err != nil {
			return fmt.Errorf("architecture %#x: %w", c.AuditArch, err)
		}
	}
	actions := []Action{p.Default, p.Foreign}
	if p.Known != nil {
		actions = append(actions, p.Unknown)
	}
	for _, a := range actions {
		if !a.valid() {
			return fmt.Errorf("policy with %v", a)
		}
	}
	for _, nr := range p.Known {
		if nr < 0 || nr > maxNumber {
			return fmt.Errorf("known number %d", nr)
		}
	}
	known := p.knows()
	for i := range p.Rules {
		if err := p.Rules[i].check(known); err != nil {
			return fmt.Errorf("rule %d for number %d: %w", i, p.Rules[i].Nr, err)
		}
	}
	return nil
}

func (r *Rule) check(known func(int) bool) error {
	switch {
	case r.Nr < 0 || r.Nr > maxNumber:
		return errors.New("out of range")
	case !known(r.Nr):
		return errors.New("not among the known numbers")
	case !r.Action.valid():
		return fmt.Errorf("answers %v", r.Action)
	case len(r.If) > maxConds:
		return fmt.Errorf("%d conditions, at most %d fit", len(r.If), maxConds)
	}
	for _, c := range r.If {
		if err := c.check(); err != nil {
			return err
		}
	}
	return nil
}

func (p *Policy) knows() func(int) bool {
	if p.Known == nil {
		return func(int) bool { return true }
	}
	set := make(map[int]bool, len(p.Known))
	for _, nr := range p.Known {
		set[nr] = true
	}
	return func(nr int) bool { return set[nr] }
}
