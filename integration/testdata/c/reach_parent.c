// Tries to get at the memory, the descriptors and the life of its parent, and
// says what it was told.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void say(const char *what, long r)
{
	printf("%s: %s\n", what, r < 0 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
}

static char *in(const char *file)
{
	static char path[4096];
	snprintf(path, sizeof path, "/proc/%d/%s", (int)getppid(), file);
	return path;
}

static void files(void)
{
	static const char *const read[] = {"status", "stat", "cmdline", "mem", "maps", "environ", "auxv", "fd", "fdinfo/0", "exe", "ns/mnt", "cwd/."};
	struct stat st;
	char buf[4096];
	for (size_t i = 0; i < sizeof read / sizeof *read; i++)
		say(read[i], open(in(read[i]), O_RDONLY));
	say("write mem", open(in("mem"), O_RDWR));
	say("write comm", open(in("comm"), O_WRONLY));
	say("stat", stat(in("stat"), &st));
	say("stat through cwd", stat(in("cwd"), &st));
	say("stat through root", stat(in("root/etc/passwd"), &st));
	say("readlink exe", readlink(in("exe"), buf, sizeof buf));
	say("readlink fd", readlink(in("fd/0"), buf, sizeof buf));
	snprintf(buf, sizeof buf, "task/%d/mem", (int)getppid());
	say("mem of a thread", open(in(buf), O_RDONLY));
	int dir = open(in("."), O_RDONLY | O_DIRECTORY);
	say("directory", dir);
	say("mem from it", openat(dir, "mem", O_RDONLY));
	int path = open(in("mem"), O_PATH);
	snprintf(buf, sizeof buf, "/proc/self/fd/%d", path);
	say("mem by its path", open(buf, O_RDWR));
}

static void calls(void)
{
	char byte;
	pid_t p = getppid();
	struct iovec here = {&byte, 1}, there = {(void *)0x400000, 1};
	say("process_vm_readv", process_vm_readv(p, &here, 1, &there, 1, 0));
	say("process_vm_writev", process_vm_writev(p, &here, 1, &there, 1, 0));
	say("PTRACE_ATTACH", ptrace(PTRACE_ATTACH, p, 0, 0));
	say("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, p, 0, 0));
	say("kcmp", syscall(SYS_kcmp, getpid(), p, 0, 0, 0));
	int fd = syscall(SYS_pidfd_open, p, 0);
	say("pidfd_open", fd);
	say("pidfd_getfd", syscall(SYS_pidfd_getfd, fd, 0, 0));
	say("process_madvise", syscall(SYS_process_madvise, fd, &there, 1, 20, 0));
}

static void signals(void)
{
	pid_t p = getppid();
	int fd = syscall(SYS_pidfd_open, p, 0);
	say("kill 0", kill(p, 0));
	say("kill CONT", kill(p, SIGCONT));
	static const int all[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGABRT, 62};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		printf("%d ", all[i]);
		say("kill", kill(p, all[i]));
	}
	say("tgkill", syscall(SYS_tgkill, p, p, SIGKILL));
	say("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0));
}

int main(int argc, char **argv)
{
	files();
	calls();
	if (argc < 2 || strcmp(argv[1], "harmless"))
		signals();
	return 0;
}
