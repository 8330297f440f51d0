// Prints what the kernel tells a program of itself, the addresses only by what
// lies there. With arguments "by HOW PATH ARG..." it executes PATH first.
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static char maps[1 << 16];

static long slurp(const char *path, char *buf, long size)
{
	int fd = open(path, O_RDONLY);
	long n = 0, got;
	while (fd >= 0 && (got = read(fd, buf + n, size - 1 - n)) > 0)
		n += got;
	close(fd);
	buf[n] = 0;
	return fd < 0 ? -1 : n;
}

static const char *base(const char *p)
{
	return strrchr(p, '/') ? strrchr(p, '/') : p;
}

// file of the mapping that an address lies in, and whether it is its start
static void where(const char *what, unsigned long at)
{
	for (char *line = maps, *end; *line; line = end + 1) {
		unsigned long from, to, off;
		char prot[5], name[512] = "";
		end = strchr(line, '\n');
		sscanf(line, "%lx-%lx %4s %lx %*s %*s %511[^\n]", &from, &to, prot, &off, name);
		if (at >= from && at < to) {
			printf("%s: %s %s%s\n", what, name, prot, at == from && off == 0 ? " start" : "");
			return;
		}
	}
	printf("%s: %s\n", what, at ? "nowhere" : "0");
}

static unsigned long kernel_auxv(unsigned long type)
{
	static unsigned long v[256];
	static long n = -1;
	if (n < 0)
		n = slurp("/proc/self/auxv", (char *)v, sizeof v);
	for (long i = 0; i + 1 < n / (long)sizeof *v; i += 2)
		if (v[i] == type)
			return v[i + 1];
	return -1;
}

static void tell(int argc, char **argv)
{
	static const int types[] = {AT_PHDR, AT_PHNUM, AT_PHENT, AT_BASE, AT_ENTRY, AT_FLAGS, AT_SECURE, AT_UID, AT_EUID, AT_GID, AT_EGID};
	char buf[4096];
	long n;
	struct sigaction sa;
	sigset_t set;
	free(malloc(1));
	slurp("/proc/self/maps", maps, sizeof maps);
	printf("argv:");
	for (int i = 0; i < argc; i++)
		printf(" [%s]", argv[i]);
	printf("\nexecfn: %s\n", (char *)getauxval(AT_EXECFN));
	n = readlink("/proc/self/exe", buf, sizeof buf - 1);
	printf("exe: %.*s\n", n < 0 ? 0 : (int)n, buf);
	if (slurp("/proc/self/comm", buf, sizeof buf) > 0)
		printf("comm: %s", buf);
	n = slurp("/proc/self/cmdline", buf, sizeof buf);
	for (long i = 0; i < n; i++)
		if (!buf[i])
			buf[i] = '|';
	printf("cmdline: %s\n", buf);
	where("phdr", getauxval(AT_PHDR));
	where("entry", getauxval(AT_ENTRY));
	where("base", getauxval(AT_BASE));
	where("heap", (unsigned long)sbrk(0) - 1);
	where("stack", (unsigned long)&sa);
	printf("phnum %lu phent %lu secure %lu\n", getauxval(AT_PHNUM), getauxval(AT_PHENT), getauxval(AT_SECURE));
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++)
		if (kernel_auxv(types[i]) != getauxval(types[i]))
			printf("auxv %d: %lx in /proc, %lx on the stack\n", types[i], kernel_auxv(types[i]), getauxval(types[i]));
	printf("descriptors:");
	for (int fd = 0; fd < 64; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d", fd);
	sigprocmask(SIG_BLOCK, NULL, &set);
	printf("\nblocked:");
	for (int s = 1; s < 32; s++)
		if (sigismember(&set, s))
			printf(" %d", s);
	printf("\nignored:");
	for (int s = 1; s < 32; s++)
		if (sigaction(s, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			printf(" %d", s);
	n = open("/proc/self/exe", O_WRONLY);
	printf("\nwrite: %s\n", n < 0 ? strerror(errno) : "opened");
	for (char *line = maps, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		*end = 0;
		if (strchr(line, '/') && strstr(line, " 00000000 "))
			printf("mapped %s\n", strchr(line, '/'));
	}
	fflush(stdout);
}

static char **rest;

static void *thread(void *path)
{
	execv(path, rest);
	perror("execv");
	_exit(1);
}

static int copied(const char *path, unsigned flags)
{
	static char buf[1 << 24];
	int m = memfd_create("copy", flags), n = slurp(path, buf, sizeof buf);
	if (write(m, buf, n) != n)
		perror("write");
	return m;
}

static int by(const char *how, char *path, char **args)
{
	pthread_t t;
	rest = args;
	if (!strcmp(how, "thread")) {
		pthread_create(&t, NULL, thread, path);
		for (;;)
			pause();
	} else if (!strcmp(how, "masked")) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, SIGTRAP);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		signal(SIGTRAP, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		execv(path, args);
	} else if (!strcmp(how, "pending")) {
		sigset_t set;
		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGTERM);
		execv(path, args);
	} else if (!strcmp(how, "fd"))
		fexecve(open(path, O_RDONLY), args, environ);
	else if (!strcmp(how, "cloexec"))
		fexecve(open(path, O_RDONLY | O_CLOEXEC), args, environ);
	else if (!strcmp(how, "path"))
		syscall(SYS_execveat, open(path, O_PATH | O_CLOEXEC), "", args, environ, AT_EMPTY_PATH);
	else if (!strcmp(how, "memfd"))
		fexecve(copied(path, 0), args, environ);
	else if (!strcmp(how, "closing-memfd"))
		fexecve(copied(path, MFD_CLOEXEC), args, environ);
	else if (!strcmp(how, "link")) {
		char link[64];
		sprintf(link, "/proc/self/fd/%d", copied(path, 0));
		execv(link, args);
	} else if (!strcmp(how, "self"))
		execv("/proc/self/exe", args);
	else if (!strcmp(how, "at")) {
		char *name = (char *)base(path);
		*name = 0;
		syscall(SYS_execveat, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), name + 1, args, environ, 0);
	} else if (!strcmp(how, "nofollow"))
		syscall(SYS_execveat, AT_FDCWD, path, args, environ, AT_SYMLINK_NOFOLLOW);
	else if (!strcmp(how, "noargs"))
		execv(path, (char *[]){NULL});
	else if (!strcmp(how, "long")) {
		char *big = malloc(1 << 18);
		memset(big, 'x', 1 << 18);
		big[(1 << 18) - 1] = 0;
		execv(path, (char *[]){path, big, NULL});
	} else
		execv(path, args);
	printf("%s %s: %s\n", how, path, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	if (argc > 3 && !strcmp(argv[1], "by"))
		return by(argv[2], argv[3], argv + 3);
	tell(argc, argv);
	return 0;
}
