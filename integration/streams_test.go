package integration

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestStreams: standard input and output are the command's own.
func TestStreams(t *testing.T) {
	eachView(t, nil, func(t *testing.T, v *view, engine string, c caller) {
		p := newPlace(t, c)
		sent := make([]byte, 1<<20)
		rand.Read(sent)
		var got, said bytes.Buffer
		o := p.run(t, func(cmd *exec.Cmd) {
			cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(sent), &got, &said
		}, v.command(engine, "sh", "-c", "cat; echo to stderr >&2")...)
		if o.status != 0 || !bytes.Equal(got.Bytes(), sent) {
			t.Errorf("status %d; %d bytes came back of %d", o.status, got.Len(), len(sent))
		}
		if !strings.HasPrefix(said.String(), "to stderr\n") {
			t.Errorf("standard error %q", &said)
		}
	})
}

// TestStreamsClosed: descriptors that the caller closed are closed, and what it
// opened there is what it opened.
func TestStreamsClosed(t *testing.T) {
	for _, how := range []string{"<&-", "2>&-", "<&- >&- 2>&-", "<>/dev/null >&-"} {
		t.Run(how, func(t *testing.T) {
			eachView(t, nil, func(t *testing.T, v *view, engine string, c caller) {
				p := newPlace(t, c)
				look := func(argv ...string) string {
					shut := []string{"sh", "-c", `exec "$@" 9>seen ` + how, "sh"}
					if o := p.run(t, nil, append(shut, argv...)...); o.status != 0 {
						t.Errorf("%q: status %d\n%s", argv, o.status, o.output)
					}
					b, err := os.ReadFile(p.work() + "/seen")
					if err != nil {
						t.Error(err)
					}
					return string(b)
				}
				native := look("streams")
				if got := look(v.again(engine, "streams")...); got != native {
					t.Errorf("natively %q, in the view %q", native, got)
				}
			})
		})
	}
}

// TestStreamsReaderLeaves: a guest whose reader leaves dies of SIGPIPE.
func TestStreamsReaderLeaves(t *testing.T) {
	p := newPlace(t, userCaller())
	o := p.run(t, nil, "bash", "-c", `"$@" | head -c 1000 >/dev/null; echo ${PIPESTATUS[0]}`, "bash", veduta, "run", "-0", "--cow", "--", "yes")
	if o.output != "141\n" {
		t.Errorf("status of yes: %q, want 141", o.output)
	}
}

// TestSignalsForwarded: what is sent to veduta reaches the command.
func TestSignalsForwarded(t *testing.T) {
	eachView(t, nil, func(t *testing.T, v *view, engine string, c caller) {
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2} {
			p := newPlace(t, c)
			script := `trap 'echo caught; exit 9' TERM HUP USR1 USR2; echo ready; while :; do read x <&3 || :; done 3</dev/null`
			cmd, r := p.start(t, v.command(engine, "sh", "-c", script)...)
			if l, _ := r.ReadString('\n'); l != "ready\n" {
				t.Errorf("said %q first", l)
			}
			cmd.Process.Signal(sig)
			if l, _ := r.ReadString('\n'); l != "caught\n" {
				t.Errorf("%v: said %q, want caught", sig, l)
			}
			cmd.Wait()
			if s := status(cmd.ProcessState); s != 9 {
				t.Errorf("%v: status %d, want 9", sig, s)
			}
		}
	})
}

// TestSignalsFatal: a command that dies of a signal sent to veduta makes that
// veduta's status.
func TestSignalsFatal(t *testing.T) {
	p := newPlace(t, userCaller())
	cmd, r := p.start(t, veduta, "run", "-0", "--cow", "--", "sh", "-c", "echo ready; exec sleep 1000")
	r.ReadString('\n')
	cmd.Process.Signal(syscall.SIGTERM)
	cmd.Wait()
	if s := status(cmd.ProcessState); s != 143 {
		t.Errorf("status %d, want 143", s)
	}
}
