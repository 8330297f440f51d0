package monitor

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

// Forward passes a signal on to the first guest, if it still is there, as the one
// that from has sent. One of the terminal's it has already where it is in this
// process's group.
func (m *Monitor) Forward(sig unix.Signal, from arch.Sender) {
	m.mu.Lock()
	first := m.main
	if m.mainGone {
		first = 0
	}
	m.mu.Unlock()
	if first == 0 || ofTerminal(sig, from) && sameGroup(first) {
		return
	}
	if from.Code <= 0 { // else it is the kernel's
		uid := m.realUID(int(from.PID), from.UID)
		m.onBehalf.Store(sent{first, int(sig)}, origin{int(from.PID), uid})
	}
	unix.Kill(first, sig)
}

// ofTerminal tells a signal that the kernel sends to a process group. The hangup
// is the session leader's alone (__tty_hangup in drivers/tty/tty_io.c).
func ofTerminal(sig unix.Signal, from arch.Sender) bool {
	if from.Code != siKernel {
		return false
	}
	switch sig {
	case unix.SIGINT, unix.SIGQUIT:
		return true
	case unix.SIGHUP, unix.SIGCONT:
		leader, err := unix.Getsid(0)
		return err == nil && leader != self
	}
	return false
}

const siKernel = 0x80 // SI_KERNEL

func sameGroup(pid int) bool {
	group, err := unix.Getpgid(pid)
	return err == nil && group == unix.Getpgrp()
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
