package seccomp

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Feature is one thing that the kernel can do, or why not.
type Feature struct {
	OK  bool
	Why error // nil if OK
}

// Features is what Probe found.
type Features struct {
	Filter       Feature // SECCOMP_SET_MODE_FILTER
	Notify       Feature // a listener: user notifications, 5.0
	WaitKillable Feature // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, 5.19
	AddFD        Feature // SECCOMP_IOCTL_NOTIF_ADDFD, 5.9
	AddFDSend    Feature // SECCOMP_ADDFD_FLAG_SEND, 5.14
	SyncWakeUp   Feature // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, 6.6
}

// Probe tries what the kernel can do, here and now: an outer filter or an outer
// listener counts, the version does not. The trials happen on a thread of
// their own, which ends with them; the process keeps nothing of it.
func Probe() Features {
	found := make(chan Features)
	go onDoomedThread(func() { found <- probe() })
	return <-found
}

// onDoomedThread runs f on a thread that ends with the goroutine. That can't be
// the first thread of the process, which the runtime would park for ever with
// the filter on it.
func onDoomedThread(f func()) {
	runtime.LockOSThread()
	if unix.Gettid() != unix.Getpid() {
		f()
		return
	}
	done := make(chan struct{})
	go func() { // elsewhere: the first thread stays taken until then
		onDoomedThread(f)
		close(done)
	}()
	<-done
	runtime.UnlockOSThread()
}

var allowAll = []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: uint32(Allow)}}

func probe() (f Features) {
	if err := NoNewPrivs(); err != nil {
		return without(err)
	}
	if _, err := Install(allowAll, 0); err != nil {
		return without(err)
	}
	f.Filter = feature(nil)
	const listener = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER
	fd, err := Install(allowAll, listener|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
	f.WaitKillable = feature(err)
	if errors.Is(err, unix.EINVAL) {
		fd, err = Install(allowAll, listener)
	}
	f.Notify = feature(err)
	if err != nil {
		f.AddFD, f.AddFDSend, f.SyncWakeUp = feature(err), feature(err), feature(err)
		return f
	}
	defer unix.Close(fd)
	f.AddFD = feature(addFD(fd, 0))
	f.AddFDSend = feature(addFD(fd, unix.SECCOMP_ADDFD_FLAG_SEND))
	f.SyncWakeUp = feature(SetSyncWakeUp(fd))
	return f
}

func feature(err error) Feature { return Feature{err == nil, err} }

func without(err error) Features {
	f := feature(err)
	return Features{f, f, f, f, f, f}
}

// addFD hands a descriptor to a notification that does not exist. The kernel
// looks for it only once it has understood all the rest, and says ENOENT.
func addFD(listener int, flags uint32) error {
	// struct seccomp_notif_addfd
	request := struct {
		id                              uint64
		flags, srcfd, newfd, newfdFlags uint32
	}{id: ^uint64(0), flags: flags, srcfd: uint32(listener)}
	_, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_ADDFD, uintptr(unsafe.Pointer(&request)))
	if errno == unix.ENOENT {
		return nil
	}
	return fmt.Errorf("ioctl(SECCOMP_IOCTL_NOTIF_ADDFD, flags %d): %w", flags, errno)
}

// SetSyncWakeUp makes a listener wake the receiver on the CPU of the caller
// and the other way round (SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP).
func SetSyncWakeUp(listener int) error {
	_, _, errno := unix.RawSyscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SET_FLAGS, unix.SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP)
	if errno != 0 {
		return fmt.Errorf("ioctl(SECCOMP_IOCTL_NOTIF_SET_FLAGS): %w", errno)
	}
	return nil
}
