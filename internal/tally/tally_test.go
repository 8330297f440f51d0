package main

import (
	"strings"
	"testing"
)

const run = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"A","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"A"}
{"Action":"run","Package":"p","Test":"B"}
{"Action":"run","Package":"p","Test":"B/x"}
{"Action":"output","Package":"p","Test":"B/x","Output":"loud\n"}
`

func TestTally(t *testing.T) {
	for _, c := range []struct {
		name, in string
		ok       bool
		want     []string
	}{
		{"a failing subtest is one failure", run + `{"Action":"fail","Package":"p","Test":"B/x"}
{"Action":"fail","Package":"p","Test":"B"}
{"Action":"fail","Package":"p"}
`, false, []string{"loud\n", "FAIL p ", "1 passed, 1 failed, 0 skipped\n"}},
		{"a skip gives its reason", run + `{"Action":"output","Package":"p","Test":"B/x","Output":"    a_test.go:3: needs root\n"}
{"Action":"skip","Package":"p","Test":"B/x"}
{"Action":"pass","Package":"p","Test":"B"}
{"Action":"pass","Package":"p"}
`, true, []string{"skip p B/x: needs root\n", "1 passed, 0 failed, 1 skipped\n"}},
		{"a package that does not build", `{"ImportPath":"q","Action":"build-output","Output":"q.go:1: oh\n"}
{"Action":"start","Package":"q"}
{"Action":"fail","Package":"q","FailedBuild":"q"}
`, false, []string{"q.go:1: oh\n", "0 passed, 1 failed, 0 skipped\n"}},
		{"a run cut off", run, false, []string{"loud\n", "never ended", "1 passed, 1 failed, 0 skipped\n"}},
		{"nothing run", "go: no packages\n", false, []string{"go: no packages\n", "0 passed, 0 failed, 0 skipped\n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			y := newTally(&out)
			if err := y.read(strings.NewReader(c.in)); err != nil {
				t.Fatal(err)
			}
			if ok := y.close(); ok != c.ok {
				t.Errorf("all well: %v", ok)
			}
			for _, w := range c.want {
				if !strings.Contains(out.String(), w) {
					t.Errorf("no %q in\n%s", w, out.String())
				}
			}
			if strings.Contains(out.String(), "quiet") {
				t.Errorf("shows what a passing test wrote:\n%s", out.String())
			}
		})
	}
}

func TestShorten(t *testing.T) {
	long := strings.Repeat("x\n", mostLines+10)
	got := shorten("first\n" + long + "last\n")
	if !strings.HasPrefix(got, "first\n") || !strings.HasSuffix(got, "last\n") || !strings.Contains(got, "… 13 lines left out …\n") {
		t.Errorf("got %q", got)
	}
	if n := strings.Count(got, "\n"); n != mostLines {
		t.Errorf("%d lines", n)
	}
	if shorten("a\nb\n") != "a\nb\n" {
		t.Error("a short text was changed")
	}
}
