package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is a line of `go test -json` (go doc test2json).
type event struct {
	Action  string
	Package string
	Test    string
	Elapsed float64
	Output  string
}

type testKey struct{ pkg, test string }

type tally struct {
	out                     io.Writer
	output                  map[testKey]*strings.Builder
	parent                  map[testKey]bool // has subtests
	open                    map[string]bool  // packages begun and not ended
	failedIn                map[string]int   // failed tests by package
	passed, failed, skipped int
}

func newTally(out io.Writer) *tally {
	return &tally{out: out, output: map[testKey]*strings.Builder{}, parent: map[testKey]bool{},
		open: map[string]bool{}, failedIn: map[string]int{}}
}

func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			var e event
			if line[0] != '{' || json.Unmarshal([]byte(line), &e) != nil {
				fmt.Fprint(t.out, line) // go's own complaints
			} else {
				t.take(&e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tally) take(e *event) {
	k := testKey{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(t.out, e.Output)
	case "start":
		t.open[e.Package] = true
	case "run":
		if i := strings.LastIndexByte(e.Test, '/'); i >= 0 {
			t.parent[testKey{e.Package, e.Test[:i]}] = true
		}
	case "output":
		if strings.HasPrefix(e.Output, "=== ") {
			return // RUN, PAUSE, CONT
		}
		b := t.output[k]
		if b == nil {
			b = new(strings.Builder)
			t.output[k] = b
		}
		b.WriteString(e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endPackage(e)
		} else {
			t.endTest(k, e.Action)
		}
		delete(t.output, k)
	}
}

func (t *tally) endTest(k testKey, action string) {
	text := ""
	if b := t.output[k]; b != nil {
		text = b.String()
	}
	if action == "fail" {
		fmt.Fprint(t.out, shorten(text))
	}
	// A failure of a subtest fails its parents too; it is one.
	if t.parent[k] && (action != "fail" || t.failedIn[k.pkg] > 0) {
		return
	}
	switch action {
	case "pass":
		t.passed++
	case "fail":
		t.failed++
		t.failedIn[k.pkg]++
	case "skip":
		t.skipped++
		fmt.Fprintf(t.out, "skip %s %s: %s\n", k.pkg, k.test, reason(text))
	}
}

// mostLines is how much of what one test wrote is shown: the beginning tells
// the cause, the end the outcome.
const mostLines = 300

// shorten leaves out the middle of a long text.
func shorten(text string) string {
	lines := strings.SplitAfter(text, "\n")
	out := len(lines) - mostLines
	if out <= 0 {
		return text
	}
	head, tail := lines[:mostLines/2], lines[len(lines)-mostLines/2:]
	return strings.Join(head, "") + fmt.Sprintf("… %d lines left out …\n", out) + strings.Join(tail, "")
}

// reason is what a test said when it was skipped.
func reason(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if _, text, ok := strings.Cut(line, ".go:"); ok {
			if _, text, ok = strings.Cut(text, ": "); ok {
				return text
			}
		}
	}
	return "no reason given"
}

func (t *tally) endPackage(e *event) {
	delete(t.open, e.Package)
	switch e.Action {
	case "pass":
		fmt.Fprintf(t.out, "ok   %s %.1fs\n", e.Package, e.Elapsed)
	case "fail":
		if t.failedIn[e.Package] == 0 {
			t.failed++
			t.rest(e.Package)
		}
		fmt.Fprintf(t.out, "FAIL %s %.1fs\n", e.Package, e.Elapsed)
	}
}

// rest writes what a package and its unfinished tests have written.
func (t *tally) rest(pkg string) {
	for k, b := range t.output {
		if k.pkg == pkg {
			fmt.Fprint(t.out, shorten(b.String()))
		}
	}
}

func (t *tally) failedStep(name string) {
	t.failed++
	fmt.Fprintf(t.out, "FAIL %s\n", name)
}

// close writes the counts and tells whether all is well.
func (t *tally) close() bool {
	for pkg := range t.open {
		t.failed++
		t.rest(pkg)
		fmt.Fprintf(t.out, "FAIL %s: never ended\n", pkg)
	}
	fmt.Fprintf(t.out, "%d passed, %d failed, %d skipped\n", t.passed, t.failed, t.skipped)
	return t.failed == 0 && t.passed > 0
}
