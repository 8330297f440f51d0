package vfs

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"
)

// shortPath is the length up to which a path is made NUL-terminated on the
// stack: this is the monitor's most frequent call, and the library's copy of
// the path would be its only allocation.
const shortPath = 512

// statx is statx(2) on any path.
func statx(dirfd int, path string, flags, mask int, a *unix.Statx_t) error {
	if hostpath.Long(path) && dirfd == unix.AT_FDCWD {
		return hostpath.Statx(path, flags, mask, a)
	}
	if len(path) >= shortPath || strings.IndexByte(path, 0) >= 0 {
		return unix.Statx(dirfd, path, flags, mask, a)
	}
	var buf [shortPath]byte
	copy(buf[:], path)
	_, _, e := unix.Syscall6(unix.SYS_STATX, uintptr(dirfd), uintptr(unsafe.Pointer(&buf[0])),
		uintptr(flags), uintptr(mask), uintptr(unsafe.Pointer(a)), 0)
	if e != 0 {
		return e
	}
	return nil
}
