package ptrace

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// readSome is one process_vm_readv(2) of one segment.
func (m Memory) readSome(addr uint64, b []byte) int {
	return m.transfer(unix.SYS_PROCESS_VM_READV, addr, b)
}

func (m Memory) writeSome(addr uint64, b []byte) int {
	return m.transfer(unix.SYS_PROCESS_VM_WRITEV, addr, b)
}

type iovec struct {
	base uintptr
	len  uint64
}

func (m Memory) transfer(nr uintptr, addr uint64, b []byte) int {
	if len(b) == 0 || m.alive != nil && !m.alive() {
		return 0
	}
	local := unix.Iovec{Base: &b[0], Len: uint64(len(b))}
	remote := iovec{uintptr(addr), uint64(len(b))}
	n, _, e := unix.RawSyscall6(nr, uintptr(m.tid),
		uintptr(unsafe.Pointer(&local)), 1, uintptr(unsafe.Pointer(&remote)), 1, 0)
	if e != 0 {
		return 0
	}
	return int(n)
}
