package notify

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
)

// Listener answers the calls of one filter.
type Listener struct {
	fd     int
	h      ptrace.Handler
	place  *ptrace.Placement
	thread ptrace.Thread
	call   ptrace.Call
	// Itself has a guest open a file, once the call that is under way ends with
	// ERESTARTNOINTR; false if that cannot be. Nil: the listener opens it.
	Itself func(tid int, v *ptrace.Verdict) bool

	// Calls counts the notifications received.
	Calls uint64
}

// New takes over a listener descriptor. The placement is shared with the other
// transports of the same guests.
func New(fd int, h ptrace.Handler, place *ptrace.Placement) *Listener {
	// Without it the wake-up may go to another CPU, at many times the price;
	// kernels before 6.6 do not have it.
	setFlags(fd, syncWakeUp)
	return &Listener{fd: fd, h: h, place: place}
}

// Run serves calls until the last guest under the filter has gone. It must run
// on a locked OS thread that ends with it: its signals stay blocked.
func (l *Listener) Run() error {
	defer unix.Close(l.fd)
	ptrace.BlockSignals()
	var n notif
	for {
		switch e := receive(l.fd, &n); e {
		case 0:
		case unix.EINTR:
			continue
		case unix.ENOENT:
			// The guest was killed before its call was received, or all
			// guests have gone: poll tells which.
			if l.over() {
				return nil
			}
			continue
		default:
			return fmt.Errorf("ioctl(SECCOMP_IOCTL_NOTIF_RECV): %w", e)
		}
		l.Calls++
		l.place.Stopped(int(n.pid))
		l.thread = ptrace.Thread{TID: int(n.pid), Mem: ptrace.MemoryOf(int(n.pid)), Transport: "notify"}
		l.call = ptrace.Call{Nr: arch.NumberFor(int(n.nr), n.arch), Arch: n.arch, Args: n.args, IP: n.ip}
		l.apply(n.id, l.thread.TID, l.h.Syscall(&l.thread, &l.call))
	}
}

func (l *Listener) over() bool {
	p := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}}
	n, err := unix.Poll(p, 0)
	return err == nil && n == 1 && p[0].Revents&unix.POLLHUP != 0
}

// apply carries out a verdict. An error of the answer means that the guest has
// been killed meanwhile.
func (l *Listener) apply(id uint64, tid int, v ptrace.Verdict) {
	switch v.Kind {
	case ptrace.KindPass:
		send(l.fd, &resp{id: id, flags: flagContinue})
	case ptrace.KindReturn:
		l.answer(id, v.Value)
	case ptrace.KindOpen:
		if v.Itself && l.Itself != nil {
			go l.itself(id, tid, v)
			return
		}
		l.open(id, &v)
	case ptrace.KindFD:
		l.give(id, v.FD, v.Flags, nil)
	case ptrace.KindLater:
		go func() {
			v := v.Work()
			ptrace.Undisturbed(func() { l.apply(id, tid, v) })
		}()
	default:
		// The filter never sends such a call here.
		l.answer(id, -int64(unix.ENOSYS))
	}
}

// restartNoIntr is ERESTARTNOINTR (include/linux/errno.h).
const restartNoIntr = 513

// itself has the tracer stop the guest on its way out of the call, which it then
// makes anew as an open that is not notified.
func (l *Listener) itself(id uint64, tid int, v ptrace.Verdict) {
	done := l.Itself(tid, &v)
	ptrace.Undisturbed(func() {
		if done {
			l.answer(id, -restartNoIntr)
		} else {
			l.open(id, &v)
		}
	})
}

// open opens for a guest, and must not wait: for the other end of a fifo that has
// taken the file's place, or for another guest to give up a lease. Where it would,
// it does so elsewhere.
func (l *Listener) open(id uint64, v *ptrace.Verdict) {
	flags := v.Flags | unix.O_CLOEXEC | unix.O_NOCTTY
	waits := v.Flags&(unix.O_NONBLOCK|unix.O_DIRECTORY|unix.O_PATH) == 0
	if waits {
		flags |= unix.O_NONBLOCK
	}
	fd, err := unix.Open(v.Host, flags, v.Mode)
	if err == nil && waits {
		fd, err = l.blocking(fd, v)
	}
	if waits && (err == unix.EAGAIN || err == unix.ENXIO) {
		later := *v
		go func() {
			fd, err := unix.Open(later.Host, later.Flags|unix.O_CLOEXEC|unix.O_NOCTTY, later.Mode)
			ptrace.Undisturbed(func() { l.opened(id, fd, err, &later) })
		}()
		return
	}
	l.opened(id, fd, err, v)
}

// blocking takes O_NONBLOCK off again; EAGAIN for a fifo whose other end is not
// there.
func (l *Listener) blocking(fd int, v *ptrace.Verdict) (int, error) {
	if v.Flags&unix.O_ACCMODE == unix.O_RDONLY {
		var st unix.Stat_t
		if unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFIFO {
			unix.Close(fd)
			return -1, unix.EAGAIN
		}
	}
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, v.Flags&(unix.O_APPEND|unix.O_ASYNC|unix.O_DIRECT|unix.O_NOATIME))
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

func (l *Listener) opened(id uint64, fd int, err error, v *ptrace.Verdict) {
	if err != nil {
		e, _ := err.(unix.Errno)
		l.answer(id, -int64(e))
		return
	}
	l.give(id, fd, v.Flags, v.Opened)
}

func (l *Listener) answer(id uint64, value int64) {
	r := resp{id: id, val: value}
	if value < 0 && value >= -4095 {
		r.val, r.error = 0, int32(value)
	}
	send(l.fd, &r)
}

// give hands a descriptor over and closes it here, unless opened keeps it.
func (l *Listener) give(id uint64, fd, flags int, opened func(guest, mine int) bool) {
	a := addfd{id: id, flags: flagSend, srcfd: uint32(fd)}
	if flags&unix.O_CLOEXEC != 0 {
		a.newfdFlags = unix.O_CLOEXEC
	}
	if flags&unix.O_ACCMODE != unix.O_RDONLY {
		l.giveWritable(id, fd, &a)
		return
	}
	guest, e := addFD(l.fd, &a)
	if e == 0 && opened != nil && opened(guest, fd) {
		return
	}
	unix.Close(fd)
	if e != 0 {
		l.answer(id, -int64(e))
	}
}

// giveWritable closes the descriptor before the guest goes on, which could find
// the file busy else, when it has closed its own and executes it.
func (l *Listener) giveWritable(id uint64, fd int, a *addfd) {
	a.flags = 0
	guest, e := addFD(l.fd, a)
	unix.Close(fd)
	if e != 0 {
		l.answer(id, -int64(e))
		return
	}
	l.answer(id, int64(guest))
}
