// Which opens of a terminal make it the controlling one, and what /dev/tty is
// then.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <linux/openat2.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

static int master;
static char slave[64];

static void say(const char *what, int fd)
{
	struct stat st = {0}, own = {0};
	int e = fd < 0 ? errno : 0;
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY), te = tty < 0 ? errno : 0;
	if (fd >= 0)
		fstat(fd, &st);
	stat(slave, &own);
	printf("%s: %s, the slave %d; /dev/tty: %s; session of it %d, ours %d", what, strerror(e),
	       st.st_rdev == own.st_rdev && st.st_ino == own.st_ino, strerror(te), fd >= 0 && tcgetsid(fd) == getpid(), getsid(0) == getpid());
	printf(", foreground %d", fd >= 0 && tcgetpgrp(fd) == getpid());
	if (tty >= 0) {
		struct winsize a = {0}, b = {0};
		ioctl(tty, TIOCGWINSZ, &a);
		ioctl(master, TIOCGWINSZ, &b);
		fstat(tty, &st);
		printf(", size %d, is %d:%d, write %zd", a.ws_row == b.ws_row, major(st.st_rdev), minor(st.st_rdev), write(tty, "x", 1));
		close(tty);
	}
	puts("");
	if (fd >= 0)
		close(fd);
}

static int plain(void) { return open(slave, O_RDWR); }
static int reading(void) { return open(slave, O_RDONLY); }
static int writing(void) { return open(slave, O_WRONLY); }
static int noctty(void) { return open(slave, O_RDWR | O_NOCTTY); }
static int nonblock(void) { return open(slave, O_RDWR | O_NONBLOCK); }
static int creating(void) { return open(slave, O_RDWR | O_CREAT | O_TRUNC, 0600); }
static int pathonly(void) { return open(slave, O_PATH); }
static int dotdot(void)
{
	char p[99];
	snprintf(p, sizeof p, "/dev/../dev/pts/../pts/%s", strrchr(slave, '/') + 1);
	return open(p, O_RDWR);
}
static int beneath(void)
{
	int d = open("/dev/pts", O_RDONLY | O_DIRECTORY);
	return openat(d, strrchr(slave, '/') + 1, O_RDWR);
}
static int how(void)
{
	struct open_how h = {.flags = O_RDWR};
	return syscall(SYS_openat2, AT_FDCWD, slave, &h, sizeof h);
}
static int linked(void)
{
	unlink("link");
	symlink(slave, "link");
	int fd = open("link", O_RDWR), e = errno;
	unlink("link");
	errno = e;
	return fd;
}
static int again(void) // what is open already
{
	char p[64];
	int fd = open(slave, O_RDWR | O_NOCTTY);
	snprintf(p, sizeof p, "/proc/self/fd/%d", fd);
	return open(p, O_RDWR);
}
static int peer(void) { return ioctl(master, TIOCGPTPEER, O_RDWR); }
static int peernoctty(void) { return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY); }
static int steals(void) { int fd = open(slave, O_RDWR | O_NOCTTY); ioctl(fd, TIOCSCTTY, 0); return fd; }
static int devtty(void) { return open("/dev/tty", O_RDWR); }
static int console(void) { return open("/dev/ptmx", O_RDWR); }
static int twice(void) { open(slave, O_RDWR); return open(slave, O_RDWR); }
static int gives(void)
{
	int fd = open(slave, O_RDWR);
	signal(SIGHUP, SIG_IGN);
	signal(SIGCONT, SIG_IGN);
	ioctl(fd, TIOCNOTTY);
	return fd;
}

struct { const char *name; int (*open)(void); } ways[] = {
	{"open", plain}, {"to read", reading}, {"to write", writing}, {"O_NOCTTY", noctty}, {"O_NONBLOCK", nonblock},
	{"O_CREAT", creating}, {"O_PATH", pathonly}, {"dot-dot", dotdot}, {"openat", beneath}, {"openat2", how}, {"link", linked},
	{"again", again}, {"TIOCGPTPEER", peer}, {"TIOCGPTPEER O_NOCTTY", peernoctty}, {"TIOCSCTTY", steals},
	{"/dev/tty", devtty}, {"/dev/ptmx", console}, {"twice", twice}, {"TIOCNOTTY", gives},
};

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned i = 0; i < sizeof ways / sizeof *ways; i++)
		for (int leader = 1; leader >= 0; leader--) {
			master = posix_openpt(O_RDWR | O_NOCTTY);
			grantpt(master), unlockpt(master);
			ioctl(master, TIOCSWINSZ, &(struct winsize){.ws_row = 17});
			ptsname_r(master, slave, sizeof slave);
			fflush(stdout);
			if (fork() == 0) {
				setsid();
				if (!leader && fork() > 0) {
					wait(NULL);
					_exit(0);
				}
				printf("%d ", leader);
				say(ways[i].name, ways[i].open());
				_exit(0);
			}
			wait(NULL);
			close(master);
		}
}
