package arch

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Regs is the general registers of a stopped thread in the layout of
// PTRACE_GETREGSET with NT_PRSTATUS (user_regs_struct, user_pt_regs). The
// fields are those of unix.PtraceRegs; the methods name them by their part in
// a system call, the same on every CPU.
type Regs struct {
	unix.PtraceRegs
	// Compat: the call is of the 32-bit table, and its arguments are in the
	// registers that this has them in. Whoever reads the registers sets it.
	Compat bool
}

// RegsSize is what PTRACE_GETREGSET puts into iov_len for a 64-bit thread. Of one
// in 32-bit code it gives another layout, but where a CPU has GetRegs and
// SetRegs, those are of this one for every thread.
const RegsSize = int(unsafe.Sizeof(unix.PtraceRegs{}))

// Bytes is the register set itself, for ptrace(2) to read or fill.
func (r *Regs) Bytes() []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&r.PtraceRegs)), RegsSize)
}

// SyscallInsnLen is the length in bytes of the instruction that makes a system
// call: at a stop the instruction pointer stands behind it.
var SyscallInsnLen = len(SyscallInsn)
