package trace

import (
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// entry is a call caught at its entry.
func (e *Engine) entry(t *task) {
	if t.start != nil {
		e.starting(t)
		return
	}
	t.exec = nil
	if t.held.Kind != ptrace.KindPass {
		v := t.held
		t.held = ptrace.Verdict{}
		setSigmask(t.tid, t.sigmask)
		e.apply(t, v)
		return
	}
	if t.unseen && !e.seen(t) {
		return
	}
	e.pool.Place.Stopped(t.tid)
	if getSyscallInfo(t.tid, &e.info) != 0 {
		return // killed meanwhile: its end is reported next
	}
	e.called(t)
	e.call = ptrace.Call{Nr: t.nr, Arch: e.info.arch, Args: e.info.args, IP: e.info.ip}
	if t.compat {
		for i := range e.call.Args { // the kernel takes no more of the registers
			e.call.Args[i] = uint64(uint32(e.call.Args[i]))
		}
	}
	v := e.h.Syscall(e.threadOf(t), &e.call)
	if t.exit == exitWait && e.waitsToo(t, &v) {
		return
	}
	e.apply(t, v)
}

// called notes which call e.info is about.
func (e *Engine) called(t *task) {
	t.compat = arch.HasCompat && e.info.arch == arch.CompatAuditArch
	t.nr = arch.NumberFor(int(int32(e.info.nr)), e.info.arch)
}

// abi finds out of which table the call is that a task is in, at a stop that is not
// one for a call. What is in 32-bit code makes no others.
func (e *Engine) abi(t *task) {
	if arch.HasCompat && getSyscallInfo(t.tid, &e.info) == 0 {
		t.compat = e.info.arch == arch.CompatAuditArch
	}
}

// notAgain are the flags of an open that has been done already.
const notAgain = unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_TMPFILE | unix.O_TRUNC

func (e *Engine) apply(t *task, v ptrace.Verdict) {
	if v.Exec != nil {
		t.exec = v.Exec
	}
	switch v.Kind {
	case ptrace.KindPass:
		e.restart(t, 0)
	case ptrace.KindPtrace:
		e.trace(t, v.Call)
	case ptrace.KindReturn:
		e.answer(t, v.Value)
	case ptrace.KindOpen:
		e.rewrite(t, opening(t.nr, v.Host, v.Flags, v.Mode), v)
	case ptrace.KindFD:
		t.fd = v.FD
		host := v.Host
		if host == "" {
			host = procFD(v.FD)
			e.show(t)
		}
		e.rewrite(t, opening(t.nr, host, v.Flags&^notAgain, 0), v)
	case ptrace.KindRewrite:
		if fd := v.Rewrite.Through; fd != 0 {
			t.fd = fd
			e.show(t)
		}
		e.rewrite(t, v.Rewrite, v)
	case ptrace.KindThen:
		if getRegs(t, &t.regs) == 0 {
			t.after, t.exit = v.After, exitThen
		}
		e.toExit(t)
	case ptrace.KindLater:
		e.begin(t, v.Work)
	}
}

// show lifts the seal for the call under way.
func (e *Engine) show(t *task) {
	if !t.shown {
		t.shown = true
		e.pool.seal.lift()
	}
}

// answer gives the guest a result without running the call.
func (e *Engine) answer(t *task, value int64) {
	if t.in != nil {
		e.answerTraced(t, value)
		return
	}
	if arch.CanPokeUser {
		pokeUser(t.tid, arch.UserNr, ^uint64(0))
		pokeUser(t.tid, arch.UserRet, uint64(value))
	} else {
		var r arch.Regs
		if getRegs(t, &r) == 0 {
			r.SetNr(-1)
			r.SetRet(uint64(value))
			setRegs(t.tid, &r)
		}
	}
	e.restart(t, 0)
}

// answerTraced does the same where a tracer is to see which call it was.
func (e *Engine) answerTraced(t *task, value int64) {
	if getRegs(t, &t.regs) != 0 {
		return
	}
	now := t.regs
	now.SetNr(-1)
	now.SetRet(uint64(value))
	setRegs(t.tid, &now)
	t.exit = exitAnswered
	e.toExit(t)
}

// exit is the exit stop of a call that asked for one.
func (e *Engine) exit(t *task) {
	action := t.exit
	t.exit = exitNone
	var now arch.Regs
	if getRegs(t, &now) != 0 {
		return
	}
	switch action {
	case exitAgain:
		e.goOn(t)
		return
	case exitMapped:
		e.mapped(t, int64(now.Ret()))
		return
	case exitFirst:
		t.after(e.threadOf(t), int64(now.Ret()))
		e.settle(t)
		if t.again {
			setSigmask(t.tid, t.sigmask)
		} else {
			t.held = ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: &ptrace.Rewrite{Nr: -1}}
		}
		e.repeat(t, t.regs)
		return
	case exitThen:
		if ret := int64(now.Ret()); !restarts(ret) {
			if changed := t.after(e.threadOf(t), ret); changed != ret {
				now.SetRet(uint64(changed))
				setRegs(t.tid, &now)
			}
		}
		t.after = nil
	case exitRestore:
		e.asking(t, int64(now.Ret()))
		if ret := int64(now.Ret()); !restarts(ret) {
			t.wentOn(ret)
			if t.after != nil {
				now.SetRet(uint64(t.after(e.threadOf(t), ret)))
			}
		} else if t.unseen && t.interrupted > 0 {
			setRet(&now, t.interrupted)
		}
		putBack(&now, &t.regs)
		if t.in != nil {
			now.SetNr(t.regs.Nr())
		}
		setRegs(t.tid, &now)
	case exitWait:
		if !e.waited(t, &now) {
			return
		}
	case exitAnswered:
		now.SetNr(t.regs.Nr())
		setRegs(t.tid, &now)
	case exitExeced:
		now.SetNr(unix.SYS_EXECVE)
		setRegs(t.tid, &now)
		e.settle(t)
		e.wholeExec(t)
		return
	}
	e.settle(t)
	e.left(t)
}

// putBack gives registers at the exit of a rewritten call what the guest had in
// them before.
func putBack(now, before *arch.Regs) {
	now.Compat = before.Compat
	for i := range 6 {
		if i > 0 || !arch.RetIsArg0 {
			now.RestoreArg(i, before)
		}
	}
	now.SetIP(before.IP())
	if restarts(int64(now.Ret())) || before.Compat {
		now.SetNr(before.Nr()) // the guest's own call is what runs again, or is gone on with: spelled
	}
}

// restore puts the registers of a stopped task back.
func restore(t *task, before *arch.Regs) {
	var now arch.Regs
	if getRegs(t, &now) == 0 {
		putBack(&now, before)
		setRegs(t.tid, &now)
	}
}

// settle forgets what belonged to the call under way.
func (e *Engine) settle(t *task) {
	t.exit, t.after, t.unseen, t.decided = exitNone, nil, false, false
	if t.area != nil {
		t.area.busy = false
		t.area = nil
	}
	if t.shown {
		t.shown = false
		e.pool.seal.put()
	}
	if t.fd >= 0 {
		unix.Close(t.fd)
		t.fd = -1
	}
	t.held = ptrace.Verdict{}
	t.later = 0
}
