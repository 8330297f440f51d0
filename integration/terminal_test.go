package integration

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// terminal is a command on a terminal of its own, with somebody at it.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	ptmx *os.File

	mu   sync.Mutex // guards said
	said bytes.Buffer
	seen int // how much of said was expected already
}

// startTerminal starts argv as leader of a session on a new terminal.
func startTerminal(t *testing.T, p *place, argv ...string) *terminal {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ptmx, tty, err := openTerminal()
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	p.caller.own(t, tty.Name())
	x := &terminal{t: t, cmd: p.command(ctx, argv...), ptmx: ptmx}
	x.cmd.Env = append(x.cmd.Env, "PS1=prompt> ", "PS2=", "ENV=", "HISTFILE=")
	x.cmd.Stdin, x.cmd.Stdout, x.cmd.Stderr = tty, tty, tty
	x.cmd.SysProcAttr.Setsid, x.cmd.SysProcAttr.Setctty = true, true
	if err := x.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.cmd.Process.Kill()
		x.cmd.Wait()
		ptmx.Close()
	})
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := ptmx.Read(buf)
			x.mu.Lock()
			x.said.Write(buf[:n])
			x.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return x
}

// openTerminal is pty.Open, but for a master that can be closed while it is
// read: pty leaves it in blocking mode, where Close waits for Read.
func openTerminal() (ptmx, tty *os.File, err error) {
	blocking, tty, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer blocking.Close()
	fd, err := unix.FcntlInt(blocking.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err == nil {
		err = unix.SetNonblock(fd, true)
	}
	return os.NewFile(uintptr(fd), blocking.Name()), tty, err
}

func (x *terminal) send(s string) {
	x.t.Helper()
	if _, err := x.ptmx.WriteString(s); err != nil {
		x.t.Fatal(err)
	}
}

// expect waits until the terminal shows something that it has not shown
// before.
func (x *terminal) expect(pattern string) {
	x.t.Helper()
	re := regexp.MustCompile(pattern)
	ok := until(x.t, "the terminal shows "+pattern, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		at := re.FindIndex(x.said.Bytes()[x.seen:])
		if at == nil {
			return false
		}
		x.seen += at[1]
		return true
	})
	if !ok {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.t.Fatalf("the terminal shows:\n%s\nof which new:\n%s", &x.said, x.said.Bytes()[x.seen:])
	}
}

// foreground waits until a process of this name is in the foreground.
func (x *terminal) foreground(name string) {
	x.t.Helper()
	ok := until(x.t, name+" is in the foreground", func() bool {
		pgrp, err := x.pgrp()
		return err == nil && inGroup(pgrp, name)
	})
	if !ok {
		x.t.FailNow()
	}
}

// pgrp is the process group in the foreground. (File.Fd would make the master
// block again.)
func (x *terminal) pgrp() (pgrp int, err error) {
	conn, err := x.ptmx.SyscallConn()
	if err != nil {
		return 0, err
	}
	e := conn.Control(func(fd uintptr) { pgrp, err = unix.IoctlGetInt(int(fd), unix.TIOCGPGRP) })
	return pgrp, errors.Join(e, err)
}

// inGroup tells whether a process of this name sleeps in a process group.
func inGroup(pgrp int, name string) bool {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range stats {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		// pid (comm) state ppid pgrp …
		before, after, ok := strings.Cut(string(b), ") ")
		fields := strings.Fields(after)
		if ok && strings.HasSuffix(before, "("+name) && len(fields) > 2 && fields[0] == "S" && fields[2] == strconv.Itoa(pgrp) {
			return true
		}
	}
	return false
}

func (x *terminal) end(want int) {
	x.t.Helper()
	x.cmd.Wait()
	if s := status(x.cmd.ProcessState); s != want {
		x.t.Errorf("status %d, want %d", s, want)
	}
}

// jobs holds a conversation with a shell: Ctrl-C, Ctrl-Z, jobs, fg, bg. each is
// how it runs sleep.
func (x *terminal) jobs(sleep string) {
	x.t.Helper()
	x.expect(`prompt> `)
	x.send("stty -echo\r")
	x.expect(`prompt> `)
	x.send(sleep + "\r")
	x.foreground("sleep")
	x.send("\x03")
	x.expect(`prompt> `)
	x.send("echo status $?\r")
	x.expect(`status 130`)
	x.expect(`prompt> `)
	x.send(sleep + "\r")
	x.foreground("sleep")
	x.send("\x1a")
	x.expect(`Stopped`)
	x.expect(`prompt> `)
	x.send("echo status $?; jobs\r")
	x.expect(`status 148`)
	x.expect(`\[1\]\+  Stopped`)
	x.expect(`prompt> `)
	x.send("fg\r")
	x.foreground("sleep")
	x.send("\x1a")
	x.expect(`Stopped`)
	x.expect(`prompt> `)
	x.send("bg; jobs\r")
	x.expect(`\[1\]\+  Running`)
	x.expect(`prompt> `)
	x.send("fg\r")
	x.foreground("sleep")
	x.send("\x03")
	x.expect(`prompt> `)
	x.send("echo status $?; jobs; echo no more jobs\r")
	x.expect(`status 130\r\nno more jobs`)
	x.expect(`prompt> `)
}

const plainBash = "bash --norc --noprofile --noediting -i"

// TestTerminalNative shows that the conversation is one that a terminal
// without a view has.
func TestTerminalNative(t *testing.T) {
	t.Parallel()
	x := startTerminal(t, newPlace(t, callers()[0]), strings.Fields(plainBash)...)
	x.jobs("sleep 1000")
	x.send("exit 3\r")
	x.end(3)
}

// TestTerminalInside has it with a shell in the view.
func TestTerminalInside(t *testing.T) {
	eachView(t, runs, func(t *testing.T, v *view, engine string, c caller) {
		x := startTerminal(t, newPlace(t, c), v.command(engine, strings.Fields(plainBash)...)...)
		x.jobs("sleep 1000")
		x.send("exit 3\r")
		x.end(3)
	})
}

// TestTerminalOutside has it with a shell outside, to which veduta is a job.
func TestTerminalOutside(t *testing.T) {
	eachView(t, runs, func(t *testing.T, v *view, engine string, c caller) {
		x := startTerminal(t, newPlace(t, c), strings.Fields(plainBash)...)
		x.jobs(strings.Join(v.command(engine, "sleep", "1000"), " "))
		x.send("exit 3\r")
		x.end(3)
	})
}

// runs leaves out `try`, which asks at the end.
func runs(v *view, _ caller) bool {
	return v.verb == "run" && (!testing.Short() || v.name == "lab")
}

// sizes tells the size of the window at each of three changes.
const sizes = `
import os, signal
signal.signal(signal.SIGWINCH, lambda s, f: None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
print("ready", flush=True)
for i in range(3):
    signal.sigwait([signal.SIGWINCH])
    size = os.get_terminal_size(0)
    print(size.lines, size.columns, flush=True)
os._exit(4)`

// TestTerminalSize: a change of the window reaches the guest.
func TestTerminalSize(t *testing.T) {
	eachView(t, runs, func(t *testing.T, v *view, engine string, c caller) {
		x := startTerminal(t, newPlace(t, c), v.command(engine, "python3", "-ISc", sizes)...)
		x.expect("ready")
		for rows := 30; rows < 33; rows++ {
			if err := pty.Setsize(x.ptmx, &pty.Winsize{Rows: uint16(rows), Cols: 100}); err != nil {
				t.Fatal(err)
			}
			x.expect(fmt.Sprintf("%d 100", rows))
		}
		x.end(4)
	})
}

// TestTerminalHangup: a guest dies with its terminal.
func TestTerminalHangup(t *testing.T) {
	p := newPlace(t, callers()[0])
	p.env = append(p.env, marker(p))
	x := startTerminal(t, p, veduta, "run", "-0", "--cow", "--", "sleep", "1000")
	x.foreground("sleep")
	x.ptmx.Close()
	x.cmd.Wait()
	if s := status(x.cmd.ProcessState); s != 128+int(syscall.SIGHUP) {
		t.Errorf("status %d, want that of SIGHUP", s)
	}
	until(t, "no guest is left", func() bool { return len(guests(p)) == 0 })
}
