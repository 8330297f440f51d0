package monitor

import (
	"bytes"
	"strconv"
)

// StatusLine gives the line of a task's status file in procfs that begins with
// key, where the view decides about it. host is the file as the kernel has it.
func (m *Monitor) StatusLine(tid int, key string, host []byte) (string, bool) {
	t := m.taskOf(tid)
	if t == nil {
		return "", false
	}
	switch key {
	case "State":
		if m.pool.Inner.Stops(tid) { // else what stops it is the monitor
			return "State:\tt (tracing stop)", true
		}
	case "TracerPid":
		return "TracerPid:\t" + strconv.Itoa(m.pool.Inner.TracerOf(tid)), true
	case "Seccomp":
		mode := modeDisabled
		switch {
		case t.strict:
			mode = modeStrict
		case t.filters(host) > 0:
			mode = modeFilter
		}
		return "Seccomp:\t" + strconv.Itoa(mode), true
	case "Seccomp_filters":
		if t.strict {
			return "Seccomp_filters:\t0", true
		}
		return "Seccomp_filters:\t" + strconv.Itoa(t.filters(host)), true
	}
	if m.view.Identity == nil && key != "NoNewPrivs" {
		return "", false
	}
	return t.cred.StatusLine(key)
}

// filters is how many filters a task has besides the view's, by its status file:
// those of its own and those that it came with.
func (t *task) filters(status []byte) int {
	_, rest, ok := bytes.Cut(status, []byte("\nSeccomp_filters:\t"))
	if !ok {
		return 0
	}
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	n, _ := strconv.Atoi(string(line))
	return max(n-1-t.arms().count(), 0)
}
