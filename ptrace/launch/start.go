package launch

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Launcher is the monitor's end of a started launcher.
type Launcher struct {
	PID  int
	sock *os.File
}

// Start starts the launcher; it does nothing before Go. Call it from the
// thread that is going to trace it.
func Start() (*Launcher, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socketpair: %w", err)
	}
	ours := os.NewFile(uintptr(pair[0]), "launcher")
	theirs, err := inherited(pair[1])
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("fcntl(F_DUPFD): %w", err)
	}
	defer unix.Close(theirs)
	// The command's own environment comes with the plan. One processor is what
	// a launcher needs; to find out how many there are costs as much as its work.
	env := append(os.Environ(), Variable+"="+strconv.Itoa(theirs), "GOMAXPROCS=1")
	p, err := os.StartProcess("/proc/self/exe", []string{"veduta"}, &os.ProcAttr{
		Env: env, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
	})
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("start of the first guest: %w", err)
	}
	pid := p.Pid
	p.Release()
	return &Launcher{PID: pid, sock: ours}, nil
}

// inherited moves a descriptor to a number that the command is unlikely to
// have been given by its caller, and lets it be inherited: descriptors that the
// caller handed down keep their numbers.
func inherited(fd int) (int, error) {
	defer unix.Close(fd)
	for _, least := range []int{1000, 100, 10} {
		if n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD, least); err == nil {
			return n, nil
		}
	}
	return unix.FcntlInt(uintptr(fd), unix.F_DUPFD, 3)
}

// Go carries the plan out up to the exec: the filter stands when it returns.
// The listener is -1 if none was asked for. The launcher must have been seized
// and its tracer be running.
func (l *Launcher) Go(p *Plan) (listener int, err error) {
	if err := sendPlan(l.sock, p); err != nil {
		return -1, fmt.Errorf("launcher: %w", err)
	}
	r, err := receiveReport(l.sock)
	if err != nil {
		return -1, fmt.Errorf("launcher: %w", err)
	}
	if r.Errno != 0 {
		return -1, fmt.Errorf("%s: %w", r.Step, r.Errno)
	}
	if r.Listener < 0 {
		return -1, nil
	}
	pidfd, err := unix.PidfdOpen(l.PID, 0)
	if err != nil {
		return -1, fmt.Errorf("pidfd_open: %w", err)
	}
	defer unix.Close(pidfd)
	fd, err := unix.PidfdGetfd(pidfd, r.Listener, 0)
	if err != nil {
		return -1, fmt.Errorf("pidfd_getfd of the listener %s: %w", strconv.Itoa(r.Listener), err)
	}
	return fd, nil
}

// Exec lets the launcher execute the command and waits until it has: nil, or
// the error of the last try.
func (l *Launcher) Exec() *ExecError {
	defer l.sock.Close()
	if _, err := l.sock.Write([]byte{1}); err != nil {
		return nil
	}
	r, err := receiveReport(l.sock)
	if err != nil {
		return nil // closed: at exec, or by a signal that the caller sees in the status
	}
	return &ExecError{Path: r.Path, Step: r.Step, Errno: r.Errno}
}

// Abort ends a launcher that cannot go on.
func (l *Launcher) Abort() {
	l.sock.Close()
	unix.Kill(l.PID, unix.SIGKILL)
}

// ExecError tells why the command could not be executed.
type ExecError struct {
	Path, Step string
	Errno      unix.Errno
}

func (e *ExecError) Error() string { return e.Path + ": " + e.Errno.Error() }

// Unwrap gives the errno.
func (e *ExecError) Unwrap() error { return e.Errno }
