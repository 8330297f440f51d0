package ptrace

import (
	"bytes"
	"os"
	"strconv"
)

// PidOf is the process that a task's descriptor refers to, 0 if it is no pidfd.
func PidOf(tid, fd int) int {
	info, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/fdinfo/" + strconv.Itoa(fd))
	if err != nil {
		return 0
	}
	_, rest, ok := bytes.Cut(info, []byte("\nPid:\t"))
	if !ok {
		return 0
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	pid, _ := strconv.Atoi(string(line))
	return pid
}
