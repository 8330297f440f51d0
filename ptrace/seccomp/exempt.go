package seccomp

import (
	"errors"
	"slices"

	"golang.org/x/sys/unix"
)

// ExemptIP is an instruction pointer that no guest can make a call from: a
// call that a tracer has put in place of a guest's own bears it while the
// kernel runs the filters over it once more.
const ExemptIP = 1 << 63

// ErrProgram is what the kernel would answer EINVAL for: a jump out of the
// program, or an end that is no return.
var ErrProgram = errors.New("not a valid filter program")

// Classic BPF as seccomp(2) takes it (include/uapi/linux/bpf_common.h).
const (
	bpfLoadWord = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	bpfJump     = unix.BPF_JMP | unix.BPF_JA
	bpfJumpEq   = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	bpfAnd      = unix.BPF_ALU | unix.BPF_AND | unix.BPF_K
	bpfRet      = unix.BPF_RET | unix.BPF_K
	bpfRetA     = unix.BPF_RET | unix.BPF_A
	bpfTax      = unix.BPF_MISC | unix.BPF_TAX
	bpfTxa      = unix.BPF_MISC | unix.BPF_TXA
)

// Exempt makes of a guest's own filter one that says the same of the guest's
// calls and allows those from ExemptIP. SECCOMP_RET_TRACE becomes ENOSYS, which
// is what it means where the guest has no tracer: ours must not take it for its
// own.
//
// Only what is refused is looked at twice, behind the program's end: jumps stay
// as they are, and the kernel's cache goes on to know numbers that are always
// allowed. ErrProgram, and unix.ENOMEM for a program that leaves no room.
func Exempt(prog []unix.SockFilter) ([]unix.SockFilter, error) {
	return exempt(prog, Errno(unix.ENOSYS))
}

// ExemptTraced is Exempt where the guest is stopped at every call and its tracer, if
// another guest is one, asked before: SECCOMP_RET_TRACE becomes Allow.
func ExemptTraced(prog []unix.SockFilter) ([]unix.SockFilter, error) { return exempt(prog, Allow) }

// Asks tells whether a program may answer SECCOMP_RET_TRACE.
func Asks(prog []unix.SockFilter) bool {
	return slices.ContainsFunc(prog, func(ins unix.SockFilter) bool {
		return ins.Code == bpfRetA || ins.Code == bpfRet && Action(ins.K).Base() == Trace
	})
}

func exempt(prog []unix.SockFilter, traced Action) ([]unix.SockFilter, error) {
	if !sound(prog) {
		return nil, ErrProgram
	}
	out := append([]unix.SockFilter(nil), prog...)
	blocks := map[unix.SockFilter]int{}
	for pc, ins := range prog {
		if ins.Code&7 != unix.BPF_RET || ins.Code == bpfRet && Action(ins.K).Base() == Allow {
			continue
		}
		if ins.Code == bpfRetA {
			ins.K = 0 // has no meaning
		}
		at, ok := blocks[ins]
		if !ok {
			at = len(out)
			blocks[ins] = at
			out = append(out, exemption(ins, traced)...)
		}
		out[pc] = unix.SockFilter{Code: bpfJump, K: uint32(at - pc - 1)}
	}
	if len(out) > unix.BPF_MAXINSNS {
		return nil, unix.ENOMEM
	}
	return out, nil
}

// exemption is what takes the place of a return.
func exemption(ret unix.SockFilter, traced Action) []unix.SockFilter {
	test := []unix.SockFilter{
		{Code: bpfLoadWord, K: offIP + 4}, // both CPUs are little-endian
		{Code: bpfJumpEq, Jf: 1, K: ExemptIP >> 32},
		{Code: bpfRet, K: uint32(Allow)},
	}
	if ret.Code == bpfRet {
		if Action(ret.K).Base() == Trace {
			ret.K = uint32(traced)
		}
		return append(test, ret)
	}
	return append(append([]unix.SockFilter{{Code: bpfTax}}, test...),
		unix.SockFilter{Code: bpfTxa},
		unix.SockFilter{Code: bpfAnd, K: unix.SECCOMP_RET_ACTION_FULL},
		unix.SockFilter{Code: bpfJumpEq, Jf: 1, K: uint32(Trace)},
		unix.SockFilter{Code: bpfRet, K: uint32(traced)},
		unix.SockFilter{Code: bpfTxa},
		unix.SockFilter{Code: bpfRetA})
}

// sound checks what a longer program would hide from the kernel's own check
// (bpf_check_classic in net/core/filter.c).
func sound(prog []unix.SockFilter) bool {
	for pc, ins := range prog {
		left := uint64(len(prog) - pc - 1)
		if ins.Code&7 != unix.BPF_JMP {
			continue
		}
		if ins.Code == bpfJump && uint64(ins.K) >= left ||
			ins.Code != bpfJump && (uint64(ins.Jt) >= left || uint64(ins.Jf) >= left) {
			return false
		}
	}
	if len(prog) == 0 {
		return false
	}
	last := prog[len(prog)-1].Code
	return last == bpfRet || last == bpfRetA
}
