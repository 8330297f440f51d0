package arch

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// StatBytes is a struct stat as the kernel writes it for the guest: on the
// CPUs of this package x/sys has the kernel's own layout. The bytes are those
// of s, not a copy.
func StatBytes(s *unix.Stat_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s))
}

// StatfsBytes is the same for struct statfs.
func StatfsBytes(s *unix.Statfs_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s))
}

// StatxBytes is the same for struct statx, whose layout all CPUs share.
func StatxBytes(s *unix.Statx_t) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s))
}
