package trace

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// options are those that every guest is seized with. EXITKILL: should the
// monitor die, no guest goes on unvirtualized.
const options = unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESYSGOOD |
	unix.PTRACE_O_TRACEFORK | unix.PTRACE_O_TRACEVFORK | unix.PTRACE_O_TRACECLONE |
	unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_TRACESECCOMP

const ntPRStatus = 1 // NT_PRSTATUS, include/uapi/linux/elf.h

func request(req int, tid int, addr, data uintptr) unix.Errno {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), addr, data, 0, 0)
	return e
}

func seize(tid int, options uintptr) unix.Errno {
	return request(unix.PTRACE_SEIZE, tid, 0, options)
}

func cont(tid int, sig unix.Signal) unix.Errno {
	return request(unix.PTRACE_CONT, tid, 0, uintptr(sig))
}

// toExit lets the call run and stops again at its exit.
func toExit(tid int) unix.Errno { return request(unix.PTRACE_SYSCALL, tid, 0, 0) }

func listen(tid int) unix.Errno { return request(unix.PTRACE_LISTEN, tid, 0, 0) }

func eventMessage(tid int) (uint64, unix.Errno) {
	var msg uint64
	e := request(unix.PTRACE_GETEVENTMSG, tid, 0, uintptr(unsafe.Pointer(&msg)))
	return msg, e
}

func getRegs(t *task, r *arch.Regs) unix.Errno {
	b := r.Bytes()
	if arch.GetRegs >= 0 {
		errno := request(arch.GetRegs, t.tid, 0, uintptr(unsafe.Pointer(&b[0])))
		r.Compat = t.compat || r.In32()
		return errno
	}
	iov := unix.Iovec{Base: &b[0], Len: uint64(len(b))}
	return request(unix.PTRACE_GETREGSET, t.tid, ntPRStatus, uintptr(unsafe.Pointer(&iov)))
}

func setRegs(tid int, r *arch.Regs) unix.Errno {
	b := r.Bytes()
	if arch.SetRegs >= 0 {
		return request(arch.SetRegs, tid, 0, uintptr(unsafe.Pointer(&b[0])))
	}
	iov := unix.Iovec{Base: &b[0], Len: uint64(len(b))}
	return request(unix.PTRACE_SETREGSET, tid, ntPRStatus, uintptr(unsafe.Pointer(&iov)))
}

func pokeUser(tid int, off uintptr, v uint64) unix.Errno {
	return request(unix.PTRACE_POKEUSR, tid, off, uintptr(v))
}

// syscallInfo is struct ptrace_syscall_info (include/uapi/linux/ptrace.h).
type syscallInfo struct {
	op   uint8
	_    [3]uint8
	arch uint32
	ip   uint64
	sp   uint64
	nr   uint64
	args [6]uint64
	ret  uint32
	_    uint32
}

// Values of syscallInfo.op.
const (
	infoNone    = 0
	infoEntry   = 1
	infoExit    = 2
	infoSeccomp = 3
)

// requestBytes is a request whose data is a buffer.
func requestBytes(req, tid int, addr uintptr, data []byte) (int, unix.Errno) {
	var p unsafe.Pointer
	if len(data) > 0 {
		p = unsafe.Pointer(&data[0])
	}
	n, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), addr, uintptr(p), 0, 0)
	return int(n), e
}

// requestVector is one whose data is a struct iovec; it tells how much of the
// buffer was used.
func requestVector(req, tid int, addr uintptr, b []byte) (int, unix.Errno) {
	var none byte
	iov := unix.Iovec{Base: &none, Len: uint64(len(b))}
	if len(b) > 0 {
		iov.Base = &b[0]
	}
	e := request(req, tid, addr, uintptr(unsafe.Pointer(&iov)))
	return int(iov.Len), e
}

// requestTwo is one whose addr and data are buffers.
func requestTwo(req, tid int, addr, data []byte) (int, unix.Errno) {
	n, _, e := unix.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), uintptr(unsafe.Pointer(&addr[0])),
		uintptr(unsafe.Pointer(&data[0])), 0, 0)
	return int(n), e
}

// requestInto is one whose addr is a buffer, and data a value.
func requestInto(req, tid int, addr []byte, data uintptr) unix.Errno {
	return request(req, tid, uintptr(unsafe.Pointer(&addr[0])), data)
}

// queueSignal is rt_sigqueueinfo(2).
func queueSignal(pid int, s *ptrace.Siginfo) unix.Errno {
	_, _, e := unix.RawSyscall(unix.SYS_RT_SIGQUEUEINFO, uintptr(pid), uintptr(s.Signo), uintptr(unsafe.Pointer(s)))
	return e
}

func getSyscallInfo(tid int, si *syscallInfo) unix.Errno {
	return request(unix.PTRACE_GET_SYSCALL_INFO, tid, unsafe.Sizeof(*si), uintptr(unsafe.Pointer(si)))
}

func getSigmask(tid int) (uint64, unix.Errno) {
	var m uint64
	e := request(unix.PTRACE_GETSIGMASK, tid, 8, uintptr(unsafe.Pointer(&m)))
	return m, e
}

func setSigmask(tid int, m uint64) unix.Errno {
	return request(unix.PTRACE_SETSIGMASK, tid, 8, uintptr(unsafe.Pointer(&m)))
}

func getSiginfo(tid int, si *ptrace.Siginfo) unix.Errno {
	return request(unix.PTRACE_GETSIGINFO, tid, 0, uintptr(unsafe.Pointer(si)))
}

func setSiginfo(tid int, si *ptrace.Siginfo) unix.Errno {
	return request(unix.PTRACE_SETSIGINFO, tid, 0, uintptr(unsafe.Pointer(si)))
}

// wait blocks for any guest of this OS thread. Not a RawSyscall: a thread that
// sleeps without telling the Go scheduler would hold up the garbage collector.
func wait(status *unix.WaitStatus) (int, unix.Errno) {
	tid, _, e := unix.Syscall6(unix.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(status)),
		unix.WALL|unix.WNOTHREAD, 0, 0, 0)
	return int(tid), e
}

// waitNow is wait without waiting: 0 if there is nobody, negative on errors.
func waitNow(status *unix.WaitStatus) int {
	tid, _, e := unix.RawSyscall6(unix.SYS_WAIT4, ^uintptr(0), uintptr(unsafe.Pointer(status)),
		unix.WALL|unix.WNOTHREAD|unix.WNOHANG, 0, 0, 0)
	if e != 0 {
		return -int(e)
	}
	return int(tid)
}

// kernelSigaction is the kernel's struct sigaction on amd64 and arm64.
type kernelSigaction struct {
	handler  uintptr
	flags    uint64
	restorer uintptr
	mask     uint64
}

// changeSigaction changes only the flags of an action, leaving Go's handler.
func changeSigaction(sig unix.Signal, set, clear uint64) unix.Errno {
	var sa kernelSigaction
	if e := sigaction(sig, nil, &sa); e != 0 {
		return e
	}
	sa.flags = sa.flags&^clear | set
	return sigaction(sig, &sa, nil)
}

// NoteSenders has arch.LastSender tell who sent a signal that os/signal has been
// told to watch.
func NoteSenders(sig unix.Signal) {
	var sa kernelSigaction
	if sigaction(sig, nil, &sa) != 0 || sa.handler <= 1 { // SIG_DFL, SIG_IGN
		return
	}
	sa.handler = arch.NoteSenders(sa.handler)
	sigaction(sig, &sa, nil)
}

// StopSelf stops this process by a signal whose default action is that, whatever
// handler it has, and returns when it goes on. The calling goroutine must be
// locked to its thread.
//
// The signal is pending, blocked, before its action is the default one: should
// another one stop the process first, the SIGCONT that ends that takes this one
// away, and it does not stop a second time.
func StopSelf(sig unix.Signal) {
	var mask, before unix.Sigset_t
	mask.Val[(sig-1)/64] = 1 << ((sig - 1) % 64)
	unix.PthreadSigmask(unix.SIG_BLOCK, &mask, &before)
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	unix.Tgkill(self, unix.Gettid(), sig) // SIGSTOP cannot be blocked
	var was, def kernelSigaction
	if sig == unix.SIGSTOP || sigaction(sig, nil, &was) != 0 || sigaction(sig, &def, nil) != 0 {
		return
	}
	unix.PthreadSigmask(unix.SIG_UNBLOCK, &mask, nil)
	sigaction(sig, &was, nil)
}

func sigaction(sig unix.Signal, set, was *kernelSigaction) unix.Errno {
	_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(set)),
		uintptr(unsafe.Pointer(was)), 8, 0, 0)
	return e
}

// Flags of struct sigaction (include/uapi/asm-generic/signal-defs.h).
const (
	saNoCldStop = 1
	saRestart   = 0x10000000
)
