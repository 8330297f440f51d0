package integration

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// acceptedFile lists the differences that are facts of the kernel's interface:
// a line each of suite, ground (a pattern) and test, under a comment that
// gives the reason. It covers the tests within the test. Where the reason begins
// with "not yet" the difference is ours, known and owed; every run says so.
const acceptedFile = "testdata/suites/accepted"

// acceptance is a line of the list.
type acceptance struct {
	suite, ground, test string
	reason              string
}

func (a *acceptance) String() string { return a.suite + " " + a.ground + " " + a.test }

func readAccepted(t *testing.T) (list []*acceptance) {
	b, err := os.ReadFile(acceptedFile)
	if err != nil {
		t.Fatal(err)
	}
	reason := ""
	for line := range strings.Lines(string(b)) {
		text, comment := strings.CutPrefix(line, "#")
		words := strings.Fields(line)
		switch {
		case comment:
			reason = strings.TrimSpace(text)
		case len(words) == 0:
			reason = ""
		case len(words) != 3 || reason == "":
			t.Fatalf("%s: %q: want suite, ground and test under a reason", acceptedFile, line)
		default:
			list = append(list, &acceptance{suite: words[0], ground: words[1], test: words[2], reason: reason})
		}
	}
	return list
}

// covers tells whether the line is about a test.
func (a *acceptance) covers(test string) bool {
	return a.test == test || strings.HasPrefix(test, a.test+"/")
}

// unaccepted are the differences of a suite on a ground that the list does not
// have, and the lines about them that the list has in vain. A line about a test
// that did not pass natively tells nothing here.
func unaccepted(list []*acceptance, suite string, g ground, native verdicts, found []difference) (open []difference, stale, owed []*acceptance) {
	open = found
	for _, a := range list {
		if ok, _ := path.Match(a.ground, g.String()); !ok || a.suite != suite {
			continue
		}
		n := len(open)
		open = slices.DeleteFunc(slices.Clone(open), func(d difference) bool { return a.covers(d.test) })
		switch {
		case len(open) == n && native[a.test] == passed:
			stale = append(stale, a)
		case len(open) < n && strings.HasPrefix(a.reason, "not yet"):
			owed = append(owed, a)
		}
	}
	return open, stale, owed
}

// TestAccepted: the list takes what it names, and complains in vain.
func TestAccepted(t *testing.T) {
	g := ground{rootCaller, &views[0], "trace"}
	list := []*acceptance{{"a", "root/*/*", "TestX", "not yet"}, {"a", "root/*/*", "TestY", ""}, {"a", "user/*/*", "TestZ", ""}, {"b", "root/*/*", "TestZ", ""}}
	native := verdicts{"TestX": passed, "TestX/in": passed, "TestXY": passed, "TestY": passed, "TestZ": skipped}
	got := verdicts{"TestX": failed, "TestX/in": failed, "TestY": passed, "TestZ": failed}
	open, stale, owed := unaccepted(list, "a", g, native, differences(native, got))
	if len(open) != 2 || open[0] != (difference{"TestXY", passed, lost}) || open[1] != (difference{"TestZ", skipped, failed}) {
		t.Errorf("open: %v", open)
	}
	if len(stale) != 1 || stale[0] != list[1] {
		t.Errorf("stale: %v", stale)
	}
	if len(owed) != 1 || owed[0] != list[0] {
		t.Errorf("owed: %v", owed)
	}
}
