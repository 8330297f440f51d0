package sysent

import (
	"testing"

	"github.com/veduta/veduta/arch"
)

// TestCompatRows: what differs in the 32-bit table has a row of its own, and
// everything else the row of this CPU's call of that name.
func TestCompatRows(t *testing.T) {
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
