package integration

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/hanwen/go-fuse/v2/posixtest" // a suite: what a file system must do
)

// goPackages are the packages of Go's standard library that are about the
// kernel. Those in brief, and all in the short form, are run with -test.short,
// those in pieces so many tests at a time.
var goPackages = []struct {
	path   string
	quick  bool
	brief  bool
	pieces int
}{
	{path: "os"},
	{path: "os/exec", quick: true},
	{path: "os/signal", quick: true},
	{path: "os/user"},
	{path: "syscall"},
	{path: "net", brief: true},
	{path: "io/fs", quick: true},
	{path: "path"},
	{path: "path/filepath", quick: true},
	{path: "archive/tar"},
	{path: "archive/zip", brief: true},
	{path: "internal/poll"},
	{path: "runtime", brief: true, pieces: 80},
	{path: "github.com/hanwen/go-fuse/v2/posixtest", quick: true},
}

func goSuites() (list []*suite) {
	for _, p := range goPackages {
		list = append(list, &suite{
			name:  "go/" + p.path,
			quick: p.quick,
			prepare: func(t *testing.T) []errand {
				return goErrands(t, p.path, p.brief, p.pieces)
			},
			env:      goEnvironment,
			verdicts: goVerdicts,
		})
	}
	return append(list, &suite{name: "go/toolchain", prepare: toolchain, env: goEnvironment, verdicts: stepVerdicts})
}

var goRoot = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	return strings.TrimSpace(string(out)), err
})

// goEnvironment lets tests that call the go command do so. A caller's cache
// is its own, and the same in all places.
func goEnvironment(c caller) []string {
	root, _ := goRoot()
	return []string{
		"PATH=" + root + "/bin:" + base + "/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "GOROOT=" + root,
		"GOTOOLCHAIN=local", "GOPROXY=off", "GOFLAGS=", "GOCACHE=" + base + "/suites/cache-" + c.name,
	}
}

// goErrands builds a package's tests, to be run where go test would.
func goErrands(t *testing.T, pkg string, brief bool, pieces int) []errand {
	binary := filepath.Join(base, "suites", strings.ReplaceAll(pkg, "/", "_")+".test")
	if out, err := exec.Command("go", "test", "-c", "-o", binary, pkg).CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %v\n%s", err, out)
	}
	e := errand{
		argv:     []string{binary, "-test.v=test2json", "-test.paniconexit0", "-test.timeout=10m"},
		dir:      sourceOf(t, pkg),
		patience: 11 * time.Minute,
	}
	if brief || !longForm() {
		e.argv = append(e.argv, "-test.short")
	}
	if pieces == 0 {
		return []errand{e}
	}
	return goPieces(t, e, pieces)
}

// sourceOf is the directory of a package's source, where its tests want to run;
// none for those of others, which not everybody can read.
func sourceOf(t *testing.T, pkg string) string {
	if first, _, _ := strings.Cut(pkg, "/"); strings.Contains(first, ".") {
		return ""
	}
	root, err := goRoot()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "src", pkg)
}

// toolchain has Go's own tools build, vet and test a module.
func toolchain(t *testing.T) []errand {
	script, err := filepath.Abs("testdata/suites/toolchain.sh")
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(base, "suites", "toolchain.sh")
	if err := copyProgram(to, script); err != nil {
		t.Fatal(err)
	}
	return []errand{{argv: []string{"sh", to}, patience: 10 * time.Minute}}
}

var stepLine = regexp.MustCompile(`(?m)^step (\S+) (pass|fail)$`)

func stepVerdicts(output string) verdicts {
	v := verdicts{}
	for _, m := range stepLine.FindAllStringSubmatch(output, -1) {
		v[m[1]] = verdict(m[2])
	}
	return v
}

// goPieces are errands of n tests each.
func goPieces(t *testing.T, e errand, n int) (list []errand) {
	cmd := exec.Command(e.argv[0], "-test.list=^Test")
	cmd.Dir = e.dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Fields(string(out))
	for len(names) > 0 {
		m := min(n, len(names))
		piece := e
		piece.argv = append(append([]string{}, e.argv...), fmt.Sprintf("-test.run=^(%s)$", strings.Join(names[:m], "|")))
		list, names = append(list, piece), names[m:]
	}
	return list
}

// goLine is a line about a test; the ^V before it says that it is testing's own.
var goLine = regexp.MustCompile(`(?m)\x16\s*(?:--- (PASS|FAIL|SKIP): (\S+) \(|=== RUN +(\S+)$)`)

func goVerdicts(output string) verdicts {
	v := verdicts{}
	for _, m := range goLine.FindAllStringSubmatch(output, -1) {
		switch m[1] {
		case "":
			v[m[3]] = lost
		case "PASS":
			v[m[2]] = passed
		case "FAIL":
			v[m[2]] = failed
		case "SKIP":
			v[m[2]] = skipped
		}
	}
	return v
}
