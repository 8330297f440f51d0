// Command veduta runs commands in a view.
package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/veduta/veduta/ptrace/launch"
)

// Exit statuses of veduta itself; a command's own status passes through.
const (
	exitVeduta        = 125
	exitNotExecutable = 126
	exitNotFound      = 127
)

// The launcher must run on the process's first thread: it is the one that the
// monitor seizes and that becomes the guest.
func init() { runtime.LockOSThread() }

func main() {
	launch.Main()
	runtime.UnlockOSThread()
	os.Exit(dispatch(os.Args[1:]))
}

// command is one word of the command line.
type command struct {
	name, usage, help string
	run               func(args []string) int
}

func dispatch(args []string) int {
	if len(args) == 0 {
		usage(os.Stderr)
		return exitVeduta
	}
	switch args[0] {
	case "-h", "--help", "help":
		usage(os.Stdout)
		return 0
	case "-V", "--version":
		args[0] = "version"
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(args[1:])
		}
	}
	return fail("unknown command %q; see veduta --help", args[0])
}

// say tells the person one line.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "veduta: "+format+"\n", args...)
}

// fail says why veduta itself could not do it.
func fail(format string, args ...any) int {
	say(format, args...)
	return exitVeduta
}
