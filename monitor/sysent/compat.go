package sysent

import "slices"

// compat are the calls that only the 32-bit table of amd64 has (i386).
var compat = []Entry{
	{"stat64", OpStat, PathName, args{Path, Stat64}, 0, ""},
	{"lstat64", OpStat, PathName, args{Path, Stat64}, nofollow, ""},
	{"fstatat64", OpStat, PathName, args{DirFD, Path, Stat64, Flags}, 0, "newfstatat, with a struct stat64"},
	{"fstat64", OpFstat, Descr, args{FD, Stat64}, 0, ""},
	{"oldstat", OpStat, PathName, args{Path, OldStat}, 0, ""},
	{"oldlstat", OpStat, PathName, args{Path, OldStat}, nofollow, ""},
	{"oldfstat", OpFstat, Descr, args{FD, OldStat}, 0, ""},
	{"statfs64", OpStatfs, PathName, args{Path, Len, Statfs64}, 0, "the length is that of the structure"},
	{"fstatfs64", OpFstatfs, Descr, args{FD, Len, Statfs64}, 0, "the length is that of the structure"},
	{"truncate64", OpTruncate, PathName, args{Path, Offset, OffsetHigh}, 0, ""},
	{"utimensat_time64", OpUtimes, PathName, args{DirFD, Path, Times64, Flags}, 0, "path may be NULL: the descriptor itself"},
	{"readdir", OpGetdents, Descr, args{FD, BufOut, Int}, 0, "one struct old_linux_dirent; the number is not looked at"},
	{"umount", OpUmount, Mount, args{Path}, 0, ""},

	{"rt_sigtimedwait_time64", OpSiginfo, Identity, args{BufIn, BufOut, BufIn, Int}, 0, ""},

	{"socketcall", OpSocketcall, Net, args{Cmd, Addr}, 0, "the calls about sockets, with their arguments in memory"},
	{"recvmmsg_time64", OpRecvmsg, Net, args{FD, MsgHdr, Int, Flags, BufIn}, 0, ""},

	{"olduname", OpUname, UTS, args{BufOut}, 0, "without the domain"},
	{"oldolduname", OpUname, UTS, args{BufOut}, 0, "without the domain, in 9 bytes each"},

	{"stime", OpClockSet, Clock, args{BufIn}, 0, ""},
	{"clock_gettime64", OpClockGet, Clock, args{Int, BufOut}, 0, ""},
	{"clock_settime64", OpClockSet, Clock, args{Int, BufIn}, 0, ""},
	{"clock_adjtime64", OpClockSet, Clock, args{Int, Addr}, 0, "in and out; modes of 0 only ask"},
	{"clock_nanosleep_time64", OpTimer, Clock, args{Int, Flags, BufIn, BufOut}, 0, "absolute with TIMER_ABSTIME"},
	{"timer_settime64", OpTimer, Clock, args{Int, Flags, BufIn, BufOut}, 0, "absolute with TIMER_ABSTIME"},
	{"timerfd_settime64", OpTimer, Clock, args{FD, Flags, BufIn, BufOut}, 0, "absolute with TFD_TIMER_ABSTIME"},

	{"waitpid", OpWait, Tracer, args{PID, BufOut, Flags}, 0, ""},

	{"_llseek", OpNone, Plain, args{FD, Offset, Offset, BufOut, Int}, 0, ""},
	{"_newselect", OpNone, Plain, args{Int, Addr, Addr, Addr, Addr}, 0, ""},
	{"fcntl64", OpNone, Plain, args{FD, Cmd, Int}, 0, ""},
	{"sendfile64", OpNone, Plain, args{FD, FD, Addr, Len}, 0, ""},
	{"ftruncate64", OpNone, Plain, args{FD, Offset, Offset}, 0, ""},
	{"fadvise64_64", OpNone, Plain, args{FD, Offset, Offset, Offset, Offset, Int}, 0, ""},
	{"mmap2", OpNone, Plain, args{Addr, Len, Int, Flags, FD, Offset}, 0, "the offset is in pages"},
	{"ipc", OpNone, Plain, args{Cmd, Int, Int, Int, Addr, Int}, 0, "semaphores, message queues, shared memory"},
	{"nice", OpNone, Plain, args{Int}, 0, ""},
	{"ugetrlimit", OpNone, Plain, args{Int, BufOut}, 0, ""},
	{"signal", OpNone, Plain, args{Signal, Addr}, 0, ""},
	{"sigaction", OpNone, Plain, args{Signal, BufIn, BufOut}, 0, ""},
	{"sigprocmask", OpNone, Plain, args{Cmd, BufIn, BufOut}, 0, ""},
	{"sigpending", OpNone, Plain, args{BufOut}, 0, ""},
	{"sigsuspend", OpNone, Plain, args{Int, Int, Int}, 0, ""},
	{"sgetmask", OpNone, Plain, args{}, 0, ""},
	{"ssetmask", OpNone, Plain, args{Int}, 0, ""},
	{"sigreturn", OpNone, Plain, args{}, 0, "never to be skipped: it restores the registers"},
	{"vm86", OpNone, Plain, args{Cmd, Addr}, 0, "the kernel answers ENOSYS"},
	{"vm86old", OpNone, Plain, args{Addr}, 0, "the kernel answers ENOSYS"},
	{"clock_getres_time64", OpNone, Plain, args{Int, BufOut}, 0, ""},
	{"timer_gettime64", OpNone, Plain, args{Int, BufOut}, 0, ""},
	{"timerfd_gettime64", OpNone, Plain, args{FD, BufOut}, 0, ""},
	{"pselect6_time64", OpNone, Plain, args{Int, Addr, Addr, Addr, Addr, BufIn}, 0, ""},
	{"ppoll_time64", OpNone, Plain, args{Addr, Int, Addr, BufIn, Int}, 0, ""},
	{"io_pgetevents_time64", OpNone, Plain, args{Int, Int, Int, Addr, BufIn, BufIn}, 0, ""},
	{"mq_timedsend_time64", OpNone, Plain, args{FD, BufIn, Len, Int, BufIn}, 0, ""},
	{"mq_timedreceive_time64", OpNone, Plain, args{FD, BufOut, Len, BufOut, BufIn}, 0, ""},
	{"semtimedop_time64", OpNone, Plain, args{Int, BufIn, Int, BufIn}, 0, ""},
	{"futex_time64", OpNone, Plain, args{Addr, Cmd, Int, Addr, Addr, Int}, 0, ""},
	{"sched_rr_get_interval_time64", OpNone, Plain, args{PID, BufOut}, 0, ""},

	{"bdflush", OpNone, Plain, args{}, 0, gone},
	{"break", OpNone, Plain, args{}, 0, gone},
	{"ftime", OpNone, Plain, args{}, 0, gone},
	{"gtty", OpNone, Plain, args{}, 0, gone},
	{"idle", OpNone, Plain, args{}, 0, gone},
	{"lock", OpNone, Plain, args{}, 0, gone},
	{"mpx", OpNone, Plain, args{}, 0, gone},
	{"prof", OpNone, Plain, args{}, 0, gone},
	{"profil", OpNone, Plain, args{}, 0, gone},
	{"stty", OpNone, Plain, args{}, 0, gone},
	{"ulimit", OpNone, Plain, args{}, 0, gone},
}

// otherwise are calls that in the 32-bit table have the name of one of amd64's, and
// other arguments.
var otherwise = []Entry{
	{"fanotify_mark", OpFanotifyMark, PathName, args{FD, Flags, Mask, Mask, DirFD, Path}, 0, "the mask is in two halves"},
	{"clone", OpClone, Lifecycle, args{CloneFlags, Addr, Addr, Addr, Addr}, 0, "CLONE_UNTRACED"},
	{"mmap", OpNone, Plain, args{Addr}, 0, "struct mmap_arg_struct"},
	{"select", OpNone, Plain, args{Addr}, 0, "struct sel_arg_struct"},
	{"set_thread_area", OpNone, Plain, args{Addr}, 0, ""},
	{"get_thread_area", OpNone, Plain, args{Addr}, 0, ""},
}

// idCalls are those that the 32-bit table has twice: under their names with ids of
// 16 bits, and with 32 behind it with ids of that many.
var idCalls = []string{
	"chown", "lchown", "fchown",
	"getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid", "getgroups",
	"setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups",
}

// long are those with 32 bits, and short those with 16: there -1 is 0xffff, and an
// id that does not fit is told as the overflow id (arch/x86/include/asm/compat.h,
// kernel/uid16.c).
var long, short = like(idCalls, "32"), like(idCalls, "")

// like gives the rows of calls once more, with something behind their names.
func like(names []string, behind string) (rows []Entry) {
	for _, e := range slices.Concat(paths, descr, identity) {
		if slices.Contains(names, e.Name) {
			e.Name += behind
			rows = append(rows, e)
		}
	}
	return rows
}
