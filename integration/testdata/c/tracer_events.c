// The events that a tracer asks for by options.
#define _GNU_SOURCE
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "tracers.h"

static int thread_main(void *x) { return 5; }
static char stack[4][65536] __attribute__((aligned(16)));

static void handler(int s) { }

static void do_makes(void)
{
	signal(SIGUSR1, handler);
	pid_t p = fork();
	if (p == 0)
		_exit(3);
	waitpid(p, NULL, 0);
	p = vfork();
	if (p == 0)
		_exit(4);
	waitpid(p, NULL, 0);
	p = clone(thread_main, stack[0] + sizeof stack[0], CLONE_VM | SIGCHLD, NULL);
	waitpid(p, NULL, 0);
	p = clone(thread_main, stack[1] + sizeof stack[1], SIGUSR1, NULL);
	waitpid(p, NULL, __WCLONE);
	p = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
	if (p == 0)
		_exit(6);
	waitpid(p, NULL, 0);
}

// follow lets a tree of tracees run and prints each one's story; born first, told
// first.
static void follow(pid_t first)
{
	struct {
		pid_t p;
		char text[2000];
		int n, ended;
	} all[80];
	int n = 1, left = 1;
	memset(all, 0, sizeof all);
	all[0].p = first;
	while (left > 0) {
		int s, i;
		pid_t p = waitpid(-1, &s, __WALL);
		if (p < 0) {
			printf("wait: %s\n", strerrorname_np(errno));
			break;
		}
		for (i = 0; i < n && all[i].p != p; i++)
			;
		if (i == n) {
			if (n == 80)
				return;
			all[n++].p = p;
			left++;
		}
		char *t = all[i].text + all[i].n;
		int room = sizeof all[i].text - all[i].n;
		if (!WIFSTOPPED(s)) {
			all[i].n += snprintf(t, room, WIFEXITED(s) ? " exited %d;" : " killed %d;", WIFEXITED(s) ? WEXITSTATUS(s) : WTERMSIG(s));
			all[i].ended = 1;
			left--;
			continue;
		}
		int e = s >> 16, sig = WSTOPSIG(s);
		all[i].n += snprintf(t, room, " %s%s", sigabbrev_np(sig & 0x7f), event_name(e));
		t = all[i].text + all[i].n, room = sizeof all[i].text - all[i].n;
		if (e >= PTRACE_EVENT_FORK && e <= PTRACE_EVENT_VFORK_DONE) {
			pid_t c = message(p);
			int j;
			for (j = 0; j < n && all[j].p != c; j++)
				;
			if (j == n && e != PTRACE_EVENT_VFORK_DONE) {
				all[n++].p = c;
				left++;
			}
			all[i].n += snprintf(t, room, e == PTRACE_EVENT_EXEC ? " former itself %d" : e == PTRACE_EVENT_VFORK_DONE ? " of its child %d" : " with a child %d", e == PTRACE_EVENT_EXEC ? c == p : c > 0);
		} else if (e == PTRACE_EVENT_EXIT)
			all[i].n += snprintf(t, room, " message %#lx", message(p));
		all[i].n += snprintf(all[i].text + all[i].n, sizeof all[i].text - all[i].n, ";");
		P(PTRACE_CONT, p, 0, e == 0 && sig != SIGTRAP && sig != SIGSTOP && sig != (SIGTRAP | 0x80) ? sig : 0);
	}
	for (int i = 0; i < n; i++)
		printf("%d:%s\n", i, all[i].text);
}

static void makes(const char *what, long options)
{
	printf("- %s\n", what);
	pid_t p = traced(do_makes);
	E("options", P(PTRACE_SETOPTIONS, p, 0, options));
	P(PTRACE_CONT, p, 0, 0);
	follow(p);
}

static void none(void) { makes("none", 0); }
static void forks(void) { makes("fork", PTRACE_O_TRACEFORK); }
static void vforks(void)
{
	makes("vfork", PTRACE_O_TRACEVFORK);
	makes("vforkdone", PTRACE_O_TRACEVFORKDONE);
	makes("both", PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEVFORK);
}
static void clones(void) { makes("clone", PTRACE_O_TRACECLONE); }
static void exits(void) { makes("exit", PTRACE_O_TRACEEXIT); }
static void every(void) { makes("all", PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL); }

static int go[2];
static void seized_makes(void)
{
	pipe(go);
	pid_t p = fork();
	if (p == 0) {
		char c;
		read(go[0], &c, 1);
		do_makes();
		_exit(0);
	}
	E("seize", P(PTRACE_SEIZE, p, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT));
	write(go[1], "x", 1);
	follow(p);
}

static void *thread_exec(void *x)
{
	execl("/bin/sh", "sh", "-c", "exit 9", NULL);
	return NULL;
}

static void *thread_idle(void *x)
{
	for (;;)
		pause();
}

static void do_thread_exec(void)
{
	pthread_t a, b;
	pthread_create(&a, NULL, thread_idle, NULL);
	pthread_create(&b, NULL, thread_exec, NULL);
	pthread_join(a, NULL);
}

static void exec_thread(void)
{
	pid_t p = traced(do_thread_exec), t[2];
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT);
	for (int i = 0; i < 2; i++) {
		P(PTRACE_CONT, p, 0, 0);
		sees("clone", p);
		t[i] = message(p);
		sees("thread", t[i]);
	}
	P(PTRACE_CONT, p, 0, 0);
	P(PTRACE_CONT, t[0], 0, 0);
	P(PTRACE_CONT, t[1], 0, 0);
	// those that end stop once more
	sees("leader", p);
	sees("idle", t[0]);
	P(PTRACE_CONT, p, 0, 0);
	P(PTRACE_CONT, t[0], 0, 0);
	sees("idle", t[0]);
	sees("leader", p);
	printf("former is the thread %d\n", message(p) == t[1]);
	nothing("the thread", t[1]);
	P(PTRACE_CONT, p, 0, 0);
	sees("leader", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("leader", p);
}

static void exec_thread_leader_untraced(void)
{
	int fds[2];
	pipe(fds);
	pid_t p = fork();
	if (p == 0) {
		pthread_t a, b;
		pthread_create(&a, NULL, thread_idle, NULL);
		char c;
		read(fds[0], &c, 1);
		pthread_create(&b, NULL, thread_exec, NULL);
		thread_idle(NULL);
	}
	E("seize", P(PTRACE_SEIZE, p, 0, PTRACE_O_TRACEEXEC));
	write(fds[1], "x", 1);
	sees("leader", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("leader", p);
}

static void do_exit_ways(void)
{
	char c;
	read(go[0], &c, 1);
	if (c == 'e')
		_exit(42);
	if (c == 's')
		*(volatile int *)8 = 1;
	if (c == 'a')
		kill(getpid(), SIGTERM);
	for (;;)
		pause();
}

static void exit_event(void)
{
	for (const char *c = "esak"; *c; c++) {
		pipe(go);
		pid_t p = traced(do_exit_ways);
		P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACEEXIT);
		P(PTRACE_CONT, p, 0, 0);
		write(go[1], c, 1);
		if (*c == 'k')
			kill(p, SIGKILL);
		int s = sees("stop", p);
		if (s >> 16 == 0 && WIFSTOPPED(s)) {
			tell_siginfo("stop", p);
			P(PTRACE_CONT, p, 0, WSTOPSIG(s));
			s = sees("exit", p);
		}
		if (s >> 16 == PTRACE_EVENT_EXIT) {
			printf("message %#lx\n", message(p));
			tell_siginfo("exit", p);
			struct user_regs_struct r = regs(p);
			if (*c == 'e')
				printf("call %ld arg %ld\n", (long)r.orig_rax, (long)r.rdi);
			E("peek", P(PTRACE_PEEKDATA, p, &go, &s));
			E("cont", P(PTRACE_CONT, p, 0, 0));
			sees("end", p);
		}
		close(go[0]);
		close(go[1]);
	}
}

static void options_wrong(void)
{
	pid_t p = traced(do_makes);
	E("unknown", P(PTRACE_SETOPTIONS, p, 0, 1 << 8));
	E("unknown", P(PTRACE_SETOPTIONS, p, 0, 1 << 22));
	E("suspend seccomp", P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_SUSPEND_SECCOMP));
	E("old request", P(21, p, 0, 0));
	finish(p);
	p = paused();
	E("seize, suspend seccomp", P(PTRACE_SEIZE, p, 0, PTRACE_O_SUSPEND_SECCOMP));
	finish(p);
}

static void killed_with(int options)
{
	int fds[2];
	pipe(fds);
	pid_t target = paused();
	prctl(PR_SET_PTRACER, -1);
	pid_t tracer = fork();
	if (tracer == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (P(PTRACE_SEIZE, target, 0, options))
			printf("seize %s\n", strerrorname_np(errno));
		write(fds[1], "x", 1);
		for (;;)
			pause();
	}
	char c;
	read(fds[0], &c, 1);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	int s;
	if (options) {
		waitpid(target, &s, 0);
		tell_status("with", s);
		return;
	}
	kill(target, SIGUSR1);
	waitpid(target, &s, 0);
	tell_status("without", s);
}

static void exitkill(void)
{
	killed_with(0);
	killed_with(PTRACE_O_EXITKILL);
}

static void tracer_gone_stops(void)
{
	int fds[2];
	pipe(fds);
	pid_t target = paused();
	pid_t tracer = fork();
	if (tracer == 0) {
		P(PTRACE_SEIZE, target, 0, 0);
		P(PTRACE_INTERRUPT, target, 0, 0);
		waitpid(target, NULL, __WALL);
		_exit(0);
	}
	waitpid(tracer, NULL, 0);
	while (state(target) != 'S')
		usleep(200);
	printf("goes on\n");
	tracer = fork();
	if (tracer == 0) {
		P(PTRACE_ATTACH, target, 0, 0);
		waitpid(target, NULL, __WALL);
		_exit(0);
	}
	waitpid(tracer, NULL, 0);
	while (state(target) != 'S')
		usleep(200);
	printf("goes on\n");
	tracer = fork();
	if (tracer == 0) {
		P(PTRACE_ATTACH, target, 0, 0);
		waitpid(target, NULL, __WALL);
		P(PTRACE_CONT, target, 0, 0);
		kill(target, SIGSTOP);
		waitpid(target, NULL, __WALL);
		P(PTRACE_CONT, target, 0, SIGSTOP);
		waitpid(target, NULL, __WALL);
		_exit(0);
	}
	waitpid(tracer, NULL, 0);
	int s;
	waitpid(target, &s, WUNTRACED);
	tell_status("a group-stop stays", s);
	finish(target);
}

#define ON_CALL(number, ret) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
		BPF_STMT(BPF_RET | BPF_K, ret)

static void do_filtered(void)
{
	struct sock_filter f[] = {ON_CALL(SYS_getppid, SECCOMP_RET_TRACE | 7), ON_CALL(SYS_chdir, SECCOMP_RET_TRACE | 8), ON_CALL(SYS_getuid, SECCOMP_RET_TRACE | 9),
				  BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog prog = {sizeof f / sizeof *f, f};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
	char b[200];
	long a = syscall(SYS_getppid), e = errno;
	write(1, b, snprintf(b, sizeof b, "getppid %s %ld\n", a == getpgrp() ? "tracer" : a < 0 ? "error" : "number", a < 0 ? e : a > 100000 ? a : 0));
	errno = 0;
	a = chdir("/nonexistent");
	write(1, b, snprintf(b, sizeof b, "chdir %ld %d\n", a, errno));
	errno = 0;
	a = syscall(SYS_getuid);
	write(1, b, snprintf(b, sizeof b, "getuid %ld %d\n", a, errno));
}

static void filtered(void)
{
	printf("- without the option\n");
	pid_t p = traced(do_filtered);
	P(PTRACE_CONT, p, 0, 0);
	sees("end", p);
	printf("- with\n");
	p = traced(do_filtered);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESECCOMP);
	for (int i = 0; i < 3; i++) {
		P(PTRACE_CONT, p, 0, 0);
		sees("stop", p);
		printf("message %lu\n", message(p));
		tell_siginfo("stop", p);
		struct user_regs_struct r = regs(p);
		printf("call %ld result %ld\n", (long)r.orig_rax, (long)r.rax);
		if (i == 0) {
			r.orig_rax = -1;
			r.rax = 123456;
			P(PTRACE_SETREGS, p, 0, &r);
		} else if (i == 1) {
			char root[8] = "/";
			P(PTRACE_POKEDATA, p, r.rdi, *(long *)root);
		} else {
			r.orig_rax = -1;
			r.rax = -EDOM;
			P(PTRACE_SETREGS, p, 0, &r);
		}
	}
	P(PTRACE_CONT, p, 0, 0);
	sees("end", p);
	printf("- and system call stops\n");
	p = traced(do_filtered);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
	for (int seen = 0, s; seen < 9;) {
		P(PTRACE_SYSCALL, p, 0, 0);
		if (waitpid(p, &s, 0) != p || !WIFSTOPPED(s))
			break;
		struct user_regs_struct r = regs(p);
		if (r.orig_rax != SYS_getppid && r.orig_rax != SYS_chdir && r.orig_rax != SYS_getuid)
			continue;
		seen++;
		tell_status("stop", s);
		printf("call %ld entry %d\n", (long)r.orig_rax, r.rax == -ENOSYS);
	}
	finish(p);
}

static void do_many(void)
{
	for (int i = 0; i < 50; i++)
		if (fork() == 0) {
			if (i % 2)
				raise(SIGUSR1);
			_exit(i);
		}
	while (wait(NULL) > 0)
		;
}

static void fifty(void)
{
	pid_t p = traced(do_many);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT);
	P(PTRACE_CONT, p, 0, 0);
	int counts[4] = {0}, s, sum = 0;
	for (pid_t c; (c = waitpid(-1, &s, __WALL)) > 0;) {
		if (!WIFSTOPPED(s)) {
			counts[0]++;
			if (WIFEXITED(s))
				sum += WEXITSTATUS(s);
			continue;
		}
		int sig = WSTOPSIG(s);
		if (s >> 16 == PTRACE_EVENT_FORK)
			counts[1]++;
		else if (s >> 16 == PTRACE_EVENT_EXIT)
			counts[2]++;
		else if (sig == SIGSTOP)
			counts[3]++;
		P(PTRACE_CONT, c, 0, s >> 16 || sig == SIGSTOP ? 0 : sig);
	}
	printf("ends %d forks %d exits %d births %d sum %d\n", counts[0], counts[1], counts[2], counts[3], sum);
}

static void fifty_children(void)
{
	pid_t all[50];
	for (int i = 0; i < 50; i++)
		all[i] = traced(i % 2 ? do_makes : do_thread_exec);
	for (int i = 0; i < 50; i++)
		P(PTRACE_CONT, all[i], 0, 0);
	int ends = 0, other = 0, s, sum = 0;
	for (pid_t c; (c = waitpid(-1, &s, __WALL)) > 0;) {
		if (WIFSTOPPED(s)) {
			other++;
			P(PTRACE_CONT, c, 0, WSTOPSIG(s) == SIGTRAP ? 0 : WSTOPSIG(s));
		} else {
			ends++;
			sum += WEXITSTATUS(s);
		}
	}
	printf("ends %d sum %d stops %d\n", ends, sum, other > 0);
}

CASES({"none", none}, {"forks", forks}, {"vforks", vforks}, {"clones", clones}, {"exits", exits}, {"every", every},
      {"seized_makes", seized_makes}, {"exec_thread", exec_thread}, {"exec_thread_leader_untraced", exec_thread_leader_untraced},
      {"exit_event", exit_event}, {"options_wrong", options_wrong}, {"exitkill", exitkill}, {"tracer_gone_stops", tracer_gone_stops},
      {"filtered", filtered}, {"fifty", fifty}, {"fifty_children", fifty_children})
