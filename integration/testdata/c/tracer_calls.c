// A tracer changes its tracee's calls: number, arguments, result. The files that
// they are about lie in the current directory.
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "tracers.h"

struct info { // struct ptrace_syscall_info
	unsigned char op, pad, flags1, flags2;
	unsigned arch;
	unsigned long ip, sp;
	union {
		struct {
			unsigned long nr, args[6];
		} entry;
		struct {
			long rval;
			unsigned char is_error;
		} exit;
		struct {
			unsigned long nr, args[6];
			unsigned ret_data;
		} seccomp;
	};
};

static const char *const ops[] = {"none", "entry", "exit", "seccomp"};

static void tell_info(const char *what, pid_t p)
{
	struct info i;
	memset(&i, 0x5a, sizeof i);
	long n = P(PTRACE_GET_SYSCALL_INFO, p, sizeof i, &i);
	if (n < 0) {
		printf("%s: info %s\n", what, strerrorname_np(errno));
		return;
	}
	struct user_regs_struct r = regs(p);
	printf("%s: info %ld %s ip %d sp %d", what, n, i.op < 4 ? ops[i.op] : "other", i.ip == r.rip, i.sp == r.rsp);
	if (i.op == 1 || i.op == 3)
		printf(" nr %ld args %d", (long)i.entry.nr, i.entry.args[0] == r.rdi && i.entry.args[5] == r.r9);
	if (i.op == 2)
		printf(" result %s error %d", i.exit.rval == p || i.exit.rval == getpid() ? "pid" : i.exit.rval > 255 || i.exit.rval < -4096 ? "much" : "small", i.exit.is_error);
	if (i.op == 3)
		printf(" data %u", i.seccomp.ret_data);
	printf("\n");
}

static void say(const char *format, ...)
{
	char b[200];
	va_list l;
	va_start(l, format);
	int n = vsnprintf(b, sizeof b, format, l);
	va_end(l);
	write(1, b, n);
}

static char name[64] = "one";
static char buffer[300];

// to runs up to the entry of a call.
static int to(pid_t p, long nr)
{
	for (;;) {
		int s;
		P(PTRACE_SYSCALL, p, 0, 0);
		if (waitpid(p, &s, __WALL) != p || !WIFSTOPPED(s)) {
			printf("it has ended\n");
			exit(1);
		}
		if (s >> 16 || WSTOPSIG(s) != (SIGTRAP | 0x80))
			continue;
		struct user_regs_struct r = regs(p);
		if (r.orig_rax == nr && r.rax == -ENOSYS)
			return s;
	}
}

static void out(pid_t p)
{
	int s;
	P(PTRACE_SYSCALL, p, 0, 0);
	waitpid(p, &s, __WALL);
	struct user_regs_struct r = regs(p);
	tell_status("exit", s);
	printf("orig_rax %ld rax %ld\n", (long)r.orig_rax, (long)r.rax == p || (long)r.rax == getpid() ? 100000 : (long)r.rax);
}

static pid_t start(void (*f)(void))
{
	pid_t p = traced(f);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESYSGOOD);
	return p;
}

static void end(pid_t p)
{
	P(PTRACE_CONT, p, 0, 0);
	sees("end", p);
}

static void set_name(pid_t p, unsigned long at, const char *s)
{
	long w = 0;
	strncpy((char *)&w, s, sizeof w);
	P(PTRACE_POKEDATA, p, at, w);
}

static void do_reads(void)
{
	int fd = open(name, O_RDONLY);
	int e = errno;
	int n = fd < 0 ? 0 : read(fd, buffer, sizeof buffer);
	say("open: %d %.*s\n", fd < 0 ? -e : 0, n, buffer);
	struct stat s;
	int r = stat(name, &s);
	say("stat: %d %ld\n", r ? -errno : 0, r ? 0 : (long)s.st_size);
	r = access(name, R_OK);
	say("access: %d\n", r ? -errno : 0);
	r = mkdir(name, 0755);
	say("mkdir: %d\n", r ? -errno : 0);
	r = unlink(name);
	say("unlink: %d\n", r ? -errno : 0);
	say("name %s\n", name);
}

static void path_in_memory(void)
{
	pid_t p = start(do_reads);
	to(p, SYS_openat);
	tell_info("entry", p);
	set_name(p, regs(p).rsi, "two");
	out(p);
	tell_info("exit", p);
	end(p);
}

static void path_pointer(void)
{
	static char other[] = "two";
	static const long calls[] = {SYS_openat, SYS_newfstatat, SYS_access, SYS_mkdir, SYS_unlink};
	pid_t p = start(do_reads);
	for (int i = 0; i < 5; i++) {
		to(p, calls[i]);
		struct user_regs_struct r = regs(p);
		if (i < 2)
			r.rsi = (unsigned long)other;
		else
			r.rdi = (unsigned long)other;
		P(PTRACE_SETREGS, p, 0, &r);
		tell_info("changed", p);
		out(p);
		r = regs(p);
		printf("argument is %s\n", (i < 2 ? r.rsi : r.rdi) == (unsigned long)other ? "the other" : "as before");
	}
	end(p);
}

static void bad_pointer(void)
{
	pid_t p = start(do_reads);
	to(p, SYS_openat);
	struct user_regs_struct r = regs(p);
	r.rsi = 8;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	to(p, SYS_newfstatat);
	r = regs(p);
	r.rsi = -1;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	end(p);
}

static void do_ids(void)
{
	errno = 0;
	long a = syscall(SYS_getuid);
	say("getuid %ld %d\n", a == getuid() ? 0 : a, errno);
	errno = 0;
	a = syscall(SYS_getppid);
	say("getppid %d %d\n", a == getppid() ? 0 : (int)a, errno);
	struct utsname u;
	memset(&u, 0, sizeof u);
	a = syscall(SYS_uname, &u);
	say("uname %d %d %s\n", (int)a, a ? errno : 0, u.sysname);
	errno = 0;
	a = chdir("/nonexistent");
	say("chdir %d %d\n", (int)a, errno);
	errno = 0;
	a = syscall(1000, 1, 2, 3);
	say("1000 %d %d\n", a == getpid() ? 0 : (int)a, errno);
}

static void skipped(void)
{
	static const long calls[] = {SYS_getuid, SYS_getppid, SYS_uname, SYS_chdir};
	pid_t p = start(do_ids);
	for (int i = 0; i < 4; i++) {
		to(p, calls[i]);
		struct user_regs_struct r = regs(p);
		r.orig_rax = -1;
		if (i % 2 == 0)
			r.rax = i ? -EPERM : 55;
		P(PTRACE_SETREGS, p, 0, &r);
		tell_info("skipped", p);
		out(p);
		tell_info("exit", p);
	}
	end(p);
}

static void results(void)
{
	static const long calls[] = {SYS_getuid, SYS_getppid, SYS_uname, SYS_chdir};
	pid_t p = start(do_ids);
	for (int i = 0; i < 4; i++) {
		to(p, calls[i]);
		out(p);
		struct user_regs_struct r = regs(p);
		r.rax = i % 2 ? -EXDEV : 66;
		P(PTRACE_SETREGS, p, 0, &r);
		tell_info("changed", p);
	}
	end(p);
}

static void numbers(void)
{
	static char path[] = "/";
	pid_t p = start(do_ids);
	to(p, SYS_getuid);
	struct user_regs_struct r = regs(p);
	r.orig_rax = SYS_chdir;
	r.rdi = (unsigned long)path;
	P(PTRACE_SETREGS, p, 0, &r);
	tell_info("changed", p);
	out(p);
	to(p, SYS_getppid);
	P(PTRACE_POKEUSER, p, offsetof(struct user, regs.orig_rax), 9999);
	out(p);
	to(p, SYS_uname);
	r = regs(p);
	r.orig_rax = SYS_mkdir;
	r.rdi = (unsigned long)name;
	r.rsi = 0700;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	to(p, 1000);
	r = regs(p);
	r.orig_rax = SYS_getpid;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	end(p);
}

static void do_quiet(void)
{
	syscall(SYS_getppid);
	open(name, O_RDONLY);
	raise(SIGUSR1);
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	execl("/bin/true", "true", NULL);
}

static void infos(void)
{
	pid_t p = start(do_quiet);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEVFORKDONE);
	tell_info("signal", p);
	to(p, SYS_getppid);
	tell_info("getppid", p);
	struct info i;
	for (int n = 0; n <= 96; n += 8) {
		memset(&i, 0, sizeof i);
		long l = P(PTRACE_GET_SYSCALL_INFO, p, n, &i);
		printf("%d bytes: %ld op %d nr %ld\n", n, l, i.op, (long)i.entry.nr);
	}
	E("to 0", P(PTRACE_GET_SYSCALL_INFO, p, sizeof i, 0));
	out(p);
	tell_info("getppid", p);
	for (int n = 0; n <= 96; n += 8) {
		memset(&i, 0, sizeof i);
		printf("%d bytes: %ld\n", n, P(PTRACE_GET_SYSCALL_INFO, p, n, &i));
	}
	to(p, SYS_openat);
	tell_info("openat", p);
	out(p);
	tell_info("openat", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("signal", p);
	tell_info("signal", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("signal", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("exec", p);
	tell_info("exec", p);
	P(PTRACE_SYSCALL, p, 0, 0);
	sees("exec's exit", p);
	tell_info("exec's exit", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("exit", p);
	tell_info("exit", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("end", p);
}

static void set_info(void)
{
	pid_t p = start(do_reads);
	to(p, SYS_openat);
	struct info i;
	static char other[] = "two";
	memset(&i, 0, sizeof i);
	P(PTRACE_GET_SYSCALL_INFO, p, sizeof i, &i);
	i.entry.args[1] = (unsigned long)other;
	i.pad = i.flags1 = i.flags2 = 0;
	E("set", P(0x4212, p, sizeof i, &i));
	out(p);
	i.op = 2;
	i.exit.rval = -EBADF;
	i.exit.is_error = 1;
	E("set", P(0x4212, p, sizeof i, &i));
	E("short", P(0x4212, p, 8, &i));
	E("from 0", P(0x4212, p, sizeof i, 0));
	i.op = 1;
	E("another kind", P(0x4212, p, sizeof i, &i));
	end(p);
}

static void do_emulated(void)
{
	long a = syscall(SYS_getppid);
	int e = errno;
	say("getppid %d %d\n", (int)a, a < 0 ? e : 0);
	int r = chdir("/");
	say("chdir %d\n", r ? errno : 0);
}

static void sysemu(void)
{
	pid_t p = start(do_emulated);
	for (int i = 0; i < 4; i++) {
		P(PTRACE_SYSEMU, p, 0, 0);
		sees("call", p);
		tell_info("call", p);
		struct user_regs_struct r = regs(p);
		printf("%ld\n", (long)r.orig_rax);
		if (r.orig_rax == SYS_getppid) {
			r.rax = 11;
			P(PTRACE_SETREGS, p, 0, &r);
		} else if (r.orig_rax == SYS_chdir) {
			r.rax = -EDOM;
			P(PTRACE_SETREGS, p, 0, &r);
		} else { // a write: done by hand
			char b[100] = "";
			struct iovec l = {b, r.rdx}, f = {(void *)r.rsi, r.rdx};
			process_vm_readv(p, &l, 1, &f, 1, 0);
			printf("%s", b);
			r.rax = r.rdx;
			P(PTRACE_SETREGS, p, 0, &r);
		}
	}
	finish(p);
}

static void do_execs(void)
{
	execl("./none", "none", "a", NULL);
	say("execve %d\n", errno);
}

static void exec_changed(void)
{
	static char true_[] = "/bin/true";
	pid_t p = start(do_execs);
	to(p, SYS_execve);
	struct user_regs_struct r = regs(p);
	r.rdi = (unsigned long)true_;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	tell_siginfo("exit", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("trap", p);
	tell_siginfo("trap", p);
	printf("rax %ld\n", (long)regs(p).rax);
	end(p);
}

#define ON_CALL(number, ret) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, ret)
static void do_filter(void)
{
	struct sock_filter f[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), ON_CALL(SYS_openat, SECCOMP_RET_TRACE | 3),
				  ON_CALL(SYS_mkdir, SECCOMP_RET_TRACE | 4), ON_CALL(SYS_getppid, SECCOMP_RET_ERRNO | 77), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog prog = {sizeof f / sizeof *f, f};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	do_reads();
}

static void filter_path(void)
{
	static char other[] = "two";
	pid_t p = start(do_filter);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESECCOMP);
	P(PTRACE_CONT, p, 0, 0);
	sees("stop", p);
	tell_info("stop", p);
	struct user_regs_struct r = regs(p);
	r.rsi = (unsigned long)other;
	P(PTRACE_SETREGS, p, 0, &r);
	P(PTRACE_CONT, p, 0, 0);
	sees("stop", p);
	tell_info("stop", p);
	r = regs(p);
	r.orig_rax = SYS_getppid; // the filter sees it again
	P(PTRACE_SETREGS, p, 0, &r);
	P(PTRACE_SYSCALL, p, 0, 0);
	sees("exit", p);
	r = regs(p);
	printf("orig_rax %ld rax %ld\n", (long)r.orig_rax, (long)r.rax);
	tell_info("exit", p);
	end(p);
}

static void do_getcwd(void)
{
	long n = syscall(SYS_getcwd, buffer, sizeof buffer);
	say("getcwd %d %d\n", n > 0, (int)(n > 0 ? strlen(buffer) + 1 == n : errno));
	n = readlink("link", buffer, sizeof buffer);
	say("readlink %ld %.*s\n", n, n > 0 ? (int)n : 0, buffer);
	n = chdir("dir");
	say("chdir %ld %d\n", n, access("in", F_OK));
	n = rename("in", "out");
	say("rename %ld\n", n);
}

static void caught(void)
{
	static char one[] = "../one", up[] = "..";
	pid_t p = start(do_getcwd);
	to(p, SYS_getcwd);
	struct user_regs_struct r = regs(p);
	r.rsi = 1;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	to(p, SYS_readlink);
	out(p);
	to(p, SYS_chdir);
	out(p);
	to(p, SYS_access);
	r = regs(p);
	r.rdi = (unsigned long)one;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	to(p, SYS_rename);
	r = regs(p);
	r.orig_rax = SYS_chdir;
	r.rdi = (unsigned long)up;
	P(PTRACE_SETREGS, p, 0, &r);
	out(p);
	char link[50];
	snprintf(link, sizeof link, "/proc/%d/cwd", p);
	char cwd[300] = "", mine[300] = "";
	readlink(link, cwd, sizeof cwd - 1);
	getcwd(mine, sizeof mine);
	printf("back: %d\n", !strcmp(cwd, mine));
	end(p);
}

CASES({"path_in_memory", path_in_memory}, {"path_pointer", path_pointer}, {"bad_pointer", bad_pointer}, {"skipped", skipped},
      {"results", results}, {"numbers", numbers}, {"infos", infos}, {"set_info", set_info}, {"sysemu", sysemu},
      {"exec_changed", exec_changed}, {"filter_path", filter_path}, {"caught", caught})
