// Makes calls of the i386 table, by int $0x80, whether it is compiled for that or for
// 64 bits; there the upper halves of the registers hold something else. Prints what
// each one answered, and what it wrote where that is the same everywhere.
#define _FILE_OFFSET_BITS 64
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__
#define GARBAGE 0xdead00000000
asm(".text\nraw:\n push %rbx\n push %rbp\n mov %rdi,%rax\n mov (%rsi),%rbx\n mov 8(%rsi),%rcx\n mov 16(%rsi),%rdx\n"
    " mov 32(%rsi),%rdi\n mov 40(%rsi),%rbp\n mov 24(%rsi),%rsi\n int $0x80\n mov %rdx,%rcx\n pop %rbp\n pop %rbx\n ret\n");
#else
#define GARBAGE 0
asm(".text\nraw:\n push %ebx\n push %esi\n push %edi\n push %ebp\n mov 20(%esp),%eax\n mov 24(%esp),%ebp\n mov (%ebp),%ebx\n"
    " mov 4(%ebp),%ecx\n mov 8(%ebp),%edx\n mov 12(%ebp),%esi\n mov 16(%ebp),%edi\n mov 20(%ebp),%ebp\n int $0x80\n"
    " pop %ebp\n pop %edi\n pop %esi\n pop %ebx\n ret\n");
#endif
extern long raw(long nr, unsigned long *args);

// Memory that 32-bit pointers reach.
static char *low;
static size_t used;

static void *room(size_t n) {
	void *p = low + used;
	used += (n + 15) & ~15;
	return memset(p, 0, n);
}

static char *str(const char *s) { return strcpy(room(strlen(s) + 1), s); }

static uint32_t ptr(void *p) { return (uintptr_t)p; }

static int call(int nr, ...) {
	unsigned long args[6];
	__builtin_va_list l;
	__builtin_va_start(l, nr);
	for (int i = 0; i < 6; i++)
		args[i] = __builtin_va_arg(l, unsigned long) | GARBAGE;
	__builtin_va_end(l);
	return raw(nr, args);
}

#define A(x) (unsigned long)(uint32_t)(uintptr_t)(x)
#define C0(nr) call(nr, 0UL, 0UL, 0UL, 0UL, 0UL, 0UL)
#define C1(nr, a) call(nr, A(a), 0UL, 0UL, 0UL, 0UL, 0UL)
#define C2(nr, a, b) call(nr, A(a), A(b), 0UL, 0UL, 0UL, 0UL)
#define C3(nr, a, b, c) call(nr, A(a), A(b), A(c), 0UL, 0UL, 0UL)
#define C4(nr, a, b, c, d) call(nr, A(a), A(b), A(c), A(d), 0UL, 0UL)
#define C5(nr, a, b, c, d, e) call(nr, A(a), A(b), A(c), A(d), A(e), 0UL)
#define C6(nr, a, b, c, d, e, f) call(nr, A(a), A(b), A(c), A(d), A(e), A(f))

// say prints a result: descriptors and counts differ, errors and zero do not.
static int say(const char *what, int ret) {
	if (ret < 0)
		printf("%s: %s\n", what, strerrorname_np(-ret));
	else
		printf("%s: %s\n", what, ret ? "more" : "0");
	return ret;
}

struct stat32 {
	uint32_t dev, ino;
	uint16_t mode, nlink, uid, gid;
	uint32_t rdev, size, blksize, blocks, at[2], mt[2], ct[2], unused[2];
};

struct stat64_32 {
	uint64_t dev;
	uint32_t pad, ino32, mode, nlink, uid, gid;
	uint64_t rdev;
	uint32_t pad3;
	uint64_t size;
	uint32_t blksize;
	uint64_t blocks;
	uint32_t at[2], mt[2], ct[2];
	uint64_t ino;
} __attribute__((packed, aligned(4)));

struct oldstat {
	uint16_t dev, ino, mode, nlink, uid, gid, rdev;
	uint32_t size, at, mt, ct;
};

// agree compares what the structures say with statx(2).
static void agree(const char *what, int ret, const char *path, int flags, void *p, int kind) {
	struct statx x;
	if (say(what, ret) < 0 || statx(AT_FDCWD, path, flags, STATX_BASIC_STATS, &x))
		return;
	struct stat32 *s = p;
	struct stat64_32 *l = p;
	struct oldstat *o = p;
	uint64_t dev = makedev(x.stx_dev_major, x.stx_dev_minor), rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor);
	int same = 0;
	if (kind == 32)
		same = s->dev == (uint32_t)dev && s->ino == x.stx_ino && s->mode == x.stx_mode && s->nlink == x.stx_nlink && s->rdev == (uint32_t)rdev &&
			s->size == x.stx_size && s->blksize == x.stx_blksize && s->blocks == x.stx_blocks && s->mt[0] == (uint32_t)x.stx_mtime.tv_sec &&
			s->mt[1] == x.stx_mtime.tv_nsec && s->ct[0] == (uint32_t)x.stx_ctime.tv_sec && s->at[1] == x.stx_atime.tv_nsec;
	if (kind == 64)
		same = l->dev == dev && l->ino == x.stx_ino && l->ino32 == (uint32_t)x.stx_ino && l->mode == x.stx_mode && l->nlink == x.stx_nlink &&
			l->rdev == rdev && l->size == x.stx_size && l->blksize == x.stx_blksize && l->blocks == x.stx_blocks && l->uid == x.stx_uid &&
			l->gid == x.stx_gid && l->mt[0] == (uint32_t)x.stx_mtime.tv_sec && l->mt[1] == x.stx_mtime.tv_nsec && l->at[1] == x.stx_atime.tv_nsec;
	if (kind == 16)
		same = o->mode == x.stx_mode && o->nlink == x.stx_nlink && o->size == x.stx_size && o->mt == (uint32_t)x.stx_mtime.tv_sec;
	printf("  %s, size %d, ids %d %d, %o\n", same ? "as statx" : "unlike statx", (int)x.stx_size,
		kind == 32 ? s->uid : kind == 64 ? (int)l->uid : o->uid, kind == 32 ? s->gid : kind == 64 ? (int)l->gid : o->gid, x.stx_mode);
}

static void stats(void) {
	const char *paths[] = {"file", "link", "d", "/dev/null", "/etc/passwd", "missing", "file/", "/"};
	for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
		char *p = str(paths[i]);
		void *b = room(128);
		printf("%s\n", p);
		agree("stat", C2(106, p, b), p, 0, b, 32);
		agree("lstat", C2(107, p, b), p, AT_SYMLINK_NOFOLLOW, b, 32);
		agree("stat64", C2(195, p, b), p, 0, b, 64);
		agree("lstat64", C2(196, p, b), p, AT_SYMLINK_NOFOLLOW, b, 64);
		agree("fstatat64", C4(300, AT_FDCWD, p, b, AT_SYMLINK_NOFOLLOW), p, AT_SYMLINK_NOFOLLOW, b, 64);
		int fd = C3(5, p, O_RDONLY, 0);
		if (say("open", fd) < 0)
			continue;
		agree("fstat", C2(108, fd, b), p, 0, b, 32);
		agree("fstat64", C2(197, fd, b), p, 0, b, 64);
		agree("fstatat64 empty", C4(300, fd, str(""), b, AT_EMPTY_PATH), p, 0, b, 64);
		say("close", C1(6, fd));
		say("statfs", C2(99, p, b));
		say("statfs64", C3(268, p, 84, b));
		say("statfs64 88", C3(268, p, 88, b));
		say("access", C2(33, p, W_OK));
		say("readlink", C3(85, p, b, 100));
	}
	int big = C3(5, str("big"), O_RDWR | O_CREAT | 0100000, 0600);
	void *b = room(128);
	say("ftruncate64", C3(194, big, 5, 1));
	agree("stat of 4G", C2(106, str("big"), b), "big", 0, b, 32);
	agree("stat64 of 4G", C2(195, str("big"), b), "big", 0, b, 64);
	say("open of 4G", C3(5, str("big"), O_RDONLY, 0));
	say("open of 4G, large", C3(5, str("big"), O_RDONLY | 0100000, 0));
	say("flags", C3(221, big, F_GETFL, 0) & 0100000);
	say("stat into nowhere", C2(106, str("file"), 16));
	say("stat of nowhere", C2(195, 16, b));
	say("stat at the end", C2(195, 0xfffffff0, b));
}

static void old(void) {
	void *b = room(64);
	int ret = C2(18, str("/dev/null"), b);
	if (ret != -ENOSYS)
		agree("oldstat", ret, "/dev/null", 0, b, 16);
	struct { uint32_t ino, off; uint16_t len; char name[256]; } *e = room(sizeof *e);
	int fd = C3(5, str("d"), O_RDONLY | O_DIRECTORY, 0), n = 0;
	unsigned sum = 0;
	while ((ret = C3(89, fd, e, 1)) == 1) {
		n++;
		for (char *c = e->name; *c; c++)
			sum += *c;
		if (e->len != strlen(e->name))
			printf("  a length of %d\n", e->len);
	}
	printf("readdir: %d entries, names %u, then %d\n", n, sum, ret);
	char *u = room(400);
	say("olduname", C1(109, u));
	printf("  %s %s\n", u, u + 4 * 65);
	say("oldolduname", C1(59, u));
	printf("  %s %s\n", u, u + 36);
	say("uname", C1(122, u));
	printf("  %s %s\n", u, u + 4 * 65);
	say("umount", C1(22, str("d/none")));
	say("umount2", C2(52, str("d/none"), 0));
	say("waitpid", C3(7, -1, 0, 0));
	say("stime", getuid() ? C1(25, 16) : -EPERM);
}

static void entries(void) {
	int fds[2] = {C3(5, str("d"), O_RDONLY | O_DIRECTORY, 0), C3(5, str("d"), O_RDONLY | O_DIRECTORY, 0)};
	for (int is64 = 0; is64 < 2; is64++) {
		int fd = fds[is64], n = 0, ret;
		unsigned sum = 0;
		char *b = room(200);
		uint64_t third = 0, after = 0;
		while ((ret = C3(is64 ? 220 : 141, fd, b, 100)) > 0)
			for (char *p = b; p < b + ret;) {
				int len = *(uint16_t *)(p + (is64 ? 16 : 8));
				uint64_t off = is64 ? *(uint64_t *)(p + 8) : *(uint32_t *)(p + 4);
				char *name = p + (is64 ? 19 : 10);
				int type = is64 ? p[18] : p[len - 1];
				for (char *c = name; *c; c++)
					sum += *c * (type == DT_DIR ? 3 : type == DT_REG ? 5 : 7);
				if (++n == 3)
					third = off;
				if (n > 3)
					after += strlen(name);
				if (off > 0x7fffffff)
					printf("  an offset of more than 31 bits\n");
				p += len;
			}
		printf("%s: %d entries, names %u, then %d\n", is64 ? "getdents64" : "getdents", n, sum, ret);
		uint64_t *pos = room(8);
		ret = is64 ? C5(140, fd, third >> 32, third, pos, SEEK_SET) : C3(19, fd, third, SEEK_SET);
		uint64_t again = 0;
		while ((ret = C3(is64 ? 220 : 141, fd, b, 200)) > 0)
			for (char *p = b; p < b + ret; p += *(uint16_t *)(p + (is64 ? 16 : 8)))
				again += strlen(p + (is64 ? 19 : 10));
		printf("  from the fourth: %s\n", again == after ? "the same" : "others");
		say("  too short", (C3(19, fd, 0, SEEK_SET), C3(is64 ? 220 : 141, fd, b, 5)));
	}
}

static void time_of(const char *what, int ret) {
	struct statx x = {0};
	say(what, ret);
	statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &x);
	int old = x.stx_mtime.tv_sec < 1600000000;
	printf("  %lld.%09u\n", old ? (long long)x.stx_mtime.tv_sec : 0, old ? x.stx_mtime.tv_nsec : 0);
}

static void times(void) {
	uint32_t *t = room(32);
	uint64_t *w = room(32);
	char *p = str("file");
	memcpy(t, (uint32_t[]){5, 7, 0, 0}, 16);
	time_of("utime", C2(30, p, t));
	memcpy(t, (uint32_t[]){5, 6, 0x80000000, 8}, 16);
	time_of("utimes", C2(271, p, t));
	t[3] = 1000000;
	time_of("utimes of a second", C2(271, p, t));
	memcpy(t, (uint32_t[]){5, 6, 1000, 12}, 16);
	time_of("futimesat", C3(299, AT_FDCWD, p, t));
	memcpy(t, (uint32_t[]){5, 6, 2000, 123456789}, 16);
	time_of("utimensat", C4(320, AT_FDCWD, p, t, 0));
	memcpy(w, (uint64_t[]){5, 6, 3000000, 0xabcd00000000 | 987654321}, 32);
	time_of("utimensat_time64", C4(412, AT_FDCWD, p, w, 0));
	w[3] = 1000000000;
	time_of("utimensat_time64, too much", C4(412, AT_FDCWD, p, w, 0));
	t[3] = 0x3ffffffe; // UTIME_OMIT
	time_of("utimensat, omitted", C4(320, AT_FDCWD, p, t, 0));
	int fd = C3(5, p, O_RDWR, 0);
	t[3] = 1;
	time_of("utimensat of a descriptor", C4(320, fd, 0, t, 0));
	time_of("now", C2(30, p, 0));
	say("truncate", C2(92, p, 7));
	say("truncate below 0", C2(92, p, -1));
	say("truncate64", C3(193, p, 9, 0));
	say("truncate64 to 4G", C3(193, p, 0, 1));
	say("truncate64 below 0", C3(193, p, 0, 0x80000000));
	struct stat st;
	stat("file", &st);
	printf("  %lld\n", (long long)st.st_size);
	say("truncate64 back", C3(193, p, 9, 0));
}

static void show(const char *what) {
	uint16_t *s = room(16);
	uint32_t *l = room(16);
	C3(165, s, s + 1, s + 2);
	C3(209, l, l + 1, l + 2);
	printf("%s: %d %d, %d %d; %d %d %d; %d %d %d\n", what, C0(24), C0(49), C0(199), C0(201), s[0], s[1], s[2], l[0], l[1], l[2]);
	C3(171, s, s + 1, s + 2);
	C3(211, l, l + 1, l + 2);
	printf("  %d %d, %d %d; %d %d %d; %d %d %d\n", C0(47), C0(50), C0(200), C0(202), s[0], s[1], s[2], l[0], l[1], l[2]);
	uint16_t *g = room(64);
	int n = C2(80, 32, g);
	printf("  %d groups:", n);
	for (int i = 0; i < n; i++)
		printf(" %d", g[i]);
	puts("");
}

static void owner(const char *what, int ret) {
	struct stat st;
	say(what, ret);
	lstat("file", &st);
	printf("  %d %d", st.st_uid, st.st_gid);
	struct stat32 *s = room(sizeof *s);
	C2(107, str("file"), s);
	printf(", %d %d\n", s->uid, s->gid);
}

static void ids(void) {
	char *p = str("file");
	show("ids");
	int fd = C3(5, p, O_RDWR, 0), uid = getuid(), gid = getgid();
	owner("chown to nobody", C3(182, p, 0xffff, 0xffff));
	owner("chown to oneself", C3(182, p, uid, gid));
	owner("chown", C3(182, p, 12, 34));
	owner("lchown", C3(16, p, 13, 0xffff));
	owner("fchown", C3(95, fd, 14, 35));
	owner("chown32", C3(212, p, 70000, 70001));
	owner("chown32, -1", C3(212, p, -1, 80000));
	owner("fchown32", C3(207, fd, 15, -1));
	owner("lchown32", C3(198, str("link"), 17, 17));
	owner("lchown32 back", C3(198, str("link"), uid, gid));
	owner("fchownat", C5(298, AT_FDCWD, p, uid, gid, 0));
	fflush(stdout);
	for (int i = 0; i < 6; i++) {
		if (fork() == 0) {
			uint16_t *g = room(16);
			uint32_t *h = room(16);
			memcpy(g, (uint16_t[]){3, 4, 65535}, 6);
			memcpy(h, (uint32_t[]){3, 70000, 5}, 12);
			switch (i) {
			case 0: say("setgroups", C2(81, 2, g)); say("setgid", C1(46, 8)); say("setuid", C1(23, 9)); say("setuid back", C1(23, 0)); break;
			case 1: say("setgroups32", C2(206, 3, h)); say("setgid32", C1(214, 70008)); say("setuid32", C1(213, 70009)); break;
			case 2: say("setreuid", C2(70, 0xffff, 5)); say("setregid", C2(71, 0xffff, 0xffff)); break;
			case 3: say("setresgid", C3(170, 1, 0xffff, 2)); say("setresuid", C3(164, 0xffff, 6, 7)); break;
			case 4: printf("setfsgid %d %d\n", C1(139, 5), C1(216, 70005)); printf("setfsuid %d %d %d\n", C1(138, 5), C1(215, 70005), C1(138, 0xffff)); break;
			case 5: say("setgroups, bad", C2(81, 3, g)); say("setgroups, nowhere", C2(81, 3, 16)); say("setgroups, many", C2(81, 70000, g)); break;
			}
			show("  then");
			fflush(stdout);
			_exit(0);
		}
		wait(NULL);
	}
}

// A socket call, direct or by socketcall(2).
static int direct;

static int sock(int sub, ...) {
	static const short nrs[] = {0, 359, 361, 362, 363, 364, 367, 368, 360, 0, 0, 369, 371, 373, 366, 365, 370, 372, 364, 337, 345};
	uint32_t *args = room(32);
	unsigned long a[6] = {0};
	__builtin_va_list l;
	__builtin_va_start(l, sub);
	for (int i = 0; i < 6; i++)
		a[i] = args[i] = __builtin_va_arg(l, unsigned long);
	__builtin_va_end(l);
	if (sub == 5)
		a[3] = 0;
	return direct && nrs[sub] ? call(nrs[sub], a[0], a[1], a[2], a[3], a[4], a[5]) : C2(102, sub, args);
}

#define S(sub, a, b, c, d, e, f) sock(sub, A(a), A(b), A(c), A(d), A(e), A(f))

static struct sockaddr_un *address(const char *path, uint32_t *len) {
	struct sockaddr_un *a = room(sizeof *a);
	a->sun_family = AF_UNIX;
	strcpy(a->sun_path, path);
	*len = 2 + strlen(path) + 1;
	return a;
}

static int named(int sub, int fd, const char *path) {
	uint32_t n;
	struct sockaddr_un *a = address(path, &n);
	return S(sub, fd, a, n, 0, 0, 0);
}

struct msg32 { uint32_t name, namelen, iov, iovlen, control, controllen, flags, len; };

static struct msg32 *message(char *text, void *control, int size) {
	struct msg32 *m = room(sizeof *m);
	uint32_t *iov = room(8);
	iov[0] = ptr(text);
	iov[1] = strlen(text) + 1;
	m->iov = ptr(iov);
	m->iovlen = 1;
	m->control = ptr(control);
	m->controllen = size;
	return m;
}

static void received(const char *what, int ret, struct msg32 *m) {
	printf("%s: %d, control %u, flags %x", what, ret, m->controllen, m->flags);
	uint32_t *c = (void *)(uintptr_t)m->control;
	for (unsigned at = 0; c && at + 12 <= m->controllen; at += (c[at / 4] + 3) & ~3) {
		uint32_t *h = c + at / 4;
		printf("; %u of level %u type %u", h[0], h[1], h[2]);
		if (h[0] < 12)
			break;
		if (h[2] == SCM_CREDENTIALS)
			printf(": %d %d %d", (int)h[3] == getpid(), h[4], h[5]);
		else
			printf(": a descriptor %s", fcntl(h[3], F_GETFD) >= 0 ? "there" : "not there");
	}
	puts("");
}

static void pairs(void) {
	int *fds = room(8);
	say("socketpair", S(8, AF_UNIX, SOCK_DGRAM, 0, fds, 0, 0));
	int one = 1, *on = memcpy(room(4), &one, 4);
	say("setsockopt", S(14, fds[1], SOL_SOCKET, SO_PASSCRED, on, 4, 0));
	uint32_t *c = room(64);
	memcpy(c, (uint32_t[]){16, SOL_SOCKET, SCM_RIGHTS, 1, 24, SOL_SOCKET, SCM_CREDENTIALS, getpid(), getuid(), getgid()}, 40);
	say("sendmsg", S(16, fds[0], message(str("rights"), c, 40), 0, 0, 0, 0));
	c[7] = 1;
	say("sendmsg as another", S(16, fds[0], message(str("lie"), c, 40), MSG_DONTWAIT, 0, 0, 0) < 0 && getuid() ? -EPERM : 1);
	c[0] = 5;
	say("sendmsg, bad control", S(16, fds[0], message(str("bad"), c, 40), 0, 0, 0, 0));
	struct msg32 *m = message(str("                "), room(64), 64);
	received("recvmsg", S(17, fds[1], m, 0, 0, 0, 0), m);
	struct msg32 *two = room(64);
	two[0] = *message(str("one"), 0, 0);
	two[1] = *message(str("two!"), 0, 0);
	S(17, fds[1], message(str("                "), 0, 0), MSG_DONTWAIT, 0, 0, 0);
	int sent = S(20, fds[0], two, 2, 0, 0, 0);
	printf("sendmmsg: %d, %u %u\n", sent, two[0].len, two[1].len);
	int got = S(19, fds[1], two, 2, MSG_DONTWAIT, 0, 0);
	printf("recvmmsg: %d, %u %u\n", got, two[0].len, two[1].len);
	S(11, fds[0], str("plain"), 6, 0, 0, 0);
	char *b = room(32);
	printf("recv: %d %s\n", S(12, fds[1], b, 32, 0, 0, 0), b);
	uint32_t *cred = room(16), *len = room(4);
	*len = 12;
	say("getsockopt", S(15, fds[0], SOL_SOCKET, SO_PEERCRED, cred, len, 0));
	printf("  %d %d %d, %d\n", (int)cred[0] == getpid(), cred[1], cred[2], *len);
}

static void sockets(void) {
	uint32_t *len = room(4), n;
	const char *kind = direct ? "direct" : "called";
	char name[32], other[32];
	sprintf(name, "d/s.%s", kind);
	sprintf(other, "d/t.%s", kind);
	struct sockaddr_un *a, *b = room(sizeof *b);
	int l = S(1, AF_UNIX, SOCK_STREAM, 0, 0, 0, 0);
	say("bind", named(2, l, name));
	say("bind again", named(2, l, name));
	say("listen", S(4, l, 5, 0, 0, 0, 0));
	int k = S(1, AF_UNIX, SOCK_STREAM, 0, 0, 0, 0);
	say("connect nowhere", named(3, k, "d/none"));
	say("connect to no socket", named(3, k, "file"));
	say("connect", named(3, k, name));
	*len = sizeof *b;
	int s = say("accept", S(5, l, b, len, 0, 0, 0));
	printf("  %u\n", *len);
	*len = sizeof *b;
	say("getsockname", S(6, s, b, len, 0, 0, 0));
	printf("  %u %s\n", *len, b->sun_path);
	*len = sizeof *b;
	say("getpeername", S(7, k, b, len, 0, 0, 0));
	printf("  %u %s\n", *len, b->sun_path);
	say("shutdown", S(13, k, SHUT_WR, 0, 0, 0, 0));
	int d = S(1, AF_UNIX, SOCK_DGRAM, 0, 0, 0, 0), e = S(1, AF_UNIX, SOCK_DGRAM, 0, 0, 0, 0);
	say("bind", named(2, d, other));
	sprintf(name, "d/u.%s", kind);
	say("bind", named(2, e, name));
	a = address(other, &n);
	say("sendto", S(11, e, str("to"), 3, 0, a, n));
	char *text = room(32);
	*len = sizeof *b;
	say("recvfrom", S(12, d, text, 32, 0, b, len));
	printf("  %s from %s, %u\n", text, b->sun_path, *len);
	struct msg32 *m = message(str("msg"), 0, 0);
	m->name = ptr(a);
	m->namelen = n;
	say("sendmsg to", S(16, e, m, 0, 0, 0, 0));
	m->name = ptr(memset(b, 0, sizeof *b));
	m->namelen = sizeof *b;
	say("recvmsg from", S(17, d, m, 0, 0, 0, 0));
	printf("  %s, %u\n", b->sun_path, m->namelen);
	pairs();
	say("no such call", S(21, 0, 0, 0, 0, 0, 0));
	say("arguments nowhere", direct ? -EFAULT : C2(102, 3, 16));
}

static void execs(const char *self) {
	fflush(stdout);
	const char *programs[] = {self, "script", "/bin/echo", "missing", "file", "d"};
	for (unsigned i = 0; i < sizeof programs / sizeof *programs; i++) {
		if (fork() == 0) {
			uint32_t *argv = room(32), *envp = room(8);
			argv[0] = ptr(str("zero"));
			argv[1] = ptr(str("-args"));
			argv[2] = ptr(str("two words"));
			envp[0] = ptr(str("LIGHT=on"));
			say("execve", C3(11, str(programs[i]), argv, envp));
			fflush(stdout);
			_exit(0);
		}
		wait(NULL);
	}
	if (fork() == 0) {
		say("execve without arguments", C3(11, str("/bin/true"), 16, 0));
		fflush(stdout);
		_exit(0);
	}
	wait(NULL);
}

int main(int argc, char **argv, char **envp) {
	if (argc > 1 && !strcmp(argv[1], "-args")) {
		for (int i = 0; i < argc; i++)
			printf("[%s]", i || strchr(argv[0], '/') == NULL ? argv[i] : "path");
		printf("[%s]\n", envp[0]);
		return 0;
	}
	low = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	alarm(60);
	for (int i = 1; i < argc; i++) {
		used = 0;
		if (!strcmp(argv[i], "stats")) stats();
		if (!strcmp(argv[i], "old")) old();
		if (!strcmp(argv[i], "entries")) entries();
		if (!strcmp(argv[i], "times")) times();
		if (!strcmp(argv[i], "ids")) ids();
		if (!strcmp(argv[i], "sockets"))
			for (direct = 0; direct < 2; direct++)
				sockets();
		if (!strcmp(argv[i], "execs")) execs(argv[0]);
	}
	return 0;
}
