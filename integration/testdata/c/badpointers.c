// Calls the kernel with pointers that lead nowhere and says what it answers.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_fstatat64
#define SYS_newfstatat SYS_fstatat64
#endif

static char *end; // the last readable byte is end[-1]; what follows is not mapped
static const char *pointer;

static void say(const char *call, long r)
{
	printf("%s(%s) %s\n", call, pointer, r < 0 ? strerrorname_np(errno) : "ok");
	fflush(stdout);
}

static void paths(void *p)
{
	char buf[4096];
	struct stat st;
	struct statx stx;
	struct open_how how = {.flags = O_RDONLY};
	say("open", syscall(SYS_open, p, O_RDONLY));
	say("open create", syscall(SYS_open, p, O_RDWR | O_CREAT, 0600));
	say("openat", syscall(SYS_openat, AT_FDCWD, p, O_RDONLY));
	say("openat path", syscall(SYS_openat, AT_FDCWD, p, O_PATH));
	say("openat2", syscall(SYS_openat2, AT_FDCWD, p, &how, sizeof how));
	say("creat", syscall(SYS_creat, p, 0600));
	say("stat", syscall(SYS_stat, p, &st));
	say("lstat", syscall(SYS_lstat, p, &st));
	say("newfstatat", syscall(SYS_newfstatat, AT_FDCWD, p, &st, 0));
	say("newfstatat empty", syscall(SYS_newfstatat, 1, p, &st, AT_EMPTY_PATH) && errno != EFAULT ? 0 : -1);
	say("statx", syscall(SYS_statx, AT_FDCWD, p, 0, STATX_ALL, &stx));
	say("access", syscall(SYS_access, p, R_OK));
	say("faccessat2", syscall(SYS_faccessat2, AT_FDCWD, p, R_OK, 0));
	say("readlink", syscall(SYS_readlink, p, buf, sizeof buf));
	say("mkdir", syscall(SYS_mkdir, p, 0700));
	say("rmdir", syscall(SYS_rmdir, p));
	say("unlink", syscall(SYS_unlink, p));
	say("chmod", syscall(SYS_chmod, p, 0600));
	say("chown", syscall(SYS_chown, p, -1, -1));
	say("truncate", syscall(SYS_truncate, p, 0));
	say("utimensat", syscall(SYS_utimensat, AT_FDCWD, p, NULL, 0) && p == NULL ? -1 : -(errno == EFAULT));
	say("mknod", syscall(SYS_mknod, p, S_IFIFO | 0600, 0));
	say("chdir", syscall(SYS_chdir, p));
	say("rename from", syscall(SYS_rename, p, "r"));
	say("rename to", syscall(SYS_rename, "file", p));
	say("link from", syscall(SYS_link, p, "l"));
	say("link to", syscall(SYS_link, "file", p));
	say("symlink text", syscall(SYS_symlink, p, "s"));
	say("symlink name", syscall(SYS_symlink, "x", p));
	say("getxattr", syscall(SYS_getxattr, p, "user.x", buf, sizeof buf));
	say("getxattr name", syscall(SYS_getxattr, "file", p, buf, sizeof buf));
	say("setxattr", syscall(SYS_setxattr, p, "user.x", "v", 1, 0));
	say("listxattr", syscall(SYS_listxattr, p, buf, sizeof buf));
	say("statfs", syscall(SYS_statfs, p, buf));
	say("execve", syscall(SYS_execve, p, NULL, NULL));
	say("inotify_add_watch", syscall(SYS_inotify_add_watch, 0, p, 0xfff) && errno == EFAULT ? -1 : 0);
}

static void results(void *p)
{
	say("stat into", syscall(SYS_stat, "file", p));
	say("lstat into", syscall(SYS_lstat, "file", p));
	say("newfstatat into", syscall(SYS_newfstatat, AT_FDCWD, "file", p, 0));
	say("fstat into", syscall(SYS_fstat, 1, p));
	say("statx into", syscall(SYS_statx, AT_FDCWD, "file", 0, STATX_ALL, p));
	say("stat missing into", syscall(SYS_stat, "missing", p));
	say("readlink into", syscall(SYS_readlink, "link", p, 100));
	say("readlink into, none", syscall(SYS_readlink, "link", p, 0));
	say("getcwd into", syscall(SYS_getcwd, p, 4096));
	say("getcwd into, short", syscall(SYS_getcwd, p, 1));
	say("statfs into", syscall(SYS_statfs, "file", p));
	say("getxattr into", syscall(SYS_getxattr, "file", "user.test", p, 100));
	say("getxattr into, none", syscall(SYS_getxattr, "file", "user.test", p, 0));
	say("listxattr into", syscall(SYS_listxattr, "file", p, 100));
	say("uname into", syscall(SYS_uname, p));
	say("getgroups into", syscall(SYS_getgroups, 64, p) >= 0 || errno == EFAULT ? 0 : -1);
	say("getresuid into", syscall(SYS_getresuid, p, p, p));
	say("getresgid into", syscall(SYS_getresgid, p, p, p));
	say("utimensat times", syscall(SYS_utimensat, AT_FDCWD, "file", p, 0));
	say("openat2 how", syscall(SYS_openat2, AT_FDCWD, "file", p, 24));
	say("setgroups", syscall(SYS_setgroups, 3, p));
	say("capget", syscall(SYS_capget, p, p));
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	say("getdents64 into", syscall(SYS_getdents64, fd, p, 4096));
	say("getdents64 into, short", syscall(SYS_getdents64, fd, p, 1));
	close(fd);
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);
	say("bind", bind(s, p, 20));
	say("connect", connect(s, p, 20));
	say("sendto", sendto(s, "x", 1, 0, p, 20));
	socklen_t n = 110;
	say("getsockname", getsockname(s, p, &n));
	say("getsockname length", getsockname(s, (void *)end - 110, p));
	say("sendmsg", sendmsg(s, p, 0));
	close(s);
}

int main(void)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + 4096, 4096);
	memset(page, 'a', 4096);
	end = page + 4096;
	void *readonly = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct {
		const char *name;
		void *p;
	} wild[] = {
		{"NULL", NULL},
		{"1", (void *)1},
		{"unterminated", end - 8},
		{"unmapped", end},
		{"kernel", (void *)0xffffffff81000000},
		{"not canonical", (void *)0x8000000000000000},
		{"-1", (void *)-1},
	};
	for (unsigned i = 0; i < sizeof wild / sizeof *wild; i++) {
		pointer = wild[i].name;
		paths(wild[i].p);
		if (wild[i].p != end - 8)
			results(wild[i].p);
	}
	pointer = "read-only";
	results(readonly);
	pointer = "last byte";
	end[-1] = 0;
	paths(end - 1);
	end[-5] = 'f', end[-4] = 'i', end[-3] = 'l', end[-2] = 'e';
	pointer = "at the end of a page";
	say("access", access(end - 5, F_OK));
	struct stat st;
	say("stat", stat(end - 5, &st));
	int fd = open(end - 5, O_RDONLY);
	say("open", fd);
	return 0;
}
