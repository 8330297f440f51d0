// Stops of a tracee, and how it goes on from them.
#include "tracers.h"

static void do_true(void) { execl("/bin/true", "true", NULL); }

static void exec_trap(void)
{
	pid_t p = traced(do_true);
	E("cont", P(PTRACE_CONT, p, 0, 0));
	sees("exec", p);
	tell_siginfo("exec", p);
	printf("message %lu\n", message(p));
	E("cont", P(PTRACE_CONT, p, 0, 0));
	sees("end", p);
	sees("no more", p);
}

static void exec_direct(void)
{
	pid_t p = fork();
	if (p == 0) {
		P(PTRACE_TRACEME, 0, 0, 0);
		printf("twice: %ld\n", P(PTRACE_TRACEME, 0, 0, 0));
		do_true();
	}
	sees("exec", p);
	E("cont with a signal", P(PTRACE_CONT, p, 0, SIGTERM));
	sees("end", p);
}

static void do_stops(void)
{
	raise(SIGSTOP);
	raise(SIGTSTP);
}

static void group_stop(void)
{
	pid_t p = traced(do_stops);
	tell_siginfo("delivery", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("delivery", p);
	P(PTRACE_CONT, p, 0, SIGSTOP);
	sees("group-stop", p);
	tell_siginfo("group-stop", p);
	nothing("again", p);
	printf("state %c\n", state(p));
	P(PTRACE_CONT, p, 0, 0);
	sees("delivery", p);
	P(PTRACE_CONT, p, 0, SIGTSTP);
	sees("group-stop", p);
	tell_siginfo("group-stop", p);
	E("a signal out of it", P(PTRACE_CONT, p, 0, SIGTERM));
	sees("end", p);
}

static void do_pause(void)
{
	for (;;)
		pause();
}

static void group_stop_ended(void)
{
	pid_t p = traced(do_pause);
	P(PTRACE_CONT, p, 0, SIGSTOP);
	sees("group-stop", p);
	kill(p, SIGCONT);
	nothing("SIGCONT leaves it in the stop", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("SIGCONT", p);
	tell_siginfo("SIGCONT", p);
	P(PTRACE_CONT, p, 0, SIGCONT);
	kill(p, SIGTERM);
	sees("SIGTERM", p);
	P(PTRACE_CONT, p, 0, SIGTERM);
	sees("end", p);
}

static void seize(void)
{
	pid_t p = paused();
	E("seize", P(PTRACE_SEIZE, p, 0, 0));
	E("again", P(PTRACE_SEIZE, p, 0, 0));
	E("attach", P(PTRACE_ATTACH, p, 0, 0));
	nothing("it runs", p);
	E("cont", P(PTRACE_CONT, p, 0, 0));
	E("regs", P(PTRACE_GETSIGMASK, p, 8, 0));
	E("interrupt", P(PTRACE_INTERRUPT, p, 0, 0));
	sees("interrupted", p);
	tell_siginfo("interrupted", p);
	printf("message %lu\n", message(p));
	printf("state %c\n", state(p));
	E("interrupt", P(PTRACE_INTERRUPT, p, 0, 0));
	nothing("no other stop", p);
	E("cont", P(PTRACE_CONT, p, 0, 0));
	sees("the second", p);
	E("cont", P(PTRACE_CONT, p, 0, 0));
	kill(p, SIGUSR1);
	sees("signal", p);
	E("cont", P(PTRACE_CONT, p, 0, 65));
	E("cont", P(PTRACE_CONT, p, 0, SIGUSR1));
	sees("end", p);
}

static void listens(void)
{
	pid_t p = paused();
	P(PTRACE_SEIZE, p, 0, 0);
	kill(p, SIGSTOP);
	sees("delivery", p);
	tell_siginfo("delivery", p);
	E("listen at a delivery", P(PTRACE_LISTEN, p, 0, 0));
	P(PTRACE_CONT, p, 0, SIGSTOP);
	sees("group-stop", p);
	tell_siginfo("group-stop", p);
	printf("message %lu\n", message(p));
	E("listen", P(PTRACE_LISTEN, p, 0, 0));
	E("cont", P(PTRACE_CONT, p, 0, 0));
	E("listen", P(PTRACE_LISTEN, p, 0, 0));
	E("detach", P(PTRACE_DETACH, p, 0, 0));
	struct user_regs_struct r;
	E("regs", P(PTRACE_GETREGS, p, 0, &r));
	nothing("listening", p);
	kill(p, SIGCONT);
	sees("the end of the stop", p);
	tell_siginfo("the end of the stop", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("SIGCONT", p);
	P(PTRACE_CONT, p, 0, SIGCONT);
	kill(p, SIGTSTP);
	sees("delivery", p);
	P(PTRACE_CONT, p, 0, SIGTSTP);
	sees("group-stop", p);
	P(PTRACE_LISTEN, p, 0, 0);
	E("interrupt", P(PTRACE_INTERRUPT, p, 0, 0));
	sees("interrupted", p);
	tell_siginfo("interrupted", p);
	E("listen", P(PTRACE_LISTEN, p, 0, 0));
	nothing("listening", p);
	kill(p, SIGUSR1);
	nothing("signals wait", p);
	kill(p, SIGCONT);
	sees("the end of the stop", p);
	P(PTRACE_CONT, p, 0, 0);
	int s = sees("a signal", p);
	P(PTRACE_CONT, p, 0, 0);
	s = sees("another", p);
	P(PTRACE_CONT, p, 0, WSTOPSIG(s));
	kill(p, SIGKILL);
	sees("end", p);
}

static void listen_wrong(void)
{
	pid_t p = traced(do_pause);
	E("listen, not seized", P(PTRACE_LISTEN, p, 0, 0));
	E("interrupt, not seized", P(PTRACE_INTERRUPT, p, 0, 0));
	P(PTRACE_CONT, p, 0, SIGSTOP);
	sees("group-stop", p);
	E("listen, not seized", P(PTRACE_LISTEN, p, 0, 0));
	finish(p);
	p = paused();
	E("seize", P(PTRACE_SEIZE, p, 1, 0));
	E("seize", P(PTRACE_SEIZE, p, 0, 1 << 30));
	E("seize", P(PTRACE_SEIZE, p, 0, 0));
	P(PTRACE_INTERRUPT, p, 0, 0);
	sees("interrupted", p);
	E("listen", P(PTRACE_LISTEN, p, 0, 0));
	printf("state %c\n", state(p));
	E("interrupt", P(PTRACE_INTERRUPT, p, 0, 0));
	sees("interrupted", p);
	E("cont", P(PTRACE_CONT, p, 0, 0));
	finish(p);
}

static void handler(int s, siginfo_t *i, void *c)
{
	char b[100];
	int n = snprintf(b, sizeof b, "handler: %s code %d value %d pid %s\n", sigabbrev_np(s), i->si_code, i->si_code == SI_USER ? 0 : i->si_value.sival_int,
			 i->si_pid == getppid() ? "the tracer" : i->si_pid == getpid() ? "its own" : "another");
	write(1, b, n);
}

static void handle(int s)
{
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigaction(s, &a, NULL);
}

static void do_handled(void)
{
	handle(SIGUSR1);
	handle(SIGUSR2);
	handle(SIGTERM);
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	sigset_t m;
	sigemptyset(&m);
	sigaddset(&m, SIGUSR2);
	sigprocmask(SIG_BLOCK, &m, NULL);
	raise(SIGUSR1);
	write(1, "blocked\n", 8);
	sigprocmask(SIG_UNBLOCK, &m, NULL);
	write(1, "done\n", 5);
}

static void injection(void)
{
	pid_t p = traced(do_handled);
	P(PTRACE_CONT, p, 0, 0);
	sees("1", p);
	tell_siginfo("1", p);
	P(PTRACE_CONT, p, 0, SIGUSR1);
	sees("2", p);
	P(PTRACE_CONT, p, 0, SIGUSR2);
	sees("3, suppressed", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("4", p);
	siginfo_t i;
	P(PTRACE_GETSIGINFO, p, 0, &i);
	i.si_code = SI_QUEUE;
	i.si_value.sival_int = 77;
	E("setsiginfo", P(PTRACE_SETSIGINFO, p, 0, &i));
	memset(&i, 0, sizeof i);
	P(PTRACE_GETSIGINFO, p, 0, &i);
	printf("now %d %d\n", i.si_code, i.si_value.sival_int);
	P(PTRACE_CONT, p, 0, SIGUSR1);
	sees("5", p);
	P(PTRACE_CONT, p, 0, SIGUSR2); // blocked: it waits
	int s = sees("6", p);
	P(PTRACE_CONT, p, 0, WSTOPSIG(s));
	sees("end", p);
}

static void do_calls(void)
{
	handle(SIGUSR1);
	handle(SIGUSR2);
	P(-1, 0, 0, 0);
	syscall(SYS_getppid);
	syscall(SYS_chdir, "/");
	write(1, "done\n", 5);
}

// to runs up to the entry of a call.
static void to(pid_t p, long nr)
{
	for (;;) {
		int s;
		P(PTRACE_SYSCALL, p, 0, 0);
		if (waitpid(p, &s, __WALL) != p || !WIFSTOPPED(s)) {
			printf("it has ended\n");
			exit(1);
		}
		struct user_regs_struct r = regs(p);
		if (r.orig_rax == nr && r.rax == -ENOSYS)
			return;
	}
}

static void injected_at_calls(void)
{
	pid_t p = traced(do_calls);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESYSGOOD);
	to(p, SYS_getppid);
	P(PTRACE_SYSCALL, p, 0, SIGUSR1);
	sees("after the entry", p);
	P(PTRACE_SYSCALL, p, 0, 0);
	sees("then", p);
	tell_siginfo("then", p);
	P(PTRACE_CONT, p, 0, SIGUSR1);
	sees("end", p);
	p = traced(do_calls);
	to(p, SYS_chdir);
	P(PTRACE_SYSCALL, p, 0, 0);
	sees("exit", p);
	P(PTRACE_SYSCALL, p, 0, SIGUSR2);
	sees("after the exit", p);
	tell_siginfo("after the exit", p);
	P(PTRACE_CONT, p, 0, SIGUSR2);
	sees("end", p);
}

static void do_fork_signal(void)
{
	handle(SIGUSR1);
	pid_t p = fork();
	if (p == 0)
		_exit(3);
	waitpid(p, NULL, 0);
	write(1, "done\n", 5);
}

static void injected_at_events(void)
{
	pid_t p = traced(do_fork_signal);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACEFORK);
	P(PTRACE_CONT, p, 0, 0);
	sees("fork", p);
	pid_t c = message(p);
	P(PTRACE_CONT, p, 0, SIGUSR1);
	sees("child", c);
	tell_siginfo("child", c);
	P(PTRACE_CONT, c, 0, 0);
	sees("child", c);
	int s = sees("parent", p);
	if (WIFSTOPPED(s)) {
		P(PTRACE_CONT, p, 0, 0);
		sees("end", p);
	}
}

static void kill_request(void)
{
	pid_t p = traced(do_pause);
	E("kill", P(PTRACE_KILL, p, 0, 0));
	sees("killed", p);
	p = paused();
	P(PTRACE_SEIZE, p, 0, 0);
	E("kill, running", P(PTRACE_KILL, p, 0, 0));
	kill(p, SIGKILL);
	sees("killed", p);
	p = traced(do_pause);
	kill(p, SIGKILL);
	sees("killed in a stop", p);
	E("after", P(PTRACE_CONT, p, 0, 0));
}

static void ignored(void)
{
	pid_t p = paused();
	P(PTRACE_SEIZE, p, 0, 0);
	kill(p, SIGCHLD);
	sees("ignored signals stop", p);
	P(PTRACE_CONT, p, 0, SIGCHLD);
	kill(p, SIGWINCH);
	sees("ignored signals stop", p);
	E("detach", P(PTRACE_DETACH, p, 0, SIGTERM));
	sees("end", p);
}

static int blocked_pipe[2];
static void do_read(void)
{
	char c;
	handle(SIGUSR1);
	long n = read(blocked_pipe[0], &c, 1);
	n = n < 0 ? -errno : n;
	char b[50];
	write(1, b, snprintf(b, sizeof b, "read %ld\n", n));
}

static void interrupted_call(void)
{
	pipe(blocked_pipe);
	pid_t p = traced(do_read);
	P(PTRACE_SETOPTIONS, p, 0, PTRACE_O_TRACESYSGOOD);
	to(p, SYS_read);
	P(PTRACE_SYSCALL, p, 0, 0);
	while (state(p) != 'S')
		usleep(200);
	kill(p, SIGUSR1);
	sees("exit", p);
	printf("result %ld\n", (long)regs(p).rax);
	P(PTRACE_SYSCALL, p, 0, 0);
	sees("signal", p);
	P(PTRACE_SYSCALL, p, 0, 0); // suppressed: the call is made again
	sees("entry", p);
	struct user_regs_struct r = regs(p);
	printf("call %ld %ld\n", (long)r.orig_rax, (long)r.rax);
	P(PTRACE_SYSCALL, p, 0, 0);
	while (state(p) != 'S')
		usleep(200);
	kill(p, SIGUSR1);
	sees("exit", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("signal", p);
	P(PTRACE_CONT, p, 0, SIGUSR1);
	sees("end", p);
}

static void seized_stopped(void)
{
	pid_t p = paused();
	kill(p, SIGSTOP);
	int s;
	waitpid(p, &s, WUNTRACED);
	tell_status("its parent", s);
	E("seize", P(PTRACE_SEIZE, p, 0, 0));
	sees("group-stop", p);
	tell_siginfo("group-stop", p);
	E("listen", P(PTRACE_LISTEN, p, 0, 0));
	kill(p, SIGCONT);
	sees("goes on", p);
	P(PTRACE_CONT, p, 0, 0);
	sees("SIGCONT", p);
	P(PTRACE_CONT, p, 0, 0);
	finish(p);
}

static void attached_stopped(void)
{
	pid_t p = paused();
	kill(p, SIGSTOP);
	int s;
	waitpid(p, &s, WUNTRACED);
	E("attach", P(PTRACE_ATTACH, p, 0, 0));
	sees("stop", p);
	tell_siginfo("stop", p);
	nothing("no other", p);
	E("detach", P(PTRACE_DETACH, p, 0, 0));
	while (state(p) != 'T' && state(p) != 't') // a view that hides no tracer has t
		usleep(200);
	printf("stopped still\n");
	kill(p, SIGCONT);
	while (state(p) != 'S')
		usleep(200);
	finish(p);
	p = paused();
	E("attach", P(PTRACE_ATTACH, p, 0, 0));
	sees("stop", p);
	tell_siginfo("stop", p);
	E("detach", P(PTRACE_DETACH, p, 0, 0));
	while (state(p) != 'S')
		usleep(200);
	printf("runs\n");
	E("attach", P(PTRACE_ATTACH, p, 0, 0));
	sees("stop", p);
	E("detach into a stop", P(PTRACE_DETACH, p, 0, SIGSTOP));
	waitpid(p, &s, WUNTRACED);
	tell_status("its parent", s);
	finish(p);
}

CASES({"exec_trap", exec_trap}, {"exec_direct", exec_direct}, {"group_stop", group_stop},
      {"group_stop_ended", group_stop_ended}, {"seize", seize}, {"listens", listens}, {"listen_wrong", listen_wrong},
      {"injection", injection}, {"injected_at_calls", injected_at_calls}, {"injected_at_events", injected_at_events},
      {"kill_request", kill_request}, {"ignored", ignored}, {"interrupted_call", interrupted_call},
      {"seized_stopped", seized_stopped}, {"attached_stopped", attached_stopped})
