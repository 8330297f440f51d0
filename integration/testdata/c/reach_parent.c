// Tries to get at the memory, the descriptors and the life of its parent, and
// says what it was told.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
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

// resources changes nothing where it may: it asks for what there is.
static void resources(void)
{
	pid_t p = getppid();
	struct rlimit limit = {0};
	struct sched_param param = {0};
	struct { unsigned size, policy; unsigned long flags; int nice; unsigned prio; unsigned long d[3]; unsigned min, max; } attr = {48};
	struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event, .exclude_kernel = 1, .disabled = 1};
	cpu_set_t cpus;
	void *page = (void *)0x400000, *head;
	unsigned long nodes = 1;
	size_t size;
	int status;
	sched_getaffinity(p, sizeof cpus, &cpus);
	say("prlimit", prlimit(p, RLIMIT_NOFILE, NULL, &limit));
	if (limit.rlim_cur)
		say("prlimit to set", prlimit(p, RLIMIT_NOFILE, &limit, NULL));
	say("setpriority", setpriority(PRIO_PROCESS, p, getpriority(PRIO_PROCESS, p)));
	say("ioprio_set", syscall(SYS_ioprio_set, 1, p, syscall(SYS_ioprio_get, 1, p)));
	say("sched_setaffinity", sched_setaffinity(p, sizeof cpus, &cpus));
	say("sched_setscheduler", sched_setscheduler(p, SCHED_OTHER, &param));
	say("sched_setparam", sched_setparam(p, &param));
	say("sched_setattr", syscall(SYS_sched_setattr, p, &attr, 0));
	say("perf_event_open", syscall(SYS_perf_event_open, &event, p, -1, -1, 0));
	say("migrate_pages", syscall(SYS_migrate_pages, p, 8, &nodes, &nodes));
	say("move_pages", syscall(SYS_move_pages, p, 1, &page, NULL, &status, 0));
	say("get_robust_list", syscall(SYS_get_robust_list, p, &head, &size));
	// One's own, as said in both ways.
	p = getpid();
	say("prlimit of one's own", prlimit(p, RLIMIT_NOFILE, NULL, &limit));
	say("and so", prlimit(0, RLIMIT_NOFILE, &limit, &limit));
	say("setpriority of one's own", setpriority(PRIO_PROCESS, p, 1));
	say("sched_setscheduler of one's own", sched_setscheduler(p, SCHED_BATCH, &param));
	say("sched_setaffinity of one's own", sched_setaffinity(p, sizeof cpus, &cpus));
	say("get_robust_list of one's own", syscall(SYS_get_robust_list, p, &head, &size));
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
	if (argc < 2 || strcmp(argv[1], "memory"))
		resources();
	if (argc < 2)
		signals();
	return 0;
}
