package arch

// SyscallInsn is the instruction that makes a system call: syscall.
var SyscallInsn = []byte{0x0f, 0x05}

// SyscallRegset is the register set that holds the number of the call apart
// from Regs; 0: there is none, SetNr does it.
const SyscallRegset = 0

// Nr is the number of the call that the thread is stopped in, or -1 outside of
// one. The kernel takes 32 bits of the register.
func (r *Regs) Nr() int { return int(int32(r.Orig_rax)) }

// SetNr makes it another call; -1 skips the call, and the value set by SetRet
// stands.
func (r *Regs) SetNr(nr int) { r.Orig_rax = uint64(nr) }

// Arg is argument 0 to 5 of the call.
func (r *Regs) Arg(i int) uint64 { return *r.arg(i) }

// SetArg sets argument 0 to 5. The guest sees the register changed after the
// call; the kernel restores none of them.
func (r *Regs) SetArg(i int, v uint64) { *r.arg(i) = v }

func (r *Regs) arg(i int) *uint64 {
	return [6]*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.R10, &r.R8, &r.R9}[i]
}

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
