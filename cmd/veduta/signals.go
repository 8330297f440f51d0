package main

import (
	"os"
	"os/signal"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace/trace"
)

// forwardSignals lets veduta behave towards signals as the command would: what
// the terminal sends reaches the command by itself, since it is in the same
// process group; what is sent to veduta alone is passed on.
func (r *running) forwardSignals() (stop func()) {
	fromTerminal := []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGWINCH}
	passed := []os.Signal{syscall.SIGTERM, syscall.SIGHUP, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGALRM, syscall.SIGCONT}
	if !r.front {
		passed = append(passed, syscall.SIGINT, syscall.SIGQUIT)
	}
	ch := make(chan os.Signal, 16)
	signal.Notify(ch, append(fromTerminal, passed...)...)
	for _, s := range passed {
		trace.NoteSenders(unix.Signal(s.(syscall.Signal)))
	}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-ch:
				if slices.Contains(passed, s) {
					sig := unix.Signal(s.(syscall.Signal))
					r.monitor.Forward(sig, arch.LastSender(sig))
				}
			case <-done:
				return
			}
		}
	}()
	r.monitor.OnStop(func(pid int, sig unix.Signal) {
		// The shell that waits for us has to see the stop, and its signal. In
		// a process group that is orphaned only SIGSTOP stops, and ours may be
		// where the command's is not (setpgid(2)).
		if group, err := unix.Getpgid(pid); err != nil || group != unix.Getpgrp() {
			sig = unix.SIGSTOP
		}
		trace.StopSelf(sig)
	})
	return func() {
		signal.Stop(ch)
		close(done)
	}
}
