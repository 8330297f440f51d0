package monitor

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// bindTo is bind(2) with an address as it is.
func bindTo(fd int, a unixAddr) error {
	if _, _, e := unix.Syscall(unix.SYS_BIND, uintptr(fd), uintptr(unsafe.Pointer(&a[0])), uintptr(len(a))); e != 0 {
		return e
	}
	return nil
}
