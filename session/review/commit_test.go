package review

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/veduta/veduta/session"
)

// expected is what a scenario leaves when done natively.
func expected(t *testing.T, sc scenario) string {
	t.Helper()
	dir := filepath.Join(tempDir(t), "native")
	l := tree{t, dir, nil}
	l.mkdir(".", 0o755)
	sc.below(l)
	sc.native(l)
	return snapshot(t, dir)
}

func equal(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s\n--- got\n%s--- want\n%s", what, got, want)
	}
}

func TestChanges(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			e := newEnv(t, sc)
			equal(t, "changes", brief(e, e.changes())+"\n", sc.want+"\n")
		})
	}
}

func TestCommitEqualsNative(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			e := newEnvAt(t, sc, diskDir(t), diskDir(t))
			old := snapshot(t, e.lower)
			layer := snapshot(t, e.upper)
			res, err := Commit(e.s, nil, Options{})
			check(t, err)
			if !res.Whole {
				t.Error("not whole")
			}
			equal(t, "committed", snapshot(t, e.lower), expected(t, sc))
			if left := e.changes(); len(left) > 0 {
				t.Errorf("left: %s", brief(e, left))
			}
			if st := e.s.Meta().State; st != session.Committed {
				t.Errorf("state %s", st)
			}
			check(t, Undo(e.s, Options{}))
			equal(t, "undone", snapshot(t, e.lower), old)
			equal(t, "layer after undo", snapshot(t, e.upper), layer)
			equal(t, "changes after undo", brief(e, e.changes())+"\n", sc.want+"\n")
		})
	}
}

// TestCommitToOtherMount has the session on another file system than the real
// files, where nothing can be shared and slots need a place of their own.
func TestCommitToOtherMount(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			shm, err := os.MkdirTemp("/dev/shm", "review-*")
			check(t, err)
			t.Cleanup(func() { session.RemoveTree(shm) })
			e := newEnvAt(t, sc, diskDir(t), shm)
			old := snapshot(t, e.lower)
			_, err = Commit(e.s, nil, Options{})
			check(t, err)
			equal(t, "committed", snapshot(t, e.lower), expected(t, sc))
			check(t, Undo(e.s, Options{}))
			equal(t, "undone", snapshot(t, e.lower), old)
			_, err = Commit(e.s, nil, Options{})
			check(t, err)
			check(t, e.s.Close())
			check(t, e.store.Remove("s"))
			left, _ := filepath.Glob("/dev/shm/" + session.AreaPrefix + "s-*")
			more, _ := filepath.Glob(filepath.Join(shm, session.AreaPrefix+"*"))
			if len(left)+len(more) > 0 {
				t.Errorf("areas are left: %v %v", left, more)
			}
		})
	}
}

// TestCommitByParts commits one path after the other; in the end all is there.
func TestCommitByParts(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			e := newEnv(t, sc)
			for range 100 {
				left := Visible(e.changes())
				if len(left) == 0 {
					break
				}
				_, err := Commit(e.s, []string{string(left[len(left)-1].Path)}, Options{})
				check(t, err)
			}
			equal(t, "committed", snapshot(t, e.lower), expected(t, sc))
		})
	}
}

// TestCommitKilled ends a commit at each point where it can be, then finishes
// or takes it back, and kills that, too; with VEDUTA_TEST_DISK both at each point,
// else they take turns.
func TestCommitKilled(t *testing.T) {
	for _, sc := range scenarios {
		t.Run(sc.name, func(t *testing.T) {
			after := expected(t, sc)
			for n := 0; killedAt(t, sc, n, after); n++ {
			}
		})
	}
}

// killedAt is false when the commit got through.
func killedAt(t *testing.T, sc scenario, n int, after string) bool {
	t.Helper()
	ways := []string{"resume", "rollback"}
	if os.Getenv("VEDUTA_TEST_DISK") == "" {
		turn := (n + len(sc.name)) % len(ways)
		ways = ways[turn : turn+1]
	}
	for _, way := range ways {
		e := newEnv(t, sc)
		before, layer := snapshot(t, e.lower), snapshot(t, e.upper)
		_, err := Commit(e.s, nil, Options{kill: killer(n)})
		if err == nil {
			return false
		}
		if !errors.Is(err, errKilled) {
			t.Fatalf("killed at %d: %v", n, err)
		}
		// The next attempt is killed as well, at each of its points in turn.
		for m := 0; ; m++ {
			o := Options{kill: killer(m)}
			if way == "resume" {
				err = Resume(e.s, o)
			} else {
				err = Rollback(e.s, o)
			}
			if err == nil || errors.Is(err, ErrNothing) {
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatalf("killed at %d, %s killed at %d: %v", n, way, m, err)
			}
		}
		if way == "resume" {
			equal(t, "resumed", snapshot(t, e.lower), after)
		} else {
			equal(t, "taken back", snapshot(t, e.lower), before)
			equal(t, "layer", snapshot(t, e.upper), layer)
		}
		if t.Failed() {
			t.Fatalf("after the kill at %d", n)
		}
	}
	return true
}

func killer(n int) func() error {
	return func() error {
		if n--; n < 0 {
			return errKilled
		}
		return nil
	}
}
