// Makes many threads and processes that end in every way, and tells how.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int *shared;
static char *self;

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}
static int status(pid_t p)
{
	int s = -1;
	waitpid(p, &s, 0);
	return s;
}

static pthread_t make(void *(*f)(void *), void *p)
{
	pthread_attr_t a;
	pthread_t t;
	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 32768);
	int e = pthread_create(&t, &a, f, p);
	if (e)
		printf("pthread_create %d\n", e);
	return t;
}

static pthread_mutex_t mu = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int here, open_;
static void *wait_gate(void *p)
{
	char path[32];
	struct stat st;
	snprintf(path, sizeof path, "t%ld", (long)p);
	int ok = stat(path, &st) < 0 && errno == ENOENT;
	pthread_mutex_lock(&mu);
	here += ok;
	pthread_cond_broadcast(&cond);
	while (!open_)
		pthread_cond_wait(&cond, &mu);
	pthread_mutex_unlock(&mu);
	return p;
}

static void many(int n)
{
	pthread_t *t = calloc(n, sizeof *t);
	for (long i = 0; i < n; i++)
		t[i] = make(wait_gate, (void *)i);
	pthread_mutex_lock(&mu);
	while (here < n)
		pthread_cond_wait(&cond, &mu);
	open_ = 1;
	pthread_cond_broadcast(&cond);
	pthread_mutex_unlock(&mu);
	long sum = 0;
	for (int i = 0; i < n; i++) {
		void *r;
		pthread_join(t[i], &r);
		sum += (long)r;
	}
	printf("%d threads, sum %ld\n", n, sum);
}

// What other threads do when one ends or changes the process: every kind of
// call and stop that the monitor has.
static void *busy(void *p)
{
	long k = (long)p;
	for (;;) {
		struct stat st;
		char buf[4096];
		pid_t q;
		switch (k++ % 9) {
		case 0: stat("/etc/passwd", &st); break;
		case 1: close(open("/etc/passwd", O_RDONLY)); break;
		case 2: close(open("busy", O_WRONLY | O_CREAT | O_TRUNC, 0600)); break;
		case 3: getcwd(buf, sizeof buf); break;
		case 4: pthread_kill(pthread_self(), SIGUSR1); break;
		case 5:
			q = fork();
			if (q == 0)
				_exit(0);
			waitpid(q, NULL, 0);
			break;
		case 6:
			q = vfork();
			if (q == 0) {
				execl("/bin/true", "true", NULL);
				_exit(1);
			}
			waitpid(q, NULL, 0);
			break;
		case 7: { // a thread that ends at once
			pthread_t t;
			if (pthread_create(&t, NULL, (void *(*)(void *))pthread_self, NULL) == 0)
				pthread_join(t, NULL);
			break;
		}
		case 8: chdir("."); unlink("busy"); break;
		}
		shared[0]++;
	}
	return NULL;
}
static void nothing(int s) {}

static void *then_exec(void *p)
{
	char *argv[] = {self, "executed", NULL};
	usleep((long)p);
	execv(self, argv);
	_exit(99);
}
static void *then_exit(void *p) { usleep((long)p); _exit(21); }
static void *then_die(void *p) { usleep((long)p); kill(getpid(), SIGKILL); return NULL; }
static void *then_fault(void *p) { usleep((long)p); *(volatile int *)0 = 0; return NULL; }
static void *then_return(void *p) { usleep((long)p); exit(22); }

// One process with busy threads that ends by what f does after some time; the
// leader leaves first if leave is set.
static int round_(void *(*f)(void *), long us, int leave)
{
	fflush(stdout);
	pid_t p = fork();
	if (p == 0) {
		setpgid(0, 0);
		signal(SIGUSR1, nothing);
		for (long i = 0; i < 4; i++)
			make(busy, (void *)(i * 2 + us));
		make(f, (void *)us);
		if (leave)
			pthread_exit(NULL);
		busy((void *)us);
	}
	return status(p);
}

static void ends(double seconds)
{
	struct {
		void *(*f)(void *);
		int want;
	} how[] = {{then_exec, 20 << 8}, {then_exit, 21 << 8}, {then_die, 9}, {then_fault, 11}, {then_return, 22 << 8}};
	int bad = 0;
	double until = now() + seconds;
	for (int n = 0; n < 10 || now() < until; n++) {
		int s = round_(how[n % 5].f, rand() % 3000, n / 5 % 2);
		if ((s & ~0x80) != how[n % 5].want)
			bad++, printf("way %d, leader leaves %d: %#x\n", n % 5, n / 5 % 2, s);
	}
	printf("ends: %d bad\n", bad);
}

// Killed from outside at any moment, alone or with its group; stopped before.
static void deaths(double seconds)
{
	double until = now() + seconds;
	int bad = 0;
	for (int n = 0; n < 12 || now() < until; n++) {
		fflush(stdout);
		pid_t p = fork();
		if (p == 0) {
			setpgid(0, 0);
			signal(SIGUSR1, nothing);
			for (long i = 0; i < n % 4; i++)
				make(busy, (void *)(i + n));
			busy((void *)(long)n);
		}
		setpgid(p, p);
		int was = shared[0];
		double t = now() + 2;
		while (shared[0] < was + n % 20 && now() < t)
			sched_yield();
		int s;
		if (n % 3 == 1) {
			kill(p, SIGSTOP);
			if (n % 2) {
				waitpid(p, &s, WUNTRACED);
				if (!WIFSTOPPED(s))
					bad++;
			}
		}
		if (n % 5 == 2)
			for (int i = 0; i < 3; i++)
				kill(-p, SIGSTOP), kill(-p, SIGCONT);
		kill(n % 2 ? -p : p, SIGKILL);
		s = status(p);
		if (s != 9)
			bad++, printf("death %d: %#x\n", n, s);
		kill(-p, SIGKILL);
	}
	printf("deaths: %d bad\n", bad);
}

// await_zombie waits until a thread has ended and others of its process have not.
static void await_zombie(pid_t tid)
{
	char path[64], line[256] = "";
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
	while (!strstr(line, ") Z ")) {
		FILE *f = fopen(path, "r");
		if (f == NULL)
			return;
		fgets(line, sizeof line, f);
		fclose(f);
	}
}

// The first thread leaves, others live on.
static void *last(void *p)
{
	struct stat st;
	await_zombie(getpid());
	int ok = stat("/", &st) == 0;
	pid_t q = fork();
	if (q == 0)
		_exit(6);
	ok &= status(q) == 6 << 8;
	char path[64];
	snprintf(path, sizeof path, "/proc/self/task/%ld/comm", (long)syscall(SYS_gettid));
	ok &= access(path, R_OK) == 0;
	printf("the last thread: %d\n", ok);
	fflush(stdout);
	_exit(13);
}
static void leader_leaves(void)
{
	fflush(stdout);
	pid_t p = fork();
	if (p == 0) {
		make(last, NULL);
		pthread_exit(NULL);
	}
	printf("leader left: %#x\n", status(p));
	p = fork();
	if (p == 0) {
		make((void *(*)(void *))pthread_self, NULL);
		pthread_exit(NULL);
	}
	printf("all threads left: %#x\n", status(p));
}

static void shorts(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i += 20) {
		for (int k = 0; k < 20; k++) {
			if (fork() == 0) {
				struct stat st;
				char name[32], cwd[4096];
				snprintf(name, sizeof name, "p%d", getpid());
				stat("/etc/passwd", &st);
				open(".", O_RDONLY | O_DIRECTORY);
				close(open(name, O_WRONLY | O_CREAT, 0600));
				unlink(name);
				getcwd(cwd, sizeof cwd);
				_exit(k);
			}
		}
		int s;
		while (wait(&s) > 0)
			sum += WEXITSTATUS(s);
	}
	printf("%d processes, sum %d\n", n, sum);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || strcmp(argv[1], "executed") == 0)
		return 20;
	static char path[4096];
	readlink("/proc/self/exe", path, sizeof path - 1); // which is none once the leader has left
	self = path;
	double seconds = argc > 2 ? atof(argv[2]) : 0.5;
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (strchr(argv[1], 't'))
		many(argc > 3 ? atoi(argv[3]) : 500);
	if (strchr(argv[1], 'l'))
		leader_leaves();
	if (strchr(argv[1], 'e'))
		ends(seconds);
	if (strchr(argv[1], 'd'))
		deaths(seconds);
	if (strchr(argv[1], 'p'))
		shorts(argc > 3 ? atoi(argv[3]) : 1000);
	for (int i = 4; i < argc; i++) { // once more, when a line has been read
		char line[99];
		if (!fgets(line, sizeof line, stdin))
			return 1;
		shorts(atoi(argv[i]));
	}
	return 0;
}
