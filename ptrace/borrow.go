package ptrace

import "golang.org/x/sys/unix"

// pidfdThread is PIDFD_THREAD (include/uapi/linux/pidfd.h, 6.9).
const pidfdThread = unix.O_EXCL

// Borrow duplicates a descriptor of a guest's thread. Before Linux 6.9 only of
// one that leads its process: EINVAL of others.
func Borrow(tid, fd int) (int, error) {
	p, err := unix.PidfdOpen(tid, pidfdThread)
	if err == unix.EINVAL {
		p, err = unix.PidfdOpen(tid, 0)
	}
	if err != nil {
		return -1, err
	}
	defer unix.Close(p)
	return unix.PidfdGetfd(p, fd, 0)
}
