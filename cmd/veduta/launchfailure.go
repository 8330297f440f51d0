package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor"
	"github.com/veduta/veduta/ptrace/launch"
)

// launchFailure is the status and the reason where the command could not be
// executed, as env(1) and shells have it.
func launchFailure(cmd *monitor.Command, e *launch.ExecError) (int, error) {
	name := cmd.Argv[0]
	switch {
	case e.Step == "chdir":
		return exitVeduta, fmt.Errorf("workdir %s: %w in the view; give -w a directory that is there", e.Path, e.Errno)
	case errors.Is(e, unix.ENOENT) && slices.ContainsFunc(cmd.Paths, isFile):
		return exitNotFound, fmt.Errorf("%s: its interpreter is not found; look at its first line, or at ldd %s", name, name)
	case errors.Is(e, unix.ENOENT):
		return exitNotFound, fmt.Errorf("%s: not found", name)
	case errors.Is(e, unix.EACCES) && isDir(e.Path):
		return exitNotExecutable, fmt.Errorf("%s: cannot be executed: it is a directory", name)
	}
	return exitNotExecutable, fmt.Errorf("%s: cannot be executed: %w", name, e.Errno)
}

// isFile and isDir look at the real file, which is good enough for a hint.
func isFile(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.Mode().IsRegular()
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}
