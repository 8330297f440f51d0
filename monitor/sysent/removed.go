package sysent

const gone = "the kernel answers ENOSYS"

// removed are the numbers that kernels no longer serve, or never did. They are
// known, so that a guest gets the kernel's own answer.
var removed = []Entry{
	{"_sysctl", OpNone, Plain, args{}, 0, gone},
	{"afs_syscall", OpNone, Plain, args{}, 0, gone},
	{"create_module", OpNone, Plain, args{}, 0, gone},
	{"epoll_ctl_old", OpNone, Plain, args{}, 0, gone},
	{"epoll_wait_old", OpNone, Plain, args{}, 0, gone},
	{"get_kernel_syms", OpNone, Plain, args{}, 0, gone},
	{"get_thread_area", OpNone, Plain, args{}, 0, gone},
	{"getpmsg", OpNone, Plain, args{}, 0, gone},
	{"lookup_dcookie", OpNone, Plain, args{}, 0, gone},
	{"nfsservctl", OpNone, Plain, args{}, 0, gone},
	{"putpmsg", OpNone, Plain, args{}, 0, gone},
	{"query_module", OpNone, Plain, args{}, 0, gone},
	{"security", OpNone, Plain, args{}, 0, gone},
	{"set_thread_area", OpNone, Plain, args{}, 0, gone},
	{"tuxcall", OpNone, Plain, args{}, 0, gone},
	{"vserver", OpNone, Plain, args{}, 0, gone},
}
