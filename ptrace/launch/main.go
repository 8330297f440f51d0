package launch

import (
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/ptrace/seccomp"
)

// Variable is the environment variable that makes a process a launcher; its
// value is the number of the socket.
const Variable = "VEDUTA_LAUNCH"

// Main turns the process into the first guest if it was started as launcher;
// else it returns at once. Call it first in main, from the main goroutine,
// which must be locked to its thread.
func Main() {
	v := os.Getenv(Variable)
	if v == "" {
		return
	}
	runtime.LockOSThread()
	fd, err := strconv.Atoi(v)
	if err != nil {
		os.Exit(125)
	}
	unix.CloseOnExec(fd)
	f := os.NewFile(uintptr(fd), "monitor")
	var p Plan
	if receivePlan(f, &p) != nil {
		os.Exit(125)
	}
	r := p.execute(f)
	sendReport(f, &r)
	os.Exit(125)
}

// execute returns only if it failed.
func (p *Plan) execute(f *os.File) Report {
	listener, step, errno := p.install()
	if errno != 0 {
		return Report{Listener: -1, Errno: errno, Step: step}
	}
	if sendReport(f, &Report{Listener: listener}) != nil {
		os.Exit(125)
	}
	var one [1]byte
	if n, _ := f.Read(one[:]); n != 1 {
		os.Exit(125)
	}
	if listener >= 0 {
		unix.Close(listener)
	}
	for _, fd := range p.Closed {
		unix.CloseOnExec(fd) // what Go's runtime opened here
	}
	if p.Dir != "" {
		if err := unix.Chdir(p.Dir); err != nil {
			return Report{Listener: -1, Errno: err.(unix.Errno), Step: "chdir", Path: p.Dir}
		}
	}
	r := Report{Listener: -1, Errno: unix.ENOENT, Step: "execve"}
	for _, path := range p.Paths {
		// Not unix.Exec alone: it also puts back what Go changed for itself
		// (RLIMIT_NOFILE).
		errno, _ := syscall.Exec(path, p.Argv, p.Env).(syscall.Errno)
		if errno == unix.ENOEXEC {
			// As execvp(3) does: a script without an interpreter line.
			argv := append([]string{"/bin/sh", path}, p.Argv[1:]...)
			errno, _ = syscall.Exec("/bin/sh", argv, p.Env).(syscall.Errno)
		}
		if r.Errno == unix.ENOENT || errno == unix.EACCES {
			r.Errno, r.Path = errno, path
		}
		if errno != unix.ENOENT && errno != unix.EACCES && errno != unix.ENOTDIR {
			r.Errno, r.Path = errno, path
			break
		}
	}
	return r
}

func (p *Plan) install() (listener int, step string, errno unix.Errno) {
	if len(p.Filter) == 0 {
		return -1, "", 0
	}
	if p.NoNewPrivs {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return -1, "prctl(PR_SET_NO_NEW_PRIVS)", err.(unix.Errno)
		}
	}
	flags := uint(0)
	if p.Notify {
		flags = unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
	}
	fd, err := seccomp.Install(p.Filter, flags)
	if err != nil {
		e, _ := err.(unix.Errno)
		return -1, "seccomp(SECCOMP_SET_MODE_FILTER)", e
	}
	if !p.Notify {
		fd = -1
	}
	return fd, "", 0
}
