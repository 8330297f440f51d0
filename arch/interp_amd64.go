package arch

import (
	"encoding/binary"
	"unsafe"
)

// InterpCode puts an ELF interpreter in the place of the one it runs in: it
// opens a file, makes the calls of a table of InterpStep, and ends in an execve
// without meaning, at whose entry InterpResult tells what came of it.
//
// It keeps to registers, and leaves the stack alone.
var InterpCode = []byte{
	0xb8, 0xb5, 0x01, 0x00, 0x00, // mov $437,%eax (openat2)
	0x0f, 0x05, // syscall
	0x85, 0xc0, // test %eax,%eax
	0x78, 0x53, // js done
	0x89, 0xc3, // mov %eax,%ebx
	0x45, 0x31, 0xf6, // xor %r14d,%r14d
	// step:
	0x49, 0x8b, 0x45, 0x00, // mov (%r13),%rax
	0x48, 0x85, 0xc0, // test %rax,%rax
	0x78, 0x3c, // js close
	0x49, 0x8b, 0x4d, 0x38, // mov 56(%r13),%rcx
	0x4c, 0x21, 0xf1, // and %r14,%rcx
	0x49, 0x8b, 0x7d, 0x08, // mov 8(%r13),%rdi
	0x48, 0x01, 0xcf, // add %rcx,%rdi
	0x49, 0x8b, 0x75, 0x10, // mov 16(%r13),%rsi
	0x49, 0x8b, 0x55, 0x18, // mov 24(%r13),%rdx
	0x4d, 0x8b, 0x55, 0x20, // mov 32(%r13),%r10
	0x4d, 0x8b, 0x45, 0x28, // mov 40(%r13),%r8
	0x49, 0x09, 0xd8, // or %rbx,%r8
	0x4d, 0x8b, 0x4d, 0x30, // mov 48(%r13),%r9
	0x0f, 0x05, // syscall
	0x48, 0x3d, 0x01, 0xf0, 0xff, 0xff, // cmp $-4095,%rax
	0x73, 0x16, // jae done
	0x4d, 0x85, 0xf6, // test %r14,%r14
	0x4c, 0x0f, 0x44, 0xf0, // cmovz %rax,%r14
	0x49, 0x83, 0xc5, 0x40, // add $64,%r13
	0xeb, 0xbb, // jmp step
	// close:
	0x89, 0xdf, // mov %ebx,%edi
	0xb8, 0x03, 0x00, 0x00, 0x00, // mov $3,%eax (close)
	0x0f, 0x05, // syscall
	// done:
	0x48, 0x89, 0xc5, // mov %rax,%rbp
	0xb8, 0x3b, 0x00, 0x00, 0x00, // mov $59,%eax (execve)
	0x0f, 0x05, // syscall
}

// CommCode makes the call prctl with its arguments in registers, and ends as
// InterpCode does. It is as long as two words.
var CommCode = []byte{
	0xb8, 0x9d, 0x00, 0x00, 0x00, // mov $157,%eax (prctl)
	0x0f, 0x05, // syscall
	0xb8, 0x3b, 0x00, 0x00, 0x00, // mov $59,%eax (execve)
	0x0f, 0x05, // syscall
	0x0f, 0x0b, // ud2
}

// InterpOpen and InterpEnd are the calls of InterpCode that a filter catches.
const (
	InterpOpen = 437 // openat2
	InterpEnd  = 59  // execve
)

// InterpStep is one call of the table, which one with a negative number ends.
// The first gives the base.
type InterpStep struct {
	Nr                     int64
	Addr, Len, Prot, Flags uint64
	FD                     uint64 // 0: the file, ^0: none
	Off                    uint64
	Based                  uint64 // ^0: the base is added to Addr, 0: it is not
}

// atFDCWD is AT_FDCWD as a register holds it.
const atFDCWD = ^uint64(99) // -100

// InterpTableSize is the size in bytes of the table of so many steps.
func InterpTableSize(abi ABI, steps int) uint64 {
	if abi == ABI32 {
		return uint64(steps+1) * 32
	}
	return uint64(steps) * uint64(unsafe.Sizeof(InterpStep{}))
}

// StartInterp makes the table that the code goes through, which is to be written to
// an address, and the registers that it begins with: it opens a path by struct
// open_how.
func (r *Regs) StartInterp(steps []InterpStep, table, path, how, howSize uint64) (b []byte) {
	if r.Compat {
		r.SetSP(table)
		return interpTable32(steps, path, how, howSize)
	}
	r.Rdi, r.Rsi, r.Rdx, r.R10, r.R13 = atFDCWD, path, how, howSize, table
	b, _ = binary.Append(nil, binary.NativeEndian, steps)
	return b
}

// InterpResult is what the first step gave, and the last call's result.
func (r *Regs) InterpResult() (base uint64, ret int64) {
	if r.Compat {
		return uint64(uint32(r.Rsi)), int64(int32(r.Rbp))
	}
	return r.R14, int64(r.Rbp)
}
