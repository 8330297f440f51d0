package sysent

import "golang.org/x/sys/unix"

// tasks are the calls that make and end tasks, and those by which one task
// looks into another.
var tasks = []Entry{
	{"fork", OpFork, Lifecycle, args{}, 0, ""},
	{"vfork", OpFork, Lifecycle, args{}, unix.CLONE_VFORK | unix.CLONE_VM, ""},
	{"clone", OpClone, Lifecycle, args{CloneFlags, Addr, Addr, Addr, Addr}, 0, "the last two change places between CPUs; CLONE_UNTRACED"},
	{"clone3", OpClone3, Lifecycle, args{CloneArgs, Len}, 0, "flags in memory"},
	{"execve", OpExec, Lifecycle, args{Path, Argv, Envp}, 0, ""},
	{"execveat", OpExec, Lifecycle, args{DirFD, Path, Argv, Envp, Flags}, 0, "with AT_EMPTY_PATH fexecve"},
	{"exit", OpExit, Lifecycle, args{Int}, 0, "the thread"},
	{"exit_group", OpExit, Lifecycle, args{Int}, 0, "the process"},
	{"unshare", OpUnshare, Lifecycle, args{CloneFlags}, 0, ""},
	{"setns", OpSetns, Lifecycle, args{FD, CloneFlags}, 0, ""},

	{"ptrace", OpPtrace, Tracer, args{Cmd, PID, Addr, Addr}, 0, ""},
	{"wait4", OpWait, Tracer, args{PID, BufOut, Flags, BufOut}, 0, ""},
	{"waitid", OpSiginfo, Tracer, args{Int, PID, BufOut, Flags, BufOut}, 0, ""},
	{"process_vm_readv", OpProcessVM, Tracer, args{PID, Addr, Int, Addr, Int, Flags}, 0, ""},
	{"process_vm_writev", OpProcessVM, Tracer, args{PID, Addr, Int, Addr, Int, Flags}, 0, ""},
	{"process_madvise", OpProcessVM, Tracer, args{FD, Addr, Int, Int, Flags}, 0, ""},
	{"pidfd_getfd", OpProcessVM, Tracer, args{FD, Int, Flags}, 0, ""},
	{"kcmp", OpProcessVM, Tracer, args{PID, PID, Cmd, Int, Int}, 0, ""},

	{"seccomp", OpSeccomp, Filter, args{Cmd, Flags, BufIn}, 0, ""},
	{"io_uring_setup", OpIOUring, Filter, args{Int, Addr}, 0, "its requests pass no filter"},
	{"io_uring_enter", OpIOUring, Filter, args{FD, Int, Int, Flags, Addr, Len}, 0, ""},
	{"io_uring_register", OpIOUring, Filter, args{FD, Cmd, Addr, Int}, 0, ""},
	{"landlock_create_ruleset", OpLandlock, Filter, args{BufIn, Len, Flags}, 0, "its rules are about the host's files"},
	{"landlock_add_rule", OpLandlock, Filter, args{FD, Cmd, BufIn, Flags}, 0, "the rule holds a descriptor"},
	{"landlock_restrict_self", OpLandlock, Filter, args{FD, Flags}, 0, ""},
	{"bpf", OpBPF, Filter, args{Cmd, Addr, Len}, 0, "BPF_OBJ_PIN and BPF_OBJ_GET take a path"},
}
