package seccomp

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

const childEnv = "SECCOMP_TEST_CHILD"

// inChild runs the calling test once more in a process of its own, and tells
// whether it is that one.
func inChild(t *testing.T) bool {
	t.Helper()
	if os.Getenv(childEnv) != "" {
		return true
	}
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), childEnv+"=1")
	out, err := cmd.CombinedOutput()
	switch {
	case err != nil:
		t.Errorf("%v\n%s", err, out)
	case strings.Contains(string(out), "--- SKIP"):
		t.Skipf("%s", out)
	case !strings.Contains(string(out), "--- PASS: "+t.Name()):
		t.Errorf("the child ran no test\n%s", out)
	}
	return false
}

// install makes the calling thread one that the policy governs; the thread
// ends with the test.
func install(t *testing.T, p *Policy, flags uint) int {
	t.Helper()
	runtime.LockOSThread()
	prog, err := p.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if err := NoNewPrivs(); err != nil {
		t.Fatal(err)
	}
	fd, err := Install(prog, flags)
	if err != nil {
		t.Fatal(err)
	}
	return fd
}

func native(rules ...Rule) *Policy {
	p := &Policy{
		AuditArch: arch.AuditArch, X32Bit: arch.X32Bit,
		Default: Allow, Unknown: Errno(unix.EUSERS), Foreign: Errno(unix.EXFULL), Rules: rules,
	}
	for nr := range arch.MaxNumber + 1 {
		if arch.Name(nr) != "" {
			p.Known = append(p.Known, nr)
		}
	}
	return p
}

func TestInstalledFilterAnswers(t *testing.T) {
	if !inChild(t) {
		return
	}
	const low32 = 0xffffffff
	fd := install(t, native(
		Rule{Nr: unix.SYS_GETPPID, Action: Errno(unix.EXDEV)},
		Rule{Nr: unix.SYS_GETSID, Action: Errno(0)},
		Rule{Nr: unix.SYS_GETPGID, Action: Errno(unix.ELOOP), If: []Cond{{Arg: 0, Op: MaskedEqual, Mask: low32, Value: 77}}},
		Rule{Nr: unix.SYS_SETNS, Action: Errno(unix.ELOOP), If: []Cond{{Arg: 0, Op: Equal, Value: 1<<32 | 7}}},
		Rule{Nr: unix.SYS_SETNS, Action: Errno(unix.EXDEV), If: []Cond{{Arg: 1, Op: AnyBit, Mask: 1 << 40}}},
	), 0)
	if fd != -1 {
		t.Errorf("a descriptor %d without a listener", fd)
	}
	// A variable: the constant is too large for an int argument.
	minus1 := -1
	for _, c := range []struct {
		what string
		nr   uintptr
		args [2]uintptr
		want unix.Errno
	}{
		{"an allowed call", unix.SYS_GETPID, [2]uintptr{}, 0},
		{"an answered call", unix.SYS_GETPPID, [2]uintptr{}, unix.EXDEV},
		{"no error", unix.SYS_GETSID, [2]uintptr{1 << 30}, 0},
		{"a condition that holds", unix.SYS_GETPGID, [2]uintptr{77}, unix.ELOOP},
		{"the kernel ignores the upper half", unix.SYS_GETPGID, [2]uintptr{1<<63 | 77}, unix.ELOOP},
		{"a condition that does not hold", unix.SYS_GETPGID, [2]uintptr{0}, 0},
		{"all 64 bits", unix.SYS_SETNS, [2]uintptr{1<<32 | 7}, unix.ELOOP},
		{"the second rule", unix.SYS_SETNS, [2]uintptr{7, 1 << 40}, unix.EXDEV},
		{"no rule", unix.SYS_SETNS, [2]uintptr{1 << 30, 0}, unix.EBADF},
		{"a hole in the table", 400, [2]uintptr{}, unix.EUSERS},
		{"a number above it", arch.MaxNumber + 1, [2]uintptr{}, unix.EUSERS},
		{"a negative number", uintptr(minus1) - 1, [2]uintptr{}, unix.EUSERS},
		{"the number of no call", uintptr(minus1), [2]uintptr{}, unix.ENOSYS},
	} {
		if _, _, errno := unix.RawSyscall(c.nr, c.args[0], c.args[1], 0); errno != c.want {
			t.Errorf("%s: %v, want %v", c.what, errno, c.want)
		}
	}
	if arch.X32Bit != 0 {
		if _, _, errno := unix.RawSyscall(unix.SYS_GETPID|arch.X32Bit, 0, 0, 0); errno != unix.EXFULL {
			t.Errorf("x32: %v", errno)
		}
	}
}

func TestInstallRefuses(t *testing.T) {
	if _, err := Install(nil, 0); !errors.Is(err, unix.EINVAL) {
		t.Errorf("no program: %v", err)
	}
	if _, err := Install(allowAll, 1<<31); !errors.Is(err, unix.EINVAL) {
		t.Errorf("unknown flag: %v", err)
	}
}

func TestListenerIsADescriptor(t *testing.T) {
	if !inChild(t) {
		return
	}
	if f := Probe(); !f.Notify.OK {
		t.Skip(f.Notify.Why)
	}
	fd := install(t, native(), unix.SECCOMP_FILTER_FLAG_NEW_LISTENER)
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	if err != nil || flags&unix.FD_CLOEXEC == 0 {
		t.Errorf("listener %d: flags %#x, %v", fd, flags, err)
	}
	if _, err := Install(allowAll, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER); !errors.Is(err, unix.EBUSY) {
		t.Errorf("a second listener: %v", err)
	}
	if f := Probe(); !f.Notify.OK {
		t.Errorf("the listener of one thread is in the way of another's: %v", f.Notify.Why)
	}
}
