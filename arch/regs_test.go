package arch

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

const tracedEnv = "ARCH_TEST_TRACED"

// TestMain makes calls whose registers are known to the tracing parent.
func TestMain(m *testing.M) {
	if os.Getenv(tracedEnv) != "" {
		runtime.LockOSThread()
		unix.RawSyscall6(unix.SYS_GETPGID, markArgs[0], markArgs[1], markArgs[2], markArgs[3], markArgs[4], markArgs[5])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// markArgs are arguments of a getpgid that no library makes.
var markArgs = [6]uintptr{0x7ead0001, 0x102, 0x203, 0x304, 0x405, 0x506}

// TestRegsOfALiveCall stops a child at a call with known arguments and reads
// and changes it by the names that Regs gives the registers.
func TestRegsOfALiveCall(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid := startTraced(t)
	for {
		r := nextStop(t, pid)
		if r.Nr() != unix.SYS_GETPGID || r.Arg(0) != uint64(markArgs[0]) {
			continue
		}
		for i, want := range markArgs {
			if got := r.Arg(i); got != uint64(want) {
				t.Errorf("Arg(%d) = %#x, want %#x", i, got, want)
			}
		}
		checkInsn(t, pid, &r)
		r.SetArg(0, uint64(pid))
		setRegs(t, pid, &r)
		break
	}
	r := nextStop(t, pid) // the exit of the same call
	pgid, err := unix.Getpgid(pid)
	if err != nil || r.Ret() != uint64(pgid) {
		t.Errorf("Ret() = %#x, want the child's process group %#x (%v)", r.Ret(), pgid, err)
	}
	if r.SP() == 0 {
		t.Error("SP() = 0")
	}
}

func startTraced(t *testing.T) int {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), tracedEnv+"=1", "GOMAXPROCS=1")
	cmd.SysProcAttr = &unix.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); errors.Is(err, unix.EPERM) {
		t.Skipf("the kernel lets no child be traced here: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	t.Cleanup(func() { _ = cmd.Process.Kill(); _, _ = cmd.Process.Wait() })
	var ws unix.WaitStatus
	if _, err := unix.Wait4(pid, &ws, 0, nil); err != nil {
		t.Fatal(err)
	}
	if err := unix.PtraceSetOptions(pid, unix.PTRACE_O_TRACESYSGOOD|unix.PTRACE_O_EXITKILL); err != nil {
		t.Fatal(err)
	}
	return pid
}

// nextStop runs the child to its next entry into or exit from a call.
func nextStop(t *testing.T, pid int) (r Regs) {
	t.Helper()
	for sig := 0; ; {
		if err := unix.PtraceSyscall(pid, sig); err != nil {
			t.Fatal(err)
		}
		var ws unix.WaitStatus
		if _, err := unix.Wait4(pid, &ws, 0, nil); err != nil || !ws.Stopped() {
			t.Fatalf("no stop: %v, %#x", err, ws)
		}
		if ws.StopSignal() == unix.SIGTRAP|0x80 {
			break
		}
		sig = int(ws.StopSignal())
	}
	if n := regset(t, pid, unix.PTRACE_GETREGSET, &r); n != RegsSize {
		t.Fatalf("the kernel's registers have %d bytes, ours %d", n, RegsSize)
	}
	return r
}

func setRegs(t *testing.T, pid int, r *Regs) { regset(t, pid, unix.PTRACE_SETREGSET, r) }

func regset(t *testing.T, pid, request int, r *Regs) int {
	t.Helper()
	var room [1024]byte // more than Regs, so that a larger set would show
	copy(room[:], r.Bytes())
	iov := unix.Iovec{Base: &room[0], Len: uint64(len(room))}
	if request == unix.PTRACE_SETREGSET {
		iov.Len = uint64(RegsSize)
	}
	const prStatus = 1 // NT_PRSTATUS
	_, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), prStatus, uintptr(unsafe.Pointer(&iov)), 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	copy(r.Bytes(), room[:])
	return int(iov.Len)
}

func checkInsn(t *testing.T, pid int, r *Regs) {
	t.Helper()
	insn := make([]byte, SyscallInsnLen)
	if _, err := unix.PtracePeekText(pid, uintptr(r.IP())-uintptr(SyscallInsnLen), insn); err != nil {
		t.Fatal(err)
	}
	if string(insn) != string(SyscallInsn) {
		t.Errorf("before IP stands % x, want % x", insn, SyscallInsn)
	}
}

func TestSetters(t *testing.T) {
	var r Regs
	r.SetNr(-1)
	if r.Nr() != -1 {
		t.Errorf("Nr() = %d after SetNr(-1)", r.Nr())
	}
	r.SetRet(^uint64(unix.ENOENT) + 1)
	r.SetIP(1)
	r.SetSP(2)
	if int64(r.Ret()) != -int64(unix.ENOENT) || r.IP() != 1 || r.SP() != 2 {
		t.Errorf("%+v", r)
	}
}

// TestStatBytes fills the bytes by a raw call and reads the fields.
func TestStatBytes(t *testing.T) {
	var raw, want unix.Stat_t
	if err := unix.Stat("/", &want); err != nil {
		t.Fatal(err)
	}
	fstatat, ok := Number("newfstatat")
	if !ok {
		t.Fatal("no newfstatat")
	}
	path := []byte("/\x00")
	at := unix.AT_FDCWD
	_, _, errno := unix.Syscall6(uintptr(fstatat), uintptr(at), uintptr(unsafe.Pointer(&path[0])),
		uintptr(unsafe.Pointer(&StatBytes(&raw)[0])), 0, 0, 0)
	if errno != 0 {
		t.Fatal(errno)
	}
	if raw.Ino != want.Ino || raw.Mode != want.Mode || raw.Dev != want.Dev {
		t.Errorf("got %+v, want %+v", raw, want)
	}
}
