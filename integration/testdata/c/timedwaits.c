// What signals without effect do to calls that wait for a limited time, and to
// transfers that wait in the middle: nothing.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "state.h"

enum { LIMIT = 1400, TOTAL = 400000 };

static int pair[2], sem, msg;
static volatile int *go;
static struct timespec limit = {LIMIT / 1000, LIMIT % 1000 * 1000000};
static struct timeval limitval = {LIMIT / 1000, LIMIT % 1000 * 1000};

static long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static sigset_t set(int sig)
{
	sigset_t m;
	sigemptyset(&m);
	sigaddset(&m, sig);
	return m;
}

static long nanosleeps(void) { struct timespec t = limit; return nanosleep(&t, &t); }
static long clocksleeps(void)
{
	struct timespec t = limit;
	return syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &t, &t);
}
static long clockuntil(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += 1, t.tv_nsec += 400000000;
	if (t.tv_nsec >= 1000000000)
		t.tv_sec++, t.tv_nsec -= 1000000000;
	return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}
static long polls(void) { struct pollfd p = {pair[0], POLLIN}; return poll(&p, 1, LIMIT); }
static long ppolls(void) { struct pollfd p = {pair[0], POLLIN}; return ppoll(&p, 1, &limit, NULL); }
static long selects(void)
{
	fd_set s;
	struct timeval t = limitval;
	FD_ZERO(&s);
	FD_SET(pair[0], &s);
	return select(pair[0] + 1, &s, NULL, NULL, &t);
}
static long pselects(void)
{
	fd_set s;
	FD_ZERO(&s);
	FD_SET(pair[0], &s);
	return pselect(pair[0] + 1, &s, NULL, NULL, &limit, NULL);
}
static int epoll(void)
{
	int e = epoll_create1(0);
	struct epoll_event v = {EPOLLIN};
	epoll_ctl(e, EPOLL_CTL_ADD, pair[0], &v);
	return e;
}
static long epolls(void) { struct epoll_event o; return epoll_wait(epoll(), &o, 1, LIMIT); }
static long epollps(void) { struct epoll_event o; sigset_t m = set(SIGUSR2); return epoll_pwait(epoll(), &o, 1, LIMIT, &m); }
static long epollp2s(void)
{
	struct epoll_event o;
	long long wide[] = {limit.tv_sec, limit.tv_nsec}; // on every CPU
	return syscall(SYS_epoll_pwait2, epoll(), &o, 1, wide, NULL, 8);
}
// The registers of a call are the caller's when it has returned.
static long epollregs(void)
{
#ifdef __x86_64__
	struct epoll_event o;
	long ret, e = epoll(), at = (long)&o, n = 1;
	register long r10 asm("r10") = LIMIT;
	register long r8 asm("r8") = 77;
	asm volatile("syscall" : "=a"(ret), "+D"(e), "+S"(at), "+d"(n), "+r"(r10), "+r"(r8) : "a"(SYS_epoll_wait) : "rcx", "r11", "memory");
	return ret == 0 && r10 == LIMIT && r8 == 77 && n == 1 && at == (long)&o ? 0 : 99;
#else
	return epolls();
#endif
}
static long futexes(void) { int word = 1; return syscall(SYS_futex, &word, FUTEX_WAIT, 1, &limit, NULL, 0); }
static long conds(void)
{
	pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t c = PTHREAD_COND_INITIALIZER;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 1, t.tv_nsec += 400000000;
	if (t.tv_nsec >= 1000000000)
		t.tv_sec++, t.tv_nsec -= 1000000000;
	pthread_mutex_lock(&m);
	errno = pthread_cond_timedwait(&c, &m, &t);
	return -1;
}
static long sigwaits(void)
{
	sigset_t m = set(SIGUSR2);
	sigprocmask(SIG_BLOCK, &m, NULL);
	return sigtimedwait(&m, NULL, &limit);
}
static long semtimed(void) { struct sembuf b = {0, -1, 0}; return semtimedop(sem, &b, 1, &limit); }
static long mqtimed(void)
{
	char name[40], b[8];
	struct mq_attr a = {.mq_maxmsg = 1, .mq_msgsize = 8};
	snprintf(name, sizeof name, "/waits%d", getpid());
	mqd_t q = mq_open(name, O_RDWR | O_CREAT, 0600, &a);
	mq_unlink(name);
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += 1, t.tv_nsec += 400000000;
	if (t.tv_nsec >= 1000000000)
		t.tv_sec++, t.tv_nsec -= 1000000000;
	return mq_timedreceive(q, b, sizeof b, NULL, &t);
}
static long msgrcvs(void) { struct { long type; char c; } b; return msgrcv(msg, &b, 1, 0, 0); } // until it has one
static long iogetevents(void)
{
	unsigned long ctx = 0;
	char e[32];
	syscall(SYS_io_setup, 1, &ctx);
	return syscall(SYS_io_getevents, ctx, 1, 1, e, &limit);
}

// Sockets with a time limit of their own.
static void limited(int option) { setsockopt(pair[0], SOL_SOCKET, option, &limitval, sizeof limitval); }
static char big[TOTAL];
static void fill(void) { while (send(pair[0], big, 4096, MSG_DONTWAIT) > 0) ; }
static long reads(void) { char c; limited(SO_RCVTIMEO); return read(pair[0], &c, 1); }
static long recvs(void) { char c; limited(SO_RCVTIMEO); return recv(pair[0], &c, 1, 0); }
static long recvmsgs(void)
{
	char c;
	struct iovec v = {&c, 1};
	struct msghdr h = {.msg_iov = &v, .msg_iovlen = 1};
	limited(SO_RCVTIMEO);
	return recvmsg(pair[0], &h, 0);
}
static long readvs(void) { char c; struct iovec v = {&c, 1}; limited(SO_RCVTIMEO); return readv(pair[0], &v, 1); }
static long writes(void) { limited(SO_SNDTIMEO); fill(); return write(pair[0], big, 1); }
static long sends(void) { limited(SO_SNDTIMEO); fill(); return send(pair[0], big, 1, 0); }
static long accepts(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);
	listen(s, 1);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limitval, sizeof limitval);
	return accept(s, NULL, NULL);
}

// Transfers in the middle of which the other end stops reading, or writing, for
// a while.
static int pipes[2];
static long pipewrite(void) { return write(pipes[1], big, TOTAL); }
static long pipewritev(void)
{
	struct iovec v[3] = {{big, 100000}, {big, 150000}, {big, 150000}};
	return writev(pipes[1], v, 3);
}
static long sockwrite(void) { return write(pair[0], big, TOTAL); }
static long socksend(void) { return send(pair[0], big, TOTAL, 0); }
static long socksendmsg(void)
{
	struct iovec v[2] = {{big, 100000}, {big, TOTAL - 100000}};
	struct msghdr h = {.msg_iov = v, .msg_iovlen = 2};
	return sendmsg(pair[0], &h, 0);
}
static long sendfiles(void)
{
	int f = memfd_create("big", 0);
	write(f, big, TOTAL);
	off_t at = 0;
	return sendfile(pair[0], f, &at, TOTAL) + (at != TOTAL);
}
static long sockrecvall(void) { return recv(pair[0], big, TOTAL, MSG_WAITALL); }

static void sleeping(pid_t p)
{
	while (!strchr("SZ", state(p)))
		usleep(1000);
}

// disturb sends signals that have no effect to somebody who waits.
static void disturb(pid_t p)
{
	int sigs[] = {SIGWINCH, SIGUSR1, SIGCHLD, SIGURG, SIGCONT};
	for (int i = 0; i < 5; i++) {
		usleep(60000);
		sleeping(p);
		kill(p, sigs[i]);
	}
}

static void drain(int fd, int all)
{
	static char b[65536];
	int n = 0, r;
	while (n < all && (r = read(fd, b, sizeof b)) > 0)
		n += r;
}

static void give(void) { struct { long type; char c; } b = {1, 'x'}; msgsnd(msg, &b, 1, 0); }
static void takepipe(void) { drain(pipes[0], TOTAL); }
static void takesock(void) { drain(pair[1], TOTAL); }
static void givesock(void) { static char b[TOTAL / 2]; write(pair[1], b, sizeof b); }

struct wait {
	const char *name;
	long (*call)(void);
	void (*end)(void), (*begin)(void);
} waits[] = {
	{"nanosleep", nanosleeps}, {"clock_nanosleep", clocksleeps}, {"clock_nanosleep until", clockuntil},
	{"poll", polls}, {"ppoll", ppolls}, {"select", selects}, {"pselect", pselects},
	{"epoll_wait", epolls}, {"epoll_pwait", epollps}, {"epoll_pwait2", epollp2s}, {"epoll_wait and registers", epollregs},
	{"futex", futexes}, {"pthread_cond_timedwait", conds}, {"sigtimedwait", sigwaits}, {"semtimedop", semtimed},
	{"mq_timedreceive", mqtimed}, {"io_getevents", iogetevents}, {"msgrcv", msgrcvs, give},
	{"read of a socket", reads}, {"recv", recvs}, {"recvmsg", recvmsgs}, {"readv of a socket", readvs},
	{"write to a socket", writes}, {"send", sends}, {"accept", accepts},
	{"write to a pipe", pipewrite, takepipe}, {"writev to a pipe", pipewritev, takepipe},
	{"long write to a socket", sockwrite, takesock}, {"long send", socksend, takesock},
	{"long sendmsg", socksendmsg, takesock}, {"sendfile", sendfiles, takesock}, {"recv of all", sockrecvall, givesock, givesock},
};

static void wait_in(struct wait *w)
{
	signal(SIGUSR1, SIG_IGN);
	long began = now();
	errno = 0;
	long r = w->call();
	int e = r < 0 ? errno : 0;
	long took = now() - began;
	printf("%s: %ld, %s, %s\n", w->name, r, strerror(e),
	       w->end ? "" : took < LIMIT - 1 ? "too early" : took > 4 * LIMIT ? "too late" : "in time");
	fflush(stdout);
	_exit(0);
}

// one has its own pipes and sockets, since all wait at once.
static void one(struct wait *w)
{
	pipe(pipes);
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	sem = semget(IPC_PRIVATE, 1, 0600);
	msg = msgget(IPC_PRIVATE, 0600);
	pid_t p = fork();
	if (p == 0)
		wait_in(w);
	if (w->begin)
		w->begin();
	disturb(p);
	if (w->end)
		w->end();
	waitpid(p, NULL, 0);
	semctl(sem, 0, IPC_RMID);
	msgctl(msg, IPC_RMID, NULL);
	_exit(0);
}

int main(void)
{
	int n = sizeof waits / sizeof *waits;
	for (int i = 0; i < n; i++)
		if (fork() == 0)
			one(&waits[i]);
	while (wait(NULL) > 0)
		;
}
