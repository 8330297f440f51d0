package monitor

import (
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/arch"
	"github.com/veduta/veduta/modules"
	"github.com/veduta/veduta/monitor/sysent"
	"github.com/veduta/veduta/ptrace/seccomp"
	"github.com/veduta/veduta/vfs"
	"github.com/veduta/veduta/vfs/hostfs"
)

// bind makes a view of one binding.
type bind modules.Binding

func (bind) Name() string                                  { return "test" }
func (b bind) Bind(*modules.View) (modules.Binding, error) { return modules.Binding(b), nil }

func monitorOf(t testing.TB, b modules.Binding) *Monitor {
	t.Helper()
	v, err := modules.Stack(modules.Host(), bind(b))
	if err != nil {
		t.Fatal(err)
	}
	m, err := New(v, nil, func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func withPaths(t testing.TB) *Monitor {
	fs := hostfs.New(hostfs.Options{Root: "/", Real: true})
	return monitorOf(t, modules.Binding{Mounts: []*vfs.Mount{{Point: "/", FS: fs, Layers: true}}})
}

// answers simulates the filter of a view.
func answers(t *testing.T, m *Monitor, notify bool) func(nr int, args ...uint64) seccomp.Action {
	t.Helper()
	prog, err := m.Policy(notify).Assemble()
	if err != nil {
		t.Fatal(err)
	}
	return func(nr int, args ...uint64) seccomp.Action { return simulate(t, prog, nr, args) }
}

func simulate(t *testing.T, prog []bpf.Instruction, nr int, args []uint64) seccomp.Action {
	t.Helper()
	d := seccomp.Data{Nr: int32(nr), Arch: arch.AuditArch}
	copy(d.Args[:], args)
	a, err := seccomp.Simulate(prog, d)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestPolicyOfNothing(t *testing.T) {
	m, err := New(modules.Host(), nil, func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	caught := map[int]bool{unix.SYS_PTRACE: true, unix.SYS_SECCOMP: true} // prctl for some options
	for _, notify := range []bool{false, true} {
		a := answers(t, m, notify)
		for _, e := range sysent.All() {
			if got := a(e.Number()) != seccomp.Allow; got != caught[e.Number()] {
				t.Errorf("notify %v: %s is caught: %v", notify, e.Name, got)
			}
		}
	}
}

func TestPolicyUTS(t *testing.T) {
	a := answers(t, monitorOf(t, modules.Binding{UTS: modules.NewUTS("x", "")}), false)
	caught := map[int]bool{unix.SYS_PTRACE: true, unix.SYS_UNAME: true, unix.SYS_SETHOSTNAME: true, unix.SYS_SETDOMAINNAME: true}
	for _, e := range sysent.All() {
		if got := a(e.Number()).Base() == seccomp.Trace; got != caught[e.Number()] {
			t.Errorf("%s is caught: %v", e.Name, got)
		}
	}
}

// untrapped are calls about paths that a view with paths does not see, and why.
var untrapped = map[string]string{
	"sendmsg":  "only of a process with datagram sockets: arm",
	"sendmmsg": "only of a process with datagram sockets: arm",
	"recvfrom": "only of a process with datagram sockets: arm",
	"recvmsg":  "only of a process with datagram sockets: arm",
	"recvmmsg": "only of a process with datagram sockets: arm",
	"accept":   "only of a process that listens at a path: arm",
	"accept4":  "only of a process that listens at a path: arm",
}

func TestPolicyPaths(t *testing.T) {
	for _, notify := range []bool{false, true} {
		m := withPaths(t)
		a := answers(t, m, notify)
		all := ^uint64(0)
		for _, e := range sysent.All() {
			if !e.Concerns(sysent.PathName) {
				continue
			}
			caught := a(e.Number(), all, all, all, all, all, all).Base() != seccomp.Allow
			if reason := untrapped[e.Name]; caught == (reason != "") {
				t.Errorf("notify %v: %s is caught: %v; reason not to: %q", notify, e.Name, caught, reason)
			}
		}
		if got := a(unix.SYS_GETPPID); got != seccomp.Allow {
			t.Errorf("getppid: %v", got)
		}
		if got := a(unix.SYS_READ, 3); got != seccomp.Allow {
			t.Errorf("read: %v", got)
		}
	}
}

func TestPolicyConditions(t *testing.T) {
	trace, notify := answers(t, withPaths(t), false), answers(t, withPaths(t), true)
	tests := []struct {
		name          string
		nr            int
		args          []uint64
		trace, notify seccomp.Action
	}{
		{"fork by clone", unix.SYS_CLONE, []uint64{unix.CLONE_CHILD_SETTID | 17}, seccomp.Allow, seccomp.Allow},
		{"a thread", unix.SYS_CLONE, []uint64{0x3d0f00}, seccomp.Allow, seccomp.Allow},
		{"untraced", unix.SYS_CLONE, []uint64{unix.CLONE_UNTRACED | 17}, seccomp.Trace, seccomp.Trace},
		{"a namespace", unix.SYS_CLONE, []uint64{unix.CLONE_NEWNS | 17}, seccomp.Trace, seccomp.Trace},
		{"sendto, connected", unix.SYS_SENDTO, []uint64{3, 4096, 1, 0, 0, 0}, seccomp.Allow, seccomp.Allow},
		{"sendto an address", unix.SYS_SENDTO, []uint64{3, 4096, 1, 0, 8192, 110}, seccomp.Trace, seccomp.Trace},
		{"sendto a high address", unix.SYS_SENDTO, []uint64{3, 4096, 1, 0, 1 << 32, 110}, seccomp.Trace, seccomp.Trace},
		{"a socket of datagrams", unix.SYS_SOCKET, []uint64{unix.AF_UNIX | 1<<40, unix.SOCK_DGRAM | unix.SOCK_CLOEXEC}, seccomp.Trace, seccomp.Trace},
		{"a stream", unix.SYS_SOCKET, []uint64{unix.AF_UNIX, unix.SOCK_STREAM}, seccomp.Allow, seccomp.Allow},
		{"udp", unix.SYS_SOCKET, []uint64{unix.AF_INET, unix.SOCK_DGRAM}, seccomp.Allow, seccomp.Allow},
		{"a pair", unix.SYS_SOCKETPAIR, []uint64{unix.AF_UNIX, unix.SOCK_DGRAM}, seccomp.Allow, seccomp.Allow},
		{"open", unix.SYS_OPENAT, []uint64{3, 4096, unix.O_RDONLY}, seccomp.Trace, seccomp.Notify},
		{"open for its path", unix.SYS_OPENAT, []uint64{3, 4096, unix.O_PATH | unix.O_CLOEXEC}, seccomp.Trace, seccomp.Trace},
		{"openat2", unix.SYS_OPENAT2, []uint64{3, 4096, 4096, 24}, seccomp.Trace, seccomp.Trace},
		{"chdir", unix.SYS_CHDIR, []uint64{4096}, seccomp.Trace, seccomp.Trace},
		{"execve", unix.SYS_EXECVE, []uint64{4096}, seccomp.Trace, seccomp.Trace},
		{"getcwd", unix.SYS_GETCWD, []uint64{4096, 100}, seccomp.Trace, seccomp.Notify},
		{"a filter", unix.SYS_SECCOMP, []uint64{unix.SECCOMP_SET_MODE_FILTER}, seccomp.Trace, seccomp.Trace},
		{"a question about filters", unix.SYS_SECCOMP, []uint64{unix.SECCOMP_GET_ACTION_AVAIL}, seccomp.Allow, seccomp.Allow},
		{"a filter by prctl", unix.SYS_PRCTL, []uint64{unix.PR_SET_SECCOMP | 1<<40, 2}, seccomp.Trace, seccomp.Trace},
		{"the mode", unix.SYS_PRCTL, []uint64{unix.PR_GET_SECCOMP}, seccomp.Trace, seccomp.Notify},
		{"a task's name", unix.SYS_PRCTL, []uint64{unix.PR_SET_NAME}, seccomp.Allow, seccomp.Allow},
		{"a number of the future", 600, nil, seccomp.Errno(unix.ENOSYS), seccomp.Errno(unix.ENOSYS)},
	}
	for _, x := range tests {
		if got := trace(x.nr, x.args...); got != x.trace {
			t.Errorf("%s by trace: %v, want %v", x.name, got, x.trace)
		}
		if got := notify(x.nr, x.args...); got != x.notify {
			t.Errorf("%s by notify: %v, want %v", x.name, got, x.notify)
		}
	}
}

// Whatever the arguments, an answer that may change registers never goes to
// notify.
func TestPolicyRewrites(t *testing.T) {
	m := withPaths(t)
	for _, r := range m.Policy(true).Rules {
		if e := sysent.Lookup(r.Nr); routes[e.Op].rewrites && r.Action != seccomp.Trace {
			t.Errorf("%s goes to %v", e.Name, r.Action)
		}
	}
}
