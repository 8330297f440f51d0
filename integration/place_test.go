package integration

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// place is where one command runs: a working directory, a home, a directory
// for temporary files and a store of sessions, all the caller's own.
type place struct {
	caller caller
	dir    string
	env    []string
}

var places atomic.Uint32

// newPlace makes a place. All have names of one length, lest lengths differ
// between native and view.
func newPlace(t testing.TB, c caller) *place { return newPlaceIn(t, c, base) }

func newPlaceIn(t testing.TB, c caller, base string) *place {
	t.Helper()
	p := &place{caller: c, dir: filepath.Join(base, fmt.Sprintf("%06d", places.Add(1)))}
	t.Cleanup(func() { removeAll(p.dir) })
	for _, d := range []string{p.dir, p.work(), p.dir + "/home", p.dir + "/tmp", p.dir + "/store"} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
		c.own(t, d)
	}
	if err := os.Chmod(p.dir+"/store", 0o700); err != nil {
		t.Fatal(err)
	}
	p.env = []string{
		"PATH=" + filepath.Dir(veduta) + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
		"HOME=" + p.dir + "/home", "TMPDIR=" + p.dir + "/tmp", "VEDUTA_HOME=" + p.dir + "/store",
		"LC_ALL=C", "TZ=UTC", "TERM=dumb", "SHELL=/bin/sh",
	}
	return p
}

func (p *place) work() string { return p.dir + "/here" }

// outcome is what a command said and how it ended.
type outcome struct {
	output string
	status int
}

// patience is how long a command of the tests may take before it counts as
// hanging.
const patience = 40 * time.Second

// run runs a command to its end.
func (p *place) run(t testing.TB, adjust func(*exec.Cmd), argv ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := p.command(ctx, argv...)
	if adjust != nil {
		adjust(cmd)
	}
	var out bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &out
	}
	if cmd.Stderr == nil {
		cmd.Stderr = &out
	}
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var ee *exec.ExitError
	switch {
	case ctx.Err() != nil:
		t.Errorf("%q: still running after %v; output so far:\n%s", argv, patience, &out)
	case errors.Is(err, exec.ErrWaitDelay):
		t.Errorf("%q: output still open %v after the end:\n%s", argv, cmd.WaitDelay, &out)
	case err != nil && !errors.As(err, &ee):
		t.Fatalf("%q: %v", argv, err)
	}
	return outcome{strings.ReplaceAll(out.String(), p.dir, "@"), status(cmd.ProcessState)}
}

func (p *place) command(ctx context.Context, argv ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env = p.work(), p.env
	p.caller.become(cmd)
	return cmd
}

// start starts a command; what it says can be read. Whoever starts it waits for
// it; it is ended with the test, or when patience is.
func (p *place) start(t testing.TB, argv ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	cmd := p.command(ctx, argv...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out)
}

// status is the status as a shell would tell it.
func status(s *os.ProcessState) int {
	if ws := s.Sys().(syscall.WaitStatus); ws.Signaled() {
		return 128 + int(ws.Signal())
	}
	return s.ExitCode()
}
