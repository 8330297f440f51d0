package launch

import "golang.org/x/sys/unix"

// Plan is what the launcher is to do.
type Plan struct {
	Filter     []unix.SockFilter // empty: install none
	Notify     bool              // ask for a listener
	NoNewPrivs bool
	Dir        string // working directory in the view; empty: as it is
	// Paths are tried in order, as execvp(3) would.
	Paths     []string
	Argv, Env []string
	Closed    []int // descriptors that the command is to be started without
}

// Report is what the launcher tells.
type Report struct {
	Listener int // descriptor number in the launcher, -1 if none
	// Errno of the failed step, 0 if all went well so far.
	Errno unix.Errno
	Step  string // what failed: a system call's name
	Path  string
}
