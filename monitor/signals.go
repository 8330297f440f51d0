package monitor

import "golang.org/x/sys/unix"

// Signal sends a signal to the first guest, if it still is there.
func (m *Monitor) Signal(sig unix.Signal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.main != 0 && !m.mainGone {
		unix.Kill(m.main, sig)
	}
}

// OnStop has f called, on a locked thread, when the first guest enters a group-stop.
func (m *Monitor) OnStop(f func(pid int, sig unix.Signal)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onStop = f
}

// killAll ends every guest: without a transport none may go on.
func (m *Monitor) killAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tasks.each(func(t *task) { unix.Kill(t.tid, unix.SIGKILL) })
}
