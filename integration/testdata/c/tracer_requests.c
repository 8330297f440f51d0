// Requests that look into a tracee and change it.
#define _GNU_SOURCE
#include <sys/mman.h>

#include "tracers.h"

static void do_pause(void)
{
	for (;;)
		pause();
}

static volatile long cell = 0x1122334455667788;
static const long constant = 0x99aabbccddeeff;

static void peeks(void)
{
	pid_t p = traced(do_pause);
	long v = 0;
	E("peek", P(PTRACE_PEEKDATA, p, &cell, &v));
	printf("%lx\n", v);
	E("peek text", P(PTRACE_PEEKTEXT, p, (char *)&cell + 1, &v));
	printf("%lx\n", v & 0xffffffffffffff);
	E("poke", P(PTRACE_POKEDATA, p, &cell, 42));
	E("peek", P(PTRACE_PEEKDATA, p, &cell, &v));
	printf("%ld, here %lx\n", v, cell);
	E("poke a constant", P(PTRACE_POKEDATA, p, &constant, 43));
	E("peek", P(PTRACE_PEEKDATA, p, &constant, &v));
	printf("%ld, here %lx\n", v, constant);
	E("peek 0", P(PTRACE_PEEKDATA, p, 0, &v));
	E("peek kernel", P(PTRACE_PEEKDATA, p, -4096L, &v));
	E("poke 0", P(PTRACE_POKEDATA, p, 0, 1));
	E("peek to 0", P(PTRACE_PEEKDATA, p, &cell, 0));
	E("peek to a constant", P(PTRACE_PEEKDATA, p, &cell, &constant));
	finish(p);
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + 4096, 4096);
	p = traced(do_pause);
	E("peek over an end", P(PTRACE_PEEKDATA, p, page + 4092, &v));
	E("poke over an end", P(PTRACE_POKEDATA, p, page + 4092, -1));
	E("peek at an end", P(PTRACE_PEEKDATA, p, page + 4088, &v));
	printf("%lx\n", v);
	mprotect(page, 4096, PROT_NONE);
	finish(p);
	p = traced(do_pause);
	E("peek what has no permission", P(PTRACE_PEEKDATA, p, page, &v));
	E("poke what has no permission", P(PTRACE_POKEDATA, p, page, 5));
	finish(p);
}

static void user_area(void)
{
	pid_t p = traced(do_pause);
	struct user_regs_struct r = regs(p);
	long v = 0;
	E("rip", P(PTRACE_PEEKUSER, p, offsetof(struct user, regs.rip), &v));
	printf("%d\n", v == (long)r.rip);
	E("poke", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.r15), 77));
	r = regs(p);
	printf("%ld\n", (long)r.r15);
	E("odd", P(PTRACE_PEEKUSER, p, 3, &v));
	E("odd", P(PTRACE_POKEUSER, p, 3, 0));
	E("beyond", P(PTRACE_PEEKUSER, p, sizeof(struct user), &v));
	E("beyond", P(PTRACE_POKEUSER, p, sizeof(struct user), 0));
	E("negative", P(PTRACE_PEEKUSER, p, -8L, &v));
	E("between", P(PTRACE_PEEKUSER, p, offsetof(struct user, u_tsize), &v));
	E("between", P(PTRACE_POKEUSER, p, offsetof(struct user, u_tsize), 1));
	E("cs", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.cs), 0));
	E("ss", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.ss), 3));
	E("fs_base", P(PTRACE_POKEUSER, p, offsetof(struct user, regs.fs_base), -1L));
	E("dr0", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[0]), &cell));
	E("dr0", P(PTRACE_PEEKUSER, p, offsetof(struct user, u_debugreg[0]), &v));
	printf("%d\n", v == (long)&cell);
	E("dr0 kernel", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[0]), -8L));
	E("dr4", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[4]), 1));
	E("dr7", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[7]), 0x20000001));
	E("dr6", P(PTRACE_PEEKUSER, p, offsetof(struct user, u_debugreg[6]), &v));
	r.eflags |= 0x40000000;
	r.rax = 5;
	E("setregs", P(PTRACE_SETREGS, p, 0, &r));
	E("getregs to 0", P(PTRACE_GETREGS, p, 0, 0));
	E("setregs from 0", P(PTRACE_SETREGS, p, 0, 0));
	r.cs = 0;
	E("setregs", P(PTRACE_SETREGS, p, 0, &r));
	r.cs = 0x33;
	r.fs_base = -1L;
	E("setregs", P(PTRACE_SETREGS, p, 0, &r));
	struct user_fpregs_struct f;
	E("getfpregs", P(PTRACE_GETFPREGS, p, 0, &f));
	f.xmm_space[0] = 1234;
	E("setfpregs", P(PTRACE_SETFPREGS, p, 0, &f));
	f.mxcsr = 0xffffffff;
	E("setfpregs", P(PTRACE_SETFPREGS, p, 0, &f));
	E("getfpregs", P(PTRACE_GETFPREGS, p, 0, &f));
	printf("%d\n", f.xmm_space[0]);
	E("unknown", P(12345, p, 0, 0));
	E("unknown", P(-1, p, 0, 0));
	E("sysemu", P(31, p, 0, 99));
	E("get_thread_area", P(25, p, 12, &f));
	E("arch_prctl", P(30, p, &v, 0x1003));
	printf("%d\n", v == (long)r.fs_base || v != 0);
	E("arch_prctl", P(30, p, &v, 0x9999));
	E("arch_prctl", P(30, p, 0, 0x1003));
	finish(p);
}

static void regset(pid_t p, int type, size_t len, int get)
{
	static char b[65536];
	struct iovec v = {b, len};
	errno = 0;
	long e = P(get ? PTRACE_GETREGSET : PTRACE_SETREGSET, p, type, &v);
	printf("%s %#x of %zu: %ld %s, %zu\n", get ? "get" : "set", type, len, e, strerrorname_np(errno), v.iov_len);
}

static void regsets(void)
{
	pid_t p = traced(do_pause);
	static const size_t lengths[] = {0, 1, 7, 8, 16, 216, 217, 224, 512, 4096, 65536};
	for (int i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		regset(p, NT_PRSTATUS, lengths[i], 1);
		regset(p, NT_PRFPREG, lengths[i], 1);
		regset(p, NT_X86_XSTATE, lengths[i], 1);
		regset(p, 0x201, lengths[i], 1);
		regset(p, 0x777, lengths[i], 1);
	}
	regset(p, NT_PRSTATUS, 216, 1);
	for (int i = 0; i < 4; i++)
		regset(p, NT_PRSTATUS, lengths[i], 0);
	struct iovec v = {NULL, 216};
	E("to 0", P(PTRACE_GETREGSET, p, NT_PRSTATUS, &v));
	E("vector at 0", P(PTRACE_GETREGSET, p, NT_PRSTATUS, 0));
	E("from 0", P(PTRACE_SETREGSET, p, NT_PRSTATUS, &v));
	v.iov_base = &v;
	v.iov_len = -1L;
	finish(p);
}

static void masks(void)
{
	pid_t p = traced(do_pause);
	sigset_t m;
	long v = 0;
	E("get", P(PTRACE_GETSIGMASK, p, 8, &v));
	printf("%lx\n", v);
	v = 1L << (SIGUSR1 - 1) | 1L << (SIGKILL - 1);
	E("set", P(PTRACE_SETSIGMASK, p, 8, &v));
	E("get", P(PTRACE_GETSIGMASK, p, 8, &v));
	printf("%lx\n", v);
	E("size", P(PTRACE_GETSIGMASK, p, 4, &m));
	E("size", P(PTRACE_SETSIGMASK, p, 128, &m));
	E("to 0", P(PTRACE_GETSIGMASK, p, 8, 0));
	E("from 0", P(PTRACE_SETSIGMASK, p, 8, 0));
	kill(p, SIGUSR1);
	kill(p, SIGTERM);
	P(PTRACE_CONT, p, 0, 0);
	sees("not the blocked one", p);
	finish(p);
}

static void handler(int s) { }
static void do_queue(void)
{
	sigset_t m;
	sigfillset(&m);
	sigprocmask(SIG_BLOCK, &m, NULL);
	for (int i = 0; i < 3; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval){i});
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2);
	raise(SIGSTOP);
}

static void queues(void)
{
	pid_t p = traced(do_queue);
	P(PTRACE_CONT, p, 0, 0);
	sees("stop", p);
	siginfo_t i[5];
	for (int flags = 0; flags < 3; flags++)
		for (int off = 0; off < 4; off += 2) {
			struct __ptrace_peeksiginfo_args a = {off, flags, 5};
			memset(i, 0, sizeof i);
			errno = 0;
			long n = P(PTRACE_PEEKSIGINFO, p, &a, i);
			printf("flags %d from %d: %ld %s\n", flags, off, n, strerrorname_np(errno));
			for (int k = 0; k < n; k++)
				printf(" %s code %d pid %d value %d\n", i[k].si_signo == SIGRTMIN ? "RTMIN" : sigabbrev_np(i[k].si_signo), i[k].si_code, i[k].si_pid == p, i[k].si_code == SI_QUEUE ? i[k].si_value.sival_int : 0);
		}
	struct __ptrace_peeksiginfo_args a = {0, 1, -1};
	E("negative", P(PTRACE_PEEKSIGINFO, p, &a, i));
	a.nr = 0;
	E("none", P(PTRACE_PEEKSIGINFO, p, &a, i));
	a.nr = 5;
	a.off = -1;
	E("far", P(PTRACE_PEEKSIGINFO, p, &a, i));
	a.off = 0;
	E("to 0", P(PTRACE_PEEKSIGINFO, p, &a, 0));
	E("from 0", P(PTRACE_PEEKSIGINFO, p, 0, i));
	E("siginfo to 0", P(PTRACE_GETSIGINFO, p, 0, 0));
	E("siginfo from 0", P(PTRACE_SETSIGINFO, p, 0, 0));
	E("message to 0", P(PTRACE_GETEVENTMSG, p, 0, 0));
	finish(p);
}

static int stepped[3];
__attribute__((noinline)) static void three(void)
{
	__asm__ volatile("nop\n nop\n movl $110, %%eax\n syscall\n nop\n" ::: "rax", "rcx", "r11", "memory");
	stepped[0]++;
}

static char *path = "/";
static void do_steps(void)
{
	__asm__ volatile("int3\n nop\n nop\n movl $110, %%eax\n syscall\n nop\n movl $80, %%eax\n movq %0, %%rdi\n syscall\n nop\n movl $39, %%eax\n syscall\n int3" ::"m"(path) : "rax", "rcx", "r11", "rdi", "memory");
}

static void steps(int mode, int most)
{
	pid_t p = traced(do_steps);
	P(PTRACE_CONT, p, 0, 0);
	sees("int3", p);
	tell_siginfo("int3", p);
	struct user_regs_struct r = regs(p);
	long start = r.rip;
	for (int i = 0; i < most; i++) {
		P(mode, p, 0, 0);
		int s;
		waitpid(p, &s, 0);
		if (!WIFSTOPPED(s)) {
			tell_status("end", s);
			return;
		}
		siginfo_t f = {0};
		P(PTRACE_GETSIGINFO, p, 0, &f);
		r = regs(p);
		printf("%s at %ld code %#x orig_rax %ld rax %d trap flag %d\n", sigabbrev_np(WSTOPSIG(s)), (long)r.rip - start, f.si_code, (long)r.orig_rax, (int)r.rax == p ? -1 : (int)r.rax == getpid() ? -2 : (int)r.rax, !!(r.eflags & 0x100));
	}
	E("cont", P(PTRACE_CONT, p, 0, 0));
	finish(p);
}

static void singlesteps(void) { steps(PTRACE_SINGLESTEP, 14); }
static void blocksteps(void) { steps(33, 14); }
static void sysemus(void) { steps(PTRACE_SYSEMU, 4); }
static void sysemu_steps(void) { steps(PTRACE_SYSEMU_SINGLESTEP, 14); }

static void do_touch(void)
{
	raise(SIGSTOP);
	cell = 5;
	stepped[1]++;
	cell = 6;
	three();
	_exit(stepped[0] + stepped[1]);
}

static void watchpoints(void)
{
	pid_t p = traced(do_touch);
	P(PTRACE_CONT, p, 0, 0);
	sees("stop", p);
	E("dr0", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[0]), &cell));
	E("dr7", P(PTRACE_POKEUSER, p, offsetof(struct user, u_debugreg[7]), 1 | 1 << 16 | 2 << 18));
	for (int i = 0; i < 2; i++) {
		P(PTRACE_CONT, p, 0, 0);
		sees("watch", p);
		tell_siginfo("watch", p);
		long v = 0;
		P(PTRACE_PEEKDATA, p, &cell, &v);
		printf("cell %ld\n", v);
		P(PTRACE_PEEKUSER, p, offsetof(struct user, u_debugreg[6]), &v);
		printf("dr6 %lx\n", v & 15);
	}
	P(PTRACE_CONT, p, 0, 0);
	sees("end", p);
}

static void breakpoint(void)
{
	pid_t p = traced(do_touch);
	long v;
	P(PTRACE_PEEKTEXT, p, three, &v);
	E("poke", P(PTRACE_POKETEXT, p, three, (v & ~0xffL) | 0xcc));
	P(PTRACE_CONT, p, 0, 0);
	sees("stop", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("break", p);
	tell_siginfo("break", p);
	struct user_regs_struct r = regs(p);
	printf("at %ld\n", (long)r.rip - (long)three);
	r.rip = (long)three;
	P(PTRACE_POKETEXT, p, three, v);
	P(PTRACE_SETREGS, p, 0, &r);
	P(PTRACE_CONT, p, 0, 0);
	sees("end", p);
}

static void not_stopped(void)
{
	pid_t p = paused();
	long v;
	E("peek, not traced", P(PTRACE_PEEKDATA, p, &cell, &v));
	E("cont, not traced", P(PTRACE_CONT, p, 0, 0));
	E("detach, not traced", P(PTRACE_DETACH, p, 0, 0));
	E("kill, not traced", P(PTRACE_KILL, p, 0, 0));
	E("interrupt, not traced", P(PTRACE_INTERRUPT, p, 0, 0));
	E("listen, not traced", P(PTRACE_LISTEN, p, 0, 0));
	E("unknown, not traced", P(9999, p, 0, 0));
	P(PTRACE_SEIZE, p, 0, 0);
	E("peek, running", P(PTRACE_PEEKDATA, p, &cell, &v));
	E("options, running", P(PTRACE_SETOPTIONS, p, 0, 0));
	E("listen, running", P(PTRACE_LISTEN, p, 0, 0));
	E("detach, running", P(PTRACE_DETACH, p, 0, 0));
	E("unknown, running", P(9999, p, 0, 0));
	finish(p);
	E("gone", P(PTRACE_CONT, p, 0, 0));
	E("no such", P(PTRACE_ATTACH, 0x3ffffff, 0, 0));
	E("no such", P(PTRACE_SEIZE, -1, 0, 0));
	E("zero", P(PTRACE_SEIZE, 0, 0, 0));
}

CASES({"peeks", peeks}, {"user_area", user_area}, {"regsets", regsets}, {"masks", masks}, {"queues", queues},
      {"singlesteps", singlesteps}, {"blocksteps", blocksteps}, {"sysemus", sysemus}, {"sysemu_steps", sysemu_steps},
      {"watchpoints", watchpoints}, {"breakpoint", breakpoint}, {"not_stopped", not_stopped})
