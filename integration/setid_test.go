package integration

import (
	"testing"
)

// TestSetIDOfInherited: the set-id bits of a real file fall when a guest that
// has given up its privilege writes by a descriptor that it had before.
func TestSetIDOfInherited(t *testing.T) {
	needOthers(t) // where the bits are on record, they fall at an open
	k := parseCase("setid", `@2 fchmod 0 07777
@0 setfsuid 12
@0 ftruncate 0 0x7fffffffffffffff
@0 fstat 0 >stat
@0 setfsuid 0
@0 chmod "y/y" 06755
@0 openat -100 "y/y" 0x801 0
@0 write 6 "text" 4
@0 fstat 6 >stat
@0 capset =2205082000000000 <000000000000000000000000000000000000000000000000>
@0 write 6 "text" 4
@0 fstat 6 >stat
`)
	dir := memory(t)
	native := stage{caller: rootCaller, base: dir}.play(t, []kase{k})
	eachView(t, func(v *view, c caller) bool { return c == rootCaller && v.verb == "run" }, func(t *testing.T, v *view, engine string, c caller) {
		got := stage{view: v, engine: engine, caller: c, base: dir}.play(t, []kase{k})
		if a, b, differ := firstDifference(v, c, native[k.name], got[k.name]); differ {
			t.Errorf("natively:    %s\nin the view: %s", a, b)
		}
	})
}
