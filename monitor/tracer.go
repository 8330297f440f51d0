package monitor

import (
	"bytes"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/cred"
	"github.com/veduta/veduta/ptrace"
	"github.com/veduta/veduta/vfs"
)

// ptrace decides who may trace whom, by the ids of the view; how it is done is
// ptrace/trace's. Of processes that are no guests the kernel knows.
func (c *call) ptrace() ptrace.Verdict {
	if c.abi() == arch.ABI32 && c.Int(0) != unix.PTRACE_TRACEME {
		return ptrace.Fail(unix.EPERM) // what it would be told lies otherwise in memory
	}
	switch c.Int(0) {
	case unix.PTRACE_TRACEME:
		if parent := c.m.taskOf(parentOf(c.task.tgid)); parent != nil {
			if err := c.m.traceCred(c.task).MayTraceme(c.m.traceCred(parent)); err != nil {
				return fails(err)
			}
		}
	case unix.PTRACE_ATTACH, unix.PTRACE_SEIZE:
		pid := c.Int(1)
		target := c.m.taskOf(pid)
		switch {
		case c.m.Sealed(pid):
			return ptrace.Fail(unix.EPERM)
		case target == nil:
			return ptrace.Pass()
		}
		if err := c.mayAttach(target); err != nil {
			return fails(err)
		}
	}
	return ptrace.Verdict{Kind: ptrace.KindPtrace, Call: &c.Call}
}

// mayAttach is ptrace_may_access of a guest, then Yama (ptrace(2)).
func (c *call) mayAttach(target *task) error {
	who := c.m.traceCred(c.task)
	if target.tgid == c.task.tgid {
		return nil // EPERM comes later, once it is known to be there
	}
	if err := who.PtracePermitted(c.m.traceCred(target), false); err != nil {
		return err
	}
	switch scope := yamaScope(); {
	case scope == 0 || scope < 3 && who.Capable(unix.CAP_SYS_PTRACE):
	case scope == 1 && descends(target.tgid, c.task.tgid):
	default:
		return unix.EPERM
	}
	return nil
}

// traceCred are the credentials of a guest: the view's, or where it has none to
// give, the kernel's.
func (m *Monitor) traceCred(t *task) *cred.Cred {
	if m.view.Identity != nil {
		return t.cred
	}
	status, err := os.ReadFile("/proc/" + strconv.Itoa(t.tid) + "/status")
	if err != nil {
		return t.cred
	}
	k := t.cred.Clone()
	ids := func(key string) (n [4]uint32) {
		for i, f := range statusFields(status, key) {
			v, _ := strconv.ParseUint(string(f), 10, 32)
			n[i%4] = uint32(v)
		}
		return n
	}
	set := func(key string) cred.CapSet {
		var v uint64
		if f := statusFields(status, key); len(f) == 1 {
			v, _ = strconv.ParseUint(string(f[0]), 16, 64)
		}
		return cred.CapSet(v)
	}
	u, g := ids("Uid"), ids("Gid")
	k.UID, k.EUID, k.SUID, k.FSUID = u[0], u[1], u[2], u[3]
	k.GID, k.EGID, k.SGID, k.FSGID = g[0], g[1], g[2], g[3]
	k.Permitted, k.Effective = set("CapPrm"), set("CapEff")
	// What is not dumpable belongs to root (proc(5)).
	if a, err := vfs.HostStatAt(unix.AT_FDCWD, "/proc/"+strconv.Itoa(t.tid)+"/status", 0); err == nil && a.Uid != k.EUID {
		k.Dumpable = 0
	}
	return k
}

// statusFields are the words of a line of a status file (proc_pid_status(5)).
func statusFields(status []byte, key string) [][]byte {
	_, rest, _ := bytes.Cut(status, []byte("\n"+key+":"))
	line, _, _ := bytes.Cut(rest, []byte{'\n'})
	return bytes.Fields(line)
}

// parentOf is the parent of a process, 0 if it is gone.
func parentOf(pid int) int {
	status, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if f := statusFields(status, "PPid"); err == nil && len(f) == 1 {
		n, _ := strconv.Atoi(string(f[0]))
		return n
	}
	return 0
}

// descends tells whether a process is another's, or a child of its children.
func descends(pid, of int) bool {
	for ; pid > 1; pid = parentOf(pid) {
		if pid == of {
			return true
		}
	}
	return false
}

// yamaScope is kernel.yama.ptrace_scope, 0 where there is no Yama.
var yamaScope = sync.OnceValue(func() int {
	b, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(string(bytes.TrimSpace(b)))
	return n
})
