package main

import (
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// controlling opens the controlling terminal, if there is one.
func controlling() (tty int, ok bool) {
	tty, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	return tty, err == nil
}

// foreground tells whether veduta is in the foreground of a terminal, where
// Ctrl-C reaches the command by itself.
func foreground() bool {
	tty, ok := controlling()
	if !ok {
		return false
	}
	defer unix.Close(tty)
	return owns(tty)
}

func owns(tty int) bool {
	pgrp, err := unix.IoctlGetInt(tty, unix.TIOCGPGRP)
	return err == nil && pgrp == unix.Getpgrp()
}

// ours makes sure that the terminal can be read from. A shell that was killed
// in the view leaves it to a process group that is no more; then we take it
// back, but only if it was ours when the command began.
func (r *running) ours() bool {
	tty, ok := controlling()
	if !ok {
		return false
	}
	defer unix.Close(tty)
	if owns(tty) || !r.front {
		return owns(tty)
	}
	// tcsetpgrp(3) from the background stops the caller otherwise.
	signal.Ignore(syscall.SIGTTOU)
	defer signal.Reset(syscall.SIGTTOU)
	return unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, unix.Getpgrp()) == nil
}
