// What the wait calls of a tracer get, and its SIGCHLD.
#define _GNU_SOURCE
#include <sys/resource.h>

#include "tracers.h"

static void hand(int fd) { write(fd, "x", 1); }
static void await_hand(int fd)
{
	char c;
	read(fd, &c, 1);
}

static int seized(pid_t p) // in a stop that nobody has waited for
{
	P(PTRACE_SEIZE, p, 0, 0);
	P(PTRACE_INTERRUPT, p, 0, 0);
	while (state(p) != 't')
		usleep(200);
	return 0;
}

static void id(const char *what, int which, pid_t p, int flags)
{
	siginfo_t i;
	memset(&i, 0, sizeof i);
	errno = 0;
	int r = waitid(which, p, &i, flags);
	printf("%s: %d %s signo %d code %d status %#x uid %d pid %s\n", what, r, strerrorname_np(errno), i.si_signo, i.si_code, i.si_status, i.si_uid == getuid() || !i.si_pid,
	       i.si_pid == p ? "its" : i.si_pid ? "other" : "none");
}

static void four(const char *what, pid_t p, int flags)
{
	int s = 0;
	struct rusage u;
	memset(&u, 0x5a, sizeof u);
	errno = 0;
	pid_t r = wait4(p, &s, flags, &u);
	printf("%s: %s %#x %s rusage %s\n", what, r > 0 ? "one" : r ? "error" : "none", s, strerrorname_np(errno), u.ru_nvcsw == 0x5a5a5a5a5a5a5a5a ? "untouched" : "written");
}

static void flags_of_stops(void)
{
	pid_t p = paused();
	seized(p);
	id("none of WSTOPPED", P_PID, p, WEXITED | WNOHANG | WNOWAIT);
	id("WCONTINUED", P_PID, p, WCONTINUED | WNOHANG | WNOWAIT);
	id("kept", P_PID, p, WSTOPPED | WNOWAIT);
	id("kept, all", P_ALL, p, WSTOPPED | WNOWAIT);
	id("kept, group", P_PGID, 0, WSTOPPED | WNOWAIT);
	id("no options", P_PID, p, 0);
	id("WNOHANG alone", P_PID, p, WNOHANG);
	id("wrong options", P_PID, p, WSTOPPED | 0x100);
	id("wrong which", 9, p, WSTOPPED);
	id("no such", P_PID, 0x3ffffff, WSTOPPED);
	id("negative", P_PID, -5, WSTOPPED);
	id("__WCLONE", P_PID, p, WSTOPPED | __WCLONE | WNOWAIT | WNOHANG);
	id("__WALL", P_PID, p, WSTOPPED | __WALL | WNOWAIT);
	id("__WNOTHREAD", P_PID, p, WSTOPPED | __WNOTHREAD | WNOWAIT);
	int fd = syscall(SYS_pidfd_open, p, 0);
	id("pidfd", P_PIDFD, fd, WSTOPPED | WNOWAIT);
	id("pidfd, bad", P_PIDFD, 999, WSTOPPED | WNOWAIT);
	id("taken", P_PID, p, WSTOPPED);
	id("again", P_PID, p, WSTOPPED | WNOHANG);
	four("wait4", p, WNOHANG);
	four("wait4, wrong", p, 0x1000);
	four("wait4, WEXITED", p, WEXITED);
	four("wait4, WNOWAIT", p, WNOWAIT | WNOHANG);
	P(PTRACE_CONT, p, 0, 0);
	seized(p);
	four("wait4 without options", p, 0);
	P(PTRACE_CONT, p, 0, 0);
	seized(p);
	four("any", -1, 0);
	P(PTRACE_CONT, p, 0, 0);
	seized(p);
	four("group", 0, 0);
	four("another group", -0x3ffffff, WNOHANG);
	four("least", 1 << 31, WNOHANG);
	printf("to 0 %d\n", wait4(p, NULL, WNOHANG, NULL));
	P(PTRACE_CONT, p, 0, 0);
	seized(p);
	E("to a bad address", syscall(SYS_wait4, p, 8, 0, 0));
	four("it is gone by that", p, WNOHANG);
	P(PTRACE_CONT, p, 0, 0);
	seized(p);
	printf("waitid to 0 %ld\n", syscall(SYS_waitid, P_PID, p, NULL, WSTOPPED, NULL));
	P(PTRACE_CONT, p, 0, 0);
	seized(p);
	E("waitid to a bad address", syscall(SYS_waitid, P_PID, p, 8, WSTOPPED, NULL));
	P(PTRACE_CONT, p, 0, 0);
	kill(p, SIGKILL);
	id("end, kept", P_PID, p, WEXITED | WNOWAIT);
	id("not a stop", P_PID, p, WSTOPPED | WNOHANG);
	four("end", p, 0);
	four("gone", p, 0);
}

static void do_pause(void)
{
	for (;;)
		pause();
}

static void kinds(void)
{
	pid_t p = traced(do_pause);
	id("nothing", P_PID, p, WSTOPPED | WNOHANG);
	P(PTRACE_CONT, p, 0, SIGSTOP);
	id("group-stop", P_PID, p, WSTOPPED);
	kill(p, SIGCONT);
	P(PTRACE_CONT, p, 0, 0);
	id("SIGCONT", P_PID, p, WSTOPPED);
	id("WCONTINUED", P_PID, p, WCONTINUED | WNOHANG);
	P(PTRACE_CONT, p, 0, SIGSEGV);
	id("end", P_PID, p, WEXITED);
	p = paused();
	P(PTRACE_SEIZE, p, 0, PTRACE_O_TRACEEXIT);
	kill(p, SIGTERM);
	id("signal", P_PID, p, WSTOPPED);
	P(PTRACE_CONT, p, 0, SIGTERM);
	id("exit", P_PID, p, WSTOPPED);
	P(PTRACE_CONT, p, 0, 0);
	id("end", P_PID, p, WEXITED | WSTOPPED);
}

static int thread_main(void *x)
{
	for (;;)
		pause();
}
static char stack[65536] __attribute__((aligned(16)));

static void clones(void)
{
	pid_t p = clone(thread_main, stack + sizeof stack, 0, NULL); // no SIGCHLD
	while (state(p) != 'S')
		usleep(200);
	four("not __WCLONE", p, WNOHANG);
	four("__WCLONE", p, WNOHANG | __WCLONE);
	seized(p);
	four("not __WCLONE", p, WNOHANG);
	P(PTRACE_CONT, p, 0, 0);
	seized(p);
	four("__WCLONE", p, WNOHANG | __WCLONE);
	P(PTRACE_CONT, p, 0, 0);
	kill(p, SIGKILL);
	four("end", p, __WALL);
}

static volatile sig_atomic_t count;
static siginfo_t last;
static void on(int s, siginfo_t *i, void *c)
{
	last = *i;
	count++;
}

static void handle(int flags)
{
	struct sigaction a = {.sa_sigaction = on, .sa_flags = SA_SIGINFO | SA_RESTART | flags};
	sigaction(SIGCHLD, &a, NULL);
	count = 0;
}

static void told(const char *what, pid_t p, int want)
{
	while (count < want)
		usleep(200);
	printf("%s: signals %d code %d status %d pid %d uid %d\n", what, count, last.si_code, last.si_status, last.si_pid == p, last.si_uid == getuid());
	count = 0;
}

static void sigchld(void)
{
	pid_t p = paused();
	handle(0);
	seized(p);
	told("interrupted", p, 1);
	sees("stop", p);
	P(PTRACE_CONT, p, 0, 0);
	kill(p, SIGSTOP);
	told("delivery", p, 1);
	sees("stop", p);
	P(PTRACE_CONT, p, 0, SIGSTOP);
	told("group-stop", p, 1);
	sees("stop", p);
	P(PTRACE_LISTEN, p, 0, 0);
	kill(p, SIGCONT);
	sees("its end", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("SIGCONT", p);
	count = 0;
	P(PTRACE_CONT, p, 0, 0);
	kill(p, SIGKILL);
	told("end", p, 1);
	sees("end", p);
}

static void nocldstop(void)
{
	pid_t p = paused();
	handle(SA_NOCLDSTOP);
	seized(p);
	sees("stop", p);
	P(PTRACE_CONT, p, 0, 0);
	kill(p, SIGSTOP);
	sees("stop", p);
	P(PTRACE_CONT, p, 0, SIGSTOP);
	sees("group-stop", p);
	printf("SA_NOCLDSTOP: signals %d\n", count);
	finish(p);
}

static void nocldwait(void)
{
	pid_t p = paused();
	handle(SA_NOCLDWAIT);
	seized(p);
	sees("stop", p);
	P(PTRACE_CONT, p, 0, 0);
	kill(p, SIGKILL);
	sees("SA_NOCLDWAIT: end", p);
	p = paused();
	signal(SIGCHLD, SIG_IGN);
	seized(p);
	sees("stop", p);
	P(PTRACE_CONT, p, 0, 0);
	kill(p, SIGTERM);
	sees("signal", p);
	P(PTRACE_CONT, p, 0, SIGTERM);
	sees("end", p);
}

static void interrupted_wait(void)
{
	pid_t p = paused();
	P(PTRACE_SEIZE, p, 0, 0);
	struct sigaction a = {.sa_sigaction = on, .sa_flags = SA_SIGINFO};
	sigaction(SIGALRM, &a, NULL);
	ualarm(30000, 0);
	int s;
	errno = 0;
	pid_t r = waitpid(p, &s, __WALL);
	printf("wait %d %s\n", r, strerrorname_np(errno));
	finish(p);
}

static void not_its_child(void) // a tracer with no child of its own waits
{
	int up[2], down[2];
	pipe(up);
	pipe(down);
	pid_t p = paused();
	pid_t tracer = fork();
	if (tracer == 0) {
		four("no child", -1, 0);
		P(PTRACE_SEIZE, p, 0, 0);
		four("running", -1, WNOHANG);
		hand(up[1]);
		four("signal", -1, 0);
		P(PTRACE_CONT, p, 0, 0);
		hand(up[1]);
		four("signal", p, 0);
		P(PTRACE_DETACH, p, 0, 0);
		four("no child any more", -1, 0);
		P(PTRACE_SEIZE, p, 0, 0);
		P(PTRACE_INTERRUPT, p, 0, 0);
		four("stop", p, 0);
		P(PTRACE_CONT, p, 0, 0);
		hand(up[1]);
		four("end", p, 0);
		four("no child any more", p, 0);
		_exit(0);
	}
	await_hand(up[0]);
	kill(p, SIGUSR1);
	await_hand(up[0]);
	kill(p, SIGUSR2);
	await_hand(up[0]);
	kill(p, SIGKILL);
	int s;
	waitpid(tracer, &s, 0);
	tell_status("tracer", s);
	sees("parent", p);
}

static void parents_view(void) // of the stops of a child that another traces
{
	int up[2], down[2];
	pipe(up);
	pipe(down);
	pid_t p = paused();
	pid_t tracer = fork();
	if (tracer == 0) {
		P(PTRACE_SEIZE, p, 0, 0);
		kill(p, SIGSTOP);
		waitpid(p, NULL, __WALL);
		hand(up[1]);
		await_hand(down[0]);
		P(PTRACE_CONT, p, 0, SIGSTOP);
		waitpid(p, NULL, __WALL);
		P(PTRACE_LISTEN, p, 0, 0);
		hand(up[1]);
		await_hand(down[0]);
		waitpid(p, NULL, __WALL);
		P(PTRACE_CONT, p, 0, 0);
		waitpid(p, NULL, __WALL);
		P(PTRACE_CONT, p, 0, 0);
		hand(up[1]);
		for (;;)
			pause();
	}
	await_hand(up[0]);
	id("at a delivery", P_PID, p, WSTOPPED | WEXITED | WCONTINUED | WNOHANG);
	hand(down[1]);
	await_hand(up[0]);
	id("at a group-stop", P_PID, p, WSTOPPED | WEXITED | WCONTINUED | WNOHANG);
	id("again", P_PID, p, WSTOPPED | WEXITED | WCONTINUED | WNOHANG);
	kill(p, SIGCONT);
	hand(down[1]);
	await_hand(up[0]);
	id("continued", P_PID, p, WSTOPPED | WEXITED | WCONTINUED | WNOHANG);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	finish(p);
}

static void *waiter(void *x)
{
	four("thread", *(pid_t *)x, __WALL);
	return NULL;
}

static void threads_wait(void)
{
	pid_t p = paused();
	P(PTRACE_SEIZE, p, 0, 0);
	pthread_t a;
	pthread_create(&a, NULL, waiter, &p);
	P(PTRACE_INTERRUPT, p, 0, 0);
	pthread_join(a, NULL);
	P(PTRACE_CONT, p, 0, 0);
	finish(p);
}

CASES({"flags_of_stops", flags_of_stops}, {"kinds", kinds}, {"clones", clones}, {"sigchld", sigchld}, {"nocldstop", nocldstop},
      {"nocldwait", nocldwait}, {"interrupted_wait", interrupted_wait}, {"not_its_child", not_its_child},
      {"parents_view", parents_view}, {"threads_wait", threads_wait})
