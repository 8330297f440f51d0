package seccomp

import (
	"fmt"
	"math"
	"slices"
)

// A leaf is the answer for one number: the conditional rules in order, then an
// action.
type leaf struct {
	rules []Rule
	final Action
}

// A segment is a run of numbers with one leaf, from lo to the next segment's lo.
type segment struct {
	lo uint32
	leaf
}

// skipped is -1, the number of a call that a tracer has taken away.
const skipped = math.MaxUint32

// segments covers all 2^32 numbers, in order and with neighbours merged.
func (p *Policy) segments() []segment {
	segs := p.calls()
	end := segs[len(segs)-1].lo + 1
	other := p.Default
	if p.Known != nil {
		other = p.Unknown
	}
	segs = append(segs, segment{end, leaf{final: other}})
	if p.X32Bit != 0 {
		// The kernel takes the bit off and looks the rest up; a number that is
		// negative as well is no call of any ABI.
		segs = append(segs, segment{p.X32Bit, leaf{final: p.Foreign}}, segment{p.X32Bit << 1, leaf{final: other}})
	}
	segs = append(segs, segment{skipped, leaf{final: Allow}})
	return slices.CompactFunc(segs, func(a, b segment) bool { return a.key() == b.key() })
}

// calls has a segment for each number up to the greatest that is known or has
// a rule.
func (p *Policy) calls() []segment {
	rules, top := map[int][]Rule{}, 0
	for _, r := range p.Rules {
		rules[r.Nr] = append(rules[r.Nr], r)
		top = max(top, r.Nr)
	}
	for _, nr := range p.Known {
		top = max(top, nr)
	}
	known := p.knows()
	segs := make([]segment, top+1)
	for nr := range segs {
		segs[nr] = segment{uint32(nr), leaf{final: p.Unknown}}
		if known(nr) {
			segs[nr].leaf = newLeaf(rules[nr], p.Default)
		}
	}
	return segs
}

// newLeaf drops what can make no difference: rules behind one without
// conditions, and conditions for what would be answered anyway. The second
// keeps a number in the kernel's cache.
func newLeaf(rules []Rule, final Action) leaf {
	if i := slices.IndexFunc(rules, func(r Rule) bool { return len(r.If) == 0 }); i >= 0 {
		rules, final = rules[:i], rules[i].Action
	}
	for len(rules) > 0 && rules[len(rules)-1].Action == final {
		rules = rules[:len(rules)-1]
	}
	return leaf{rules, final}
}

// key is equal for leaves that answer alike.
func (l *leaf) key() string {
	s := fmt.Sprint(uint32(l.final))
	for _, r := range l.rules {
		s += fmt.Sprint(";", uint32(r.Action), r.If)
	}
	return s
}
