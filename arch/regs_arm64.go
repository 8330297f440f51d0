package arch

// SyscallInsn is the instruction that makes a system call: svc #0.
var SyscallInsn = []byte{0x01, 0x00, 0x00, 0xd4}

// SyscallRegset is NT_ARM_SYSCALL (include/uapi/linux/elf.h), an int: at an
// entry stop the kernel has already taken the number out of x8, so that SetNr
// alone changes nothing; the number must be written to this set as well.
const SyscallRegset = 0x404

// Nr is the number of the call that the thread is stopped in, if it is in one:
// x8 keeps its value otherwise, and only SyscallRegset tells (-1).
func (r *Regs) Nr() int { return int(int32(r.Regs[8])) }

// SetNr makes it another call once SyscallRegset is written too; -1 there skips
// the call, and the value set by SetRet stands.
func (r *Regs) SetNr(nr int) { r.Regs[8] = uint64(nr) }

// Arg is argument 0 to 5 of the call. Argument 0 shares its register with the
// result and is lost at the exit.
func (r *Regs) Arg(i int) uint64 { return *r.arg(i) }

// SetArg sets argument 0 to 5.
func (r *Regs) SetArg(i int, v uint64) { *r.arg(i) = v }

// RestoreArg gives argument 0 to 5 the register that it had.
func (r *Regs) RestoreArg(i int, before *Regs) { *r.arg(i) = *before.arg(i) }

// In32 tells that the thread is in 32-bit code: none is let through.
func (r *Regs) In32() bool { return false }

func (r *Regs) arg(i int) *uint64 { return &r.Regs[:6][i] }

// Ret is the result of the call at its exit: -4095 to -1 is an error number.
func (r *Regs) Ret() uint64 { return r.Regs[0] }

// SetRet sets the result.
func (r *Regs) SetRet(v uint64) { r.Regs[0] = v }

// IP is the instruction pointer.
func (r *Regs) IP() uint64 { return r.Pc }

// SetIP sets the instruction pointer.
func (r *Regs) SetIP(v uint64) { r.Pc = v }

// SP is the stack pointer.
func (r *Regs) SP() uint64 { return r.Sp }

// SetSP sets the stack pointer.
func (r *Regs) SetSP(v uint64) { r.Sp = v }
