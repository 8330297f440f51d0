package review

import (
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/session"
)

func TestDiscard(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			e := newEnv(t, sc)
			for range 100 {
				left := e.changes()
				if len(left) == 0 {
					break
				}
				before := len(left)
				dropped, err := Discard(e.s, []string{string(left[0].Path)})
				check(t, err)
				left = e.changes()
				if len(left) != before-len(dropped) {
					t.Fatalf("%d changes, %d dropped (%s), left %s", before, len(dropped), brief(e, dropped), brief(e, left))
				}
			}
			if left := e.changes(); len(left) > 0 {
				t.Errorf("left %s", brief(e, left))
			}
		})
	}
}

func TestSelect(t *testing.T) {
	var all []*Change
	for _, p := range []string{"/etc/a", "/etc/b.conf", "/usr/lib/x/y.so", "/usr/lib/z.so"} {
		all = append(all, &Change{Path: session.Path(p), Kind: Added})
	}
	for pattern, want := range map[string]int{
		"/etc": 2, "/etc/a": 1, "/etc/*.conf": 1, "/usr/**/*.so": 2, "/usr/lib/*": 2, "/**/z.so": 1, "/": 4, "/us?": 2,
		"/et": 0, "/etc/a/b": 0, "/*.so": 0,
	} {
		got, err := Select(all, []string{pattern})
		if len(got) != want || (want == 0) != (err != nil) {
			t.Errorf("%s: %d, %v; want %d", pattern, len(got), err, want)
		}
	}
	if _, err := Select(all, []string{"/["}); err == nil {
		t.Error("a bad pattern is taken")
	}
}

// TestParts commits what a path needs with it, and no more.
func TestParts(t *testing.T) {
	byName := map[string]scenario{}
	for _, sc := range scenarios {
		byName[sc.name] = sc
	}
	for _, tc := range []struct{ scenario, path, made, left string }{
		{"add", "d/sub/x", "A/d A/d/sub A/d/sub/x", "A/d/p A/d/sub/l A/etc/new"},
		{"rename", "new/n", "R/new</old D/new/b</old/b A/new/n M/new/s/c</old/s/c", "R/g</f"},
		{"rename", "g", "R/g</f", "R/new</old D/new/b</old/b A/new/n M/new/s/c</old/s/c"},
		{"renames around each other", "a", "R/a</b R/b</a", "R/q</p/q A/x A/x/y R/x2</x A/z R/z/p</p"},
		{"renames around each other", "x/y", "A/x A/x/y R/x2</x", "R/a</b R/b</a R/q</p/q A/z R/z/p</p"},
		{"opaque", "d/b", "D/d/b", "M/d/a A/d/c D/d/e D/d/e/f D/d/g/h A/d/g/i"},
		{"delete", "d/e", "D/d/e D/d/e/f", "D/a D/d D/d/b D/keep/x"},
		{"links", "new2", "A/new1 A/new2 A/sub A/sub/new3", "M/a M/a2 A/b2"},
		{"type", "a/in", "T/a A/a/in", "T/d D/d/b T/s"},
	} {
		t.Run(tc.scenario+" "+tc.path, func(t *testing.T) {
			e := newEnv(t, byName[tc.scenario])
			before, layer := snapshot(t, e.lower), snapshot(t, e.upper)
			res, err := Commit(e.s, []string{filepath.Join(e.lower, tc.path)}, Options{})
			check(t, err)
			equal(t, "made", brief(e, res.Changes), tc.made)
			equal(t, "left", brief(e, e.changes()), tc.left)
			check(t, Undo(e.s, Options{}))
			equal(t, "undone", snapshot(t, e.lower), before)
			equal(t, "layer", snapshot(t, e.upper), layer)
		})
	}
}
