// Thousands of threads in one process, which all make calls; then one of them
// executes a program, or ends the process, while the others run.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUSY = 20 };
static volatile int started;
static int threads, ending;
static int gate[2], full[2];
static char *self;

static void busy(int i)
{
	char name[32], buf[64];
	struct stat st;
	sprintf(name, "b%d", i);
	int fd = open(name, O_CREAT | O_RDWR, 0600);
	close(fd);
	stat(name, &st);
	readlink("/proc/self/exe", buf, sizeof buf);
	unlink(name);
}
static void *once(void *p)
{
	if (__sync_add_and_fetch(&started, 1) == threads)
		write(full[1], "x", 1);
	busy((long)p);
	char c;
	while (read(gate[0], &c, 1) < 0)
		;
	busy((long)p);
	return p;
}
static void *forever(void *p)
{
	if (__sync_add_and_fetch(&started, 1) == BUSY)
		close(full[1]);
	for (;;)
		busy((long)p);
}
static void *ends(void *p)
{
	int how = (long)p;
	char b;
	while (read(full[0], &b, 1) < 0)
		;
	if (how == 0)
		execlp(self, self, "executed", NULL);
	if (how == 1)
		syscall(SYS_exit_group, 7);
	if (how == 2)
		kill(getpid(), SIGKILL);
	if (how == 3)
		*(volatile int *)8 = 1;
	return NULL;
}
static pthread_t start(void *(*f)(void *), long arg)
{
	pthread_t t;
	pthread_attr_t a;
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 65536);
	if (pthread_create(&t, &a, f, (void *)arg)) {
		if (ending) // the process is at its end
			pause();
		puts("no more threads");
		exit(1);
	}
	return t;
}
int main(int c, char **v)
{
	static pthread_t t[5000];
	self = v[0];
	if (c > 1 && !strcmp(v[1], "executed")) {
		printf("executed; leader %d, first %d\n", getpid() == (int)syscall(SYS_gettid), started);
		return 0;
	}
	int n = c > 1 ? atoi(v[1]) : 2000;
	long sum = 0;
	threads = n;
	pipe(gate), pipe(full);
	for (int i = 0; i < n; i++)
		t[i] = start(once, i);
	char b;
	read(full[0], &b, 1);
	close(gate[1]);
	for (int i = 0; i < n; i++) {
		void *r;
		pthread_join(t[i], &r);
		sum += (long)r;
	}
	printf("%ld\n", sum - (long)n * (n - 1) / 2);
	fflush(stdout);
	for (int how = 0; how < 8; how++) {
		pid_t p = fork();
		int s;
		if (p == 0) {
			started = 0;
			pipe(full);
			setrlimit(RLIMIT_CORE, &(struct rlimit){0});
			for (int i = 0; i < BUSY; i++)
				start(forever, i);
			start(ends, how % 4);
			if (how >= 4) // several at once
				for (int k = ending = 1; k <= 5; k++)
					start(ends, how % 4);
			if (how % 2)
				pthread_exit(NULL);
			for (;;)
				pause();
		}
		if (waitpid(p, &s, 0) != p)
			printf("%d: no child: %s\n", how, strerror(errno));
		printf("%d: %#x\n", how, s);
		fflush(stdout);
	}
}
