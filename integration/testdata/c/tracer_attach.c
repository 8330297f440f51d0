// Who may trace whom, and how a tracer and its tracee part.
#include "tracers.h"

static int tracer_pid(pid_t p)
{
	char path[64], line[256];
	int n = -1;
	snprintf(path, sizeof path, "/proc/%d/status", p);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "TracerPid: %d", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static void hand(int fd) { write(fd, "x", 1); }
static void await_hand(int fd)
{
	char c;
	read(fd, &c, 1);
}

static void wrong_targets(void)
{
	E("itself", P(PTRACE_ATTACH, getpid(), 0, 0));
	E("itself", P(PTRACE_SEIZE, getpid(), 0, 0));
	E("parent's parent", P(PTRACE_SEIZE, 0, 0, 0));
	E("kernel thread", P(PTRACE_SEIZE, 2, 0, 0));
	E("none", P(PTRACE_ATTACH, 4194303, 0, 0));
	pid_t z = fork();
	if (z == 0)
		_exit(0);
	while (state(z) != 'Z')
		usleep(200);
	E("zombie", P(PTRACE_ATTACH, z, 0, 0));
	E("zombie", P(PTRACE_SEIZE, z, 0, 0));
	waitpid(z, NULL, 0);
	E("gone", P(PTRACE_SEIZE, z, 0, 0));
	pid_t p = paused();
	E("options", P(PTRACE_SEIZE, p, 0, 0x1000));
	E("address", P(PTRACE_SEIZE, p, 8, 0));
	E("attach ignores both", P(PTRACE_ATTACH, p, 8, 0x1000));
	sees("stop", p);
	printf("tracer %d\n", tracer_pid(p) == getpid());
	finish(p);
}

static void *same_process(void *x)
{
	pid_t t = *(pid_t *)x;
	E("thread of the same process", P(PTRACE_SEIZE, t, 0, 0));
	E("leader", P(PTRACE_ATTACH, getpid(), 0, 0));
	return NULL;
}

static void own_threads(void)
{
	pid_t t = gettid();
	pthread_t a;
	pthread_create(&a, NULL, same_process, &t);
	pthread_join(a, NULL);
}

static void twice(void)
{
	int up[2], down[2];
	pipe(up);
	pipe(down);
	pid_t p = paused();
	pid_t other = fork();
	if (other == 0) {
		E("first", P(PTRACE_SEIZE, p, 0, 0));
		hand(up[1]);
		await_hand(down[0]);
		E("detach, running", P(PTRACE_DETACH, p, 0, 0));
		P(PTRACE_INTERRUPT, p, 0, 0);
		waitpid(p, NULL, __WALL);
		E("detach", P(PTRACE_DETACH, p, 0, 0));
		E("detach again", P(PTRACE_DETACH, p, 0, 0));
		hand(up[1]);
		await_hand(down[0]);
		_exit(0);
	}
	await_hand(up[0]);
	printf("tracer %d\n", tracer_pid(p) == other);
	E("second", P(PTRACE_SEIZE, p, 0, 0));
	E("second", P(PTRACE_ATTACH, p, 0, 0));
	E("its request", P(PTRACE_INTERRUPT, p, 0, 0));
	E("its request", P(PTRACE_CONT, p, 0, 0));
	nothing("its wait", p);
	hand(down[1]);
	await_hand(up[0]);
	printf("tracer %d\n", tracer_pid(p));
	E("now", P(PTRACE_SEIZE, p, 0, 0));
	printf("tracer %d\n", tracer_pid(p) == getpid());
	hand(down[1]);
	waitpid(other, NULL, 0);
	printf("tracer %d\n", tracer_pid(p) == getpid());
	finish(p);
}

static void the_tracer(void)
{
	int up[2], down[2];
	pipe(up);
	pipe(down);
	pid_t p = fork();
	if (p == 0) {
		await_hand(down[0]);
		E("the tracee, its tracer", P(PTRACE_SEIZE, getppid(), 0, 0));
		hand(up[1]);
		pause();
	}
	E("seize", P(PTRACE_SEIZE, p, 0, 0));
	hand(down[1]);
	await_hand(up[0]);
	kill(p, SIGKILL);
	int s = 0;
	pid_t r;
	while ((r = waitpid(p, &s, __WALL)) == p && WIFSTOPPED(s))
		;
	tell_status("end", s);
	printf("tracer %d\n", tracer_pid(getpid()));
}

static void chain(void) // a traces b traces c
{
	int up[2];
	pipe(up);
	pid_t c = paused();
	pid_t b = fork();
	if (b == 0) {
		E("b seizes c", P(PTRACE_SEIZE, c, 0, 0));
		hand(up[1]);
		for (;;) {
			int s;
			if (waitpid(c, &s, __WALL) != c)
				_exit(1);
			tell_status("b sees c", s);
			if (!WIFSTOPPED(s))
				_exit(0);
			P(PTRACE_CONT, c, 0, WSTOPSIG(s) == SIGUSR1 ? 0 : WSTOPSIG(s));
			hand(up[1]);
		}
	}
	await_hand(up[0]);
	E("a seizes b", P(PTRACE_SEIZE, b, 0, PTRACE_O_TRACESYSGOOD));
	P(PTRACE_INTERRUPT, b, 0, 0);
	sees("a sees b", b);
	kill(c, SIGUSR1); // b cannot see it now
	while (state(c) != 't')
		usleep(200);
	printf("b %d c %d\n", tracer_pid(b) == getpid(), tracer_pid(c) == b);
	P(PTRACE_SYSCALL, b, 0, 0);
	for (int n = 0, s; n < 40; n++) {
		if (waitpid(b, &s, __WALL) != b || !WIFSTOPPED(s))
			break;
		if (WSTOPSIG(s) == (SIGTRAP | 0x80)) {
			struct user_regs_struct r = regs(b);
			printf("%s of call %ld: %s\n", r.rax == -ENOSYS ? "entry" : "exit", (long)r.orig_rax, (int)r.rax == c ? "c" : (long)r.rax < 0 ? strerrorname_np(-(long)r.rax) : "a number");
			if (r.orig_rax == SYS_write && r.rax == 1)
				break;
		} else
			tell_status("a sees b", s);
		P(PTRACE_SYSCALL, b, 0, 0);
	}
	P(PTRACE_CONT, b, 0, 0);
	kill(c, SIGTERM);
	int s;
	pid_t r;
	while ((r = waitpid(b, &s, __WALL)) == b && WIFSTOPPED(s)) {
		if (WSTOPSIG(s) != SIGCHLD)
			tell_status("a sees b", s);
		P(PTRACE_CONT, b, 0, 0);
	}
	tell_status("a sees b", s);
}

static void two_tracers(void)
{
	pid_t p[2], t[2];
	for (int i = 0; i < 2; i++) {
		p[i] = paused();
		t[i] = fork();
		if (t[i] == 0) {
			int s, n = 0;
			if (P(PTRACE_SEIZE, p[i], 0, 0))
				_exit(100);
			for (; n < 20; n++) {
				P(PTRACE_INTERRUPT, p[i], 0, 0);
				if (waitpid(-1, &s, __WALL) != p[i] || s >> 16 != PTRACE_EVENT_STOP)
					break;
				P(PTRACE_CONT, p[i], 0, 0);
			}
			_exit(n);
		}
	}
	for (int i = 0; i < 2; i++) {
		int s;
		waitpid(t[i], &s, 0);
		tell_status("tracer", s);
		finish(p[i]);
	}
}

static pid_t by_thread;
static int thread_hands[2];
static void *thread_traces(void *x)
{
	E("thread seizes", P(PTRACE_SEIZE, by_thread, 0, 0));
	P(PTRACE_INTERRUPT, by_thread, 0, 0);
	hand(thread_hands[1]);
	if (x) {
		await_hand(*(int *)x);
		E("thread cont", P(PTRACE_CONT, by_thread, 0, 0));
		hand(thread_hands[1]);
		await_hand(*(int *)x);
	}
	return NULL;
}

static void tracer_threads(void)
{
	int down[2];
	pipe(down);
	pipe(thread_hands);
	by_thread = paused();
	pthread_t a;
	pthread_create(&a, NULL, thread_traces, &down[0]);
	await_hand(thread_hands[0]);
	int s;
	while (state(by_thread) != 't')
		usleep(200);
	siginfo_t i = {0};
	s = waitid(P_PID, by_thread, &i, WSTOPPED | WNOWAIT | __WNOTHREAD | __WALL);
	printf("its parent's __WNOTHREAD %d code %d\n", s, i.si_code);
	sees("another thread waits", by_thread);
	E("another thread's request", P(PTRACE_CONT, by_thread, 0, 0));
	E("another thread's request", P(PTRACE_INTERRUPT, by_thread, 0, 0));
	printf("tracer is the thread %d\n", tracer_pid(by_thread) != getpid() && tracer_pid(by_thread) > 0);
	hand(down[1]);
	await_hand(thread_hands[0]);
	hand(down[1]);
	pthread_join(a, NULL);
	while (tracer_pid(by_thread) != 0)
		usleep(200);
	printf("the thread has gone: tracer %d\n", tracer_pid(by_thread));
	finish(by_thread);
	by_thread = paused();
	pthread_create(&a, NULL, thread_traces, NULL);
	pthread_join(a, NULL);
	await_hand(thread_hands[0]);
	while (tracer_pid(by_thread) != 0 || state(by_thread) != 'S')
		usleep(200);
	printf("goes on\n");
	finish(by_thread);
}

static void *idle(void *x)
{
	*(pid_t *)x = gettid();
	for (;;)
		pause();
}

static void one_thread(void)
{
	int fds[2];
	pipe(fds);
	pid_t p = fork();
	if (p == 0) {
		static pid_t t;
		pthread_t a;
		pthread_create(&a, NULL, idle, &t);
		while (!*(volatile pid_t *)&t || state(t) != 'S')
			usleep(200);
		write(fds[1], &t, sizeof t);
		for (;;)
			pause();
	}
	pid_t t;
	read(fds[0], &t, sizeof t);
	E("seize a thread", P(PTRACE_SEIZE, t, 0, PTRACE_O_TRACEEXIT));
	P(PTRACE_INTERRUPT, t, 0, 0);
	sees("thread", t);
	printf("tracer of leader %d, of thread %d\n", tracer_pid(p), tracer_pid(t) == getpid());
	nothing("leader", p);
	P(PTRACE_CONT, t, 0, 0);
	kill(p, SIGKILL);
	sees("thread", t);
	P(PTRACE_CONT, t, 0, 0);
	sees("thread", t);
	sees("leader", p);
}

static void parent_after_tracer(void)
{
	int up[2], down[2];
	pipe(up);
	pipe(down);
	pid_t p = paused();
	pid_t tracer = fork();
	if (tracer == 0) {
		P(PTRACE_SEIZE, p, 0, 0);
		P(PTRACE_INTERRUPT, p, 0, 0);
		waitpid(p, NULL, __WALL);
		P(PTRACE_CONT, p, 0, 0);
		hand(up[1]);
		await_hand(down[0]);
		sees("tracer", p);
		hand(up[1]);
		await_hand(down[0]);
		_exit(0);
	}
	await_hand(up[0]);
	kill(p, SIGKILL);
	while (state(p) != 'Z' && state(p) != 't' && state(p) != 'T') // held for the tracer, in a view
		usleep(200);
	nothing("parent, first", p);
	hand(down[1]);
	await_hand(up[0]);
	sees("parent", p);
	hand(down[1]);
	waitpid(tracer, NULL, 0);
}

static void tracer_never_waits(void)
{
	int up[2], down[2];
	pipe(up);
	pipe(down);
	pid_t p = paused();
	pid_t tracer = fork();
	if (tracer == 0) {
		P(PTRACE_SEIZE, p, 0, 0);
		P(PTRACE_INTERRUPT, p, 0, 0);
		waitpid(p, NULL, __WALL);
		P(PTRACE_CONT, p, 0, 0);
		hand(up[1]);
		await_hand(down[0]);
		_exit(0);
	}
	await_hand(up[0]);
	kill(p, SIGKILL);
	nothing("parent, first", p);
	hand(down[1]);
	waitpid(tracer, NULL, 0);
	sees("parent", p);
}

static void detach_signal(void)
{
	pid_t p = paused();
	E("attach", P(PTRACE_ATTACH, p, 0, 0));
	sees("stop", p);
	E("detach", P(PTRACE_DETACH, p, 0, 70));
	E("detach", P(PTRACE_DETACH, p, 0, SIGUSR1));
	sees("end", p);
	p = paused();
	P(PTRACE_SEIZE, p, 0, 0);
	P(PTRACE_INTERRUPT, p, 0, 0);
	sees("stop", p);
	E("a signal from an event is lost", P(PTRACE_DETACH, p, 0, SIGUSR1));
	while (state(p) != 'S')
		usleep(200);
	kill(p, SIGUSR2);
	sees("end", p);
}

static void unwaited_signal(void)
{
	int up[2];
	pipe(up);
	pid_t p = paused();
	pid_t tracer = fork();
	if (tracer == 0) {
		P(PTRACE_SEIZE, p, 0, 0);
		hand(up[1]);
		pause();
	}
	await_hand(up[0]);
	kill(p, SIGUSR1);
	while (state(p) != 't')
		usleep(200);
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	sees("a signal that nobody has waited for", p);
}

static void not_dumpable(void)
{
	int fds[2];
	pipe(fds);
	pid_t p = fork();
	if (p == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		hand(fds[1]);
		for (;;)
			pause();
	}
	await_hand(fds[0]);
	E("not dumpable", P(PTRACE_SEIZE, p, 0, 0));
	finish(p);
	p = fork();
	if (p == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		E("traceme, not dumpable", P(PTRACE_TRACEME, 0, 0, 0));
		_exit(0);
	}
	waitpid(p, NULL, 0);
	prctl(PR_SET_DUMPABLE, 0);
	p = fork();
	if (p == 0) {
		prctl(PR_SET_DUMPABLE, 1);
		E("traceme to one not dumpable", P(PTRACE_TRACEME, 0, 0, 0));
		_exit(0);
	}
	waitpid(p, NULL, 0);
}

static void other_user(void)
{
	int fds[2];
	pipe(fds);
	pid_t p = paused();
	pid_t q = fork();
	if (q == 0) {
		if (setresgid(7, 7, 7) || setresuid(7, 7, 7))
			printf("no other user\n");
		else
			E("another user's", P(PTRACE_SEIZE, p, 0, 0));
		_exit(0);
	}
	waitpid(q, NULL, 0);
	q = fork();
	if (q == 0) {
		E("init's", P(PTRACE_SEIZE, 1, 0, 0x10000000)); // never allowed: the options are wrong
		if (setresuid(-1, 7, -1) == 0) {
			E("with another effective user", P(PTRACE_SEIZE, p, 0, 0));
			E("detach", P(PTRACE_INTERRUPT, p, 0, 0));
		}
		_exit(0);
	}
	waitpid(q, NULL, 0);
	finish(p);
	p = fork();
	if (p == 0) {
		if (setresgid(7, 7, 7) == 0 && setresuid(7, 7, 7) == 0)
			prctl(PR_SET_DUMPABLE, 1);
		hand(fds[1]);
		for (;;)
			pause();
	}
	await_hand(fds[0]);
	E("who has another user", P(PTRACE_SEIZE, p, 0, 0));
	finish(p);
}

static void set_ptracer(void)
{
	errno = 0;
	long e = prctl(PR_SET_PTRACER, getppid(), 0, 0, 0);
	printf("PR_SET_PTRACER %s\n", e ? strerrorname_np(errno) : "0");
	e = prctl(PR_SET_PTRACER, -1, 0, 0, 0);
	printf("PR_SET_PTRACER %s\n", e ? strerrorname_np(errno) : "0");
	e = prctl(PR_SET_PTRACER, 0x3ffffff, 0, 0, 0);
	printf("PR_SET_PTRACER %s\n", e ? strerrorname_np(errno) : "0");
}

static void traces_child_of(void)
{
	int fds[2];
	pipe(fds);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t p = fork();
	if (p == 0) {
		pid_t q = paused();
		write(fds[1], &q, sizeof q);
		pause();
	}
	pid_t q;
	read(fds[0], &q, sizeof q);
	E("grandchild", P(PTRACE_SEIZE, q, 0, 0));
	kill(q, SIGUSR1);
	sees("grandchild", q);
	P(PTRACE_CONT, q, 0, SIGUSR1);
	sees("grandchild", q);
	kill(p, SIGKILL);
	waitpid(p, NULL, 0);
}

CASES({"wrong_targets", wrong_targets}, {"own_threads", own_threads}, {"twice", twice}, {"the_tracer", the_tracer},
      {"chain", chain}, {"two_tracers", two_tracers}, {"tracer_threads", tracer_threads}, {"one_thread", one_thread},
      {"parent_after_tracer", parent_after_tracer}, {"tracer_never_waits", tracer_never_waits}, {"detach_signal", detach_signal},
      {"unwaited_signal", unwaited_signal}, {"not_dumpable", not_dumpable}, {"other_user", other_user}, {"set_ptracer", set_ptracer},
      {"traces_child_of", traces_child_of})
