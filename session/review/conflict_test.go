package review

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var edited = scenario{
	below: func(l tree) {
		l.file("a", "1")
		l.file("b", "1")
		l.file("d/x", "1")
		l.file("d/y", "1")
		l.file("gone", "1")
	},
	edit: func(e *env, u tree) {
		e.copyUp(u, "a")
		u.append("a", "2")
		e.note("b", "/nonexistent")
		u.whiteout("b")
		u.whiteout("d")
		u.file("new", "mine")
		e.copyUp(u, "gone")
		u.append("gone", "2")
	},
}

func TestConflicts(t *testing.T) {
	for _, tc := range []struct {
		name    string
		outside func(l tree)
		path    string
	}{
		{"none", func(l tree) {}, ""},
		{"written", func(l tree) { l.append("a", "out") }, "a"},
		{"same size and time", func(l tree) { l.file("a", "9") }, "a"},
		{"chmod", func(l tree) { l.chmod("a", 0o600) }, "a"},
		{"deleted file changed", func(l tree) { l.append("b", "out") }, "b"},
		{"file in deleted directory", func(l tree) { l.append("d/x", "out") }, "d/x"},
		{"new file in deleted directory", func(l tree) { l.file("d/z", "out") }, "d/z"},
		{"new directory in deleted directory", func(l tree) { l.mkdir("d/zz", 0o755) }, "d/zz"},
		{"added there as well", func(l tree) { l.file("new", "theirs") }, "new"},
		{"deleted there", func(l tree) { l.remove("gone") }, "gone"},
		{"deleted here and there", func(l tree) { l.remove("b") }, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEnv(t, edited)
			l := tree{t, e.lower, nil}
			waitTick(t)
			tc.outside(l)
			before := snapshot(t, e.lower)
			_, err := Commit(e.s, nil, Options{})
			if tc.path == "" {
				check(t, err)
				return
			}
			var refused *ConflictError
			if !errors.As(err, &refused) {
				t.Fatalf("err = %v", err)
			}
			if want := filepath.Join(e.lower, tc.path); len(refused.Conflicts) != 1 || string(refused.Conflicts[0].Path) != want {
				t.Errorf("conflicts %v, want %s", refused.Conflicts, want)
			}
			equal(t, "untouched", snapshot(t, e.lower), before)
			_, err = Commit(e.s, nil, Options{Force: true})
			check(t, err)
		})
	}
}

// waitTick waits until the kernel's clock for file times has moved on.
func waitTick(t *testing.T) {
	t.Helper()
	p := filepath.Join(t.TempDir(), "tick")
	var first int64
	for {
		check(t, os.WriteFile(p, nil, 0o600))
		st, err := os.Stat(p)
		check(t, err)
		now := st.ModTime().UnixNano()
		if first == 0 {
			first = now
		}
		if now != first {
			return
		}
	}
}

func TestUndoRefusesWhatChangedSince(t *testing.T) {
	e := newEnv(t, edited)
	_, err := Commit(e.s, nil, Options{})
	check(t, err)
	l := tree{t, e.lower, nil}
	waitTick(t)
	l.append("a", "later")
	l.file("b", "there again")
	var refused *ConflictError
	if err := Undo(e.s, Options{}); !errors.As(err, &refused) || len(refused.Conflicts) != 2 {
		t.Fatalf("err = %v", err)
	}
	l.remove("b")
	check(t, Undo(e.s, Options{Force: true}))
}

// TestFailureOnTheWay has something in the way that was not there when the
// commit was planned.
func TestFailureOnTheWay(t *testing.T) {
	e := newEnv(t, edited)
	before := snapshot(t, e.lower)
	obstacle := filepath.Join(e.lower, "new")
	_, err := Commit(e.s, nil, Options{Progress: func(done, total int, _ string) {
		if total > 0 && done == 1 {
			check(t, os.WriteFile(obstacle, nil, 0o600))
		}
	}})
	if err == nil || !strings.Contains(err.Error(), "taken back") {
		t.Fatalf("err = %v", err)
	}
	check(t, os.Remove(obstacle))
	equal(t, "taken back", snapshot(t, e.lower), before)
	_, err = Commit(e.s, nil, Options{})
	check(t, err)
}
