package monitor

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// TestPolicyCompat: every 32-bit spelling of a call about paths is caught, none by
// notify, and upper halves of registers hide nothing.
func TestPolicyCompat(t *testing.T) {
	prog, err := withPaths(t).Policy(true).Assemble()
	if err != nil {
		t.Fatal(err)
	}
	answer := func(nr int, args ...uint64) seccomp.Action {
		d := seccomp.Data{Nr: int32(arch.Raw(nr)), Arch: arch.CompatAuditArch}
		copy(d.Args[:], args)
		a, err := seccomp.Simulate(prog, d)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	all := ^uint64(0)
	for _, nr := range sysent.Numbers(arch.ABI32) {
		e := sysent.Lookup(nr)
		got := answer(nr, all, all, all, all, all, all)
		if got == seccomp.Notify {
			t.Errorf("%s goes to notify", e.Name)
		}
		if e.Concerns(sysent.PathName) && (got != seccomp.Trace) != (untrapped[e.Name] != "" || e.Name == "recvmmsg_time64") {
			t.Errorf("%s: %v", e.Name, got)
		}
	}
	number := func(name string) int {
		nr, ok := arch.CompatNumber(name)
		if !ok {
			t.Fatal(name)
		}
		return nr
	}
	const garbage = 0xdead << 32
	for _, x := range []struct {
		what string
		nr   int
		args []uint64
		want seccomp.Action
	}{
		{"connect by socketcall", number("socketcall"), []uint64{3 | garbage}, seccomp.Trace},
		{"recv by socketcall", number("socketcall"), []uint64{10}, seccomp.Allow},
		{"a number that is no call there", number("socketcall"), []uint64{99}, seccomp.Allow},
		{"a filter by prctl", number("prctl"), []uint64{unix.PR_SET_SECCOMP | garbage}, seccomp.Trace},
		{"sendto, connected", number("sendto"), []uint64{3, 4096, 1, 0, garbage, 0}, seccomp.Allow},
		{"write", number("write"), []uint64{1}, seccomp.Allow},
		{"a number of the future", arch.Compat + 600, nil, seccomp.Errno(unix.ENOSYS)},
	} {
		if got := answer(x.nr, x.args...); got != x.want {
			t.Errorf("%s: %v, want %v", x.what, got, x.want)
		}
	}
}
