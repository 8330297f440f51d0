package trace_test

import (
	"fmt"
	"log"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/launch"
	"github.com/veduta/veduta/ptrace/seccomp"
	"github.com/veduta/veduta/ptrace/trace"
)

// masks is a Handler that tells of one system call, and answers it.
type masks struct{}

func (masks) Syscall(_ *ptrace.Thread, c *ptrace.Call) ptrace.Verdict {
	fmt.Printf("umask(%#o)\n", c.Uint32(0))
	return ptrace.Return(0o27)
}

func (masks) Born(parent, child int, flags uint64)          {}
func (masks) Execed(*ptrace.Thread, int)                    {}
func (masks) Signaled(*ptrace.Thread, *ptrace.Siginfo) bool { return false }

func (masks) GroupStopped(tid int, sig unix.Signal) {}
func (masks) Gone(tid int, status unix.WaitStatus) {
	if code := status.ExitStatus(); code != 0 { // not the launcher's threads
		fmt.Println("status", code)
	}
}

func policy() *seccomp.Policy {
	return &seccomp.Policy{AuditArch: arch.AuditArch, X32Bit: arch.X32Bit,
		Default: seccomp.Allow, Foreign: seccomp.Errno(unix.ENOSYS),
		Rules: []seccomp.Rule{{Nr: unix.SYS_UMASK, Action: seccomp.Trace}}}
}

// A tracer: main calls launch.Main first, so that the same binary starts the
// guest.
func Example() {
	filter, err := policy().Compile()
	if err != nil {
		log.Fatal(err)
	}
	over := make(chan error)
	go func() {
		runtime.LockOSThread() // whoever seizes is the one that can command
		pool := trace.NewPool(masks{}, 1)
		l, err := launch.Start()
		if err != nil {
			over <- err
			return
		}
		if err := pool.Seize(l.PID); err != nil {
			over <- err
			return
		}
		go func() {
			l.Go(&launch.Plan{Filter: filter, NoNewPrivs: true, Paths: []string{"/bin/sh"}, Argv: []string{"sh", "-c", "umask 077; exit 3"}})
			l.Exec()
		}()
		over <- pool.Run()
	}()
	if err := <-over; err != nil {
		log.Fatal(err)
	}
	// Output:
	// umask(0)
	// umask(027)
	// umask(077)
	// status 3
}
