// The runtime need not look for the limits of a container at every start: the
// monitor says itself how many processors it uses.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

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
	os.Exit(guarded(os.Args[1:]))
}

func guarded(args []string) (status int) {
	defer recovered(&status)
	return dispatch(args)
}

// recovered turns a panic into one line: nobody who runs a command in a view is
// helped by the stack of the monitor.
func recovered(status *int) {
	p := recover()
	if p == nil {
		return
	}
	if os.Getenv("VEDUTA_DEBUG") != "" {
		os.Stderr.Write(debug.Stack())
	}
	*status = fail("internal error: %v; VEDUTA_DEBUG=1 shows where", p)
}

func dispatch(args []string) int {
	if len(args) == 0 {
		usage(os.Stderr)
		return exitVeduta
	}
	name, rest := args[0], args[1:]
	switch name {
	case "-V", "--version":
		name = "version"
	case "-h", "--help", "help":
		if len(rest) == 0 {
			usage(os.Stdout)
			return 0
		}
		name, rest = rest[0], []string{"--help"}
	}
	c := lookCommand(name)
	switch {
	case c != nil:
		return c.call(rest)
	case strings.HasPrefix(name, "-"):
		return fail("unknown flag %s; flags of a view come after run or try: see veduta --help", name)
	}
	return fail("unknown command %s; veduta --help lists what there is", name)
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
