package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/veduta/veduta/ptrace/launch"
)

// TestMain lets the test binary be the launcher, as the monitor starts its own
// program again.
func TestMain(m *testing.M) {
	launch.Main()
	os.Exit(m.Run())
}

// said is what f writes to standard output and standard error, and its result.
func said(t *testing.T, f func() int) (out, errs string, status int) {
	t.Helper()
	read := func(std **os.File) func() string {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		old := *std
		*std = w
		text := make(chan string)
		go func() {
			b, _ := io.ReadAll(r)
			text <- string(b)
		}()
		return func() string {
			*std = old
			w.Close()
			return <-text
		}
	}
	o, e := read(&os.Stdout), read(&os.Stderr)
	status = f()
	return o(), e(), status
}

// veduta runs a command line with an empty store.
func veduta(t *testing.T, args ...string) (out, errs string, status int) {
	t.Helper()
	return said(t, func() int { return guarded(args) })
}

func TestMistakesAreOneLine(t *testing.T) {
	t.Setenv("VEDUTA_HOME", t.TempDir()+"/store")
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ line, want string }{
		{"nosuch", "unknown command nosuch"},
		{"--cow -- true", "unknown flag --cow"},
		{"diff --nosuch", "unknown flag: --nosuch; see veduta diff --help"},
		{"run --net none -- true", "unknown flag: --net"},
		{"run --engine fast -- true", "want one of auto, trace, notify"},
		{"try --on-exit maybe -- true", "want one of ask, keep, commit, discard"},
		{"run --session= -- true", "the name is empty"},
		{"run --session a/b -- true", "session name"},
		{"run --rm --on-exit keep --cow -- true", "only one of them"},
		{"run --on-exit keep -- true", "there is no session"},
		{"run -b " + file + ":/tmp -- true", "mount on /tmp: not a directory"},
		{"run -b /tmp:" + file + " -- true", "not a directory"},
		{"run -b /nowhere:/mnt -- true", "the source must exist"},
		{"run -b /tmp:/mnt:rx -- true", "want ro or rw"},
		{"run -u nobody-of-that-name -- true", "give a number"},
		{"run --env-file /nowhere -- true", "--env-file"},
		{"run -o /nowhere/x --stats -- true", "-o: "},
		{"run --cow --trace=nosuch -- true", "no system call or family"},
		{"diff", "there is no session"},
		{"commit /etc", "there is no session"},
		{"undo web", "there is no session"},
		{"ls web", "takes no arguments"},
		{"completion csh", "want bash, zsh or fish"},
	} {
		out, errs, status := veduta(t, strings.Fields(c.line)...)
		if status != exitVeduta || out != "" || strings.Count(errs, "\n") != 1 ||
			!strings.HasPrefix(errs, "veduta: ") || !strings.Contains(errs, c.want) {
			t.Errorf("veduta %s: status %d, %q%q; want 125 and one line with %q", c.line, status, out, errs, c.want)
		}
	}
	if _, errs, _ := veduta(t, "ls"); strings.Contains(errs, "damaged") {
		t.Error(errs)
	}
	if out, _, _ := veduta(t, "ls", "-q"); out != "" {
		t.Errorf("sessions are left: %s", out)
	}
}

func TestUnwritableStoreIsOneLine(t *testing.T) {
	for home, want := range map[string]string{"/dev/null": "not a directory", "/proc/nowhere": "set VEDUTA_HOME"} {
		t.Setenv("VEDUTA_HOME", home)
		_, errs, status := veduta(t, "ls")
		if status != exitVeduta || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) {
			t.Errorf("%s: status %d, %q", home, status, errs)
		}
	}
}

func TestPanicIsOneLine(t *testing.T) {
	t.Setenv("VEDUTA_DEBUG", "")
	_, errs, status := said(t, func() (status int) {
		defer recovered(&status)
		panic("boom")
	})
	if status != exitVeduta || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, "internal error: boom") {
		t.Errorf("status %d, %q", status, errs)
	}
}
