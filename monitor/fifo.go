package monitor

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/hostpath"

	"github.com/veduta/veduta/ptrace/trace"
)

// A wait for the other end of a fifo looks now and then whether it is there, and
// whether the guest has something else to do: at first often, then at an eighth
// of the time waited, so that many who wait for long cost little. No thread
// sleeps meanwhile, but for some writers (waiters).
const (
	firstRound = time.Millisecond
	lastRound  = 50 * time.Millisecond
	// threadRound is between looks at a guest for whom a thread waits.
	threadRound = 5 * time.Millisecond
)

// pause sleeps until the next look.
func pause(begun time.Time) { time.Sleep(min(max(time.Since(begun)/8, firstRound), lastRound)) }

// restartSys is ERESTARTSYS (include/linux/errno.h): the kernel makes of it
// EINTR or the same call again, as the signal's action says.
const restartSys = unix.Errno(512)

// openFifo opens a fifo for a guest whose call is held by notify. The open must
// not block in the kernel: a signal for the guest has to end it, and its death.
func openFifo(tid int, host string, flags int) (int, error) {
	access := flags & unix.O_ACCMODE
	if flags&unix.O_NONBLOCK != 0 || access == unix.O_RDWR {
		return hostpath.Open(host, flags|unix.O_CLOEXEC, 0)
	}
	for begun := time.Now(); ; pause(begun) {
		fd, err := hostpath.Open(host, flags|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
		if err == nil {
			if access == unix.O_RDONLY {
				err = awaitWriter(tid, fd)
			}
			if err == nil {
				err = blocking(fd, flags)
			}
			if err != nil {
				unix.Close(fd)
				return -1, err
			}
			return fd, nil
		}
		if err != unix.ENXIO || access != unix.O_WRONLY {
			return -1, err
		}
		if waiters.Add(1) <= mostWaiters {
			fd, err := openWaiting(tid, host, flags)
			waiters.Add(-1)
			return fd, err
		}
		waiters.Add(-1)
		if err := interrupted(tid); err != nil {
			return -1, err
		}
	}
}

// waiters are the threads of ours that wait in an open for a reader; beyond the
// most, writers look for one now and then, and miss who comes and goes.
var waiters atomic.Int32

const mostWaiters = 64

// openWaiting opens a fifo for writing on a thread of its own, so that whoever
// opens it to read finds a writer, however short it stays.
func openWaiting(tid int, host string, flags int) (int, error) {
	type opened struct {
		fd  int
		err error
	}
	thread, done := make(chan int, 1), make(chan opened, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		thread <- unix.Gettid()
		fd, err := hostpath.Open(host, flags|unix.O_CLOEXEC, 0)
		done <- opened{fd, err}
	}()
	id := <-thread
	look := time.NewTicker(threadRound)
	defer look.Stop()
	var why error
	for {
		select {
		case o := <-done:
			if o.err != nil && why != nil {
				o.err = why
			}
			return o.fd, o.err
		case <-look.C:
			if why == nil {
				why = interrupted(tid)
			}
			if why != nil {
				trace.Interrupt(id)
			}
		}
	}
}

// blocking takes O_NONBLOCK off again.
func blocking(fd, flags int) error {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_SETFL, flags&(unix.O_APPEND|unix.O_ASYNC|unix.O_DIRECT|unix.O_NOATIME))
	return err
}

// awaitWriter waits until a fifo that is open for reading has, or has had, a
// writer. tee(2) tells without taking anything: nothing to come, or nothing yet.
func awaitWriter(tid, fd int) error {
	var pipe [2]int
	if err := unix.Pipe2(pipe[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return err
	}
	defer unix.Close(pipe[0])
	defer unix.Close(pipe[1])
	for begun := time.Now(); ; pause(begun) {
		n, err := unix.Tee(fd, pipe[1], 1, unix.SPLICE_F_NONBLOCK)
		if n > 0 || err == unix.EAGAIN {
			return nil
		}
		if err != nil {
			return err
		}
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if _, err := unix.Poll(p, 0); err != nil && err != unix.EINTR {
			return err
		}
		if p[0].Revents&(unix.POLLIN|unix.POLLHUP) != 0 {
			return nil
		}
		if err := interrupted(tid); err != nil {
			return err
		}
	}
}

// interrupted tells that a guest has a signal to take, or is no more.
func interrupted(tid int) error {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(tid) + "/status")
	if err != nil {
		return unix.ESRCH
	}
	set := func(key string) uint64 {
		_, rest, ok := bytes.Cut(status, []byte("\n"+key+":\t"))
		if !ok || len(rest) < 16 {
			return 0
		}
		v, _ := strconv.ParseUint(string(rest[:16]), 16, 64)
		return v
	}
	if bytes.Contains(status, []byte("\nState:\tZ")) || bytes.Contains(status, []byte("\nState:\tX")) {
		return unix.ESRCH
	}
	if (set("SigPnd")|set("ShdPnd"))&^set("SigBlk")&^set("SigIgn") != 0 {
		return restartSys
	}
	return nil
}
