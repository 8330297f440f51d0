package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// trialName is the host name that the guest of a trial has to see.
const trialName = "veduta-doctor"

// trialTime is how long a trial may take on a slow machine.
const trialTime = 20 * time.Second

// beGuest is what the guest of a trial does: it tells who and where it is, and
// writes a file.
func beGuest(file string) error {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err
	}
	fmt.Printf("%s %d\n", unix.ByteSliceToString(u.Nodename[:]), os.Getuid())
	if file == os.DevNull {
		return nil
	}
	return os.WriteFile(file, []byte("written in a view\n"), 0o644)
}

// tryView runs veduta with a guest of our own.
func tryView(file string, flags ...string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), trialTime)
	defer cancel()
	args := append([]string{"run", "-0", "--hostname", trialName}, flags...)
	cmd := exec.CommandContext(ctx, "/proc/self/exe", append(args, "--", self, "doctor", "--guest", file)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("no answer within %v", trialTime)
	case err != nil:
		return errors.New(firstLine(errs.String(), err.Error()))
	case out.String() != trialName+" 0\n":
		return fmt.Errorf("a guest saw %q", out.String())
	}
	return nil
}

func firstLine(s, otherwise string) string {
	line, _, _ := strings.Cut(s, "\n")
	if line == "" {
		return otherwise
	}
	return strings.TrimPrefix(line, "veduta: ")
}

// tryEngines runs a guest by each engine, and tells which one auto takes.
func tryEngines(notify error) (list []finding, auto string) {
	err := tryView(os.DevNull, "--engine", "trace")
	list = append(list, found("a guest by engine trace", err, "see what is missing above"))
	if err != nil {
		// Guests are always seized, also where calls come by notification.
		return list, ""
	}
	if notify != nil {
		return append(list, finding{"a guest by engine notify", verdictInfo, "not here: " + notify.Error(), ""}), "trace"
	}
	err = tryView(os.DevNull, "--engine", "notify")
	list = append(list, found("a guest by engine notify", err, "use --engine trace"))
	return list, "notify"
}

// tryLayer lets a guest write a file over a copy-on-write layer, and looks
// whether it came through.
func tryLayer(engine string) error {
	dir, err := os.MkdirTemp("", "veduta-doctor-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "written")
	if err := tryView(file, "--engine", engine, "--cow"); err != nil {
		return err
	}
	if _, err := os.Lstat(file); err == nil {
		return errors.New("what a guest wrote came through to the real system")
	}
	return nil
}
