package monitor

import (
	"os"
	"strings"
)

// Fields of /proc/[pid]/stat (proc_pid_stat(5)), counted from the one behind the
// name, which may hold anything.
const (
	statState   = 0
	statThreads = 17
	statStack   = 25
)

// taskStat reads the fields behind the name; nil if there is no such task.
func taskStat(pid int) []string {
	b, err := os.ReadFile("/proc/" + itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	return behindName(string(b))
}

// behindName are at least as many fields as the last of those above, or none.
func behindName(stat string) []string {
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(f) <= statStack {
		return nil
	}
	return f
}
