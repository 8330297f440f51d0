package trace

import (
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// socketCalls return EINTR after any signal where the socket has a time limit of
// its own (signal(7)), which is this option.
var socketCalls = numbered(map[string]int{
	"read": unix.SO_RCVTIMEO, "readv": unix.SO_RCVTIMEO, "recvfrom": unix.SO_RCVTIMEO, "recvmsg": unix.SO_RCVTIMEO,
	"accept": unix.SO_RCVTIMEO, "accept4": unix.SO_RCVTIMEO,
	"write": unix.SO_SNDTIMEO, "writev": unix.SO_SNDTIMEO, "sendto": unix.SO_SNDTIMEO, "sendmsg": unix.SO_SNDTIMEO,
})

// restOfSocketWait makes the call again. Its limit is the socket's, that is
// everybody's: the call can be ended no earlier than at the next signal.
func (t *task) restOfSocketWait(option int, r *arch.Regs) (v *ptrace.Verdict, ok bool) {
	fd, err := ptrace.Borrow(t.tid, int(int32(r.Arg(0))))
	if err != nil {
		return nil, false
	}
	defer unix.Close(fd)
	tv, err := unix.GetsockoptTimeval(fd, unix.SOL_SOCKET, option)
	if err != nil || tv.Nano() == 0 {
		return nil, false
	}
	if left, _ := t.left(time.Duration(tv.Nano())); left == 0 {
		setRet(r, -int64(unix.EAGAIN))
		return nil, false
	}
	return onward([6]ptrace.Arg{}, nil), true
}

// transferCall says of a call that moves all of what it was given, if only signals
// with an effect come, where its arguments lie.
type transferCall struct {
	buf, size int // -1: there is none
	flags     int // MSG_ flags; -1: there are none
	iov       int // struct iovec and their count follow
	msg       bool
	all       bool // only with MSG_WAITALL
}

var transfers = numbered(map[string]transferCall{
	"write": {buf: 1, size: 2, flags: -1}, "writev": {iov: 1, flags: -1},
	"sendto": {buf: 1, size: 2, flags: 3}, "sendmsg": {msg: true, flags: 2},
	"recvfrom": {buf: 1, size: 2, flags: 3, all: true},
	"sendfile": {buf: -1, size: 3, flags: -1}, "sendfile64": {buf: -1, size: 3, flags: -1},
})

// mostIOV and msgWords are UIO_MAXIOV and the size in words of struct msghdr, whose
// iovec and control data, each with its length, begin at words 2 and 4.
const (
	mostIOV  = 1024
	msgWords = 7
)

// rest is a transfer of what has not been moved.
func (x transferCall) rest(t *task, r *arch.Regs, m ptrace.Memory) (v *ptrace.Verdict, ok bool) {
	done := r.Ret()
	args, ok := x.after(done, r, m)
	if !ok {
		return nil, false
	}
	if x.flags >= 0 {
		flags := r.Arg(x.flags)
		if flags&unix.MSG_DONTWAIT != 0 || x.all && (flags&unix.MSG_WAITALL == 0 || flags&(unix.MSG_PEEK|unix.MSG_TRUNC|unix.MSG_OOB) != 0) {
			return nil, false
		}
	}
	if !blocks(t.tid, int(int32(r.Arg(0)))) {
		return nil, false
	}
	return onward(args, func(ret int64) int64 { return int64(done) + max(ret, 0) }), true
}

// after are the arguments for what comes after so many bytes; false if that is
// nothing.
func (x transferCall) after(done uint64, r *arch.Regs, m ptrace.Memory) (args [6]ptrace.Arg, ok bool) {
	abi := arch.ABI(r.Compat)
	switch {
	case x.msg:
		head := make([]byte, msgWords*abi.Word())
		if m.Read(r.Arg(1), head) != nil {
			return args, false
		}
		iov, ok := left(abi, abi.At(head, 2), abi.At(head, 3), done, m)
		abi.Put(head, 2, uint64(len(head)))
		abi.Put(head, 3, uint64(len(iov)/(2*abi.Word())))
		abi.Put(head, 4, 0) // control data went with the first byte
		abi.Put(head, 5, 0)
		args[1] = ptrace.Arg{Set: true, Bytes: append(head, iov...), Pointers: []int{2}}
		return args, ok
	case x.iov > 0:
		iov, ok := left(abi, r.Arg(x.iov), r.Arg(x.iov+1), done, m)
		args[x.iov] = ptrace.Arg{Set: true, Bytes: iov}
		args[x.iov+1] = ptrace.Arg{Set: true, Value: uint64(len(iov) / (2 * abi.Word()))}
		return args, ok
	}
	size := r.Arg(x.size)
	args[x.size] = ptrace.Arg{Set: true, Value: size - done}
	if x.buf >= 0 {
		args[x.buf] = ptrace.Arg{Set: true, Value: r.Arg(x.buf) + done}
	}
	return args, done < size
}

// left are the vectors after so many bytes.
func left(abi arch.ABI, at, count, done uint64, m ptrace.Memory) (iov []byte, ok bool) {
	if count > mostIOV {
		return nil, false
	}
	iov = make([]byte, 2*abi.Word()*int(count))
	if m.Read(at, iov) != nil {
		return nil, false
	}
	for len(iov) > 0 {
		base, size := abi.At(iov, 0), abi.At(iov, 1)
		if size > done {
			abi.Put(iov, 0, base+done)
			abi.Put(iov, 1, size-done)
			return iov, true
		}
		done -= size
		iov = iov[2*abi.Word():]
	}
	return nil, false
}

// blocks tells of a pipe, a terminal or a socket of a stream that a transfer to
// or from it waits until all is done.
func blocks(tid, fd int) bool {
	proc := "/proc/" + strconv.Itoa(tid)
	info, err := os.ReadFile(proc + "/fdinfo/" + strconv.Itoa(fd))
	if err != nil || nonblocking(string(info)) {
		return false
	}
	var st unix.Stat_t
	if unix.Stat(proc+"/fd/"+strconv.Itoa(fd), &st) != nil {
		return false
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return true
	case unix.S_IFCHR:
		major := unix.Major(st.Rdev)
		return major == 4 || major == 5 || major >= 136 && major <= 143
	case unix.S_IFSOCK:
		return streams(tid, fd)
	}
	return false
}

// nonblocking reads the flags of an open file, in octal (proc(5),
// /proc/[pid]/fdinfo).
func nonblocking(info string) bool {
	_, rest, _ := strings.Cut(info, "flags:\t")
	line, _, _ := strings.Cut(rest, "\n")
	flags, err := strconv.ParseUint(line, 8, 32)
	return err != nil || flags&unix.O_NONBLOCK != 0
}

func streams(tid, fd int) bool {
	mine, err := ptrace.Borrow(tid, fd)
	if err != nil {
		return false
	}
	defer unix.Close(mine)
	kind, err := unix.GetsockoptInt(mine, unix.SOL_SOCKET, unix.SO_TYPE)
	return err == nil && kind == unix.SOCK_STREAM
}
