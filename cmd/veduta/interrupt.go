package main

import (
	"os"
	"os/signal"
	"syscall"
)

// onInterrupt ends the program upon a signal, but only after last words: to
// tell where things stand and how to go on.
func onInterrupt(last func()) (stop func()) {
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		s, ok := <-ch
		if !ok {
			return
		}
		last()
		os.Exit(128 + int(s.(syscall.Signal)))
	}()
	return func() {
		signal.Stop(ch)
		close(ch)
	}
}

// halfDone is told when a commit or undo is interrupted; its journal is on disk.
func halfDone(name string) func() {
	return func() {
		say("%s: interrupted; veduta commit --resume %s finishes the commit, veduta undo %s takes it back", name, name, name)
	}
}
