// Tells how stops and continuations look to a parent and to the stopped.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "state.h"

static int *shared; // between parent and child

static void tell(const char *what, pid_t p, int options)
{
	siginfo_t i = {0};
	int r = waitid(P_PID, p, &i, options);
	printf("%s: %d %d signo %d code %d status %d pid %d uid %d\n", what, r, r ? errno : 0, i.si_signo, i.si_code,
	       i.si_status, i.si_pid == p, i.si_uid == getuid());
}

static pid_t idle(void)
{
	pid_t p = fork();
	if (p == 0)
		for (;;)
			pause();
	return p;
}

static void on(int s) { shared[1]++; }

static void each_stop(int sig)
{
	pid_t p = idle();
	kill(p, sig);
	tell("stop, kept", p, WSTOPPED | WNOWAIT);
	tell("stop", p, WSTOPPED);
	tell("again", p, WSTOPPED | WNOHANG);
	printf("state %d\n", state(p) == 'T' || state(p) == 't'); // it has a tracer in a view that hides none
	kill(p, SIGTERM); // pending until it goes on
	tell("nothing", p, WEXITED | WSTOPPED | WNOHANG);
	kill(p, SIGCONT);
	tell("end", p, WEXITED);
}

static void goes_on(void)
{
	pid_t p = idle();
	for (int i = 0; i < 3; i++) {
		int s = 0;
		kill(p, SIGSTOP);
		printf("%d ", waitpid(p, &s, WUNTRACED) == p);
		printf("stopped %d by %d\n", WIFSTOPPED(s), WSTOPSIG(s));
		kill(p, SIGCONT);
		printf("%d ", waitpid(p, &s, WCONTINUED) == p);
		printf("continued %d\n", WIFCONTINUED(s));
	}
	kill(p, SIGSTOP);
	tell("stop", p, WSTOPPED);
	kill(p, SIGKILL);
	tell("killed in a stop", p, WEXITED | WNOWAIT);
	int s = 0;
	waitpid(p, &s, 0);
	printf("%#x\n", s);
}

// SIGCONT has a handler; SIGTSTP is caught, ignored or blocked.
static void handled(void)
{
	shared[1] = 0;
	pid_t p = fork();
	if (p == 0) {
		signal(SIGCONT, on);
		signal(SIGTSTP, SIG_IGN);
		shared[0] = 1;
		while (shared[1] == 0)
			pause();
		signal(SIGTSTP, on);
		raise(SIGTSTP);
		sigset_t m;
		sigemptyset(&m);
		sigaddset(&m, SIGTSTP);
		sigprocmask(SIG_BLOCK, &m, NULL);
		signal(SIGTSTP, SIG_DFL);
		raise(SIGTSTP);
		raise(SIGCONT); // takes the pending stop away
		sigprocmask(SIG_UNBLOCK, &m, NULL);
		while (!shared[2]) // until its parent has seen it go on
			usleep(500);
		raise(SIGTTIN);
		_exit(shared[1]);
	}
	while (!shared[0])
		usleep(500);
	kill(p, SIGTSTP);
	tell("ignored", p, WSTOPPED | WNOHANG);
	kill(p, SIGSTOP);
	tell("stop", p, WSTOPPED);
	kill(p, SIGCONT);
	tell("continued", p, WCONTINUED | WSTOPPED);
	shared[2] = 1;
	tell("stop", p, WSTOPPED);
	kill(p, SIGCONT);
	tell("exit", p, WEXITED);
}

static int limit = 60; // of each call, in milliseconds
static long *began;    // when the call did
static char *said;     // its result

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// stopped_in stops a process in its call three times, or until that is over;
// false if the first stop came too late for the call.
static int stopped_in(pid_t p)
{
	while (!*(volatile long *)began || !strchr("SZ", state(p)))
		usleep(500);
	for (int i = 0; i < 3; i++) {
		siginfo_t in;
		kill(p, SIGSTOP);
		waitid(P_PID, p, &in, WSTOPPED | WEXITED | WNOWAIT);
		int late = in.si_code != CLD_STOPPED || now() >= *began + limit;
		kill(p, SIGCONT);
		if (i == 0 && late)
			return 0;
		if (in.si_code != CLD_STOPPED)
			break; // the stop ended the call, which ended the process
		waitid(P_PID, p, &in, WCONTINUED | WEXITED | WNOWAIT);
	}
	return 1;
}

// What a stop in the middle does to a call. A machine that is too busy to stop it
// within its time gets more.
static void in_call(const char *name, void (*call)(void))
{
	for (int s, met = 0; !met;) {
		*began = 0;
		pid_t p = fork();
		if (p == 0) {
			*began = now();
			call();
			_exit(0);
		}
		met = stopped_in(p);
		waitpid(p, &s, 0);
		if (met)
			printf("%s\n%s: %#x\n", said, name, s);
		else
			limit *= 2;
	}
}

static void nap(void)
{
	struct timespec t = {limit / 1000, limit % 1000 * 1000000}, rem = {9, 9};
	int r = nanosleep(&t, &rem);
	sprintf(said, "nanosleep %d %d", r, r ? errno : 0);
}
static void polling(void)
{
	int r = poll(NULL, 0, limit);
	sprintf(said, "poll %d %d", r, r < 0 ? errno : 0);
}
static void ppolling(void)
{
	struct timespec t = {limit / 1000, limit % 1000 * 1000000};
	int r = ppoll(NULL, 0, &t, NULL);
	sprintf(said, "ppoll %d %d", r, r < 0 ? errno : 0);
}
static void futexing(void)
{
	int word = 0;
	struct timespec t = {limit / 1000, limit % 1000 * 1000000};
	int r = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0);
	sprintf(said, "futex %d %d", r, r < 0 ? errno : 0);
}
static void waiting(void)
{
	sigset_t m;
	sigemptyset(&m);
	sigaddset(&m, SIGUSR1);
	sigprocmask(SIG_BLOCK, &m, NULL);
	struct timespec t = {limit / 1000, limit % 1000 * 1000000};
	int r = sigtimedwait(&m, NULL, &t);
	sprintf(said, "sigtimedwait %d %d", r, r < 0 ? errno : 0);
}
static void clocknap(void)
{
	struct timespec t = {limit / 1000, limit % 1000 * 1000000};
	int r = clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
	sprintf(said, "clock_nanosleep %d", r);
}

// Every thread of a process stops, one made meanwhile too, and its parent
// hears of it once.
static void *loop(void *p)
{
	atomic_int *n = p;
	for (;;)
		(*n)++;
	return NULL;
}
static void *make(void *p)
{
	pthread_attr_t a;
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 65536);
	pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED);
	for (;;) {
		pthread_t t;
		if (pthread_create(&t, &a, (void *(*)(void *))pthread_self, NULL) == 0)
			((atomic_int *)shared)[8]++;
	}
	return NULL;
}
static void threads(void)
{
	atomic_int *n = (atomic_int *)shared;
	memset(shared, 0, 64);
	pid_t p = fork();
	if (p == 0) {
		pthread_t t;
		for (int i = 1; i < 3; i++)
			pthread_create(&t, NULL, loop, n + i);
		pthread_create(&t, NULL, make, NULL);
		for (;;)
			pause();
	}
	for (int i = 0; i < 20; i++) {
		int made = n[8], ran = n[1];
		while (n[8] == made || n[1] == ran)
			usleep(100);
		int s;
		kill(p, SIGSTOP);
		if (waitpid(p, &s, WUNTRACED) != p || !WIFSTOPPED(s))
			printf("no stop\n");
		made = n[8], ran = n[1];
		usleep(2000);
		if (n[8] != made || n[1] != ran)
			printf("a stopped process runs\n");
		if (waitpid(p, &s, WUNTRACED | WNOHANG))
			printf("a second stop\n");
		kill(p, SIGCONT);
		if (waitpid(p, &s, WCONTINUED) != p || !WIFCONTINUED(s))
			printf("it does not go on\n");
	}
	kill(p, SIGSTOP);
	waitpid(p, NULL, WUNTRACED);
	kill(p, SIGKILL);
	int s;
	waitpid(p, &s, 0);
	printf("threads: %#x\n", s);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	began = (long *)(shared + 64);
	said = (char *)(shared + 128);
	setpgid(0, 0); // not orphaned: its parent is in another group
	each_stop(SIGSTOP);
	each_stop(SIGTSTP);
	each_stop(SIGTTIN);
	each_stop(SIGTTOU);
	goes_on();
	handled();
	in_call("nanosleep", nap);
	in_call("poll", polling);
	in_call("ppoll", ppolling);
	in_call("futex", futexing);
	in_call("sigtimedwait", waiting);
	in_call("clock_nanosleep", clocknap);
	threads();
	return 0;
}
