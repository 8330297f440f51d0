package integration

import (
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// result is all that is compared.
type result struct {
	outcome
	tree string
}

// TestDifferential runs every script natively and in every view.
func TestDifferential(t *testing.T) {
	for _, s := range loadScripts(t) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.need(t)
			if _, long := s.head["long"]; long && testing.Short() {
				t.Skip("the script takes long; left out with -short")
			}
			t.Cleanup(func() { s.stale(t) })
			references := s.references(t)
			eachView(t, s.wanted, func(t *testing.T, v *view, engine string, c caller) {
				native, ok := references[reference(v, c)]
				if !ok {
					t.Skip("the reference of a view with --root is real root; run the tests as root")
				}
				s.compare(t, v, native, s.inView(t, v, engine, c))
			})
		})
	}
}

// reference is who runs natively what c runs in a view.
func reference(v *view, c caller) caller {
	if v.root {
		return rootCaller
	}
	return c
}

// wanted tells where the script runs; with -short, in fewer views.
func (s *script) wanted(v *view, c caller) bool {
	if testing.Short() && v.name != "lab" && v.name != "cow" {
		return false
	}
	return s.fits(v, reference(v, c).uid == 0)
}

// references are the script's native results, by who ran it.
func (s *script) references(t *testing.T) map[caller]result {
	all := map[caller]result{}
	for _, c := range callers() {
		if as := s.head["as"][0]; as == "any" || (as == "root") == (c.uid == 0) {
			all[c] = s.natively(t, c)
		}
	}
	return all
}

func (s *script) natively(t *testing.T, c caller) result {
	p := newPlace(t, c)
	s.unpack(t, p)
	o := p.run(t, func(cmd *exec.Cmd) {
		if len(s.head["unshare"]) > 0 {
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUTS
		}
	}, "sh", p.dir+"/script.sh")
	return result{o, dumpBy(t, p, dumper)}
}

func (s *script) inView(t *testing.T, v *view, engine string, c caller) result {
	p := newPlace(t, c)
	s.unpack(t, p)
	before := fingerprint(t, p)
	var adjust func(*exec.Cmd)
	argv := []string{"sh", p.dir + "/script.sh"}
	if v.verb == "try" { // which tells what changed
		argv = together(argv...)
		adjust = func(cmd *exec.Cmd) { cmd.Stderr = io.Discard }
	}
	o := p.run(t, adjust, v.command(engine, argv...)...)
	if v.cow {
		if d := diff.Diff("before", []byte(before), "after", []byte(fingerprint(t, p))); d != nil {
			t.Errorf("the host's files changed:\n%s", d)
		}
	}
	return result{o, dumpBy(t, p, v.again(engine, dumper)...)}
}

// stale fails a test whose known differences are gone.
func (s *script) stale(t *testing.T) {
	whole := !testing.Short() && len(callers()) == 2
	if whole && len(s.known) > 0 && !s.differ.Load() && !t.Skipped() {
		t.Errorf("nothing differs any more; take the known differences out: %q", s.known)
	}
}

// without leaves out the lines of known differences.
func (s *script) without(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		if !slices.ContainsFunc(s.known, func(k string) bool { return k[0] != '#' && strings.Contains(l, k) }) {
			b.WriteString(l)
		}
	}
	return b.String()
}

// ofFilters are the lines of /proc/PID/status by which a filter shows: other
// views tell them as without, but what has no tree has no file of its own.
var ofFilters = regexp.MustCompile(`(Seccomp|Seccomp_filters|NoNewPrivs):([\t', ]*)\d`)

func (s *script) compare(t *testing.T, v *view, native, got result) {
	t.Helper()
	if v.name == "empty" {
		native.output = ofFilters.ReplaceAllString(native.output, "$1:$2-")
		got.output = ofFilters.ReplaceAllString(got.output, "$1:$2-")
	}
	if native != got {
		s.differ.Store(true)
	}
	if slices.Contains(s.known, "*") {
		t.Logf("known to differ: %s", s.known[0])
		return
	}
	native.output, got.output = s.without(native.output), s.without(got.output)
	native.tree, got.tree = s.without(native.tree), s.without(got.tree)
	if got.status != native.status {
		t.Errorf("status: %d natively, %d in the view", native.status, got.status)
	}
	if d := diff.Diff("native", []byte(native.output), "view", []byte(got.output)); d != nil {
		t.Errorf("output:\n%s", d)
	}
	if d := diff.Diff("native", []byte(native.tree), "view", []byte(got.tree)); d != nil {
		t.Errorf("tree:\n%s", d)
	}
}
