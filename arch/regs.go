package arch

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Regs is the general registers of a stopped thread in the layout of
// PTRACE_GETREGSET with NT_PRSTATUS (user_regs_struct, user_pt_regs). The
// fields are those of unix.PtraceRegs; the methods name them by their part in
// a system call, the same on every CPU.
type Regs unix.PtraceRegs

// RegsSize is what PTRACE_GETREGSET puts into iov_len for a 64-bit thread. Of a
// 32-bit one the kernel gives another layout and a smaller length, and no
// method of Regs means anything.
const RegsSize = int(unsafe.Sizeof(Regs{}))

// Bytes is the register set itself, for ptrace(2) to read or fill.
func (r *Regs) Bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(r)), RegsSize)
}

// SyscallInsnLen is the length in bytes of the instruction that makes a system
// call: at a stop the instruction pointer stands behind it.
var SyscallInsnLen = len(SyscallInsn)
