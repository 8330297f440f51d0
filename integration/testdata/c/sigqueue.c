// Tells what signals carry, in which order they come, and what they interrupt.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "state.h"

static pid_t sender;
static atomic_int got;

static void info(const char *what, siginfo_t *i)
{
	printf("%s: signo %d code %d value %d pid %d uid %d\n", what, i->si_signo, i->si_code,
	       i->si_code == SI_QUEUE ? i->si_value.sival_int : -1,
	       i->si_code <= 0 ? i->si_pid == sender : -1, i->si_code <= 0 ? i->si_uid == getuid() : -1);
}
static void told(int s, siginfo_t *i, void *c) { info("handler", i); }
static void count(int s) { got++; }

static void act(int sig, void (*h)(int), int flags)
{
	struct sigaction a = {.sa_handler = h, .sa_flags = flags};
	sigaction(sig, &a, NULL);
}
static void act3(int sig)
{
	struct sigaction a = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};
	sigfillset(&a.sa_mask);
	sigaction(sig, &a, NULL);
}
static sigset_t set(int a, int b)
{
	sigset_t m;
	sigemptyset(&m);
	sigaddset(&m, a);
	if (b)
		sigaddset(&m, b);
	return m;
}

static void queues(void)
{
	sigset_t m, all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &m);
	int rt[] = {SIGRTMIN + 2, SIGRTMIN, SIGRTMIN + 1};
	for (int s = SIGRTMIN; s < SIGRTMIN + 3; s++)
		act3(s);
	act3(SIGUSR1);
	act3(SIGCHLD);
	fflush(stdout);
	if ((sender = fork()) == 0) {
		for (int n = 0; n < 9; n++)
			sigqueue(getppid(), rt[n % 3], (union sigval){.sival_int = n});
		for (int n = 0; n < 5; n++)
			kill(getppid(), SIGUSR1); // only one stays
		kill(getppid(), SIGRTMIN);
		_exit(3);
	}
	siginfo_t i;
	waitid(P_PID, sender, &i, WEXITED | WNOWAIT);
	info("waitid", &i);
	int sfd = signalfd(-1, &all, SFD_NONBLOCK);
	sigset_t one = set(SIGRTMIN + 1, 0);
	printf("sigwaitinfo %d ", sigwaitinfo(&one, &i) == SIGRTMIN + 1);
	info("rt", &i);
	struct signalfd_siginfo f;
	int fd1 = signalfd(-1, &one, SFD_NONBLOCK);
	while (read(fd1, &f, sizeof f) == sizeof f)
		printf("signalfd: %d code %d value %d pid %d\n", f.ssi_signo, f.ssi_code, f.ssi_int, f.ssi_pid == sender);
	printf("%d\n", errno);
	sigprocmask(SIG_SETMASK, &m, NULL); // the rest, by handlers
	close(fd1), close(sfd);
	waitpid(sender, NULL, 0);
	// more than may wait
	struct rlimit r = {10, 10}, was;
	getrlimit(RLIMIT_SIGPENDING, &was);
	r.rlim_max = was.rlim_max;
	sigprocmask(SIG_SETMASK, &all, &m);
	for (int s = SIGRTMIN; s < SIGRTMIN + 3; s++)
		act(s, count, 0);
	for (int n = 0; n < 1000; n++)
		sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = n});
	sigprocmask(SIG_SETMASK, &m, NULL);
	printf("counted %d\n", got);
	// raise, tgkill, abort-like
	sender = getpid();
	act3(SIGUSR2);
	raise(SIGUSR2);
	kill(getpid(), SIGUSR2);
	syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), SIGUSR2, &(siginfo_t){.si_signo = SIGUSR2, .si_code = -7, .si_pid = 5, .si_uid = 6});
	signal(SIGCHLD, SIG_DFL);
}

static void fault(int s, siginfo_t *i, void *c)
{
	printf("fault: %d code %d addr %d\n", s, i->si_code, i->si_addr == (void *)16);
	_exit(5);
}
static void faults(void)
{
	fflush(stdout);
	for (int k = 0; k < 4; k++) {
		pid_t p = fork();
		if (p == 0) {
			struct sigaction a = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO | (k == 1 ? SA_ONSTACK : 0)};
			static char stack[65536];
			sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, NULL);
			if (k < 2)
				sigaction(SIGSEGV, &a, NULL);
			if (k == 2) { // blocked: it kills
				sigset_t m = set(SIGSEGV, 0);
				sigaction(SIGSEGV, &a, NULL);
				sigprocmask(SIG_BLOCK, &m, NULL);
			}
			if (k == 3)
				signal(SIGSEGV, SIG_IGN);
			*(volatile int *)16 = 1;
		}
		int s;
		waitpid(p, &s, 0);
		printf("%#x\n", s & ~0x80);
	}
}

// What a caught signal, with and without SA_RESTART, one without effect, and a
// stop do to a call that blocks. end makes a call return that goes on, and after
// puts things back.
static int locked = -1, sems, pipes[2], lsock;
static volatile int *ready, *handled;
static void handle(int s) { ++*handled; }
static void in(const char *name, int (*call)(void), void (*end)(void), void (*after)(void))
{
	const char *kinds[] = {"caught", "restart", "ignored", "default", "stopped"};
	fflush(stdout);
	for (int k = 0; k < 5; k++) {
		*ready = *handled = 0;
		pid_t p = fork();
		if (p == 0) {
			act(SIGUSR1, k == 2 ? SIG_IGN : handle, k == 1 ? SA_RESTART : 0);
			errno = 0;
			*ready = 1;
			int r = call();
			printf("%s %s: %d %d, handlers %d\n", name, kinds[k], r < 0 ? r : 0, r < 0 ? errno : 0, *handled);
			fflush(stdout);
			_exit(0);
		}
		while (!*ready || !strchr("StDZ", state(p))) // t, D: the monitor has it
			usleep(500);
		usleep(3000); // until it sleeps in the call itself
		if (k == 4) {
			siginfo_t i;
			kill(p, SIGSTOP), waitid(P_PID, p, &i, WSTOPPED);
			kill(p, SIGCONT), waitid(P_PID, p, &i, WCONTINUED | WEXITED | WNOWAIT);
		} else
			kill(p, k == 3 ? SIGWINCH : SIGUSR1);
		while (k < 2 && !*handled && state(p) != 'Z')
			usleep(500);
		usleep(10000);
		while (!strchr("StDZ", state(p)))
			usleep(500);
		int s;
		while (waitpid(p, &s, end && k > 0 ? WNOHANG : 0) == 0)
			end(), usleep(1000);
		if (after)
			after();
		if (s)
			printf("%s %s: %#x\n", name, kinds[k], s);
	}
}

static int reading(void) { char c; return read(pipes[0], &c, 1); }
static void feed(void) { write(pipes[1], "x", 1); }
static void empty(void) { char c[99]; struct pollfd p = {pipes[0], POLLIN}; while (poll(&p, 1, 0) > 0) read(pipes[0], c, sizeof c); }
static int selecting(void) { struct pollfd p = {pipes[0], POLLIN}; poll(&p, 1, -1); int e = errno; char c; if (p.revents) { read(pipes[0], &c, 1); return 0; } errno = e; return -1; }
static int epolling(void)
{
	int e = epoll_create1(0);
	struct epoll_event v = {EPOLLIN}, o;
	epoll_ctl(e, EPOLL_CTL_ADD, pipes[0], &v);
	int r = epoll_wait(e, &o, 1, -1);
	char c;
	if (r == 1)
		read(pipes[0], &c, 1);
	return r;
}
static int epolltime(void)
{
	int e = epoll_create1(0);
	struct epoll_event o;
	return epoll_wait(e, &o, 1, 300);
}
static int semwait(void) { struct sembuf b = {0, -1, 0}; return semop(sems, &b, 1); }
static void semgive(void) { semctl(sems, 0, SETVAL, 1); }
static void semtake(void) { semctl(sems, 0, SETVAL, 0); }
static int opening(void) { int f = open("fifo", O_RDONLY); if (f >= 0) close(f); return f; }
static void openw(void) { int f = open("fifo", O_WRONLY | O_NONBLOCK); if (f >= 0) close(f); }
static int openingw(void) { int f = open("fifo", O_WRONLY); if (f >= 0) close(f); return f; }
static void openr(void) { int f = open("fifo", O_RDONLY | O_NONBLOCK); if (f >= 0) close(f); }
static int flocking(void) { int f = open("lock", O_RDWR); int r = flock(f, LOCK_EX); int e = errno; close(f); errno = e; return r; }
static void unlock(void) { flock(locked, LOCK_UN); }
static void lock(void) { flock(locked, LOCK_EX); }
static int setlkw(void)
{
	int f = open("lock", O_RDWR);
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int r = fcntl(f, F_SETLKW, &l), e = errno;
	close(f);
	errno = e;
	return r;
}
static void lkset(int type) { struct flock l = {.l_type = type, .l_whence = SEEK_SET}; fcntl(locked, F_SETLKW, &l); }
static void lkunlock(void) { lkset(F_UNLCK); }
static void lklock(void) { lkset(F_WRLCK); }
static int accepting(void) { int f = accept(lsock, NULL, NULL); if (f >= 0) close(f); return f; }
static struct sockaddr_un addr = {AF_UNIX, "sock"};
static int connecting(void) // the backlog is full
{
	int f = socket(AF_UNIX, SOCK_STREAM, 0);
	int r = connect(f, (void *)&addr, sizeof addr), e = errno;
	close(f);
	errno = e;
	return r;
}
static void drain(void)
{
	struct pollfd p = {lsock, POLLIN};
	if (poll(&p, 1, 0) > 0)
		close(accept(lsock, NULL, NULL));
}
static void fill(void) { int f = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0); connect(f, (void *)&addr, sizeof addr); close(f); }
static void none(void) { struct pollfd p = {lsock, POLLIN}; while (poll(&p, 1, 0) > 0) drain(); }
static int waitusr2(void) { sigset_t m = set(SIGUSR2, 0); sigprocmask(SIG_BLOCK, &m, NULL); struct timespec t = {0, 300000000}; return sigtimedwait(&m, NULL, &t); }
static int waitchild(void) { pid_t p = fork(); if (p == 0) { usleep(300000); _exit(0); } int r = waitpid(p, NULL, 0); int e = errno; if (r < 0) waitpid(p, NULL, 0); errno = e; return r; }

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	handled = ready + 1;
	queues();
	faults();
	pipe(pipes);
	mkfifo("fifo", 0600);
	locked = open("lock", O_RDWR | O_CREAT, 0600);
	sems = semget(IPC_PRIVATE, 1, 0600);
	in("read", reading, feed, empty);
	in("poll", selecting, feed, empty);
	in("epoll_wait", epolling, feed, empty);
	in("epoll_wait timed", epolltime, NULL, NULL);
	in("semop", semwait, semgive, semtake);
	semctl(sems, 0, IPC_RMID);
	in("open fifo to read", opening, openw, NULL);
	in("open fifo to write", openingw, openr, NULL);
	lock();
	in("flock", flocking, unlock, lock);
	unlock();
	lklock();
	in("F_SETLKW", setlkw, lkunlock, lklock);
	lkunlock();
	lsock = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(lsock, (void *)&addr, sizeof addr);
	listen(lsock, 0);
	in("accept", accepting, fill, none);
	fill();
	in("connect", connecting, drain, fill);
	in("sigtimedwait", waitusr2, NULL, NULL);
	in("waitpid", waitchild, NULL, NULL);
	unlink("fifo"), unlink("lock"), unlink("sock");
	return 0;
}
