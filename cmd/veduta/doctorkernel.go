package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/veduta/veduta/monitor"
	"github.com/veduta/veduta/ptrace/seccomp"
)

const (
	fixSeccomp = "in a container use --security-opt seccomp=unconfined, else a kernel with CONFIG_SECCOMP_FILTER"
	fixNotify  = "a newer kernel is faster here; the trace engine does without"
	fixNested  = "somebody outside listens to us already; the trace engine does without"
)

// kernelFindings are what single system calls can do, and why the notify
// engine is out of question, if it is.
func kernelFindings() (list []finding, notify error) {
	f := seccomp.Probe()
	list = append(list, found("seccomp filter", f.Filter.Why, fixSeccomp))
	for _, n := range []struct {
		what string
		f    seccomp.Feature
	}{
		{"seccomp user notification", f.Notify},
		{"notification that signals do not break (5.19)", f.WaitKillable},
		{"descriptors by notification (5.9)", f.AddFD},
		{"and answers with them at once (5.14)", f.AddFDSend},
	} {
		fix := fixNotify
		if errors.Is(n.f.Why, unix.EBUSY) {
			fix = fixNested
		}
		list = append(list, found(n.what, n.f.Why, fix))
	}
	wake := finding{What: "wake-up on the same CPU (6.6)", Verdict: verdictInfo, Says: "yes"}
	if !f.SyncWakeUp.OK {
		wake.Says = "no, notifications are slower: " + f.SyncWakeUp.Why.Error()
	}
	list = append(list, wake,
		found("process_vm_readv", tryVMRead(), fixSeccomp),
		found("pidfd_getfd", tryGetFD(), fixSeccomp+"; the trace engine does without"))
	return list, monitor.Notifiable(&f)
}

// tryVMRead reads our own memory, which is refused only where the call is.
func tryVMRead() error {
	from, to := [8]byte{1, 2, 3}, [8]byte{}
	local := unix.Iovec{Base: &to[0]}
	local.SetLen(len(to))
	remote := unix.RemoteIovec{Base: uintptr(unsafe.Pointer(&from[0])), Len: len(from)}
	_, err := unix.ProcessVMReadv(os.Getpid(), []unix.Iovec{local}, []unix.RemoteIovec{remote}, 0)
	if err == nil && from != to {
		err = errors.New("it read something else")
	}
	return err
}

func tryGetFD() error {
	pidfd, err := unix.PidfdOpen(os.Getpid(), 0)
	if err != nil {
		return fmt.Errorf("pidfd_open: %w", err)
	}
	defer unix.Close(pidfd)
	fd, err := unix.PidfdGetfd(pidfd, pidfd, 0)
	if err == nil {
		unix.Close(fd)
	}
	return err
}

// surroundings are what somebody else has set for us.
func surroundings() []finding {
	list := []finding{yama()}
	tracer := finding{What: "another tracer", Verdict: verdictOK, Says: "none"}
	if pid := procStatus("TracerPid"); pid != "0" && pid != "" {
		tracer = finding{"another tracer", verdictNo, "process " + pid + " traces us, and a process has one tracer only", "start veduta outside of it"}
	}
	if v := os.Getenv("VEDUTA_VIEW"); v != "" {
		tracer = finding{"another tracer", verdictNo, "we are in a view of veduta", "leave that one first"}
	}
	return append(list, tracer,
		finding{What: "no_new_privs", Verdict: verdictInfo, Says: map[bool]string{true: "set already: set-user-id programs have no effect", false: "not set"}[procStatus("NoNewPrivs") == "1"]},
		finding{What: "outer seccomp filters", Verdict: verdictInfo, Says: orNone(procStatus("Seccomp_filters"))})
}

// procStatus is a field of /proc/self/status (proc_pid_status(5)).
func procStatus(key string) string {
	data, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(data)) {
		if v, ok := strings.CutPrefix(line, key+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func orNone(n string) string {
	if n == "0" || n == "" {
		return "none"
	}
	return n
}

// yama: see Documentation/admin-guide/LSM/Yama.rst.
func yama() finding {
	data, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	scope := strings.TrimSpace(string(data))
	f := finding{What: "yama ptrace_scope", Verdict: verdictOK, Says: scope}
	switch {
	case err != nil:
		f.Says = "not there"
	case scope == "2" && os.Geteuid() != 0:
		f.Verdict, f.Says, f.Fix = verdictNo, "2, only root may trace", "sudo sysctl kernel.yama.ptrace_scope=1"
	case scope == "3":
		f.Verdict, f.Says, f.Fix = verdictNo, "3, nobody may trace until the next boot", "boot with kernel.yama.ptrace_scope=1"
	}
	return f
}

// extras are good to know; views do without.
func extras() []finding {
	ns := finding{What: "user namespaces", Verdict: verdictInfo, Says: "yes, not needed"}
	cmd := exec.Command("/proc/self/exe", "version")
	cmd.SysProcAttr = &unix.SysProcAttr{Cloneflags: unix.CLONE_NEWUSER}
	if err := cmd.Run(); err != nil {
		ns.Says = "no, not needed"
	}
	abi := finding{What: "Landlock", Verdict: verdictInfo}
	// landlock_create_ruleset(2) with this flag gives the version of the ABI.
	v, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if abi.Says = fmt.Sprintf("ABI %d", v); e != 0 {
		abi.Says = "no: " + e.Error()
	}
	return []finding{ns, abi}
}
