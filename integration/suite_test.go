package integration

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// suite is somebody else's tests, which were made to pass on the bare kernel.
// A new one is a value in suites.
type suite struct {
	name  string
	quick bool // short enough for every go test
	// prepare makes, once, what is run. It skips what the system lacks.
	prepare func(t *testing.T) []errand
	// env, which may be nil, is what its commands want beside the environment
	// of all places.
	env func(c caller) []string
	// verdicts reads the output of a command: what came of each test.
	verdicts func(output string) verdicts
}

// errand is one command of a suite. Long suites have several.
type errand struct {
	argv     []string
	dir      string        // the place's own if empty
	patience time.Duration // after which it counts as hanging
}

// verdict is what came of one test.
type verdict string

const (
	passed  verdict = "pass"
	failed  verdict = "fail"
	skipped verdict = "skip"
	lost    verdict = "lost" // begun and never ended
)

// verdicts are those of a suite, by the test's name. A test within a test has
// the name of the outer one and a slash before its own.
type verdicts map[string]verdict

// suites are all there are.
func suites() []*suite { return slices.Concat(goSuites(), pythonSuites(), stressSuites()) }

// suiteViews are the views that suites run in: one that names nothing, and one
// that names all it can.
func suiteViews() (chosen []*view) {
	for i := range views {
		if v := &views[i]; (v.name == "empty" || v.name == "lab") && asked("VIEWS", v.name, v.name == "lab") {
			chosen = append(chosen, v)
		}
	}
	return chosen
}

// ground is where a suite runs: by whom, in what view, by which engine.
type ground struct {
	caller caller
	view   *view
	engine string
}

func (g ground) String() string {
	if g.view == nil {
		return g.caller.name + "/native"
	}
	return g.caller.name + "/" + g.view.name + "/" + g.engine
}

// grounds are those asked for.
func grounds() (list []ground) {
	for _, c := range callers() {
		for _, v := range suiteViews() {
			for _, engine := range []string{"trace", "notify", "auto"} {
				if asked("ENGINES", engine, engine == "auto") && asked("CALLERS", c.name, true) {
					list = append(list, ground{c, v, engine})
				}
			}
		}
	}
	return list
}

// longForm tells whether suites were asked for by name.
func longForm() bool { return os.Getenv("VEDUTA_SUITES") != "" }

// asked tells whether the words of a variable, patterns of path.Match, have
// one for name. An unset variable means all in the long form, else short.
func asked(variable, name string, short bool) bool {
	if variable != "SUITES" {
		variable = "SUITES_" + variable
	}
	words := strings.Fields(os.Getenv("VEDUTA_" + variable))
	if len(words) == 0 {
		return short || longForm()
	}
	for _, w := range words {
		if ok, _ := path.Match(w, name); ok || w == "all" {
			return true
		}
	}
	return false
}
