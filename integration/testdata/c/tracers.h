// What the programs that trace share: each case is a process group of its own
// that prints what it saw.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"

#define P(req, pid, addr, data) \
	syscall(SYS_ptrace, (long)(req), (long)(pid), (unsigned long)(addr), (unsigned long)(data))

// E prints a request's result: 0 and more, or the error's name.
#define E(what, call) \
	do { \
		errno = 0; \
		long e_ = (call); \
		printf("%s: %s\n", what, e_ == -1 ? strerrorname_np(errno) : e_ ? "more" : "0"); \
	} while (0)

#ifndef PATIENCE
#define PATIENCE 60 // seconds
#endif

struct tracercase {
	const char *name;
	void (*run)(void);
};

static inline const char *event_name(int e)
{
	static const char *names[] = {"", " fork", " vfork", " clone", " exec", " vforkdone", " exit", " seccomp"};
	return e == 128 ? " stop" : e < 8 ? names[e] : " unknown";
}

static inline void tell_status(const char *what, int s)
{
	if (WIFSTOPPED(s))
		printf("%s: stopped %s%s%s\n", what, sigabbrev_np(WSTOPSIG(s) & 0x7f), WSTOPSIG(s) & 0x80 ? "|80" : "",
		       event_name(s >> 16));
	else if (WIFEXITED(s))
		printf("%s: exited %d\n", what, WEXITSTATUS(s));
	else if (WIFSIGNALED(s))
		printf("%s: killed %s\n", what, sigabbrev_np(WTERMSIG(s)));
	else if (WIFCONTINUED(s))
		printf("%s: continued\n", what);
	else
		printf("%s: status %#x\n", what, s);
}

// sees waits for a task and prints what it gets.
static inline int sees(const char *what, pid_t p)
{
	int s = 0;
	pid_t r = waitpid(p, &s, __WALL);
	if (r != p)
		printf("%s: wait %s\n", what, r < 0 ? strerrorname_np(errno) : "of another");
	else
		tell_status(what, s);
	return s;
}

// nothing prints what a wait gets that does not block.
static inline void nothing(const char *what, pid_t p)
{
	int s = 0;
	pid_t r = waitpid(p, &s, __WALL | WNOHANG);
	if (r > 0)
		tell_status(what, s);
	else
		printf("%s: %s\n", what, r ? strerrorname_np(errno) : "nothing");
}

static inline void tell_siginfo(const char *what, pid_t p)
{
	siginfo_t i;
	memset(&i, 0, sizeof i);
	if (P(PTRACE_GETSIGINFO, p, 0, &i))
		printf("%s: siginfo %s\n", what, strerrorname_np(errno));
	else
		printf("%s: siginfo %d code %#x errno %d pid %s\n", what, i.si_signo, i.si_code, i.si_errno,
		       i.si_code > 0x80 || i.si_signo == SIGSEGV ? "-" : i.si_pid == p ? "its own" : i.si_pid == getpid() ? "the tracer" : i.si_pid ? "other" : "none");
}

static inline unsigned long message(pid_t p)
{
	unsigned long m = -1;
	if (P(PTRACE_GETEVENTMSG, p, 0, &m))
		printf("GETEVENTMSG %s\n", strerrorname_np(errno));
	return m;
}

static inline struct user_regs_struct regs(pid_t p)
{
	struct user_regs_struct r;
	memset(&r, 0, sizeof r);
	if (P(PTRACE_GETREGS, p, 0, &r))
		printf("GETREGS %s\n", strerrorname_np(errno));
	return r;
}

// paused is a child that does nothing.
static inline pid_t paused(void)
{
	pid_t p = fork();
	if (p == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	while (state(p) != 'S')
		usleep(200);
	return p;
}

// traced is a child that has said TRACEME and stopped; it then does what is given.
static inline pid_t traced(void (*f)(void))
{
	pid_t p = fork();
	if (p == 0) {
		P(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		f();
		_exit(0);
	}
	int s;
	if (waitpid(p, &s, 0) != p || !WIFSTOPPED(s) || WSTOPSIG(s) != SIGSTOP)
		tell_status("first stop", s);
	return p;
}

static inline void finish(pid_t p)
{
	kill(p, SIGKILL);
	int s;
	while (waitpid(p, &s, __WALL) == p && !WIFEXITED(s) && !WIFSIGNALED(s))
		;
}

static inline void run_case(const struct tracercase *c)
{
	printf("== %s\n", c->name);
	pid_t p = fork();
	if (p == 0) {
		setpgid(0, 0);
		alarm(PATIENCE);
		c->run();
		exit(0);
	}
	int s;
	waitpid(p, &s, 0);
	kill(-p, SIGKILL);
	if (s)
		tell_status("the case", s);
}

static inline int run_cases(const struct tracercase *all, int n, int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 0; i < n; i++)
		if (argc < 2 || !strcmp(argv[1], all[i].name))
			run_case(&all[i]);
	return 0;
}

#define CASES(...) \
	int main(int argc, char **argv) \
	{ \
		static const struct tracercase all[] = {__VA_ARGS__}; \
		return run_cases(all, sizeof all / sizeof *all, argc, argv); \
	}
