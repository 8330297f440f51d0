package seccomp

import (
	"testing"

	"golang.org/x/sys/unix"
)

// constAllow follows a program as the kernel does to fill its cache
// (kernel/seccomp.c, seccomp_is_const_allow): anything but number,
// architecture and constants ends the hope for an answer.
func constAllow(t *testing.T, prog []unix.SockFilter, nr, audit uint32) bool {
	t.Helper()
	var a uint32
	for pc := 0; pc < len(prog); pc++ {
		insn := prog[pc]
		test := false
		switch insn.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			switch insn.K {
			case offNr:
				a = nr
			case offArch:
				a = audit
			default:
				return false
			}
			continue
		case unix.BPF_RET | unix.BPF_K:
			return Action(insn.K) == Allow
		case unix.BPF_JMP | unix.BPF_JA:
			pc += int(insn.K)
			continue
		case unix.BPF_ALU | unix.BPF_AND | unix.BPF_K:
			a &= insn.K
			continue
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			test = a == insn.K
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			test = a >= insn.K
		case unix.BPF_JMP | unix.BPF_JGT | unix.BPF_K:
			test = a > insn.K
		default:
			return false
		}
		if test {
			pc += int(insn.Jt)
		} else {
			pc += int(insn.Jf)
		}
	}
	t.Fatal("the program has no end")
	return false
}

func TestAllowedNumbersStayInTheKernelsCache(t *testing.T) {
	for name, p := range policies() {
		prog, err := p.Compile()
		if err != nil {
			t.Fatal(err)
		}
		cached := 0
		for nr := range 600 {
			want := p.alwaysAllow(nr)
			if want {
				cached++
			}
			if got := constAllow(t, prog, uint32(nr), p.AuditArch); got != want {
				t.Errorf("%s: number %d cached: %v, want %v", name, nr, got, want)
			}
		}
		t.Logf("%s: %d numbers cached", name, cached)
	}
}

// alwaysAllow tells whether no rule of the number ever says anything else.
func (p *Policy) alwaysAllow(nr int) bool {
	if !p.knows()(nr) {
		return p.Unknown == Allow
	}
	for _, r := range p.Rules {
		if r.Nr == nr && r.Action != Allow {
			return false
		}
	}
	return p.Default == Allow
}
