package trace

import (
	"encoding/binary"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace/seccomp"
)

// A guest's own filter may answer SECCOMP_RET_TRACE, for a tracer among the
// guests. To the kernel the tracer is the monitor, whose filter's answers would
// hide it; so the installed filter allows the call, the engine stops the guest
// at every call and runs the filter itself.

// filter is one as the guest wrote it.
type filter []bpf.Instruction

// asking notes a filter that has been installed.
func (e *Engine) asking(t *task, ret int64) {
	w := t.asking
	t.asking = nil
	if w == nil || ret != 0 {
		return
	}
	raw := make([]bpf.RawInstruction, len(w.Asks))
	for i, ins := range w.Asks {
		raw[i] = bpf.RawInstruction{Op: ins.Code, Jt: ins.Jt, Jf: ins.Jf, K: ins.K}
	}
	prog, _ := bpf.Disassemble(raw)
	add := func(x *task) { x.asks = append(x.asks[:len(x.asks):len(x.asks)], prog) }
	if w.Args[1].Value&unix.SECCOMP_FILTER_FLAG_TSYNC == 0 {
		add(t)
		return
	}
	for _, x := range e.tasks {
		if x.mm == t.mm {
			add(x)
		}
	}
}

// asks tells whether a filter leaves the call of e.info to the tracer; the task
// is then taken care of. The newest filter's answer counts (seccomp(2)).
func (e *Engine) asks(t *task) bool {
	if getSyscallInfo(t.tid, &e.info) != 0 {
		return true
	}
	d := seccomp.Data{Nr: int32(e.info.nr), Arch: e.info.arch, IP: e.info.ip, Args: e.info.args}
	for i := len(t.asks) - 1; i >= 0; i-- {
		a, err := seccomp.Simulate(t.asks[i], d)
		if err != nil || a.Base() != seccomp.Trace {
			continue
		}
		if !e.has(t, unix.PTRACE_O_TRACESECCOMP) {
			e.unasked(t)
			return true
		}
		t.in.data = a.Data()
		e.report(t, atSeccomp, stoppedCode(unix.SIGTRAP, unix.PTRACE_EVENT_SECCOMP))
		return true
	}
	return false
}

// unasked fails a call about which nobody decides.
func (e *Engine) unasked(t *task) {
	if getRegs(t, &t.regs) != 0 {
		return
	}
	now := t.regs
	now.SetNr(-1)
	fail(&now, unix.ENOSYS)
	t.exempt(&now)
	setRegs(t.tid, &now)
	t.exit = exitRestore
	e.toExit(t)
}

// Of struct ptrace_syscall_info, in bytes (include/uapi/linux/ptrace.h).
const (
	callInfoHead = 24 // what there is at every stop
	callInfoData = 80 // seccomp.ret_data
	callInfoEnd  = callInfoData + 4
)

// ofSeccomp makes of an entry's struct ptrace_syscall_info that of a stop for a
// filter.
func (in *traced) ofSeccomp(b []byte, size int) ([]byte, int) {
	full := make([]byte, callInfoEnd)
	copy(full, b)
	full[0] = infoSeccomp
	binary.NativeEndian.PutUint32(full[callInfoData:], uint32(in.data))
	return full[:min(size, callInfoEnd)], callInfoEnd
}

// message is PTRACE_GETEVENTMSG where the kernel's is another stop's.
func (in *traced) message() uint64 {
	if in.at == atExec {
		return uint64(in.former)
	}
	return uint64(in.data)
}
