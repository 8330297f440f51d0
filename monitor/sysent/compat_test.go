package sysent

import (
	"testing"

	"github.com/veduta/veduta/arch"
)

// TestCompatRows: what differs in the 32-bit table has a row of its own, and
// everything else the row of this CPU's call of that name.
func TestCompatRows(t *testing.T) {
	if !arch.HasCompat {
		t.Skip("no table of 32-bit calls is known for this CPU")
	}
	differ := map[string]*Entry{}
	for _, e := range Otherwise() {
		if _, ok := arch.CompatNumber(e.Name); !ok || ByName(e.Name) == nil {
			t.Errorf("%s is no name of both tables", e.Name)
		}
		if differ[e.Name] != nil {
			t.Errorf("%s has two rows", e.Name)
		}
		differ[e.Name] = e
	}
	known := 0
	for nr := arch.Compat; nr <= arch.MaxCompat; nr++ {
		name := arch.Name(nr)
		if name == "" {
			continue
		}
		known++
		want := ByName(name)
		if differ[name] != nil {
			want = differ[name]
		}
		if Lookup(nr) != want {
			t.Errorf("%s: %+v, want %+v", name, Lookup(nr), want)
		}
	}
	if len(Numbers(arch.ABI32)) != known {
		t.Errorf("%d rows for %d numbers", len(Numbers(arch.ABI32)), known)
	}
}

func TestShortIDs(t *testing.T) {
	if ByName("chown").ShortIDs() || ByName("chown32").ShortIDs() {
		t.Error("ids of 16 bits in another table")
	}
	if nr, ok := arch.CompatNumber("chown"); ok && !Lookup(nr).ShortIDs() {
		t.Error("chown of the 32-bit table has ids of 16 bits")
	}
}

func TestSubcalls(t *testing.T) {
	for _, s := range arch.Subcalls() {
		if e := Lookup(s.Nr); e == nil || e.Family != Net || s.NArgs > e.NArgs() {
			t.Errorf("%d: %+v", s.Cmd, e)
		}
	}
	for _, cmd := range []uint64{0, 21, 1 << 40} {
		if s, ok := arch.SubcallOf(cmd); ok {
			t.Errorf("%d: %+v", cmd, s)
		}
	}
}
