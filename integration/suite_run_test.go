package integration

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestSuites runs the suites natively, twice, and in views: what passes
// natively has to pass there. The reference of a view with --root is real root.
//
// It has a short form: the quick suites, in a full view, by the engine that
// Veduta chooses. VEDUTA_SUITES asks for others by patterns ("all", "go/net*"),
// VEDUTA_SUITES_VIEWS, _ENGINES and _CALLERS for less than everything;
// VEDUTA_SUITES_KEEP names a directory for the outputs.
func TestSuites(t *testing.T) {
	if err := os.MkdirAll(filepath.Join(base, "suites"), 0o777); err != nil {
		t.Fatal(err)
	}
	os.Chmod(filepath.Join(base, "suites"), 0o777)
	known := readAccepted(t)
	var table []tally
	for _, s := range suites() {
		if asked("SUITES", s.name, s.quick) {
			t.Run(s.name, func(t *testing.T) {
				table = append(table, s.everywhere(t, known)...)
			})
		}
	}
	t.Logf("passed/failed/skipped\n%s", render(table))
}

// everywhere runs a suite natively and on all grounds.
func (s *suite) everywhere(t *testing.T, known []*acceptance) (table []tally) {
	errands := s.prepare(t)
	natives := map[caller]verdicts{}
	for _, g := range grounds() {
		by := reference(g.view, g.caller)
		if os.Getuid() != 0 && by == rootCaller {
			continue // the reference is out of reach
		}
		if natives[by] == nil {
			natives[by] = s.natively(t, by, errands)
			table = append(table, tally{s.name, ground{caller: by}, natives[by]})
		}
		t.Run(g.String(), func(t *testing.T) {
			got := s.run(t, g, errands, "1")
			table = append(table, tally{s.name, g, got})
			open, stale, owed := unaccepted(known, s.name, g, natives[by], differences(natives[by], got))
			for _, d := range open {
				t.Errorf("%s: %s natively, %s in the view", d.test, d.native, d.got)
			}
			for _, a := range owed {
				t.Logf("%s: %s", a, a.reason)
			}
			for _, a := range stale {
				t.Errorf("%s: it does not differ any more; take it out of %s", a, acceptedFile)
			}
		})
	}
	return table
}

// natively runs a suite twice: what differs is not stable enough to compare.
func (s *suite) natively(t *testing.T, c caller, errands []errand) verdicts {
	g := ground{caller: c}
	one, two := s.run(t, g, errands, "1"), s.run(t, g, errands, "2")
	maps.DeleteFunc(one, func(test string, v verdict) bool {
		if two[test] != v {
			t.Logf("unstable natively: %s %s: %s, %s", g, test, v, two[test])
		}
		return two[test] != v
	})
	if n := one.count(passed); n == 0 {
		t.Fatalf("%s: no test passes", g)
	}
	return one
}

// run runs all errands of a suite on one ground.
func (s *suite) run(t *testing.T, g ground, errands []errand, turn string) verdicts {
	all := verdicts{}
	for i, e := range errands {
		output := s.do(t, g, e)
		maps.Copy(all, s.verdicts(output))
		keep(t, fmt.Sprintf("%s/%s/%s.%d", s.name, g, turn, i), output)
	}
	return all
}

// do runs one errand in a place of its own and gives back what it said.
func (s *suite) do(t *testing.T, g ground, e errand) string {
	p := newPlace(t, g.caller)
	if s.env != nil {
		p.env = append(p.env, s.env(g.caller)...)
	}
	argv := e.argv
	if g.view != nil {
		argv = g.view.command(g.engine, argv...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), e.patience)
	defer cancel()
	cmd := p.command(ctx, argv...)
	if e.dir != "" {
		cmd.Dir = e.dir
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		fmt.Fprintf(&out, "\n%s: %v\n", g, err)
	}
	return out.String()
}

// keep writes an output where VEDUTA_SUITES_KEEP says.
func keep(t *testing.T, name, output string) {
	dir := os.Getenv("VEDUTA_SUITES_KEEP")
	if dir == "" {
		return
	}
	file := filepath.Join(dir, name)
	os.MkdirAll(filepath.Dir(file), 0o755)
	if err := os.WriteFile(file, []byte(output), 0o644); err != nil {
		t.Error(err)
	}
}

// difference is a test that fares worse in a view.
type difference struct {
	test        string
	native, got verdict
}

// differences are the tests that pass natively and not in the view, or don't
// fail natively and fail there. A test that fails for one within it is left out.
func differences(native, got verdicts) (list []difference) {
	for test, v := range native {
		g := got[test]
		if g == "" {
			g = lost
		}
		if v == passed && g != passed || v == skipped && g == failed {
			list = append(list, difference{test, v, g})
		}
	}
	slices.SortFunc(list, func(a, b difference) int { return strings.Compare(a.test, b.test) })
	all := slices.Clone(list)
	return slices.DeleteFunc(list, func(d difference) bool {
		return slices.ContainsFunc(all, func(in difference) bool { return strings.HasPrefix(in.test, d.test+"/") })
	})
}
