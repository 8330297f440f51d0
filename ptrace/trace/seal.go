package trace

import (
	"sync"

	"golang.org/x/sys/unix"
)

// seal keeps guests of the same user from the monitor's memory and
// descriptors: a process that is not dumpable cannot be looked into, in
// /proc/PID, by ptrace(2), process_vm_writev(2) or pidfd_getfd(2). It is lifted
// while a guest opens a descriptor that the monitor holds, by way of /proc.
type seal struct {
	mu     sync.Mutex // guards the fields below
	on     bool
	lifted int
}

// Seal makes the process one that is not dumpable; undo makes it what it was.
func (p *Pool) Seal() (undo func()) {
	s := &p.seal
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, _, e := unix.RawSyscall(unix.SYS_PRCTL, unix.PR_GET_DUMPABLE, 0, 0); e != 0 || r != 1 {
		return func() {}
	}
	s.on = true
	setDumpable(false)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.on = false
		setDumpable(true)
	}
}

func (s *seal) lift() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lifted++; s.on && s.lifted == 1 {
		setDumpable(true)
	}
}

func (s *seal) put() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lifted--; s.on && s.lifted == 0 {
		setDumpable(false)
	}
}

func setDumpable(yes bool) {
	value := uintptr(0)
	if yes {
		value = 1
	}
	unix.RawSyscall(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, value, 0)
}
