package monitor

import (
	"encoding/binary"
	"os"

	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// A signal that is read from a signalfd is never delivered, and so not seen
// before the read. That of who has made one is caught.

// signals is the condition of a read that may be of a signalfd: of a few of its
// structures, and not of the pages that files are read by.
func signals(e *sysent.Entry) []seccomp.Cond {
	const few = 31 * ptrace.SignalfdSize
	return []seccomp.Cond{{Arg: e.Arg(sysent.Len), Op: seccomp.MaskedEqual, Mask: ^uint64(few), Value: 0}}
}

// signalfd has the process that makes one caught where it reads.
func (c *call) signalfd() ptrace.Verdict { return c.arm(armSignals) }

// readSignals puts the senders' virtual ids into what is read.
func (c *call) readSignals() ptrace.Verdict {
	link, err := os.Readlink(c.procFD(c.Int(0)))
	if err != nil || link != "anon_inode:[signalfd]" {
		return ptrace.Pass()
	}
	m, tgid, at := c.m, c.task.tgid, c.value(sysent.BufOut)
	return ptrace.Then(func(t *ptrace.Thread, ret int64) int64 {
		var b [ptrace.SignalfdSize]byte
		for done := uint64(0); int64(done) < ret; done += ptrace.SignalfdSize {
			var s ptrace.Siginfo
			if t.Mem.Read(at+done, b[:]) != nil {
				break
			}
			if s.Signalfd(b[:]); m.identify(tgid, &s) {
				pid := binary.NativeEndian.AppendUint32(nil, uint32(s.PID))
				t.Mem.Write(at+done+ptrace.SignalfdUID-4, binary.NativeEndian.AppendUint32(pid, s.UID))
			}
		}
		return ret
	})
}

// sent is a signal that the monitor sends in the place of a guest.
type sent struct {
	tgid, signo int
}

// origin is whose it is.
type origin struct {
	pid int
	uid uint32
}

// sends notes that the next signal from the monitor to a process is a guest's.
func (m *Monitor) sends(to int, signo int, from *task) {
	if m.taskOf(to) != nil {
		m.onBehalf.Store(sent{to, signo}, origin{from.tgid, from.cred.UID})
	}
}

// senderOf tells who sent what seems to be the monitor's, once.
func (m *Monitor) senderOf(tgid int, s *ptrace.Siginfo) (who origin, ok bool) {
	if s.PID != int32(self) || !s.HasSender() {
		return who, false
	}
	v, ok := m.onBehalf.LoadAndDelete(sent{tgid, int(s.Signo)})
	if ok {
		who = v.(origin)
	}
	return who, ok
}

// unsent forgets what was sent to a process that has gone.
func (m *Monitor) unsent(tgid int) {
	m.onBehalf.Range(func(key, _ any) bool {
		if key.(sent).tgid == tgid {
			m.onBehalf.Delete(key)
		}
		return true
	})
}
