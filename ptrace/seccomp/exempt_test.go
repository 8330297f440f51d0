package seccomp

import (
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// assembled is a program in both forms.
func assembled(t *testing.T, prog ...bpf.Instruction) []unix.SockFilter {
	t.Helper()
	raw, err := bpf.Assemble(prog)
	if err != nil {
		t.Fatal(err)
	}
	var out []unix.SockFilter
	for _, r := range raw {
		out = append(out, unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K})
	}
	return out
}

func run(t *testing.T, prog []unix.SockFilter, d Data) Action {
	t.Helper()
	var raw []bpf.Instruction
	for _, f := range prog {
		raw = append(raw, bpf.RawInstruction{Op: f.Code, Jt: f.Jt, Jf: f.Jf, K: f.K}.Disassemble())
	}
	a, err := Simulate(raw, d)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A guest's filter says of the guest's calls what it said before, and allows
// those that are put in their place.
func FuzzExempt(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("a policy of some bytes, with rules for a number of calls and actions of every kind in it"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := (&dice{b}).policy()
		prog, err := p.Compile()
		if err != nil {
			t.Skip("the bytes make a policy that does not compile:", err)
		}
		exempt, err := Exempt(prog)
		if err != nil {
			t.Fatal(err)
		}
		for nr := range int32(66) {
			for _, a := range words {
				d := Data{Nr: nr, Arch: p.AuditArch, IP: 0x7fff12345678, Args: [6]uint64{a, a, a, a, a, a}}
				if got, want := run(t, exempt, d), untraced(run(t, prog, d)); got != want {
					t.Fatalf("call %d: %v, want %v", nr, got, want)
				}
				d.IP = ExemptIP
				if got := run(t, exempt, d); got != Allow {
					t.Fatalf("call %d in place of another: %v", nr, got)
				}
			}
		}
	})
}

func TestExemptComputed(t *testing.T) {
	prog := assembled(t, bpf.LoadAbsolute{Off: offArgs, Size: 4}, bpf.RetA{})
	exempt, err := Exempt(prog)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range []Action{Allow, Log, Trace, TraceData(9), Notify, Errno(unix.EPERM), Trap, KillProcess} {
		d := Data{Nr: 1, Args: [6]uint64{uint64(a)}}
		if got, want := run(t, exempt, d), untraced(a); got != want {
			t.Errorf("%v: %v, want %v", a, got, want)
		}
		if d.IP = ExemptIP; run(t, exempt, d) != Allow {
			t.Errorf("%v hits a call in place of another", a)
		}
	}
}

func TestExemptUnsound(t *testing.T) {
	ret := unix.SockFilter{Code: bpfRet, K: uint32(Allow)}
	jump := unix.SockFilter{Code: bpfJump}
	for name, prog := range map[string][]unix.SockFilter{
		"nothing":         nil,
		"no return":       {{Code: bpfLoadWord}},
		"jump at the end": {ret, jump},
		"jump out":        {{Code: bpfJump, K: 1}, ret},
		"jump around":     {{Code: bpfJump, K: ^uint32(0)}, ret},
		"true out":        {{Code: bpfJumpEq, Jt: 1}, ret},
		"false out":       {{Code: bpfJumpEq, Jf: 255}, ret},
	} {
		if _, err := Exempt(prog); err != ErrProgram {
			t.Errorf("%s: %v", name, err)
		}
	}
	long := make([]unix.SockFilter, unix.BPF_MAXINSNS)
	for i := range long {
		long[i] = unix.SockFilter{Code: bpfRet, K: uint32(Errno(unix.EPERM))}
	}
	if _, err := Exempt(long); err != unix.ENOMEM {
		t.Errorf("without room: %v", err)
	}
}

// The kernel goes on to cache what is always allowed: no path to such a return
// reads more than the number.
func TestExemptLeavesAllowedAlone(t *testing.T) {
	prog := assembled(t, bpf.LoadAbsolute{Off: offNr, Size: 4}, bpf.JumpIf{Cond: bpf.JumpEqual, Val: 39, SkipFalse: 1},
		bpf.RetConstant{Val: uint32(Errno(unix.EPERM))}, bpf.RetConstant{Val: uint32(Allow)})
	exempt, err := Exempt(prog)
	if err != nil {
		t.Fatal(err)
	}
	for _, pc := range []int{0, 1, 3} {
		if exempt[pc] != prog[pc] {
			t.Errorf("instruction %d is %v", pc, exempt[pc])
		}
	}
}

// untraced is an answer without a tracer.
func untraced(a Action) Action {
	if a.Base() == Trace {
		return Errno(unix.ENOSYS)
	}
	return a
}
