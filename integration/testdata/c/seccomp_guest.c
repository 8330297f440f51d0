// Puts filters of its own on itself and says what calls do under them.
#define _FILE_OFFSET_BITS 64
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#ifdef __i386__
#undef SYS_stat
#undef SYS_lstat
#define SYS_stat SYS_stat64
#define SYS_lstat SYS_lstat64
#define REG_RIP REG_EIP
#define REG_RAX REG_EAX
#endif

#define LEN(a) (sizeof(a) / sizeof *(a))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RET(k) BPF_STMT(BPF_RET | BPF_K, k)
#define IS(nr, k) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), RET(k)

static void say(const char *what, long r)
{
	printf("  %s %s\n", what, r < 0 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
}

static long filter(struct sock_filter *f, int n, unsigned flags)
{
	struct sock_fprog p = {n, f};
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p);
}

static void must(long r, const char *what)
{
	if (r < 0) {
		perror(what);
		_exit(9);
	}
}

// one puts a filter on the caller that answers one call with an action.
static void one(int nr, unsigned action)
{
	struct sock_filter f[] = {LOAD(nr), IS(nr, action), RET(SECCOMP_RET_ALLOW)};
	must(filter(f, LEN(f), 0), "seccomp");
}

static void nnp(void) { must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS"); }

static void status(const char *when)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");
	printf("  %s:", when);
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "Seccomp", 7) || !strncmp(line, "NoNewPrivs", 10))
			printf(" %.*s", (int)strcspn(line, "\n"), line);
	printf(" prctl %d %d\n", prctl(PR_GET_SECCOMP), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	if (f)
		fclose(f);
}

static void errnos(void)
{
	nnp();
	status("before");
	one(SYS_mkdir, SECCOMP_RET_ERRNO | EXDEV);
	status("after one");
	say("mkdir", syscall(SYS_mkdir, "d1", 0700));
	say("mkdirat", syscall(SYS_mkdirat, AT_FDCWD, "d1", 0700));
	one(SYS_mkdir, SECCOMP_RET_ERRNO | EMLINK);
	status("after two");
	say("mkdir", syscall(SYS_mkdir, "d2", 0700));
	one(SYS_uname, SECCOMP_RET_ERRNO | 0);
	say("uname", syscall(SYS_uname, NULL));
	one(SYS_getuid, SECCOMP_RET_ERRNO | EDOM);
	say("getuid", syscall(SYS_getuid));
	one(SYS_openat, SECCOMP_RET_ERRNO | 5000);
	printf("  openat %d\n", (int)syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY) < 0 ? errno : 0);
}

// mayRead allows an open for reading, and no other.
static void arguments(void)
{
	struct sock_filter f[] = {LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 4), LOAD(args[2]),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_WRONLY | O_RDWR | O_CREAT, 0, 1), RET(SECCOMP_RET_ERRNO | EROFS),
		RET(SECCOMP_RET_ALLOW), RET(SECCOMP_RET_ALLOW)};
	nnp();
	must(filter(f, LEN(f), 0), "seccomp");
	say("read", syscall(SYS_openat, AT_FDCWD, "file", O_RDONLY));
	say("proc", syscall(SYS_openat, AT_FDCWD, "/proc/self/status", O_RDONLY));
	say("write", syscall(SYS_openat, AT_FDCWD, "file", O_RDWR));
	say("create", syscall(SYS_openat, AT_FDCWD, "new", O_WRONLY | O_CREAT, 0600));
	say("creat", syscall(SYS_creat, "created", 0600));
}

static void computed(void)
{
	struct sock_filter f[] = {LOAD(nr), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rmdir, 0, 3),
		BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ERRNO), BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, ENOTTY), BPF_STMT(BPF_RET | BPF_A, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_truncate, 0, 2), BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_TRACE | 3),
		BPF_STMT(BPF_RET | BPF_A, 0), BPF_STMT(BPF_LD | BPF_IMM, SECCOMP_RET_ALLOW), BPF_STMT(BPF_RET | BPF_A, 0)};
	nnp();
	must(filter(f, LEN(f), 0), "seccomp");
	say("rmdir", syscall(SYS_rmdir, "none"));
	say("truncate", syscall(SYS_truncate, "file", 0));
	say("creat", syscall(SYS_creat, "computed", 0600));
	say("chdir", syscall(SYS_chdir, "dir"));
}

// The calls of a sandbox; all else is the end of the process.
static const int sandbox[] = {
	SYS_open, SYS_openat, SYS_creat, SYS_read, SYS_write, SYS_close, SYS_stat, SYS_lstat, SYS_fstat, SYS_access, SYS_readlink, SYS_mkdir,
	SYS_rmdir, SYS_unlink, SYS_rename, SYS_symlink, SYS_link, SYS_chmod, SYS_chdir, SYS_getdents64, SYS_uname, SYS_fork, SYS_vfork,
	SYS_wait4, SYS_execve, SYS_exit, SYS_exit_group, SYS_bind, SYS_connect, SYS_socket, SYS_listen, SYS_seccomp, SYS_utime, SYS_statfs,
	SYS_truncate, SYS_brk, SYS_arch_prctl, SYS_set_tid_address, SYS_set_robust_list, SYS_rseq, SYS_prlimit64, SYS_mprotect, SYS_getrandom,
	SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_ioctl, SYS_mknod, SYS_getxattr, SYS_setxattr,
};

static void confine(unsigned action)
{
	struct sock_filter f[2 * LEN(sandbox) + 2] = {LOAD(nr)};
	int n = 1;
	for (size_t i = 0; i < LEN(sandbox); i++) {
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, sandbox[i], 0, 1);
		f[n++] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	}
	f[n++] = (struct sock_filter)RET(action);
	nnp();
	must(filter(f, n, 0), "seccomp");
}

static void only(void)
{
	struct stat st;
	char buf[4096];
	confine(SECCOMP_RET_KILL_PROCESS);
	int fd = syscall(SYS_open, "made", O_RDWR | O_CREAT, 0640);
	say("open", fd);
	say("write", syscall(SYS_write, fd, "data", 4));
	say("openat", syscall(SYS_openat, AT_FDCWD, "file", O_RDWR));
	say("creat", syscall(SYS_creat, "made2", 0600));
	say("stat", syscall(SYS_stat, "made", &st));
	printf("  %o %d\n", st.st_mode, (int)st.st_size);
	say("lstat", syscall(SYS_lstat, "file", &st));
	say("access", syscall(SYS_access, "file", W_OK));
	say("symlink", syscall(SYS_symlink, "made", "ln"));
	say("readlink", syscall(SYS_readlink, "ln", buf, sizeof buf));
	say("link", syscall(SYS_link, "file", "hard"));
	say("rename", syscall(SYS_rename, "made", "moved"));
	say("chmod", syscall(SYS_chmod, "file", 0604));
	say("truncate", syscall(SYS_truncate, "file", 3));
	say("mkdir", syscall(SYS_mkdir, "sub", 0700));
	say("chdir", syscall(SYS_chdir, "dir"));
	say("in it", syscall(SYS_open, "inner", O_RDONLY));
	say("back", syscall(SYS_chdir, ".."));
	say("list", syscall(SYS_getdents64, syscall(SYS_open, ".", O_RDONLY | O_DIRECTORY), buf, sizeof buf));
	say("proc", syscall(SYS_open, "/proc/self/status", O_RDONLY));
	say("uname", syscall(SYS_uname, buf));
	say("fifo", syscall(SYS_mknod, "pipe", S_IFIFO | 0600, 0));
	say("unlink", syscall(SYS_unlink, "hard"));
	say("rmdir", syscall(SYS_rmdir, "sub"));
	say("statfs", syscall(SYS_statfs, ".", buf));
	int s = syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr a = {AF_UNIX, "sock"};
	say("bind", syscall(SYS_bind, s, &a, 7));
	say("listen", syscall(SYS_listen, s, 1));
	say("connect", syscall(SYS_connect, syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0), &a, 7));
	for (int i = 0; i < 3; i++) {
		pid_t p = syscall(SYS_fork);
		if (p == 0) {
			char *argv[] = {"static_hello", NULL}, *env[] = {NULL};
			if (i < 2)
				syscall(SYS_execve, i ? "./hello.sh" : "./hello", argv, env);
			syscall(SYS_exit_group, syscall(SYS_open, "made2", O_WRONLY) < 0);
		}
		int st;
		syscall(SYS_wait4, p, &st, 0, NULL);
		printf("  fork %d status %x\n", p > 0, st);
	}
	fflush(stdout);
	syscall(SYS_openat2, AT_FDCWD, "file", NULL, 0);
	say("not reached", 0);
}

static void onSys(int sig, siginfo_t *si, void *ctx)
{
	ucontext_t *u = ctx;
	printf("  trapped %d: call %d, data %d, arch %x, address %s\n", sig, si->si_syscall, si->si_errno, si->si_arch,
	       si->si_call_addr == (void *)u->uc_mcontext.gregs[REG_RIP] ? "of the call" : "of something else");
	u->uc_mcontext.gregs[REG_RAX] = -ENOSPC;
}

static void traps(void)
{
	struct sigaction sa = {.sa_sigaction = onSys, .sa_flags = SA_SIGINFO};
	sigaction(SIGSYS, &sa, NULL);
	nnp();
	one(SYS_mkdir, SECCOMP_RET_TRAP | 42);
	one(SYS_getppid, SECCOMP_RET_TRAP | 43);
	say("mkdir", syscall(SYS_mkdir, "trapped", 0700));
	say("getppid", syscall(SYS_getppid));
	say("creat", syscall(SYS_creat, "untrapped", 0600));
}

static void traces(void)
{
	nnp();
	one(SYS_mkdir, SECCOMP_RET_TRACE | 1);
	one(SYS_getppid, SECCOMP_RET_TRACE | 2);
	one(SYS_execve, SECCOMP_RET_TRACE);
	say("mkdir", syscall(SYS_mkdir, "traced", 0700));
	say("getppid", syscall(SYS_getppid));
	say("execve", syscall(SYS_execve, "./hello", NULL, NULL));
	one(SYS_getpgrp, SECCOMP_RET_USER_NOTIF);
	one(SYS_rmdir, SECCOMP_RET_USER_NOTIF);
	say("getpgrp", syscall(SYS_getpgrp));
	say("rmdir", syscall(SYS_rmdir, "dir"));
	one(SYS_symlink, SECCOMP_RET_LOG);
	say("symlink", syscall(SYS_symlink, "x", "logged"));
}

static void *doomed(void *nr)
{
	syscall((long)nr, ".", 0);
	return NULL;
}

static void killsThread(void)
{
	pthread_t t;
	nnp();
	one(SYS_access, SECCOMP_RET_KILL_THREAD);
	pthread_create(&t, NULL, doomed, (void *)SYS_access);
	pthread_join(t, NULL);
	say("alive", 0);
	one(SYS_rmdir, SECCOMP_RET_KILL_THREAD);
	syscall(SYS_rmdir, "none");
}

static void killsProcess(void)
{
	pthread_t t;
	nnp();
	one(SYS_access, SECCOMP_RET_KILL_PROCESS);
	pthread_create(&t, NULL, doomed, (void *)SYS_access);
	pthread_join(t, NULL);
	say("alive", 0);
}

static void strict(void)
{
	must(syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL), "strict");
	syscall(SYS_write, 1, "  strict\n", 9);
	syscall(SYS_exit, 7);
}

static void strictOpens(void)
{
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), "strict");
	syscall(SYS_open, "file", O_RDONLY);
	syscall(SYS_write, 1, "  alive\n", 8);
}

static void strictAsks(void)
{
	must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), "strict");
	syscall(SYS_getppid);
	syscall(SYS_write, 1, "  alive\n", 8);
}

static void wrong(void)
{
	struct sock_filter ret[] = {RET(SECCOMP_RET_ALLOW)};
	struct sock_filter none[] = {LOAD(nr)}, out[] = {BPF_STMT(BPF_JMP | BPF_JA, 1), RET(SECCOMP_RET_ALLOW)};
	struct sock_filter far[] = {BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 9, 0), RET(SECCOMP_RET_ALLOW)};
	struct sock_filter odd[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 3), RET(SECCOMP_RET_ALLOW)};
	struct sock_filter beyond[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 64), RET(SECCOMP_RET_ALLOW)};
	struct sock_filter half[] = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RET(SECCOMP_RET_ALLOW)};
	struct sock_filter zero[] = {BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET(SECCOMP_RET_ALLOW)};
	struct sock_fprog null = {1, NULL};
	unsigned act = SECCOMP_RET_USER_NOTIF, bad = 0x12340000;
	nnp();
	say("no program", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL));
	say("no instructions", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &null));
	say("length 0", filter(ret, 0, 0));
	say("length 4097", filter(ret, 4097, 0));
	say("no return", filter(none, LEN(none), 0));
	say("jump out", filter(out, LEN(out), 0));
	say("far jump", filter(far, LEN(far), 0));
	say("odd offset", filter(odd, LEN(odd), 0));
	say("beyond", filter(beyond, LEN(beyond), 0));
	say("half", filter(half, LEN(half), 0));
	say("division", filter(zero, LEN(zero), 0));
	say("unknown flag", filter(ret, 1, 1 << 20));
	say("killable alone", filter(ret, 1, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV));
	say("tsync and listener", filter(ret, 1, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_NEW_LISTENER));
	say("log", filter(ret, 1, SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW));
	say("tsync", filter(ret, 1, SECCOMP_FILTER_FLAG_TSYNC));
	say("prctl", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &(struct sock_fprog){1, ret}));
	say("prctl mode", prctl(PR_SET_SECCOMP, 7, NULL));
	say("operation", syscall(SYS_seccomp, 77, 0, NULL));
	say("strict with flags", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 1, NULL));
	say("strict after filters", syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL));
	say("available", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &act));
	say("unavailable", syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &bad));
	struct seccomp_notif_sizes sizes;
	say("sizes", syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes));
	status("at last");
}

static int go[2];

static void *waits(void *arg)
{
	char c;
	must(read(go[0], &c, 1), "read");
	return (void *)(long)(syscall(SYS_mkdir, "synced", 0700) < 0 ? errno : 0);
}

static void tsync(void)
{
	struct sock_filter f[] = {LOAD(nr), IS(SYS_mkdir, SECCOMP_RET_ERRNO | EISNAM), IS(SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS),
		RET(SECCOMP_RET_ALLOW)};
	pthread_t t;
	void *r;
	must(pipe(go), "pipe");
	pthread_create(&t, NULL, waits, NULL);
	nnp();
	say("seccomp", filter(f, LEN(f), SECCOMP_FILTER_FLAG_TSYNC));
	must(write(go[1], "x", 1), "write");
	pthread_join(t, &r);
	printf("  mkdir in the thread %s\n", strerrorname_np((long)r));
	pthread_create(&t, NULL, waits, NULL);
	must(write(go[1], "x", 1), "write");
	pthread_join(t, &r);
	printf("  and in a later one %s\n", strerrorname_np((long)r));
}

static void unprivileged(void)
{
	struct sock_filter ret[] = {RET(SECCOMP_RET_ALLOW)};
	status("before");
	say("without no_new_privs", filter(ret, 1, 0));
	status("after");
	must(setuid(65534) && geteuid() == 0 ? -1 : 0, "setuid");
	say("again", filter(ret, 1, 0));
}

static const struct {
	const char *name;
	void (*f)(void);
} tests[] = {
	{"errnos", errnos}, {"arguments", arguments}, {"computed", computed}, {"only", only}, {"traps", traps}, {"traces", traces},
	{"kills thread", killsThread}, {"kills process", killsProcess}, {"strict", strict}, {"strict opens", strictOpens},
	{"strict asks", strictAsks}, {"wrong", wrong}, {"tsync", tsync}, {"unprivileged", unprivileged},
};

int main(void)
{
	for (size_t i = 0; i < LEN(tests); i++) {
		int st;
		printf("%s\n", tests[i].name);
		fflush(stdout);
		if (fork() == 0) {
			tests[i].f();
			fflush(stdout);
			_exit(0);
		}
		must(wait(&st), "wait");
		printf("  status %x\n", st & ~0x80);
	}
	return 0;
}
