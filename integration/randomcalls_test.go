package integration

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	callsOfCase = 120
	casesAtOnce = 25
)

// callsWanted is how many random calls are compared in every view.
func callsWanted(t *testing.T) int {
	n := 1200
	if testing.Short() {
		n = 240
	}
	if given := os.Getenv("VEDUTA_TEST_CALLS"); given != "" {
		var err error
		if n, err = strconv.Atoi(given); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// firstSeed makes long runs differ; VEDUTA_TEST_SEED repeats one.
func firstSeed(t *testing.T) int64 {
	given := os.Getenv("VEDUTA_TEST_SEED")
	if given == "" {
		return 1
	}
	seed, err := strconv.ParseInt(given, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if seed == 0 {
		seed = rand.Int63n(1e12)
	}
	return seed
}

// stage is where cases run: natively, or in a view.
type stage struct {
	view   *view
	engine string
	caller caller
	base   string
	world  *world // nil: the host's
	bits   string // "_32" for the program of 32 bits
}

// memory is a directory for cases in a file system that never uses an inode
// number twice.
func memory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "veduta-it-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { removeAll(dir) })
	if err := errors.Join(os.Chmod(dir, 0o755), os.Mkdir(dir+"/at", 0o755)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// guarded runs a command where it can change nothing but the place, which is
// seen at the same path as every other place. Only root can have that.
func (s stage) run(t *testing.T, p *place, env string, argv ...string) outcome {
	t.Helper()
	if os.Getuid() != 0 {
		return p.run(t, func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, env) }, argv...)
	}
	at := s.base + "/at"
	argv = append([]string{filepath.Dir(veduta) + "/static_calls", "-guard", p.dir, at, strconv.Itoa(int(s.caller.uid))}, argv...)
	return p.run(t, func(cmd *exec.Cmd) {
		cmd.SysProcAttr.Credential = nil
		for i, e := range append(cmd.Env, env) {
			cmd.Env = append(cmd.Env[:i], strings.ReplaceAll(e, p.dir, at))
		}
	}, argv...)
}

func (s stage) command(argv ...string) []string {
	if s.view == nil {
		return argv
	}
	return s.view.command(s.engine, argv...)
}

// play runs cases and tells what each one said and left.
func (s stage) play(t *testing.T, cases []kase) map[string][]string {
	t.Helper()
	p := newPlaceIn(t, s.caller, s.base)
	defer removeAll(p.dir)
	var program strings.Builder
	for _, k := range cases {
		program.WriteString(k.String())
	}
	if err := os.WriteFile(p.dir+"/program", []byte(program.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	calls := filepath.Dir(veduta) + "/static_calls" + s.bits
	s.run(t, p, "", calls, "-plant", "../program")
	all := map[string][]string{}
	argv := s.command("sh", "-c", `"$0" ../program && echo tree && exec "$1"`, calls, dumper)
	if s.world != nil {
		argv = s.world.command(t, s, p, cases)
	}
	o := s.run(t, p, dumpVariable+"=.", argv...)
	into, left := "", false
	for l := range strings.Lines(o.output) {
		l = strings.TrimSuffix(l, "\n")
		if name, ok := strings.CutPrefix(l, "case "); ok {
			into = name
			continue
		}
		if l == "tree" {
			left = true
			continue
		}
		if left {
			if name, line := ofTree(l); name != "" {
				all[name] = append(all[name], line)
			}
			continue
		}
		all[into] = append(all[into], l)
	}
	if stray := all[""]; stray != nil {
		t.Fatalf("%q", stray)
	}
	if o.status != 0 {
		all[into] = append(all[into], fmt.Sprintf("status %d", o.status))
	}
	return all
}

// ofTree is the case that a line of a dump is about, and the line without it.
func ofTree(l string) (name, line string) {
	rest, ok := strings.CutPrefix(l, "./")
	if !ok {
		return "", ""
	}
	name, _, _ = strings.Cut(rest, "/")
	name, _, _ = strings.Cut(name, " ")
	name = strings.TrimSuffix(name, ":")
	return name, "tree " + strings.ReplaceAll(rest, name, ".")
}

// firstDifference is the first line in which a case of a caller differs, natively
// and in a view.
func firstDifference(v *view, by caller, native, got []string) (a, b string, differ bool) {
	for i := range max(len(native), len(got)) {
		a, b = "(nothing)", "(nothing)"
		if i < len(native) {
			a = native[i]
		}
		if i < len(got) {
			b = got[i]
		}
		if a == b || accepted(v, a, b) {
			continue
		}
		// Who has a layer of his own may change in it what he may not outside,
		// so that what comes next differs.
		if v.cow && !v.root && (strings.HasSuffix(a, " = EACCES") || strings.HasSuffix(a, " = EPERM")) {
			return "", "", false
		}
		// What was opened to read before it was copied up is the old file, and
		// so is what comes of it.
		if v.cow && strings.HasSuffix(b, " stale") {
			return "", "", false
		}
		// To the kernel every thread of an ordinary user's view lacks
		// CAP_FSETID, and the view does not see who writes: set-id bits that are
		// only on record fall when one who lacks it in the view opens the file.
		if v.root && by.uid != 0 && withoutSetID(a) == withoutSetID(b) {
			return "", "", false
		}
		return a, b, true
	}
	return "", "", false
}

// withoutSetID leaves out which set-id bits a file has that was written, or opened
// to be.
func withoutSetID(line string) string {
	before, _, _ := strings.Cut(line, " set-id ")
	return before
}

// accepted tells that two answers may differ, by a fact of the kernel's
// interface.
func accepted(v *view, native, got string) bool {
	if v.cow {
		// The kernel's overlayfs, too, tells one link of a merged directory:
		// "don't know" to find(1) and its like.
		native, got = withoutLinks(native), withoutLinks(got)
	}
	if v.cow || v.mounted {
		// What reads a descriptor of a lower file moves that one's access time;
		// and on a read-only mount none moves, which the host's is not.
		native, got = withoutTimes(native), withoutTimes(got)
	}
	return native == got
}

// withoutLinks leaves the link counts of directories out.
func withoutLinks(line string) string {
	words := strings.Split(line, " ")
	for i, w := range words {
		if len(w) > 1 && w[0] == 'd' && strings.Trim(w[1:], "0123456789") == "" && i > 0 && len(words[i-1]) == 7 {
			words[i] = "d"
		}
	}
	return strings.Join(words, " ")
}

// withoutTimes leaves access times out.
func withoutTimes(line string) string {
	words := strings.Split(line, " ")
	for i, w := range words {
		if strings.HasPrefix(w, "a=") {
			words[i] = "a"
		}
	}
	return strings.Join(words, " ")
}

// signature is a difference without what depends on the rest of its case.
func signature(a, b string) string {
	strip := func(l string) string {
		if _, rest, ok := strings.Cut(l, " @"); ok && l[0] >= '0' && l[0] <= '9' {
			return rest[min(2, len(rest)):]
		}
		return l
	}
	return shape(strip(a)) + " | " + shape(strip(b))
}

// shape is a line's beginning: the call and its result, or the kind of line.
func shape(l string) string {
	words := strings.Fields(l)
	if len(words) > 3 && words[0] == "tree" {
		return words[0] + words[2] // the mode
	}
	if len(words) > 4 {
		words = words[:4]
	}
	return strings.Join(words, " ")
}

// TestRandomCalls: the same random calls, natively and in every view, get the
// same answers and leave the same trees.
func TestRandomCalls(t *testing.T) { randomCalls(t, "") }

// TestRandomCalls32: the same by a 32-bit program.
func TestRandomCalls32(t *testing.T) {
	need32(t)
	randomCalls(t, "_32")
}

func randomCalls(t *testing.T, bits string) {
	n, seed := callsWanted(t), firstSeed(t)
	if bits != "" && os.Getenv("VEDUTA_TEST_CALLS") == "" {
		n /= 3 // the handlers are the same
	}
	dir := memory(t)
	var told sync.Map
	for done := 0; done < n; done += callsOfCase * casesAtOnce {
		var cases []kase
		for i := range min(casesAtOnce, (n-done+callsOfCase-1)/callsOfCase) {
			cases = append(cases, random(seed+int64(i), callsOfCase, os.Getuid() == 0))
		}
		compareCalls(t, dir, bits, cases, &told)
		seed += casesAtOnce
	}
}

// TestKeptCalls: the cases that once differed.
func TestKeptCalls(t *testing.T) {
	files, err := filepath.Glob("testdata/calls/*")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	var cases []kase
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, parseCase(filepath.Base(f), string(b)))
	}
	compareCalls(t, memory(t), "", cases, new(sync.Map))
	need32(t)
	compareCalls(t, memory(t), "_32", cases, new(sync.Map))
}

// parseCase reads a kept case; one without an initial tree has the usual one.
func parseCase(name, text string) kase {
	k := kase{name: name, workers: 5}
	for l := range strings.Lines(text) {
		switch l[0] {
		case '+':
			k.plants += l
		case '@':
			k.calls = append(k.calls, strings.TrimSuffix(l, "\n"))
		}
	}
	if k.plants == "" {
		k.plants = plantation + "+ !program \"x\" 0755\n" + aged
	}
	return k
}

// compareCalls plays cases natively and in every view. A difference is told as
// the least case that shows it, once.
func compareCalls(t *testing.T, dir, bits string, cases []kase, told *sync.Map) {
	natives := map[caller]map[string][]string{}
	for _, c := range callers() {
		natives[c] = stage{caller: c, base: dir, bits: bits}.play(t, cases)
	}
	keep := func(v *view, c caller) bool {
		_, ok := natives[reference(v, c)]
		only := os.Getenv("VEDUTA_TEST_VIEW")
		return ok && v.verb == "run" && (only == "" || slices.Contains(strings.Fields(only), v.name))
	}
	t.Run("", func(t *testing.T) {
		eachView(t, keep, func(t *testing.T, v *view, engine string, c caller) {
			stage{view: v, engine: engine, caller: c, base: dir, bits: bits}.tell(t, cases, natives[reference(v, c)], told)
		})
	})
}

// tell plays cases in a view and tells where their answers are not the native ones.
func (s stage) tell(t *testing.T, cases []kase, native map[string][]string, told *sync.Map) {
	t.Helper()
	got := s.play(t, cases)
	for _, k := range cases {
		if len(native[k.name]) < len(k.calls) {
			t.Fatalf("%s: %d calls, and natively %d lines", k.name, len(k.calls), len(native[k.name]))
		}
		a, b, differ := firstDifference(s.view, s.caller, native[k.name], got[k.name])
		if !differ {
			continue
		}
		sig := signature(a, b)
		if _, again := told.LoadOrStore(sig, true); again {
			t.Errorf("%s: as elsewhere: %s", k.name, sig)
			continue
		}
		small := s.shrink(t, k, sig)
		t.Errorf("%s:\nnatively:    %s\nin the view: %s\n%s", k.name, a, b, strings.Join(small.calls, "\n"))
	}
}
