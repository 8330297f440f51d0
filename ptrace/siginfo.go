package ptrace

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
)

// Siginfo is siginfo_t of a 64-bit task (include/uapi/asm-generic/siginfo.h).
type Siginfo struct {
	Signo, Errno, Code, _ int32
	// PID and UID are the sender's, where Code says that there is one: see
	// HasSender.
	PID  int32
	UID  uint32
	Rest [104]byte // what lies behind, by Code
}

// Get32 is the word at an offset in bytes, from 24 on: what the members of the
// union mean depends on the signal.
func (s *Siginfo) Get32(at int) uint32 { return binary.NativeEndian.Uint32(s.Rest[at-24:]) }

// Set32 sets it.
func (s *Siginfo) Set32(at int, v uint32) { binary.NativeEndian.PutUint32(s.Rest[at-24:], v) }

// SenderAt is where PID and UID lie in a siginfo_t of a call, in bytes: behind three
// ints, where a word begins.
func SenderAt(abi arch.ABI) uint64 {
	if abi == arch.ABI32 {
		return 12
	}
	return 16
}

// SignalfdSize is the size of struct signalfd_siginfo in bytes, and SignalfdUID
// where ssi_uid lies in it (include/uapi/linux/signalfd.h).
const (
	SignalfdSize = 128
	SignalfdUID  = 16
)

// Signalfd reads the same from a struct signalfd_siginfo.
func (s *Siginfo) Signalfd(b []byte) {
	word := func(at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }
	s.Signo, s.Errno, s.Code = int32(word(0)), int32(word(4)), int32(word(8))
	s.PID, s.UID = int32(word(12)), word(SignalfdUID)
}

// ReadSiginfo copies what there is before the union's longer members.
func (m Memory) ReadSiginfo(addr uint64, abi arch.ABI, s *Siginfo) error {
	var b [24]byte
	if err := m.Read(addr, b[:]); err != nil {
		return err
	}
	word := func(at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }
	s.Signo, s.Errno, s.Code = int32(word(0)), int32(word(4)), int32(word(8))
	at := int(SenderAt(abi))
	s.PID, s.UID = int32(word(at)), word(at+4)
	return nil
}

// Codes of signals that the kernel fills a sender in for.
const (
	siUser  = 0  // SI_USER
	siMesgq = -3 // SI_MESGQ
	siTkill = -6 // SI_TKILL
)

// HasSender tells whether PID and UID are those of a task, as the kernel knows
// it: not for a fault or a timer, nor where the sender wrote them itself
// (rt_sigqueueinfo(2)).
func (s *Siginfo) HasSender() bool {
	switch s.Code {
	case siUser, siMesgq, siTkill:
		return true
	}
	return unix.Signal(s.Signo) == unix.SIGCHLD && s.Code > 0 && s.Code <= 6 // CLD_EXITED … CLD_CONTINUED
}

// Signals are sets of signals of a task, with signal N as 1<<(N-1).
type Signals struct {
	Blocked, Ignored, Caught uint64
}

// SignalsOf reads a task's sets from proc(5).
func SignalsOf(tid int) (s Signals, err error) {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return s, err
	}
	set := func(key string) uint64 {
		_, rest, ok := bytes.Cut(status, []byte(key))
		if !ok || len(rest) < 16 {
			return 0
		}
		v, _ := strconv.ParseUint(string(rest[:16]), 16, 64)
		return v
	}
	return Signals{set("\nSigBlk:\t"), set("\nSigIgn:\t"), set("\nSigCgt:\t")}, nil
}

// Has tells whether a signal is in a set.
func Has(set uint64, sig unix.Signal) bool { return sig > 0 && set>>(sig-1)&1 != 0 }

// Ignores tells whether a signal has no effect on a task (signal(7)).
func (s Signals) Ignores(sig unix.Signal) bool {
	if Has(s.Ignored, sig) {
		return true
	}
	switch sig {
	case unix.SIGCHLD, unix.SIGURG, unix.SIGWINCH, unix.SIGCONT:
		return !Has(s.Caught, sig)
	}
	return false
}

// EndsWithCore tells whether a signal ends a task with a core dump (signal(7)).
func (s Signals) EndsWithCore(sig unix.Signal) bool {
	switch sig {
	case unix.SIGQUIT, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV,
		unix.SIGXCPU, unix.SIGXFSZ, unix.SIGSYS:
		return !Has(s.Ignored|s.Caught, sig)
	}
	return false
}
