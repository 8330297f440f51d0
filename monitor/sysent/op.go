package sysent

// The operations. A call that no handler needs to tell apart spells OpNone.
const (
	OpNone Op = iota

	// by path
	OpOpen     // open creat openat openat2
	OpStat     // stat lstat newfstatat (AT_EMPTY_PATH: as OpFstat)
	OpStatx    // statx
	OpAccess   // access faccessat faccessat2
	OpReadlink // readlink readlinkat
	OpMkdir
	OpMknod
	OpUnlink // unlink unlinkat (AT_REMOVEDIR: as OpRmdir)
	OpRmdir
	OpSymlink
	OpLink
	OpRename
	OpChmod // chmod fchmodat fchmodat2
	OpChown // chown lchown fchownat
	OpUtimes
	OpTruncate
	OpGetxattr // also l and at spellings
	OpSetxattr
	OpListxattr
	OpRemovexattr
	OpFileAttr // file_getattr file_setattr
	OpStatfs
	OpChdir
	OpChroot
	OpExec // execve execveat
	OpInotifyAdd
	OpFanotifyMark
	OpNameToHandle
	OpOpenByHandle
	OpOpenTree // open_tree open_tree_attr
	OpMount
	OpFsopen
	OpFsconfig
	OpFsmount
	OpFspick
	OpMoveMount
	OpMountSetattr
	OpUmount
	OpPivotRoot
	OpSwap     // swapon swapoff
	OpAcct     // acct
	OpQuotactl // quotactl quotactl_fd
	OpUselib
	OpStatmount
	OpListmount

	// by descriptor
	OpFstat
	OpFchmod
	OpFchown
	OpFgetxattr
	OpFsetxattr
	OpFlistxattr
	OpFremovexattr
	OpFstatfs
	OpFchdir
	OpGetdents // getdents getdents64
	OpFlock
	OpIoctl // only those that change the file itself
	OpGetcwd
	OpUmask

	// sockets
	OpSocket     // socket socketpair
	OpSocketcall // all of them, in the 32-bit table
	OpBind
	OpConnect
	OpAccept
	OpGetsockname // getsockname getpeername
	OpSendto      // address in a register; trapped only where it is not NULL
	OpSendmsg     // sendmsg sendmmsg
	OpRecvmsg     // recvfrom recvmsg recvmmsg
	OpListen
	OpShutdown
	OpGetsockopt
	OpSetsockopt

	// identity
	OpGetuid
	OpGeteuid
	OpGetgid
	OpGetegid
	OpGetresuid
	OpGetresgid
	OpGetgroups
	OpSetuid
	OpSetgid
	OpSetreuid
	OpSetregid
	OpSetresuid
	OpSetresgid
	OpSetfsuid
	OpSetfsgid
	OpSetgroups
	OpCapget
	OpCapset
	OpPrctl
	OpMemfd

	// host name, clock
	OpUname
	OpSethostname
	OpSetdomainname
	OpClockGet // clock_gettime gettimeofday time
	OpClockSet // clock_settime settimeofday adjtimex clock_adjtime
	OpTimer    // clock_nanosleep timer_settime timerfd_settime: absolute times
	OpSysinfo  // sysinfo: uptime

	// tasks
	OpFork  // fork vfork
	OpClone // flags in a register
	OpClone3
	OpExit
	OpUnshare
	OpSetns
	OpPtrace
	OpWait      // wait4: stops of emulated tracees
	OpSiginfo   // waitid rt_sigtimedwait: whose signal or end it was
	OpSignalfd  // signalfd signalfd4: whose signals are read
	OpRead      // read, of a signalfd
	OpProcessVM // process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp
	OpReach     // prlimit64 setpriority sched_setscheduler perf_event_open …: limits, scheduling and memory of another process
	OpKill
	OpReboot
	OpAffinity // sched_getaffinity sched_setaffinity
	OpModule   // init_module, kexec and others that change the kernel itself

	// ways around
	OpSeccomp
	OpIOUring
	OpLandlock // landlock_create_ruleset landlock_add_rule landlock_restrict_self
	OpBPF      // BPF_OBJ_PIN and BPF_OBJ_GET take a path
)
