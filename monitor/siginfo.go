package monitor

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
)

// Signaled implements ptrace.Handler: a signal says whose it is by the view's
// ids, and one that ends its task leaves no core where the view has no say.
func (m *Monitor) Signaled(t *ptrace.Thread, s *ptrace.Siginfo) (changed bool) {
	if task := m.taskOf(t.TID); task != nil && (m.layered || !m.dumpable(task)) {
		withoutCore(task, unix.Signal(s.Signo))
	}
	return m.identify(tgidOf(m.taskOf(t.TID), t.TID), s)
}

func tgidOf(t *task, tid int) int {
	if t == nil {
		return tid
	}
	return t.tgid
}

// identify puts the sender's virtual id into the information on a signal to a
// process.
func (m *Monitor) identify(tgid int, s *ptrace.Siginfo) (changed bool) {
	if who, ok := m.senderOf(tgid, s); ok {
		s.PID, s.UID = int32(who.pid), who.uid
		return true
	}
	if m.view.Identity == nil || !s.HasSender() {
		return false
	}
	uid := m.realUID(int(s.PID), s.UID)
	changed = uid != s.UID
	s.UID = uid
	return changed
}

// realUID is the real user id that a view gives to a process which has sent
// something; by the kernel it is uid.
func (m *Monitor) realUID(pid int, uid uint32) uint32 {
	t := m.taskOf(pid)
	if t == nil {
		m.mu.Lock()
		t = m.lately(pid)
		m.mu.Unlock()
	}
	switch {
	case t != nil:
		return t.cred.UID
	case uid == uint32(os.Getuid()):
		return m.initial.UID
	}
	return uid
}

// siginfo is for calls that write down what they have waited for.
func (c *call) siginfo() ptrace.Verdict {
	m, tgid, at, abi := c.m, c.task.tgid, c.value(sysent.BufOut), c.abi()
	return ptrace.Then(func(t *ptrace.Thread, ret int64) int64 {
		var s ptrace.Siginfo
		if ret < 0 || t.Mem.ReadSiginfo(at, abi, &s) != nil {
			return ret
		}
		if m.identify(tgid, &s) {
			pid := binary.NativeEndian.AppendUint32(nil, uint32(s.PID))
			t.Mem.Write(at+ptrace.SenderAt(abi), binary.NativeEndian.AppendUint32(pid, s.UID))
		}
		return ret
	})
}

// dumpable tells what a process has asked for: PR_SET_DUMPABLE belongs to its
// memory, and no further than this is followed by thread.
func (m *Monitor) dumpable(t *task) bool {
	leader := m.taskOf(t.tgid)
	return t.cred.Dumpable == 1 && (leader == nil || leader.cred.Dumpable == 1)
}

// withoutCore has the kernel write no core of a task that a signal is about to
// end. It would write it into the real working directory, which a layered view
// must not change; and what a guest has asked about cores never gets to the
// kernel (monitorOptions). A limit of 0 is a dump that fails: neither a file nor
// the flag in the status.
func withoutCore(t *task, sig unix.Signal) {
	if s, err := ptrace.SignalsOf(t.tid); err != nil || !s.EndsWithCore(sig) {
		return
	}
	var limit unix.Rlimit
	if unix.Prlimit(t.tgid, unix.RLIMIT_CORE, nil, &limit) == nil && limit.Cur != 0 {
		limit.Cur = 0
		unix.Prlimit(t.tgid, unix.RLIMIT_CORE, &limit, nil)
	}
}
