package monitor

import (
	"encoding/binary"
	"os"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/ptrace/seccomp"
)

// Modes of seccomp(2), as prctl(PR_GET_SECCOMP) tells them.
const (
	modeDisabled = iota
	modeStrict
	modeFilter
)

// seccomp is caught where it changes the mode.
func (c *call) seccomp() ptrace.Verdict {
	flags, addr := c.Args[1], c.value(sysent.BufIn)
	if c.Uint32(0) == unix.SECCOMP_SET_MODE_FILTER {
		return c.addFilter(uint32(flags), addr)
	}
	if uint32(flags) != 0 || addr != 0 {
		return ptrace.Fail(unix.EINVAL)
	}
	return c.enterStrict()
}

// prctlSeccomp is the older spelling.
func (c *call) prctlSeccomp() ptrace.Verdict {
	switch c.Args[1] {
	case modeStrict:
		return c.enterStrict()
	case modeFilter:
		return c.addFilter(0, c.Args[2])
	}
	return ptrace.Fail(unix.EINVAL)
}

// knownFilterFlags are all of SECCOMP_FILTER_FLAG_ (include/uapi/linux/seccomp.h).
const knownFilterFlags = unix.SECCOMP_FILTER_FLAG_TSYNC | unix.SECCOMP_FILTER_FLAG_LOG | unix.SECCOMP_FILTER_FLAG_SPEC_ALLOW |
	unix.SECCOMP_FILTER_FLAG_NEW_LISTENER | unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH | unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV

// addFilter gives the guest its own filter, which then decides about the
// guest's calls and about none that are put in their place.
func (c *call) addFilter(flags uint32, addr uint64) ptrace.Verdict {
	if !filterFlags(flags) {
		return ptrace.Fail(unix.EINVAL)
	}
	prog, err := c.filterProgram(addr)
	if err != nil {
		return fails(err)
	}
	exempt, asks := seccomp.Exempt, []unix.SockFilter(nil)
	if seccomp.Asks(prog) {
		exempt, asks = seccomp.ExemptTraced, prog
	}
	if prog, err = exempt(prog); err == seccomp.ErrProgram {
		return ptrace.Fail(unix.EINVAL)
	} else if err != nil {
		return fails(err)
	}
	if flags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER != 0 {
		// What a supervisor lets go on would pass the view by, and there is
		// one listener already: what the kernel says of a second one.
		return ptrace.Fail(unix.EBUSY)
	}
	v := c.installing(prog, flags)
	v.Rewrite.Asks = asks
	return v
}

// filterFlags tells whether the kernel takes such flags.
func filterFlags(flags uint32) bool {
	has := func(f uint32) bool { return flags&f != 0 }
	switch {
	case has(^uint32(knownFilterFlags)),
		has(unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV) && !has(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER),
		has(unix.SECCOMP_FILTER_FLAG_TSYNC) && has(unix.SECCOMP_FILTER_FLAG_NEW_LISTENER) && !has(unix.SECCOMP_FILTER_FLAG_TSYNC_ESRCH):
		return false
	}
	return true
}

// filterProgram copies the program of a struct sock_fprog, for who may install
// one.
func (c *call) filterProgram(addr uint64) ([]unix.SockFilter, error) {
	abi := c.abi()
	head := make([]byte, 2*abi.Word())
	if err := c.thread.Mem.Read(addr, head); err != nil {
		return nil, err
	}
	n, at := int(binary.NativeEndian.Uint16(head)), abi.At(head, 1)
	if at == 0 || n == 0 || n > unix.BPF_MAXINSNS {
		return nil, unix.EINVAL
	}
	if !c.task.cred.NoNewPrivs && !c.m.traceCred(c.task).Capable(unix.CAP_SYS_ADMIN) {
		return nil, unix.EACCES
	}
	raw := make([]byte, n*unix.SizeofSockFilter)
	if err := c.thread.Mem.Read(at, raw); err != nil {
		return nil, err
	}
	prog := make([]unix.SockFilter, n)
	_, err := binary.Decode(raw, binary.NativeEndian, prog)
	return prog, err
}

// installing is the call with a program of ours.
func (c *call) installing(prog []unix.SockFilter, flags uint32) ptrace.Verdict {
	abi := c.abi()
	fprog := make([]byte, 2*abi.Word())
	binary.NativeEndian.PutUint16(fprog, uint16(len(prog)))
	abi.Put(fprog, 1, uint64(len(fprog)))
	fprog, err := binary.Append(fprog, binary.NativeEndian, prog)
	if err != nil {
		return fails(err)
	}
	rw := &ptrace.Rewrite{Nr: unix.SYS_SECCOMP, Filters: true}
	rw.Args[0] = ptrace.Arg{Set: true, Value: unix.SECCOMP_SET_MODE_FILTER}
	rw.Args[1] = ptrace.Arg{Set: true, Value: uint64(flags)}
	rw.Args[2] = ptrace.Arg{Set: true, Bytes: fprog, Pointers: []int{1}}
	return ptrace.Verdict{Kind: ptrace.KindRewrite, Rewrite: rw}
}

// enterStrict makes the strict mode of a filter: a thread in filter mode, as
// every guest is, cannot enter the kernel's own. Whatever it does not allow is
// sent to the monitor.
func (c *call) enterStrict() ptrace.Verdict {
	if c.seccompMode() != modeDisabled {
		return ptrace.Fail(unix.EINVAL)
	}
	p := strictPolicy(false, "read", "write", "exit", "rt_sigreturn")
	if arch.HasCompat {
		p.Compat = strictPolicy(arch.ABI32, "read", "write", "exit", "sigreturn")
	}
	prog, err := p.Compile()
	if err != nil {
		return fails(err)
	}
	c.task.strict = true
	return c.installing(prog, 0)
}

// strictPolicy allows some calls of a table (mode1_syscalls in kernel/seccomp.c).
func strictPolicy(abi arch.ABI, names ...string) *seccomp.Policy {
	p := &seccomp.Policy{AuditArch: auditArch(abi), Default: seccomp.Trace, Foreign: seccomp.KillProcess}
	number := arch.Number
	if abi == arch.ABI32 {
		number = arch.CompatNumber
	}
	for _, name := range names {
		nr, _ := number(name)
		p.Rules = append(p.Rules, seccomp.Rule{Nr: arch.Raw(nr), Action: seccomp.Allow})
	}
	return p
}

// ended is a call that the strict mode does not know. The kernel ends the
// thread; its process ends with it here.
func (t *task) ended() ptrace.Verdict {
	unix.Tgkill(t.tgid, t.tid, unix.SIGKILL)
	return ptrace.Fail(unix.ENOSYS)
}

// seccompMode is the mode that the guest has put itself into.
func (c *call) seccompMode() int {
	if c.task.strict {
		return modeStrict
	}
	status, err := os.ReadFile(c.proc("status"))
	if err == nil && c.task.filters(status) > 0 {
		return modeFilter
	}
	return modeDisabled
}
