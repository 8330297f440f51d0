package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace/launch"
)

// launchFailure is the status and the reason where the command could not be
// executed, as env(1) and shells have it.
func launchFailure(name string, e *launch.ExecError) (int, error) {
	switch {
	case e.Step == "chdir":
		return exitVeduta, fmt.Errorf("workdir %s: %w in the view; give -w a directory that is there", e.Path, e.Errno)
	case errors.Is(e, unix.ENOENT) && interpreted(e.Path):
		return exitNotFound, fmt.Errorf("%s: its interpreter is not found; look at its first line, or at ldd %s", name, name)
	case errors.Is(e, unix.ENOENT):
		return exitNotFound, fmt.Errorf("%s: not found", name)
	case errors.Is(e, unix.EACCES) && isDir(e.Path):
		return exitNotExecutable, fmt.Errorf("%s: cannot be executed: it is a directory", name)
	}
	return exitNotExecutable, fmt.Errorf("%s: cannot be executed: %w", name, e.Errno)
}

// interpreted tells whether a file that was not found is there all the same. It
// looks at the real one, which is good enough for a hint.
func interpreted(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
