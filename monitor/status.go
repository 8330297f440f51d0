package monitor

// StatusLine gives the line of a task's status file in procfs that begins with
// key, where the view decides about it.
func (m *Monitor) StatusLine(tid int, key string) (string, bool) {
	t := m.taskOf(tid)
	if t == nil {
		return "", false
	}
	switch key {
	case "TracerPid":
		return "TracerPid:\t0", true
	case "Seccomp":
		return "Seccomp:\t0", true
	case "Seccomp_filters":
		return "Seccomp_filters:\t0", true
	}
	if m.view.Identity == nil && key != "NoNewPrivs" {
		return "", false
	}
	return t.cred.StatusLine(key)
}
