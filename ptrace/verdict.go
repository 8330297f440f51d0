package ptrace

import "golang.org/x/sys/unix"

// Kind says what a Verdict asks of the transport.
type Kind uint8

const (
	// KindPass: the kernel does the call as it is.
	KindPass Kind = iota
	// KindReturn: the guest gets a value or an errno, the call does not run.
	KindReturn
	// KindOpen: the guest gets a descriptor of a host path.
	KindOpen
	// KindFD: the guest gets a descriptor that the monitor holds.
	KindFD
	// KindRewrite: the call runs with other arguments (trace only).
	KindRewrite
	// KindThen: the call runs, then a function may change its result (trace
	// only; the dear one: a second stop).
	KindThen
	// KindLater: a goroutine works the verdict out while the guest stays
	// stopped and others go on.
	KindLater
	// KindPtrace: the call is a ptrace(2) between guests, which the caller may
	// make (trace only).
	KindPtrace
)

// Verdict is a handler's decision about one call. The zero value is Pass.
type Verdict struct {
	Kind  Kind
	Value int64 // KindReturn: the result, -errno for failure
	// KindOpen, KindFD
	Host  string
	Flags int
	Mode  uint32
	FD    int
	// Itself, with KindOpen: the guest has to open the file, as that does
	// something to who opens it, or depends on that.
	Itself bool
	// Opened, with KindOpen, is told the guest's descriptor and the
	// transport's own of the same open file, and keeps the latter if it
	// returns true. A transport that has none does not call it.
	Opened func(guest, mine int) bool
	// KindRewrite
	Rewrite *Rewrite
	// KindThen, and KindRewrite if not nil: gets the kernel's result (-errno
	// for failure) and gives the one the guest shall see.
	After func(t *Thread, ret int64) int64
	// KindLater
	Work func() Verdict
	// Exec, with the call being one, is for when it has succeeded.
	Exec *Exec
	// KindPtrace
	Call *Call
}

// Rewrite is a call with some arguments replaced. Guest registers are put back
// when the call has returned, as the ABI promises.
type Rewrite struct {
	Nr   int // -1: unchanged
	Args [6]Arg
	// Filters: the call gives the guest a filter of its own, which has been
	// through seccomp.Exempt. From then on calls that are put in place of the
	// guest's are marked for it.
	Filters bool
	// Asks, with Filters, is that filter as the guest wrote it, if it leaves
	// calls to a tracer (SECCOMP_RET_TRACE). The one that is installed allows
	// them.
	Asks []unix.SockFilter
	// First: the call runs before the guest's own, which is then made as it is,
	// or with Again is handed to the Handler once more. After gets its result.
	First, Again bool
	// Through, if not 0, is a descriptor of the monitor's that an argument leads
	// through by /proc/MONITOR/fd; it is closed after the call.
	Through int
}

// Arg is a replaced argument: a value, or bytes that the transport puts into
// guest memory of its own and passes by address.
type Arg struct {
	Set   bool
	Value uint64
	Bytes []byte
	// Pointers: Bytes is an array of the call's words (arch.ABI), and each word
	// whose index is listed here is an offset into Bytes to be made an address.
	Pointers []int
}

// Pass lets the kernel do the call as it is.
func Pass() Verdict { return Verdict{} }

// Return answers with a value.
func Return(v int64) Verdict { return Verdict{Kind: KindReturn, Value: v} }

// Fail answers with an errno; 0 is success with value 0.
func Fail(e unix.Errno) Verdict { return Verdict{Kind: KindReturn, Value: -int64(e)} }

// Open answers with a descriptor of an open of a host path, done with the
// flags and mode of open(2). The umask has been taken off mode already.
func Open(host string, flags int, mode uint32) Verdict {
	return Verdict{Kind: KindOpen, Host: host, Flags: flags, Mode: mode}
}

// ReturnFD answers with a duplicate of fd, which the transport closes. Where a
// transport cannot hand over descriptors, it has the guest open host anew with
// flags (an empty host: /proc/MONITOR/fd/N).
func ReturnFD(fd int, flags int, host string) Verdict {
	return Verdict{Kind: KindFD, FD: fd, Flags: flags, Host: host}
}

// Then runs the call and hands its result to after.
func Then(after func(t *Thread, ret int64) int64) Verdict {
	return Verdict{Kind: KindThen, After: after}
}

// Later has work done on a goroutine; its verdict is carried out when it is
// there. Work must not touch the Thread, but for a copy whose memory minds that
// the guest may be killed (Memory.While).
func Later(work func() Verdict) Verdict { return Verdict{Kind: KindLater, Work: work} }
