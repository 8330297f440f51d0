package notify

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// notif is struct seccomp_notif (include/uapi/linux/seccomp.h).
type notif struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// resp is struct seccomp_notif_resp.
type resp struct {
	id    uint64
	val   int64
	error int32
	flags uint32
}

// addfd is struct seccomp_notif_addfd.
type addfd struct {
	id         uint64
	flags      uint32
	srcfd      uint32
	newfd      uint32
	newfdFlags uint32
}

const (
	flagContinue  = 1 // SECCOMP_USER_NOTIF_FLAG_CONTINUE
	flagSend      = 2 // SECCOMP_ADDFD_FLAG_SEND
	syncWakeUp    = 1 // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP
	ioctlRecv     = 0xc0502100
	ioctlSend     = 0xc0182101
	ioctlIDValid  = 0x40082102
	ioctlAddFD    = 0x40182103
	ioctlSetFlags = 0x40082104
)

// receive blocks for a call. Not a RawSyscall: a thread that sleeps without
// telling the Go scheduler would hold up the garbage collector.
func receive(fd int, n *notif) unix.Errno {
	*n = notif{}
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), ioctlRecv, uintptr(unsafe.Pointer(n)))
	return e
}

func send(fd int, r *resp) unix.Errno {
	_, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), ioctlSend, uintptr(unsafe.Pointer(r)))
	return e
}

// addFD gives the guest a descriptor and answers the call with its number.
func addFD(fd int, a *addfd) (guest int, e unix.Errno) {
	n, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), ioctlAddFD, uintptr(unsafe.Pointer(a)))
	return int(n), e
}

func setFlags(fd int, flags uint64) unix.Errno {
	_, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(fd), ioctlSetFlags, uintptr(flags))
	return e
}
