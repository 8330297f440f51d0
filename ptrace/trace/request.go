package trace

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// Requests that x/sys does not name (include/uapi/linux/ptrace.h).
const (
	reqPeekSiginfo  = 0x4209
	reqGetFilter    = 0x420c
	reqGetRseq      = 0x420f
	reqSetDispatch  = 0x4210
	reqGetDispatch  = 0x4211
	reqSetCallInfo  = 0x4212
	traceOptionMask = 0xff | unix.PTRACE_O_EXITKILL | unix.PTRACE_O_SUSPEND_SECCOMP
	maxSignal       = 64
	sizeofSiginfo   = 128
)

// trace is a guest's ptrace(2); the handler has looked at who it is about.
func (e *Engine) trace(t *task, c *ptrace.Call) {
	pc := *c
	switch c.Int(0) {
	case unix.PTRACE_TRACEME:
		e.traceMe(t)
		return
	case unix.PTRACE_ATTACH, unix.PTRACE_SEIZE:
		e.attach(t, &pc)
		return
	}
	x, stopped := e.pool.Inner.By(t.tid, c.Int(1))
	switch {
	case x == nil:
		e.restart(t, 0) // no guest's: the kernel knows
		return
	case !stopped && c.Int(0) != unix.PTRACE_KILL && c.Int(0) != unix.PTRACE_INTERRUPT:
		e.answer(t, -int64(unix.ESRCH))
		return
	}
	e.elsewhere(t, x.TID, func(o *Engine, y *task) int64 {
		if y.in == nil || y.in.Tracee != x {
			return -int64(unix.ESRCH)
		}
		return o.command(y, t.tid, &pc)
	})
}

// elsewhere answers a guest's call by what f does to another task, on the thread
// that commands that one. ESRCH if there is no such task.
func (e *Engine) elsewhere(t *task, tid int, f func(*Engine, *task) int64) {
	if x := e.tasks[tid]; x != nil && x.born {
		v := f(e, x)
		e.answer(t, v)
		return
	}
	e.begin(t, func() ptrace.Verdict {
		for _, o := range e.pool.engines {
			if o == e || o.load.Load() == 0 {
				continue
			}
			if v, ok := o.ask(tid, f); ok {
				return ptrace.Return(v)
			}
		}
		return ptrace.Fail(unix.ESRCH)
	})
}

// ask has f done on another engine's thread, if it has the task.
func (e *Engine) ask(tid int, f func(*Engine, *task) int64) (v int64, ok bool) {
	done := make(chan struct{})
	e.run(func() {
		defer close(done)
		if x := e.tasks[tid]; x != nil && x.born {
			v, ok = f(e, x), true
		}
	})
	select {
	case <-done:
	case <-e.pool.over:
	}
	return v, ok
}

// run has f done by the engine's thread.
func (e *Engine) run(f func()) { e.send(transfer{do: f}) }

// command carries out a request of a tracer, whose memory its pointers are for.
// Errors are those of ptrace(2).
func (e *Engine) command(t *task, tracer int, c *ptrace.Call) int64 {
	req, data := c.Int(0), c.Args[3]
	switch req {
	case unix.PTRACE_CONT, unix.PTRACE_SYSCALL, unix.PTRACE_SINGLESTEP, arch.PtraceSysemu, arch.PtraceSysemuStep, arch.PtraceBlockStep:
		if data > maxSignal || t.in.at == atListening {
			return -int64(map[bool]unix.Errno{true: unix.EIO, false: unix.ESRCH}[data > maxSignal])
		}
		e.resumed(t, req, unix.Signal(data))
		return 0
	case unix.PTRACE_KILL:
		unix.Tgkill(t.in.TGID, t.tid, unix.SIGKILL)
		return 0
	case unix.PTRACE_INTERRUPT:
		return e.interrupt(t)
	}
	if t.in.at == atListening {
		return -int64(unix.ESRCH)
	}
	switch req {
	case unix.PTRACE_DETACH:
		if data > maxSignal {
			return -int64(unix.EIO)
		}
		e.detach(t, unix.Signal(data))
		return 0
	case unix.PTRACE_LISTEN:
		return e.listens(t)
	case unix.PTRACE_SETOPTIONS, arch.PtraceOldSetOptions:
		if data&^traceOptionMask != 0 {
			return -int64(unix.EINVAL)
		}
		if data&unix.PTRACE_O_SUSPEND_SECCOMP != 0 {
			return -int64(unix.EPERM)
		}
		e.pool.Inner.SetOptions(t.in.Tracee, uint32(data))
		return 0
	case reqGetFilter:
		return -int64(unix.EACCES)
	}
	return e.transfer(t, ptrace.MemoryOf(tracer), req, c.Args[2], data)
}

// interrupt is PTRACE_INTERRUPT.
func (e *Engine) interrupt(t *task) int64 {
	if !t.in.Seized {
		return -int64(unix.EIO)
	}
	t.in.interrupted = true
	if t.in.at == atListening {
		e.pool.Inner.Resumed(t.in.Tracee)
		t.in.at = running
	}
	return -int64(request(unix.PTRACE_INTERRUPT, t.tid, 0, 0))
}

// listens is PTRACE_LISTEN: it stays in its group-stop until that ends.
func (e *Engine) listens(t *task) int64 {
	if !t.in.Seized || t.in.at != atGroup && t.in.at != atTrap && t.in.at != atBirth {
		return -int64(unix.EIO)
	}
	if errno := listen(t.tid); errno != 0 {
		return -int64(errno)
	}
	t.in.at, t.listening = atListening, true
	return 0
}

// transfer carries out what moves data between tracer and tracee, or fails.
func (e *Engine) transfer(t *task, mem ptrace.Memory, req int, addr, data uint64) int64 {
	switch req {
	case unix.PTRACE_PEEKTEXT, unix.PTRACE_PEEKDATA, unix.PTRACE_PEEKUSR:
		return e.takes(t, mem, req, addr, data, 8)
	case unix.PTRACE_POKETEXT, unix.PTRACE_POKEDATA, unix.PTRACE_POKEUSR:
		return -int64(request(req, t.tid, uintptr(addr), uintptr(data)))
	case unix.PTRACE_GETEVENTMSG:
		if t.in.at == atSeccomp || t.in.at == atExec {
			var b [8]byte
			binary.NativeEndian.PutUint64(b[:], t.in.message())
			if mem.Write(data, b[:]) != nil {
				return -int64(unix.EFAULT)
			}
			return 0
		}
		return e.takes(t, mem, req, addr, data, 8)
	case unix.PTRACE_GETSIGINFO:
		return e.siginfo(t, mem, data)
	case unix.PTRACE_SETSIGINFO:
		return e.gives(t, mem, req, addr, data, sizeofSiginfo)
	case unix.PTRACE_GETSIGMASK, unix.PTRACE_SETSIGMASK:
		if addr != 8 {
			return -int64(unix.EINVAL)
		}
		if req == unix.PTRACE_SETSIGMASK {
			return e.gives(t, mem, req, addr, data, 8)
		}
		return e.takes(t, mem, req, addr, data, 8)
	case unix.PTRACE_GETREGSET, unix.PTRACE_SETREGSET:
		return e.regset(t, mem, req, addr, data)
	case unix.PTRACE_GET_SYSCALL_INFO, reqGetRseq, reqGetDispatch:
		return e.measured(t, mem, req, addr, data)
	case reqSetCallInfo:
		return e.setCallInfo(t, mem, addr, data)
	case reqSetDispatch:
		if addr > 4096 {
			return -int64(unix.EINVAL)
		}
		return e.gives(t, mem, req, addr, data, int(addr))
	case reqPeekSiginfo:
		return e.peekSiginfo(t, mem, addr, data)
	}
	if n, ok := arch.PtraceReads[req]; ok {
		return e.takes(t, mem, req, addr, data, n)
	}
	if n, ok := arch.PtraceWrites[req]; ok {
		return e.gives(t, mem, req, addr, data, n)
	}
	if req == arch.PtraceArchPrctl {
		return e.archPrctl(t, mem, addr, data)
	}
	return -int64(unix.EIO)
}

// takes is a request that fills n bytes at the tracer's data.
func (e *Engine) takes(t *task, mem ptrace.Memory, req int, addr, data uint64, n int) int64 {
	b := make([]byte, n)
	ret, errno := requestBytes(req, t.tid, uintptr(addr), b)
	if errno != 0 {
		return -int64(errno)
	}
	if mem.Write(data, b) != nil {
		return -int64(unix.EFAULT)
	}
	return int64(ret)
}

// gives is one that reads them.
func (e *Engine) gives(t *task, mem ptrace.Memory, req int, addr, data uint64, n int) int64 {
	b := make([]byte, n)
	if mem.Read(data, b) != nil {
		return -int64(unix.EFAULT)
	}
	_, errno := requestBytes(req, t.tid, uintptr(addr), b)
	return -int64(errno)
}

// siginfo is PTRACE_GETSIGINFO; of a group-stop there is none.
func (e *Engine) siginfo(t *task, mem ptrace.Memory, data uint64) int64 {
	var b [sizeofSiginfo]byte
	if t.in.at == atGroup && !t.in.Seized {
		return -int64(unix.EINVAL)
	}
	if _, errno := requestBytes(unix.PTRACE_GETSIGINFO, t.tid, 0, b[:]); errno != 0 {
		return -int64(errno)
	}
	code := func(v int) { binary.NativeEndian.PutUint32(b[8:], uint32(v)) }
	switch t.in.at {
	case atSeccomp:
		code(stoppedCode(unix.SIGTRAP, unix.PTRACE_EVENT_SECCOMP))
	case atExec:
		code(stoppedCode(unix.SIGTRAP, unix.PTRACE_EVENT_EXEC))
	case atEntry, atExit:
		code(e.trapCode(t))
	case atStep: // force_sig_fault of user_single_step_report
		code(trapBrkpt)
		var r arch.Regs
		if getRegs(t, &r) == 0 {
			binary.NativeEndian.PutUint64(b[16:], r.IP())
		}
	}
	if mem.Write(data, b[:]) != nil {
		return -int64(unix.EFAULT)
	}
	return 0
}

// measured is a request that fills as many bytes as addr says and tells how many
// there were.
func (e *Engine) measured(t *task, mem ptrace.Memory, req int, addr, data uint64) int64 {
	b := make([]byte, min(addr, 4096))
	ret, errno := requestBytes(req, t.tid, uintptr(len(b)), b)
	if errno != 0 {
		return -int64(errno)
	}
	if req == unix.PTRACE_GET_SYSCALL_INFO {
		switch {
		case t.in.at == atSeccomp:
			b, ret = t.in.ofSeccomp(b, int(addr))
		case !e.tellsCalls(t) && len(b) > 0:
			b[0], ret = infoNone, callInfoHead
		}
	}
	if mem.Write(data, b[:min(len(b), int(max(ret, 0)))]) != nil {
		return -int64(unix.EFAULT)
	}
	return int64(ret)
}

// tellsCalls tells whether a stop says by itself that it is one of a call
// (ptrace_get_syscall_info_op in kernel/ptrace.c).
func (e *Engine) tellsCalls(t *task) bool {
	return (t.in.at == atEntry || t.in.at == atExit) && e.has(t, unix.PTRACE_O_TRACESYSGOOD)
}

// setCallInfo is PTRACE_SET_SYSCALL_INFO. What its tracer sees as the stop of a
// filter is the entry of a call.
func (e *Engine) setCallInfo(t *task, mem ptrace.Memory, size, data uint64) int64 {
	b := make([]byte, min(size, 4096))
	if len(b) == 0 {
		return -int64(unix.EINVAL)
	}
	if mem.Read(data, b) != nil {
		return -int64(unix.EFAULT)
	}
	switch {
	case t.in.at == atSeccomp && b[0] == infoSeccomp:
		b[0] = infoEntry
	case t.in.at == atSeccomp || !e.tellsCalls(t):
		return -int64(unix.EINVAL)
	}
	_, errno := requestBytes(reqSetCallInfo, t.tid, uintptr(len(b)), b)
	return -int64(errno)
}

// trapBrkpt is TRAP_BRKPT.
const trapBrkpt = 1

// longestRegset bounds a set of registers, in bytes: AMX has 8 KiB of tiles.
const longestRegset = 64 << 10

// regset is PTRACE_GETREGSET or PTRACE_SETREGSET; data is a struct iovec.
func (e *Engine) regset(t *task, mem ptrace.Memory, req int, kind, data uint64) int64 {
	var iov [16]byte
	if mem.Read(data, iov[:]) != nil {
		return -int64(unix.EFAULT)
	}
	at, size := binary.NativeEndian.Uint64(iov[:]), binary.NativeEndian.Uint64(iov[8:])
	b := make([]byte, min(size, longestRegset))
	if req == unix.PTRACE_SETREGSET && mem.Read(at, b) != nil {
		return -int64(unix.EFAULT)
	}
	n, errno := requestVector(req, t.tid, uintptr(kind), b)
	if errno != 0 {
		return -int64(errno)
	}
	if req == unix.PTRACE_GETREGSET && mem.Write(at, b[:n]) != nil {
		return -int64(unix.EFAULT)
	}
	binary.NativeEndian.PutUint64(iov[8:], uint64(n))
	if mem.Write(data, iov[:]) != nil {
		return -int64(unix.EFAULT)
	}
	return 0
}

// peekSiginfo is PTRACE_PEEKSIGINFO; addr points to struct
// ptrace_peeksiginfo_args {off, flags, nr}.
func (e *Engine) peekSiginfo(t *task, mem ptrace.Memory, addr, data uint64) int64 {
	var args [16]byte
	if mem.Read(addr, args[:]) != nil {
		return -int64(unix.EFAULT)
	}
	n := int32(binary.NativeEndian.Uint32(args[12:]))
	if n < 0 {
		return -int64(unix.EINVAL)
	}
	n = min(n, 64)
	binary.NativeEndian.PutUint32(args[12:], uint32(n))
	b := make([]byte, int(n)*sizeofSiginfo+1)
	got, errno := requestTwo(reqPeekSiginfo, t.tid, args[:], b)
	if errno != 0 {
		return -int64(errno)
	}
	if mem.Write(data, b[:got*sizeofSiginfo]) != nil {
		return -int64(unix.EFAULT)
	}
	return int64(got)
}

// archPrctl is PTRACE_ARCH_PRCTL: data says what, addr is the value or where it
// goes.
func (e *Engine) archPrctl(t *task, mem ptrace.Memory, addr, data uint64) int64 {
	switch data {
	case archGetFS, archGetGS:
		var b [8]byte
		if errno := requestInto(arch.PtraceArchPrctl, t.tid, b[:], uintptr(data)); errno != 0 {
			return -int64(errno)
		}
		if mem.Write(addr, b[:]) != nil {
			return -int64(unix.EFAULT)
		}
		return 0
	}
	return -int64(request(arch.PtraceArchPrctl, t.tid, uintptr(addr), uintptr(data)))
}

// Codes of arch_prctl(2).
const (
	archGetFS = 0x1003
	archGetGS = 0x1004
)
