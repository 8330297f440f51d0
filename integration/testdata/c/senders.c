// Tells who signals are said to come from, however they are taken: by a handler,
// sigwaitinfo and a signalfd; of kill, of a group, of a child that has ended.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t from;
static volatile int *ready;

static void tell(const char *how, int signo, int code, int pid, unsigned uid)
{
	printf("%s: signal %d, code %d, from %s, %s\n", how, signo, code,
	       pid == from ? "the child" : pid == getpid() ? "myself" : "another", uid == getuid() ? "me" : "somebody else");
}
static void handler(int s, siginfo_t *i, void *c) { tell("handler", s, i->si_code, i->si_pid, i->si_uid); }

static void sends(int how, pid_t to)
{
	switch (how) {
	case 0: kill(to, SIGUSR1); break;
	case 1: kill(0, SIGUSR1); break;
	case 2: kill(-getpgrp(), SIGUSR1); break;
	case 3: sigqueue(to, SIGUSR1, (union sigval){5}); break;
	case 4: killpg(getpgrp(), SIGUSR1); kill(0, SIGUSR2); break;
	case 5: break;
	}
}

static void takes(const char *by, int how, int sig)
{
	sigset_t m;
	siginfo_t i;
	sigemptyset(&m);
	sigaddset(&m, sig);
	printf("%d ", how);
	if (*by == 's') {
		struct signalfd_siginfo f[3];
		int fd = signalfd(-1, &m, 0);
		if (read(fd, f, sizeof f) == sizeof *f)
			tell(by, f->ssi_signo, f->ssi_code, f->ssi_pid, f->ssi_uid);
		close(fd);
	} else if (*by == 'w') {
		if (sigwaitinfo(&m, &i) == sig)
			tell(by, sig, i.si_code, i.si_pid, i.si_uid);
	} else {
		sigset_t none;
		sigfillset(&none);
		sigdelset(&none, sig);
		struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
		sigaction(sig, &a, NULL);
		sigsuspend(&none);
	}
}

int main(void)
{
	const char *ways[] = {"signalfd", "waiting", "handler"};
	sigset_t all;
	sigfillset(&all);
	setvbuf(stdout, NULL, _IOLBF, 0);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int w = 0; w < 3; w++)
		for (int how = 0; how < 6; how++) {
			if ((from = fork()) == 0) {
				sends(how, getppid());
				_exit(0);
			}
			if (how < 5)
				takes(ways[w], how, SIGUSR1);
			if (how == 4)
				takes(ways[w], how, SIGUSR2);
			takes(ways[w], how, SIGCHLD);
			while (waitpid(from, NULL, 0) < 0)
				;
		}
	struct signalfd_siginfo f;
	int fd = signalfd(-1, &all, SFD_NONBLOCK);
	long n = read(fd, &f, sizeof f);
	printf("%ld %d\n", n, errno == EAGAIN);
	printf("%ld %d\n", (long)read(fd, &f, 8), errno == EINVAL);
	printf("%ld %d\n", (long)read(fd, NULL, 128), errno == EAGAIN);
	kill(getpid(), SIGUSR1);
	printf("%ld %d\n", (long)read(fd, NULL, 128), errno == EFAULT);
}
