package trace

import (
	"encoding/binary"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// leastArea is the size of scratch memory in bytes: a path and more.
const leastArea = 8192

// atFDCWD is AT_FDCWD as a register holds it.
const atFDCWD = ^uint64(99) // -100

// opening is the rewritten form of an open. The kernel runs the filter again on
// what it becomes, so an openat2 stays one: another number might go to another
// transport (seccomp(2), SECCOMP_RET_TRACE).
func opening(nr int, host string, flags int, mode uint32) *ptrace.Rewrite {
	path := ptrace.Arg{Set: true, Bytes: append([]byte(host), 0)}
	cwd := ptrace.Arg{Set: true, Value: atFDCWD}
	if arch.Twin(nr) == unix.SYS_OPENAT2 {
		if flags&(unix.O_CREAT|unix.O_TMPFILE&^unix.O_DIRECTORY) == 0 {
			mode = 0 // else EINVAL
		}
		how := binary.NativeEndian.AppendUint64(nil, uint64(flags))
		how = binary.NativeEndian.AppendUint64(how, uint64(mode))
		how = binary.NativeEndian.AppendUint64(how, 0)
		return &ptrace.Rewrite{Nr: nr, Args: [6]ptrace.Arg{cwd, path, {Set: true, Bytes: how}, {Set: true, Value: uint64(len(how))}}}
	}
	return &ptrace.Rewrite{Nr: unix.SYS_OPENAT, Args: [6]ptrace.Arg{cwd, path,
		{Set: true, Value: uint64(flags)}, {Set: true, Value: uint64(mode)}}}
}

func procFD(fd int) string {
	return "/proc/" + strconv.Itoa(self) + "/fd/" + strconv.Itoa(fd)
}

// rewrite runs the call with other arguments and stops at its exit to put the
// guest's registers back.
func (e *Engine) rewrite(t *task, w *ptrace.Rewrite, v ptrace.Verdict) {
	if w.Filters {
		t.mm.filtered = true
	}
	if w.Asks != nil {
		t.asking = w
	}
	size := 0
	for i := range w.Args {
		size += (len(w.Args[i].Bytes) + 15) &^ 15
	}
	if size > 0 {
		if t.area = t.mm.take(size, t.compat); t.area == nil {
			t.held, t.heldSize = v, size
			e.mapArea(t)
			return
		}
	}
	if getRegs(t, &t.regs) != 0 {
		e.settle(t)
		return
	}
	now := t.regs
	if w.Nr >= 0 && w.Nr != now.Nr() {
		now.SetNr(w.Nr)
	}
	if !e.place(t, w, &now) {
		e.settle(t)
		e.answer(t, -int64(unix.EFAULT))
		return
	}
	t.exempt(&now)
	t.exit, t.after = exitRestore, v.After
	if w.First {
		if t.sigmask, _ = getSigmask(t.tid); setSigmask(t.tid, ^uint64(0)) != 0 {
			e.settle(t)
			return
		}
		t.exit, t.again = exitFirst, w.Again
	}
	setRegs(t.tid, &now)
	e.toExit(t)
}

// exempt marks a call that is not the guest's own: the kernel runs the filters
// on it again (seccomp(2), SECCOMP_RET_TRACE). The instruction pointer is put
// back at the call's exit; a task that a clone makes may have none, so that
// clone stays unmarked.
func (t *task) exempt(r *arch.Regs) {
	if nr := arch.Twin(r.Nr()); t.mm.filtered && nr != unix.SYS_CLONE && nr != unix.SYS_CLONE3 {
		r.SetIP(seccomp.ExemptIP)
	}
}

// place puts argument bytes into scratch memory and their addresses into the
// registers.
func (e *Engine) place(t *task, w *ptrace.Rewrite, r *arch.Regs) bool {
	var buf []byte
	var base uint64
	abi := arch.ABI(t.compat)
	if t.area != nil {
		base = t.area.addr
	}
	for i := range w.Args {
		a := &w.Args[i]
		if !a.Set {
			continue
		}
		if a.Bytes == nil {
			r.SetArg(i, a.Value)
			continue
		}
		at := base + uint64(len(buf))
		start := len(buf)
		buf = append(buf, a.Bytes...)
		for _, word := range a.Pointers {
			abi.Put(buf[start:], word, at+abi.At(buf[start:], word))
		}
		for len(buf)%16 != 0 {
			buf = append(buf, 0)
		}
		r.SetArg(i, at)
	}
	return e.threadOf(t).Mem.Write(base, buf) == nil
}

// mapArea turns the call into an mmap of scratch memory; when that has
// returned, the guest repeats its own call and the held verdict is carried
// out. Signals are blocked meanwhile, so that nothing comes in between.
func (e *Engine) mapArea(t *task) {
	var errno unix.Errno
	if t.sigmask, errno = getSigmask(t.tid); errno != 0 {
		return
	}
	if getRegs(t, &t.regs) != 0 {
		return
	}
	setSigmask(t.tid, ^uint64(0))
	size := (max(t.heldSize, leastArea) + 4095) &^ 4095
	t.heldSize = size
	now := t.regs
	now.SetNr(unix.SYS_MMAP)
	for i, v := range [6]uint64{0, uint64(size), unix.PROT_READ | unix.PROT_WRITE,
		unix.MAP_PRIVATE | unix.MAP_ANONYMOUS, ^uint64(0), 0} {
		now.SetArg(i, v)
	}
	t.exempt(&now)
	setRegs(t.tid, &now)
	t.exit = exitMapped
	e.toExit(t)
}

// mapped has the guest repeat its call once scratch memory is there.
func (e *Engine) mapped(t *task, addr int64) {
	now := t.regs
	if addr < 0 && addr > -4096 {
		setSigmask(t.tid, t.sigmask)
		fail(&now, unix.ENOMEM)
		if t.unseen {
			setRet(&now, t.interrupted)
		}
		setRegs(t.tid, &now)
		e.settle(t)
		e.left(t)
		return
	}
	t.mm.areas = append(t.mm.areas, &area{addr: uint64(addr), size: t.heldSize})
	if t.unseen {
		t.exit = exitAgain
	}
	e.repeat(t, now)
}

// repeat has the guest make its call once more, as it was at its entry.
func (e *Engine) repeat(t *task, now arch.Regs) {
	now.SetIP(now.IP() - uint64(arch.SyscallInsnLen))
	now.SetRet(uint64(arch.Raw(t.regs.Nr())))
	if arch.RetIsArg0 {
		now.SetRet(t.regs.Arg(0))
	}
	setRegs(t.tid, &now)
	if t.exit != exitNone {
		e.toExit(t)
		return
	}
	cont(t.tid, 0) // to where it was caught: its tracer has seen the entry
}

func fail(r *arch.Regs, errno unix.Errno) { r.SetRet(uint64(-int64(errno))) }
