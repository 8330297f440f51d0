package laws

import (
	"strings"
	"testing"
)

func TestImportsPointDownward(t *testing.T) {
	each(t, func(s *source) {
		var own []string
		for _, i := range s.imports() {
			if p, ok := strings.CutPrefix(i, module+"/"); ok {
				own = append(own, p)
			}
		}
		for _, c := range strayImports(s.pkg, own, s.test || s.ignored()) {
			t.Errorf("%s: %s", s.path, c)
		}
	})
}

func TestStrayImportsAreSeen(t *testing.T) {
	for _, c := range []struct {
		pkg, imports string
		test, ok     bool
	}{
		{"vfs", "monitor", false, false},
		{"vfs", "vfs/hostfs", false, false},
		{"vfs/hostfs", "vfs", false, true},
		{"vfs/hostfs", "vfs/vfstest", false, false},
		{"vfs/hostfs", "vfs/vfstest", true, true},
		{"vfs/hostfs", "cred", true, false},
		{"modules/uts", "monitor", false, false},
		{"monitor", "modules/uts", false, false},
		{"ptrace/trace", "monitor/sysent", false, false},
		{"integration", "vfs", true, false},
		{"session", "session/review", false, false},
		{"cmd/veduta", "session/review", false, true},
		{"nowhere", "vfs", false, false},
	} {
		got := strayImports(c.pkg, []string{c.imports}, c.test)
		if (len(got) == 0) != c.ok {
			t.Errorf("%s imports %s: complaints %q", c.pkg, c.imports, got)
		}
	}
}

// A row may only name rooms below it, so that the order of the list is true.
func TestRoomsAreInOrder(t *testing.T) {
	for i, r := range rooms {
		for _, name := range r.may {
			if name == r.name {
				continue
			}
			below := false
			for _, s := range rooms[i+1:] {
				below = below || s.name == name
			}
			if !below {
				t.Errorf("%s may import %s, which is not listed below it", r.name, name)
			}
		}
	}
}
