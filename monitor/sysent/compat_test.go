package sysent

import (
	"testing"

	"github.com/veduta/veduta/arch"
)

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
