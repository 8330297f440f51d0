// Makes calls that no signal ends, and one that a signal does end, in a hail of
// signals whose handler is installed without SA_RESTART.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t hails;

static void handler(int sig) { hails++; }

static void check(const char *what, int result)
{
	if (result >= 0)
		return;
	perror(what);
	exit(1);
}

int main(void)
{
	struct sigaction sa = { .sa_handler = handler };
	struct itimerval often = { { 0, 150 }, { 0, 150 } };
	struct stat st;
	struct utsname u;
	char buf[4096], name[2][20] = { "here", "there" };
	int fd;

	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; hails < 2000; i++) {
		check("kill", kill(getpid(), SIGUSR1));
		check("open", fd = open(name[i % 2], O_CREAT | O_RDWR, 0600));
		close(fd);
		check("stat", stat(name[i % 2], &st));
		check("chmod", chmod(name[i % 2], 0600));
		check("getcwd", getcwd(buf, sizeof buf) ? 0 : -1);
		check("uname", uname(&u));
		check("mkdir", mkdir("d", 0700));
		check("rename", rename("d", "e"));
		check("rmdir", rmdir("e"));
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	puts("unbroken");

	mkfifo("fifo", 0600);
	setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 20000 }, { 0, 20000 } }, NULL);
	for (int i = 0; i < 3; i++) {
		fd = open("fifo", O_RDONLY);
		printf("%d %d\n", fd, errno == EINTR);
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);

	// A process that has ended and is not waited for takes every signal.
	siginfo_t info;
	pid_t p = fork();
	if (p == 0)
		_exit(3);
	while (waitid(P_PID, p, &info, WEXITED | WNOWAIT))
		;
	printf("%d %d\n", kill(p, 0), kill(p, SIGKILL));
	while (waitpid(p, &fd, 0) < 0)
		;
	printf("%d %d\n", WEXITSTATUS(fd), kill(p, 0));
}
