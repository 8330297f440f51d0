package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestForwarded: what the terminal sends reaches the command once, also where
// veduta was started in the background and has been fetched from there; what is
// sent to veduta reaches it as from whoever sent it.
func TestForwarded(t *testing.T) {
	program := filepath.Join(filepath.Dir(veduta), "forwarded")
	t.Run("native", func(t *testing.T) { forwarded(t, callers()[0], program) })
	eachView(t, runs, func(t *testing.T, v *view, engine string, c caller) {
		forwarded(t, c, v.command(engine, program)...)
	})
}

func forwarded(t *testing.T, c caller, argv ...string) {
	x := startTerminal(t, newPlace(t, c), strings.Fields(plainBash)...)
	x.expect(`prompt> `)
	x.send("stty -echo\r")
	x.expect(`prompt> `)
	x.send(strings.Join(argv, " ") + " &\r")
	x.expect(`ready\r\n`)
	x.send("fg\r")
	x.foreground("forwarded")
	group, err := x.pgrp()
	if err != nil {
		t.Fatal(err)
	}
	x.send("\x03")
	x.expect(`got INT code 128 from 0\r\n`)
	for _, sig := range []syscall.Signal{syscall.SIGUSR2, syscall.SIGTERM} {
		if err := syscall.Kill(group, sig); err != nil { // the first of the job: the command, or veduta
			t.Fatal(err)
		}
		name := map[syscall.Signal]string{syscall.SIGUSR2: "USR2", syscall.SIGTERM: "TERM"}[sig]
		x.expect(fmt.Sprintf(`^got %s code 0 from %d\r\n`, name, os.Getpid()))
	}
	x.expect(`prompt> `)
	x.send("exit $?\r")
	x.end(4)
}
