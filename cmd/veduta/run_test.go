package main

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor"
	"github.com/veduta/veduta/ptrace/launch"
)

func parse(t *testing.T, name string, line ...string) (*viewFlags, []string) {
	t.Helper()
	v := &viewFlags{}
	f := v.flagSet(name)
	if err := f.Parse(line); err != nil {
		t.Fatal(err)
	}
	if err := v.check(); err != nil {
		t.Fatal(err)
	}
	return v, f.Args()
}

func TestCommandIsPassedUntouched(t *testing.T) {
	for _, c := range [][]string{
		{"-0", "ls", "-l", "--color"},
		{"-0", "--", "-x", "--root"},
		{"--hostname", "lab", "sh", "-c", "exit 7", "--", "--cow"},
	} {
		_, rest := parse(t, "run", c...)
		want := c[slices.IndexFunc(c, func(s string) bool { return s == "ls" || s == "--" || s == "sh" }):]
		if want[0] == "--" {
			want = want[1:]
		}
		if !slices.Equal(rest, want) {
			t.Errorf("%q leaves %q, want %q", c, rest, want)
		}
	}
}

func TestTraceTakesNoWord(t *testing.T) {
	v, rest := parse(t, "run", "--trace", "open", "x")
	if !v.tracing || v.traceSet() != "" || len(rest) != 2 {
		t.Errorf("--trace open: set %q, rest %q", v.traceSet(), rest)
	}
	v, _ = parse(t, "run", "--trace=open", "x")
	if v.traceSet() != "open" {
		t.Errorf("--trace=open: set %q", v.traceSet())
	}
	if v, _ = parse(t, "run", "x"); v.tracing {
		t.Error("tracing without --trace")
	}
}

func TestAtEnd(t *testing.T) {
	for line, want := range map[string]string{
		"try":                           "ask",
		"try --session web":             "ask",
		"try --on-exit keep":            "keep",
		"try --rm":                      "discard",
		"run --cow":                     "discard",
		"run --cow --on-exit commit":    "commit",
		"run --cow --session web":       "keep",
		"run --session web":             "keep",
		"run --session web --rm":        "discard",
		"run --rm --on-exit discard":    "discard",
		"run --session w --on-exit=ask": "ask",
	} {
		words := strings.Fields(line)
		v, _ := parse(t, words[0], words[1:]...)
		if got := v.atEnd(words[0] == "try"); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestCandidates(t *testing.T) {
	for _, c := range []struct {
		name, path string
		want       []string
	}{
		{"/bin/ls", "/usr/bin", []string{"/bin/ls"}},
		{"./ls", "/usr/bin", []string{"./ls"}},
		{"ls", "/a:/b/", []string{"/a/ls", "/b/ls"}},
		{"ls", "/a::/b", []string{"/a/ls", "./ls", "/b/ls"}},
		{"ls", "/", []string{"/ls"}},
		{"ls", "", []string{"/bin/ls", "/usr/bin/ls"}},
	} {
		if got := candidates(c.name, []string{"PATH=" + c.path}); !slices.Equal(got, c.want) {
			t.Errorf("%s in %q: %q, want %q", c.name, c.path, got, c.want)
		}
	}
}

func TestArgv(t *testing.T) {
	for _, c := range []struct {
		flags, rest, env, want string
	}{
		{"", "ls -l", "", "ls -l"},
		{"", "", "SHELL=/bin/zsh", "/bin/zsh"},
		{"", "", "", "/bin/sh"},
		{"-c exit", "a b", "", "/bin/sh -c exit a b"},
		{"--entrypoint env", "a", "", "env a"},
	} {
		v, _ := parse(t, "run", strings.Fields(c.flags)...)
		if got := strings.Join(v.argv(strings.Fields(c.rest), []string{c.env}), " "); got != c.want {
			t.Errorf("%s %s: %q, want %q", c.flags, c.rest, got, c.want)
		}
	}
}

func TestEnviron(t *testing.T) {
	t.Setenv("VEDUTA_TEST", "outer")
	v, _ := parse(t, "run", "-e", "A=1", "-e", "A=2", "-e", "VEDUTA_TEST", "-e", "VEDUTA_NOT_SET")
	env, err := v.environ("web")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A=2", "VEDUTA_TEST=outer", "VEDUTA_VIEW=web"} {
		if !slices.Contains(env, want) {
			t.Errorf("environment lacks %s", want)
		}
	}
	if slices.Contains(env, "A=1") || getenv(env, "VEDUTA_NOT_SET") != "" {
		t.Error("a variable is there that should not be")
	}
}

func TestLookUser(t *testing.T) {
	c, err := lookUser("12345:54321")
	if err != nil || c.UID != 12345 || c.GID != 54321 {
		t.Errorf("12345:54321: %+v, %v", c, err)
	}
	if c, err = lookUser("root"); err != nil || c.UID != 0 {
		t.Errorf("root: %+v, %v", c, err)
	}
	if _, err = lookUser("root:no-such-group"); err == nil {
		t.Error("a group that is not there was accepted")
	}
}

func TestLaunchFailure(t *testing.T) {
	file := "/etc/passwd"
	for _, c := range []struct {
		e     launch.ExecError
		paths []string
		want  int
		says  string
	}{
		{launch.ExecError{Path: "/x", Step: "execve", Errno: unix.ENOENT}, []string{"/x"}, 127, "x: not found"},
		{launch.ExecError{Path: file, Step: "execve", Errno: unix.ENOENT}, []string{file}, 127, "interpreter"},
		{launch.ExecError{Path: file, Step: "execve", Errno: unix.EACCES}, []string{file}, 126, "permission denied"},
		{launch.ExecError{Path: "/etc", Step: "execve", Errno: unix.EACCES}, []string{"/etc"}, 126, "directory"},
		{launch.ExecError{Path: "/w", Step: "chdir", Errno: unix.ENOENT}, []string{"/x"}, 125, "workdir /w"},
	} {
		status, err := launchFailure(&monitor.Command{Paths: c.paths, Argv: []string{"x"}}, &c.e)
		if status != c.want || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %d, %v; want %d, %s", c.e, status, err, c.want, c.says)
		}
	}
}

func TestExitStatus(t *testing.T) {
	for raw, want := range map[unix.WaitStatus]int{0: 0, 7 << 8: 7, 15: 143, 9 | 0x80: 137} {
		if got := exitStatus(raw); got != want {
			t.Errorf("%#x: %d, want %d", raw, got, want)
		}
	}
}
