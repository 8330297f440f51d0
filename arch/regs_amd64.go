package arch

// SyscallInsn is the instruction that makes a system call: syscall.
var SyscallInsn = []byte{0x0f, 0x05}

// SyscallRegset is the register set that holds the number of the call apart
// from Regs; 0: there is none, SetNr does it.
const SyscallRegset = 0

// Nr is the number of the call that the thread is stopped in, or -1 outside of
// one. The kernel takes 32 bits of the register.
func (r *Regs) Nr() int {
	nr := int(int32(r.Orig_rax))
	if r.Compat && nr >= 0 {
		nr += Compat
	}
	return nr
}

// SetNr makes it another call; -1 skips the call, and the value set by SetRet
// stands. In a 32-bit call a number of the other table stands for the call
// of the same name.
func (r *Regs) SetNr(nr int) {
	if r.Compat && nr >= 0 && !IsCompat(nr) {
		nr = compatTwin(nr)
	}
	r.Orig_rax = uint64(Raw(nr))
}

// Arg is argument 0 to 5 of the call.
func (r *Regs) Arg(i int) uint64 {
	if r.Compat {
		return uint64(uint32(*r.arg(i)))
	}
	return *r.arg(i)
}

// SetArg sets argument 0 to 5. The guest sees the register changed after the
// call; the kernel restores none of them.
func (r *Regs) SetArg(i int, v uint64) {
	if r.Compat {
		v = uint64(uint32(v))
	}
	*r.arg(i) = v
}

// RestoreArg gives argument 0 to 5 the register that it had.
func (r *Regs) RestoreArg(i int, before *Regs) { *r.arg(i) = *before.arg(i) }

func (r *Regs) arg(i int) *uint64 {
	if r.Compat { // entry_64_compat.S
		return [6]*uint64{&r.Rbx, &r.Rcx, &r.Rdx, &r.Rsi, &r.Rdi, &r.Rbp}[i]
	}
	return [6]*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.R10, &r.R8, &r.R9}[i]
}

// user32 is __USER32_CS (arch/x86/include/asm/segment.h).
const user32 = 0x23

// In32 tells that the thread is in 32-bit code, all of whose calls are of the
// 32-bit table.
func (r *Regs) In32() bool { return r.Cs == user32 }

// Ret is the result of the call at its exit: -4095 to -1 is an error number.
func (r *Regs) Ret() uint64 { return r.Rax }

// SetRet sets the result.
func (r *Regs) SetRet(v uint64) { r.Rax = v }

// IP is the instruction pointer.
func (r *Regs) IP() uint64 { return r.Rip }

// SetIP sets the instruction pointer.
func (r *Regs) SetIP(v uint64) { r.Rip = v }

// SP is the stack pointer.
func (r *Regs) SP() uint64 { return r.Rsp }

// SetSP sets the stack pointer.
func (r *Regs) SetSP(v uint64) { r.Rsp = v }
