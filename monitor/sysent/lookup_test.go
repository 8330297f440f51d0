package sysent

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

func TestLookup(t *testing.T) {
	e := Lookup(unix.SYS_OPENAT)
	if e == nil || e.Name != "openat" || e != ByName("openat") || e.Number() != unix.SYS_OPENAT {
		t.Fatalf("openat: %+v", e)
	}
	if e.Arg(Path) != 1 || e.Arg(DirFD) != 0 || e.Arg(UID) != -1 || e.NArgs() != 4 {
		t.Errorf("openat: %+v", e)
	}
	for _, nr := range []int{-1, 400, arch.MaxNumber + 1, unix.SYS_OPENAT | 0x40000000, 1 << 40} {
		if e := Lookup(nr); e != nil {
			t.Errorf("Lookup(%#x) is %s", nr, e.Name)
		}
	}
	if e := ByName("nope"); e != nil {
		t.Errorf("%+v", e)
	}
}

func TestAllIsInOrderAndComplete(t *testing.T) {
	last, n := -1, 0
	for _, e := range All() {
		if e.Number() <= last || Lookup(e.Number()) != e {
			t.Errorf("%s %d after %d", e.Name, e.Number(), last)
		}
		last = e.Number()
		n++
	}
	want := 0
	for nr := range arch.MaxNumber + 1 {
		if arch.Name(nr) != "" {
			want++
		}
	}
	if n != want {
		t.Errorf("%d rows for %d numbers", n, want)
	}
}

// TestRowsMakeSense holds what handlers rely on when they ask by role.
func TestRowsMakeSense(t *testing.T) {
	for _, e := range Every() {
		has := func(r Role) bool { return e.Arg(r) >= 0 }
		for i := range e.NArgs() {
			if e.Args[i] == None {
				t.Errorf("%s: argument %d is None", e.Name, i)
			}
		}
		if has(DirFD) && !has(Path) || has(NewDirFD) && !has(NewPath) {
			t.Errorf("%s: a directory without a path", e.Name)
		}
		if e.Family == Plain && (e.Op != OpNone || e.Concerns(PathName)) {
			t.Errorf("%s is plain and %v", e.Name, e.Op)
		}
		if e.Family != Plain && e.Op == OpNone {
			t.Errorf("%s is of family %v without an operation", e.Name, e.Family)
		}
		if e.Implied != 0 && (has(Flags) && e.Family == PathName || has(CloneFlags)) {
			t.Errorf("%s implies flags and takes some", e.Name)
		}
	}
}

func TestConcerns(t *testing.T) {
	for _, c := range []struct {
		name   string
		family Family
		want   bool
	}{
		{"execve", PathName, true}, {"execve", Lifecycle, true}, {"bind", PathName, true}, {"bind", Net, true},
		{"mount", PathName, true}, {"sendmsg", PathName, true}, {"fstat", PathName, false}, {"socket", PathName, false},
		{"read", PathName, false}, {"write", Plain, true}, {"clone", Net, false},
	} {
		if got := ByName(c.name).Concerns(c.family); got != c.want {
			t.Errorf("%s concerns %v: %v", c.name, c.family, got)
		}
	}
}

// TestOperationsAreSpelled: an operation without a call is a slip.
func TestOperationsAreSpelled(t *testing.T) {
	spelled := map[Op]bool{}
	for _, e := range Every() {
		spelled[e.Op] = true
	}
	for op := range opNames {
		if !spelled[Op(op)] {
			t.Errorf("no call spells %v", Op(op))
		}
	}
}
