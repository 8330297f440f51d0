// Tells what happens to orphans, process groups and sessions, and what ends
// processes: cores, parents' deaths, hang-ups.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static volatile int *shared;

static void on(int s) { shared[s]++; }

static pid_t child(void (*f)(void))
{
	fflush(stdout);
	pid_t p = fork();
	if (p == 0) {
		f();
		fflush(stdout);
		_exit(0);
	}
	return p;
}
static int status(pid_t p)
{
	int s = -1;
	waitpid(p, &s, 0);
	return s;
}

// heard waits until a signal that is blocked has been handled.
static void heard(int sig)
{
	sigset_t without;
	sigprocmask(SIG_BLOCK, NULL, &without);
	sigdelset(&without, sig);
	while (!shared[sig])
		sigsuspend(&without);
}

static void block(int sig)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

// Orphans come to the nearest subreaper.
static void reaper(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t p = fork();
	if (p == 0) {
		for (int i = 0; i < 5; i++)
			if (fork() == 0) {
				while (getppid() == shared[100])
					usleep(200);
				_exit(10 + i);
			}
		shared[100] = getpid();
		_exit(1);
	}
	int sum = 0, n = 0, s;
	while (wait(&s) > 0)
		n++, sum += WEXITSTATUS(s);
	printf("subreaper: %d children, sum %d\n", n, sum);
}

// Killed in the middle of forks, again and again; nobody is left behind.
static void reaper_kills(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	int n = 0, forks = 0;
	for (int k = 0; k < 60; k++) {
		pid_t p = fork();
		if (p == 0)
			for (;;) {
				shared[101]++;
				if (fork() == 0)
					_exit(0);
			}
		int was = shared[101];
		while (shared[101] < was + 1 + k % 7)
			;
		kill(p, SIGKILL);
		while (wait(NULL) > 0)
			n++;
		forks = shared[101];
	}
	printf("killed while forking: %d\n", n >= 60 && forks >= 60);
}

static void pdeath(void)
{
	signal(SIGUSR1, on);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	pid_t p = fork();
	if (p == 0) {
		if (fork() == 0) {
			block(SIGUSR1);
			prctl(PR_SET_PDEATHSIG, SIGUSR1);
			shared[102] = 1;
			heard(SIGUSR1);
			_exit(7);
		}
		while (!shared[102])
			usleep(200);
		_exit(0);
	}
	status(p);
	int s;
	wait(&s);
	printf("pdeathsig %#x\n", s);
}

// A stopped member of a process group that becomes an orphan gets SIGHUP and
// SIGCONT.
static void orphaned(void)
{
	setsid();
	shared[SIGHUP] = shared[SIGCONT] = 0;
	int end[2];
	char c;
	pipe(end);
	pid_t leader = fork();
	if (leader == 0) {
		setpgid(0, 0);
		signal(SIGHUP, on);
		signal(SIGCONT, on);
		pid_t q = fork();
		if (q == 0) {
			raise(SIGSTOP);
			while (!shared[SIGHUP] || !shared[SIGCONT])
				usleep(200);
			raise(SIGTSTP); // has no effect in such a group
			shared[103] = 4;
			_exit(4);
		}
		waitpid(q, NULL, WUNTRACED);
		_exit(0);
	}
	close(end[1]);
	int s = status(leader);
	read(end[0], &c, 1); // until the orphan has ended
	printf("orphaned group: %#x, hup %d cont %d, end %d\n", s, shared[SIGHUP], shared[SIGCONT], shared[103]);
	shared[103] = 0;
}

static void hangup(void)
{
	setsid();
	int m = posix_openpt(O_RDWR | O_NOCTTY);
	grantpt(m), unlockpt(m);
	char *name = ptsname(m);
	shared[SIGHUP] = shared[SIGCONT] = 0;
	pid_t p = fork();
	if (p == 0) {
		setsid();
		int t = open(name, O_RDWR | O_NOCTTY);
		ioctl(t, TIOCSCTTY, 0);
		close(m);
		if (fork() == 0) { // in the background
			setpgid(0, 0);
			signal(SIGTTIN, SIG_IGN);
			char c;
			errno = 0;
			int r = read(t, &c, 1);
			printf("background read %d %d\n", r, errno);
			signal(SIGTTIN, SIG_DFL);
			struct termios x;
			tcgetattr(t, &x);
			signal(SIGTTOU, SIG_IGN);
			printf("tcsetattr %d\n", tcsetattr(t, TCSANOW, &x));
			int r2 = tcsetpgrp(t, getpgrp());
			printf("tcsetpgrp %d %d\n", r2, tcgetpgrp(t) == getpgrp());
			tcsetpgrp(t, getsid(0));
			fflush(stdout);
			_exit(0);
		}
		wait(NULL);
		signal(SIGINT, on);
		block(SIGINT);
		shared[103] = 1;
		heard(SIGINT);
		shared[104] = 1;
		for (;;)
			pause();
	}
	while (!shared[103])
		usleep(200);
	write(m, "\x03", 1);
	while (!shared[104])
		usleep(200);
	close(m);
	printf("hang-up %#x\n", status(p));
}

static void abort_it(void) { abort(); }
static void undumpable(void)
{
	prctl(PR_SET_DUMPABLE, 0);
	printf("dumpable %d\n", prctl(PR_GET_DUMPABLE));
	fflush(stdout);
	abort();
}
static void *fall(void *p) { *(volatile int *)0 = 0; return NULL; }
static void thread_falls(void)
{
	pthread_t t;
	pthread_create(&t, NULL, fall, NULL);
	for (;;)
		pause();
}

static void core(const char *name, void (*f)(void), rlim_t limit)
{
	struct rlimit r;
	getrlimit(RLIMIT_CORE, &r);
	r.rlim_cur = limit < r.rlim_max ? limit : r.rlim_max;
	setrlimit(RLIMIT_CORE, &r);
	pid_t p = child(f);
	int s = status(p);
	char path[64];
	struct stat st;
	snprintf(path, sizeof path, "core.%d", p);
	int there = stat("core", &st) == 0 || stat(path, &st) == 0;
	printf("%s: %#x core %d, file %d\n", name, s & 0x7f, WCOREDUMP(s) != 0, there);
	if (there)
		printf("mode %o, mine %d, something %d\n", st.st_mode, st.st_uid == getuid(), st.st_size > 4096);
	unlink("core");
	unlink(path);
}

// It ignores and blocks all that can be.
static void stubborn(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int s = 1; s < 65; s++)
		signal(s, SIG_IGN);
	shared[105] = 1;
	for (;;)
		;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		core("abort", abort_it, RLIM_INFINITY);
		core("no room", abort_it, 0);
		core("undumpable", undumpable, RLIM_INFINITY);
		core("thread", thread_falls, RLIM_INFINITY);
		return 0;
	}
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	status(child(reaper));
	status(child(reaper_kills));
	status(child(pdeath));
	status(child(orphaned));
	status(child(hangup));
	pid_t p = child(stubborn);
	while (!shared[105])
		usleep(200);
	for (int s = 1; s < 65; s++)
		if (s != SIGKILL && s != SIGSTOP && s != 32 && s != 33) // which glibc keeps to itself
			kill(p, s);
	kill(p, SIGSTOP);
	int s;
	waitpid(p, &s, WUNTRACED);
	printf("stubborn stopped %#x\n", s);
	kill(p, SIGCONT);
	kill(p, SIGKILL);
	printf("stubborn %#x\n", status(p));
	return 0;
}
