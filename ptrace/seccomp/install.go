package seccomp

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// NoNewPrivs sets no_new_privs of the calling thread, without which Install
// needs CAP_SYS_ADMIN. It can't be taken back, and children inherit it.
func NoNewPrivs() error {
	if _, _, errno := unix.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0); errno != 0 {
		return fmt.Errorf("prctl(PR_SET_NO_NEW_PRIVS): %w", errno)
	}
	return nil
}

// Install puts a filter on the calling thread, for good, and on all that it
// forks. Flags are SECCOMP_FILTER_FLAG_ values. With NEW_LISTENER the result
// is the listener, which is close-on-exec; else it is -1.
//
// Errors: EACCES without no_new_privs and CAP_SYS_ADMIN, EINVAL for a flag or
// program that the kernel does not take, EBUSY for a second listener in the
// chain of filters, ESRCH if TSYNC met a thread that cannot follow.
func Install(prog []unix.SockFilter, flags uint) (fd int, err error) {
	if len(prog) == 0 || len(prog) > unix.BPF_MAXINSNS {
		return -1, fmt.Errorf("seccomp: %d instructions: %w", len(prog), unix.EINVAL)
	}
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	r, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, uintptr(flags), uintptr(unsafe.Pointer(&fprog)))
	runtime.KeepAlive(prog)
	switch {
	case errno != 0:
		return -1, fmt.Errorf("seccomp(SECCOMP_SET_MODE_FILTER, %#x): %w", flags, errno)
	case flags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER != 0:
		return int(r), nil
	case r != 0: // TSYNC names the thread that could not follow
		return -1, fmt.Errorf("seccomp(SECCOMP_SET_MODE_FILTER, %#x): thread %d: %w", flags, r, unix.ESRCH)
	}
	return -1, nil
}
