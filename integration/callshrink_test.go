package integration

import (
	"fmt"
	"slices"
	"testing"
)

// shrink drops calls from a case as long as it differs in the same way. The
// candidates of one round run together.
func (s stage) shrink(t *testing.T, k kase, sig string) kase {
	for size := (len(k.calls) + 1) / 2; size > 0; {
		smaller, ok := s.first(t, without(k, size), sig)
		switch {
		case ok:
			k.calls = smaller.calls
			size = min(size, len(k.calls))
		case size == 1:
			return k
		default:
			size /= 2
		}
	}
	return k
}

// without are the cases that lack size calls.
func without(k kase, size int) (all []kase) {
	for at := 0; at < len(k.calls); at += size {
		c := k
		c.name = fmt.Sprint("c", len(all))
		c.calls = slices.Delete(slices.Clone(k.calls), at, min(at+size, len(k.calls)))
		if len(c.calls) > 0 {
			all = append(all, c)
		}
	}
	slices.Reverse(all) // what comes after the difference goes first
	return all
}

// first is the first of some cases that differs as told.
func (s stage) first(t *testing.T, cases []kase, sig string) (kase, bool) {
	native, got := stage{caller: reference(s.view, s.caller), base: s.base, world: s.world, bits: s.bits}.play(t, cases), s.play(t, cases)
	for _, k := range cases {
		if a, b, differ := firstDifference(s.view, s.caller, native[k.name], got[k.name]); differ && signature(a, b) == sig {
			return k, true
		}
	}
	return kase{}, false
}
