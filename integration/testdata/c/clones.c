// Makes processes in every way that clone has, and tells how their makers see
// them.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
static int *shared, local, fd;
static char stack[8][65536] __attribute__((aligned(16)));

static long sys_clone3(struct clone_args *a, size_t size) { return syscall(SYS_clone3, a, size); }

// What a child does to see what it shares.
static int touch(void *arg)
{
	local = 7;
	close(fd);
	umask(0123);
	chdir("/usr");
	shared[0] = getppid();
	shared[1] = getpid();
	shared[2] = gettid();
	return (long)arg;
}

static void report(const char *name, pid_t p, int wopt, int gone)
{
	int s = -1;
	siginfo_t i = {0};
	int n = waitid(P_PID, p, &i, WEXITED | WNOHANG | WNOWAIT);
	int e = n ? errno : 0;
	pid_t r = waitpid(p, &s, wopt);
	char cwd[99];
	getcwd(cwd, sizeof cwd);
	mode_t m = umask(022);
	printf("%s: plain waitid %d; wait %d %d status %#x; vm %d files %d fs %s %o; ppid %s pid %d %d\n", name, e, r == p,
	       r < 0 ? errno : 0, s, local, fcntl(fd, F_GETFD) < 0, strcmp(cwd, "/usr") ? "own" : "shared", m,
	       shared[0] == getpid() ? "me" : shared[0] == getppid() ? "parent" : "other", shared[1] == p, shared[2] == p);
	local = 0;
	chdir(getenv("HERE"));
	if (fcntl(fd, F_GETFD) < 0)
		fd = open("/dev/null", O_RDONLY);
}

static void one(const char *name, int flags, int wopt)
{
	fflush(stdout);
	pid_t p = clone(touch, stack[1], flags, (void *)3L);
	if (p < 0) {
		printf("%s: errno %d\n", name, errno);
		return;
	}
	siginfo_t i;
	while (waitid(P_PID, p, &i, WEXITED | WNOWAIT | __WALL) < 0 && errno == EINTR)
		;
	report(name, p, wopt, 0);
}

// A grandchild with CLONE_PARENT is our child.
static void parents(void)
{
	for (int n = 0; n < 50; n++) {
		pid_t p = fork();
		if (p == 0) {
			pid_t q = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
			if (q == 0) {
				shared[0] = getppid();
				_exit(4);
			}
			int r = waitpid(q, NULL, 0); // not mine
			_exit(r < 0 && errno == ECHILD ? 5 : 6);
		}
		int sum = 0, s, k = 0;
		while (wait(&s) > 0)
			sum += WEXITSTATUS(s), k++;
		if (sum != 9 || k != 2 || shared[0] != getpid())
			printf("CLONE_PARENT: %d children, sum %d, ppid %d\n", k, sum, shared[0] == getpid());
	}
	printf("parents\n");
}

static void three(const char *name, struct clone_args a, size_t size)
{
	fflush(stdout);
	int pidfd = -1;
	pid_t ptid = -1, ctid = -1;
	if (a.flags & CLONE_PIDFD)
		a.pidfd = (uintptr_t)&pidfd;
	if (a.flags & CLONE_PARENT_SETTID)
		a.parent_tid = (uintptr_t)&ptid;
	if (a.flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID))
		a.child_tid = (uintptr_t)&ctid;
	pid_t p = sys_clone3(&a, size);
	if (p == 0)
		_exit(ctid == getpid() ? 8 : 9);
	if (p < 0) {
		printf("%s: errno %d\n", name, errno);
		return;
	}
	siginfo_t i = {0};
	int r = -1;
	if (pidfd >= 0) {
		struct pollfd f = {pidfd, POLLIN};
		poll(&f, 1, -1);
		r = waitid(P_PIDFD, pidfd, &i, WEXITED | WNOWAIT | __WALL);
		close(pidfd);
	}
	int s = -1;
	pid_t w = waitpid(p, &s, __WALL);
	printf("%s: pidfd %d status %d; ptid %d ctid %d; %d %#x\n", name, r, i.si_status, ptid == p, ctid == -1, w == p, s);
}

static void clone3s(void)
{
	struct clone_args a = {.exit_signal = SIGCHLD};
	three("plain", a, sizeof a);
	a.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID;
	three("settids", a, sizeof a);
	a.flags = CLONE_CLEAR_SIGHAND;
	three("clear sighand", a, sizeof a);
	a.flags = CLONE_CLEAR_SIGHAND | CLONE_SIGHAND;
	three("both sighands", a, sizeof a);
	a.flags = CLONE_INTO_CGROUP;
	a.cgroup = 9999;
	three("no such cgroup", a, sizeof a);
	a.flags = 0;
	a.cgroup = 0;
	three("small", a, CLONE_ARGS_SIZE_VER0);
	three("too small", a, CLONE_ARGS_SIZE_VER0 - 1);
	three("nothing", a, 0);
	three("large", a, 4097);
	a.exit_signal = 200;
	three("bad signal", a, sizeof a);
	a.exit_signal = 0;
	three("no signal", a, sizeof a);
	a.exit_signal = SIGUSR2;
	signal(SIGUSR2, SIG_IGN);
	three("another signal", a, sizeof a);
	a.exit_signal = SIGCHLD;
	a.stack = 4096;
	three("stack without size", a, sizeof a);
	a.stack = 0;
	a.flags = 1ull << 40;
	three("unknown flag", a, sizeof a);
	a.flags = CLONE_THREAD;
	three("thread without vm", a, sizeof a);
	a.flags = 0;
	pid_t tid = 1;
	a.set_tid = (uintptr_t)&tid, a.set_tid_size = 1;
	long r;
	a.set_tid_size = 100;
	r = sys_clone3(&a, sizeof a);
	printf("set_tid too long: %d\n", r < 0 ? errno : 0);
	// longer than the kernel knows, with and without something in it
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct clone_args b = {.exit_signal = SIGCHLD};
	memcpy(page, &b, sizeof b);
	for (int k = 0; k < 2; k++) {
		r = sys_clone3((void *)page, 512);
		int e = errno;
		if (r == 0)
			_exit(0);
		printf("512 bytes: %d %d\n", r > 0, r > 0 ? 0 : e);
		if (r > 0)
			waitpid(r, NULL, 0);
		page[511] = 1;
	}
	page[511] = 0;
	mprotect(page + 4096, 4096, PROT_NONE);
	printf("EFAULT: %ld ", sys_clone3((void *)(page + 4096), sizeof b));
	printf("%d ", errno);
	printf("%ld ", sys_clone3((void *)(page + 4096 - 32), sizeof b));
	printf("%d ", errno);
	printf("%ld ", sys_clone3(NULL, sizeof b));
	printf("%d\n", errno);
	memcpy(page + 4096 - 64, &b, 64);
	r = sys_clone3((void *)(page + 4096 - 64), 64);
	if (r == 0)
		_exit(0);
	printf("at the end of a page: %d\n", waitpid(r, NULL, 0) == r);
}

static void flagged(void)
{
	one("fork", SIGCHLD, 0);
	one("vm", CLONE_VM | SIGCHLD, 0);
	one("vm vfork", CLONE_VM | CLONE_VFORK | SIGCHLD, 0);
	one("files", CLONE_FILES | SIGCHLD, 0);
	one("fs", CLONE_FS | SIGCHLD, 0);
	one("all", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | SIGCHLD, 0);
	one("signal 0", 0, 0);
	one("signal 0 __WCLONE", 0, __WCLONE);
	one("SIGUSR1 __WALL", SIGUSR1, __WALL);
	one("vm SIGUSR1 __WCLONE", CLONE_VM | SIGUSR1, __WCLONE);
	one("io sysvsem", CLONE_IO | CLONE_SYSVSEM | SIGCHLD, 0);
	one("sighand without vm", CLONE_SIGHAND | SIGCHLD, 0);
	one("newns and fs", CLONE_NEWNS | CLONE_FS | SIGCHLD, 0);
	one("untraced", CLONE_UNTRACED | SIGCHLD, 0);
	one("ptrace", CLONE_PTRACE | SIGCHLD, 0);
	one("detached", CLONE_DETACHED | SIGCHLD, 0);
}

static void vforks(void)
{
	volatile int n = 0;
	for (int k = 0; k < 20; k++) {
		pid_t p = vfork();
		if (p == 0) {
			n++;
			if (k % 2)
				execl("/bin/true", "true", NULL);
			_exit(0);
		}
		int s;
		waitpid(p, &s, 0);
		n += s;
	}
	printf("vfork %d\n", n);
	pid_t p = vfork(); // killed: the parent goes on
	if (p == 0) {
		kill(getpid(), SIGKILL);
		_exit(1);
	}
	int s;
	waitpid(p, &s, 0);
	printf("vfork killed %#x\n", s);
	posix_spawnattr_t at;
	posix_spawn_file_actions_t fa;
	posix_spawnattr_init(&at);
	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addopen(&fa, 9, "spawned", O_WRONLY | O_CREAT, 0600);
	posix_spawnattr_setflags(&at, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	char *argv[] = {"sh", "-c", "echo spawned >&9; exit 11", NULL};
	int r = posix_spawn(&p, "/bin/sh", &fa, &at, argv, environ);
	waitpid(p, &s, 0);
	printf("posix_spawn %d %#x\n", r, s);
	printf("posix_spawn of nothing %d\n", posix_spawn(&p, "/nonexistent", NULL, NULL, argv, environ));
	unlink("spawned");
}

int main(void)
{
	char here[4096];
	setvbuf(stdout, NULL, _IOLBF, 0);
	setenv("HERE", getcwd(here, sizeof here), 1);
	signal(SIGUSR1, SIG_IGN);
	umask(022);
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	fd = open("/dev/null", O_RDONLY);
	flagged();
	clone3s();
	parents();
	vforks();
	return 0;
}
