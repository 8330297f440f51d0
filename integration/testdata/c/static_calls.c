// Makes the system calls of a program, raw, and says what each one answered.
//
//	static_calls PROGRAM               run the program's cases
//	static_calls -plant PROGRAM        make their initial trees only
//	static_calls -in DIR -then CMD PROGRAM
//	                                   run it in DIR, and CMD afterwards
//	static_calls -guard DIR AT UID CMD…
//	                                   run a command as UID where only DIR, seen at AT, can be
//	                                   written
//
// A program is a list of cases, each in a directory of its own below the current one:
//
//	case NAME WORKERS
//	+ CALL ARG…      of the initial tree
//	@W CALL ARG…     made by worker W
//
// Arguments: numbers; "text" (C escapes; $ is the case's directory; "a"*3"b" repeats and
// joins), with e before it so that it ends where memory ends, with u also without its NUL;
// <hex> for bytes; =hex for bytes that are printed afterwards; >N for N bytes of output,
// >stat, >statx, >statfs, >dents:N, >names:N for those that are decoded. Calls with an exclamation
// mark are the program's own.
#define _FILE_OFFSET_BITS 64
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <grp.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define SYS_setxattrat 463
#define SYS_getxattrat 464
#define SYS_listxattrat 465
#define SYS_removexattrat 466
#define SYS_file_getattr 468

#ifdef __i386__ // the calls that fill what the C library has for the structures
#undef SYS_fstat
#undef SYS_stat
#undef SYS_lstat
#undef SYS_getdents
#define SYS_newfstatat SYS_fstatat64
#define SYS_fstat SYS_fstat64
#define SYS_stat SYS_stat64
#define SYS_lstat SYS_lstat64
#undef SYS_statfs
#undef SYS_fstatfs
#define SYS_getdents -1 // and those that have none
#define SYS_statfs -1
#define SYS_fstatfs -1
#endif

#define C(name) {#name, SYS_##name}
// Only what is here can be called: nothing that reaches beyond the directory and the
// caller's own processes.
static const struct { const char *name; long nr; } table[] = {
	C(openat), C(openat2), C(close), C(close_range), C(dup), C(dup3), C(fcntl), C(read), C(write),
	C(pread64), C(pwrite64), C(lseek), C(newfstatat), C(fstat), C(statx), C(statfs), C(fstatfs),
	C(faccessat), C(faccessat2), C(readlinkat), C(mkdirat), C(mknodat), C(unlinkat), C(symlinkat),
	C(linkat), C(renameat2), C(fchmodat), C(fchmodat2), C(fchmod), C(fchownat), C(fchown), C(utimensat),
	C(truncate), C(ftruncate), C(fallocate), C(getxattr), C(lgetxattr), C(fgetxattr), C(setxattr),
	C(lsetxattr), C(fsetxattr), C(listxattr), C(llistxattr), C(flistxattr), C(removexattr),
	C(lremovexattr), C(fremovexattr), C(getdents64), C(chdir), C(fchdir), C(getcwd), C(umask),
	C(getuid), C(geteuid), C(getgid), C(getegid), C(getresuid), C(getresgid), C(getgroups), C(setuid),
	C(setgid), C(setreuid), C(setregid), C(setresuid), C(setresgid), C(setfsuid), C(setfsgid),
	C(setgroups), C(capget), C(capset), C(prctl), C(uname), C(sethostname), C(setdomainname),
	C(socket), C(socketpair), C(bind), C(connect), C(listen), C(accept4), C(getsockname),
	C(getpeername), C(sendto), C(recvfrom), C(inotify_init1), C(inotify_add_watch),
	C(inotify_rm_watch), C(pipe2), C(memfd_create), C(flock), C(ioctl), C(fsync), C(chroot),
	C(name_to_handle_at), C(copy_file_range), C(sendfile), C(setxattrat), C(getxattrat),
	C(listxattrat), C(removexattrat), C(file_getattr), C(io_uring_setup), C(acct), C(getpgid), C(getpriority),
#ifdef SYS_open
	C(open), C(creat), C(stat), C(lstat), C(access), C(readlink), C(mkdir), C(mknod), C(unlink),
	C(rmdir), C(symlink), C(link), C(rename), C(renameat), C(chmod), C(chown), C(lchown), C(utimes),
	C(futimesat), C(utime), C(dup2), C(getdents), C(pipe), C(inotify_init),
#endif
};

enum { workers = 5, slots = 6, room = 1 << 16, seen = 1 << 14, output = 1 << 23 };

static struct shared {
	int turn, len;
	int ninos;
	uint64_t inos[seen];
	char out[output];
} *sh;

struct line { int who; char *text; };
static struct line *lines; // of the case that runs
static int nlines;
static char top[4096], here[4096];
static char *arena; // the slots; each is followed by a page that cannot be read
static int me;

static void say(const char *f, ...)
{
	va_list ap;
	va_start(ap, f);
	int n = vsnprintf(sh->out + sh->len, output - sh->len, f, ap);
	va_end(ap);
	if (n > 0 && sh->len + n < output)
		sh->len += n;
}

static char *slot(int i) { return arena + i * (room + 4096); }

// An argument that is memory.
struct arg { char *p; size_t n; enum { IN, BYTES, STAT, STATX, STATFS, DENTS, DENTS32, NAMES } out; };

static int hex(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

// A quoted text with its escapes and repeats, into b; returns what follows it.
static char *quoted(char *s, char *b, size_t *n)
{
	while (*s == '"') {
		size_t from = *n;
		for (s++; *s && *s != '"'; s++) {
			if (*s == '\\' && s[1] == 'x') {
				b[(*n)++] = hex(s[2]) << 4 | hex(s[3]);
				s += 3;
			} else if (*s == '$') {
				strcpy(b + *n, here);
				*n += strlen(here);
			} else {
				b[(*n)++] = *s;
			}
		}
		s++;
		if (*s == '*') {
			size_t one = *n - from;
			for (long k = strtol(s + 1, &s, 10); k > 1 && *n + one < room; k--) {
				memcpy(b + *n, b + from, one);
				*n += one;
			}
		}
	}
	return s;
}

static long text(char *s, int i, struct arg *a)
{
	static char b[2 * room];
	char mode = *s == '"' ? 0 : *s++;
	a->n = 0;
	quoted(s, b, &a->n);
	if (mode != 'u')
		b[a->n++] = 0;
	a->p = mode ? slot(i) + room - a->n : slot(i);
	memcpy(a->p, b, a->n);
	return (long)a->p;
}

static long bytes(char *s, int i, struct arg *a)
{
	a->n = 0;
	for (char *h = s; h[0] && h[1] && *h != '>'; h += 2)
		a->n++;
	a->p = slot(i) + room - a->n;
	for (size_t k = 0; k < a->n; k++)
		a->p[k] = hex(s[2 * k]) << 4 | hex(s[2 * k + 1]);
	return (long)a->p;
}

static long room_for(char *s, int i, struct arg *a)
{
	static const struct { const char *name; int out; size_t n; } kinds[] = {
		{"statx", STATX, sizeof(struct statx)}, {"statfs", STATFS, sizeof(struct statfs)}, {"stat", STAT, sizeof(struct stat)},
	};
	a->out = BYTES;
	a->n = 0;
	for (int k = 0; k < 3; k++)
		if (!strcmp(s, kinds[k].name)) {
			a->out = kinds[k].out;
			a->n = kinds[k].n;
		}
	if (!a->n) {
		if (!strncmp(s, "dents32:", 8)) {
			a->out = DENTS32;
			s += 8;
		} else if (!strncmp(s, "names:", 6)) {
			a->out = NAMES;
			s += 6;
		} else if (!strncmp(s, "dents:", 6)) {
			a->out = DENTS;
			s += 6;
		}
		a->n = strtoul(s, NULL, 0);
	}
	a->p = slot(i) + room - a->n;
	memset(a->p, 0xaa, a->n);
	return (long)a->p;
}

static long argument(char *s, int i, struct arg *a)
{
	memset(a, 0, sizeof *a);
	switch (*s) {
	case '"': case 'e': case 'u':
		return text(s, i, a);
	case '<':
		return bytes(s + 1, i, a);
	case '=':
		a->out = BYTES;
		return bytes(s + 1, i, a);
	case '>':
		return room_for(s + 1, i, a);
	}
	return *s == '-' ? strtol(s, NULL, 0) : (long)strtoul(s, NULL, 0);
}

// The next word; a quoted text is one.
static char *word(char **s)
{
	while (**s == ' ')
		++*s;
	if (!**s)
		return NULL;
	char *w = *s;
	for (int in = 0; **s && (in || **s != ' '); ++*s)
		if (**s == '"')
			in = !in;
	if (**s)
		*(*s)++ = 0;
	return w;
}

// Not by syscall(3): two workers have one errno.
static long call6(long nr, const long *a)
{
#ifdef __x86_64__
	register long r10 asm("r10") = a[3], r8 asm("r8") = a[4], r9 asm("r9") = a[5];
	long r;
	asm volatile("syscall" : "=a"(r) : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return r;
#elif defined __i386__
	struct { long a[6], nr; } all = {{a[0], a[1], a[2], a[3], a[4], a[5]}, nr};
	long r;
	asm volatile("push %%ebp\n mov %%eax,%%ebp\n mov (%%ebp),%%ebx\n mov 4(%%ebp),%%ecx\n mov 8(%%ebp),%%edx\n mov 12(%%ebp),%%esi\n"
		     "mov 16(%%ebp),%%edi\n mov 24(%%ebp),%%eax\n mov 20(%%ebp),%%ebp\n int $0x80\n pop %%ebp"
		     : "=a"(r) : "a"(&all) : "ebx", "ecx", "edx", "esi", "edi", "memory");
	return r;
#else
	register long x0 asm("x0") = a[0], x1 asm("x1") = a[1], x2 asm("x2") = a[2], x3 asm("x3") = a[3], x4 asm("x4") = a[4],
		x5 asm("x5") = a[5], x8 asm("x8") = nr;
	asm volatile("svc 0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5), "r"(x8) : "memory");
	return x0;
#endif
}

static const char *error(long r)
{
	static char b[32];
	const char *name = r < 0 && r > -4096 ? strerrorname_np(-r) : NULL;
	if (!name)
		snprintf(b, sizeof b, "%ld", r);
	else
		snprintf(b, sizeof b, "%s", name);
	return b;
}

static int ino(uint64_t n)
{
	for (int i = 0; i < sh->ninos; i++)
		if (sh->inos[i] == n)
			return i;
	if (sh->ninos < seen)
		sh->inos[sh->ninos++] = n;
	return sh->ninos - 1;
}

// Times before 2020 were set by the program; others are the clock's.
static void when(const char *what, long sec, long ns)
{
	if (sec < 1577836800)
		say(" %s=%ld.%09ld", what, sec, ns);
	else
		say(" %s=now", what);
}

static int nameless; // the file belongs to no file system: its owner is the real user

static void tell_attr(unsigned mode, unsigned nlink, unsigned uid, unsigned gid, unsigned long rdev, uint64_t size, uint64_t number)
{
	say(" %07o", mode);
	if (S_ISDIR(mode))
		say(" d%u", nlink);
	else
		say(" n%u s%lu", nlink, size);
	if (!nameless)
		say(" %u:%u", uid, gid);
	say(" i%d", ino(number));
	if (S_ISCHR(mode) || S_ISBLK(mode))
		say(" r%lx", rdev);
}

static void tell_bytes(unsigned char *p, size_t n)
{
	while (n && p[n - 1] == 0xaa)
		n--;
	uint32_t h = 2166136261;
	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 16777619;
	say(" %zu:\"", n);
	int fd = 0; // a number of the kernel's in brackets is left out
	for (size_t i = 0; i < n && i < 200; i++) {
		if (p[i] == '[' && i && p[i - 1] == ':')
			fd = 1;
		if (p[i] == ']')
			fd = 0;
		if (p[i] < 32 || p[i] > 126 || p[i] == '"')
			say("\\x%02x", p[i]);
		else if (!(fd && p[i] >= '0' && p[i] <= '9'))
			say("%c", p[i]);
	}
	say("\"");
	if (n > 200)
		say(" %08x", h);
}

struct dent { uint64_t ino; int type; char name[256]; };
static int by_name(const void *a, const void *b) { return strcmp(((struct dent *)a)->name, ((struct dent *)b)->name); }

static int collect(char *p, long n, int is64, struct dent *d, int have)
{
	for (long at = 0; at + 19 < n && have < 512;) {
		uint16_t len = *(uint16_t *)(p + at + 16);
		d[have].ino = *(uint64_t *)(p + at);
		d[have].type = is64 ? p[at + 18] : p[at + len - 1];
		snprintf(d[have].name, 256, "%s", p + at + (is64 ? 19 : 18));
		have++;
		if (!len)
			break;
		at += len;
	}
	return have;
}

static struct dent dents[512];

static void tell_dents(struct dent *d, int n)
{
	qsort(d, n, sizeof *d, by_name);
	for (int i = 0; i < n; i++) {
		say(" %s:%d", d[i].name[8] && strlen(d[i].name) > 40 ? "LONG" : d[i].name, d[i].type);
		if (strcmp(d[i].name, ".."))
			say(":i%d", ino(d[i].ino));
	}
}

static void tell(struct arg *a, long r, long asked)
{
	struct stat *st = (void *)a->p;
	struct statx *sx = (void *)a->p;
	struct statfs *sf = (void *)a->p;
	switch (a->out) {
	case BYTES:
		tell_bytes((void *)a->p, a->n);
		break;
	case STAT:
		tell_attr(st->st_mode, st->st_nlink, st->st_uid, st->st_gid, st->st_rdev, st->st_size, st->st_ino);
		if (S_ISSOCK(st->st_mode))
			break; // sockfs leaves its sockets' times unset
		when("a", st->st_atim.tv_sec, st->st_atim.tv_nsec);
		when("m", st->st_mtim.tv_sec, st->st_mtim.tv_nsec);
		break;
	case STATX:
		tell_attr(sx->stx_mode, sx->stx_nlink, sx->stx_uid, sx->stx_gid, makedev(sx->stx_rdev_major, sx->stx_rdev_minor), sx->stx_size, sx->stx_ino);
		if (asked & STATX_ATIME) // the kernel may tell more, or not
			when("a", sx->stx_atime.tv_sec, sx->stx_atime.tv_nsec);
		if (asked & STATX_MTIME)
			when("m", sx->stx_mtime.tv_sec, sx->stx_mtime.tv_nsec);
		break;
	case STATFS:
		say(" type %lx names %ld", (long)sf->f_type, (long)sf->f_namelen);
		break;
	case NAMES: // in no order
		for (long at = 0, k = 0, h = 0; at < r && at < (long)a->n; at++) {
			h = (h + a->p[at]) * 31;
			k += a->p[at] ? 0 : h * h;
			h = a->p[at] ? h : 0;
			if (at + 1 == r)
				say(" names %lx", k);
		}
		break;
	case DENTS:
	case DENTS32:
		tell_dents(dents, collect(a->p, r, a->out == DENTS, dents, 0));
		break;
	default:;
	}
}

// own_list lists a directory from its start by buffers of some size.
static void own_list(long *a)
{
	long r = call6(SYS_lseek, (long[]){a[0], 0, SEEK_SET, 0, 0, 0});
	int n = 0;
	while (r >= 0) {
		char *b = slot(5) + room - a[1];
		r = call6(SYS_getdents64, (long[]){a[0], (long)b, a[1], 0, 0, 0});
		if (r <= 0)
			break;
		n = collect(b, r, 1, dents, n);
	}
	say("= %s", error(r));
	if (r >= 0) // or what was seen before depends on the order
		tell_dents(dents, n);
}

// own_seek goes back to a place in a directory and tells whether the same follows.
static void own_seek(long *a)
{
	struct dent one[8];
	char *b = slot(5), first[256] = "", again[256] = "";
	uint64_t at = 0;
	int n = 0;
	long r = call6(SYS_lseek, (long[]){a[0], 0, SEEK_SET, 0, 0, 0});
	while (r >= 0 && n < a[1] && (r = call6(SYS_getdents64, (long[]){a[0], (long)b, 280, 0, 0, 0})) > 0) {
		uint16_t len = 0;
		for (long k = 0; k < r && n < a[1]; k += len, n++) {
			len = *(uint16_t *)(b + k + 16);
			at = *(uint64_t *)(b + k + 8);
		}
	}
	for (int k = 0; k < 2 && r >= 0 && n; k++) {
		call6(SYS_lseek, (long[]){a[0], at, SEEK_SET, 0, 0, 0});
		r = call6(SYS_getdents64, (long[]){a[0], (long)b, 280, 0, 0, 0});
		if (r > 0) {
			collect(b, r, 1, one, 0);
			strcpy(k ? again : first, one[0].name);
		}
	}
	say("= %s after %d, %s", r < 0 ? error(r) : "ok", n, strcmp(first, again) ? "another" : "the same");
}

struct spawn { long *a; long error; };

static int become(void *v)
{
	struct spawn *s = v;
	static char dir[5000];
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	snprintf(dir, sizeof dir, "CALLS_CHILD=%s", here);
	char *argv[] = {"zero", "one", NULL}, *env[] = {dir, NULL};
	s->error = call6(SYS_execveat, (long[]){s->a[0], s->a[1], (long)argv, (long)env, s->a[2], 0});
	_exit(0);
}

// own_spawn executes a program and tells how it ended.
static void own_spawn(long *a)
{
	static char stack[1 << 16];
	struct spawn s = {a, 0};
	int status = 0;
	pid_t pid = clone(become, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &s);
	if (pid < 0) {
		say("= clone %s", error(-errno));
		return;
	}
	long r = call6(SYS_wait4, (long[]){pid, (long)&status, __WALL, 0, 0, 0});
	say("= %s status %x", s.error ? error(s.error) : r == pid ? "ok" : error(r), status);
}

// child is what a spawned program does: its status tells what it was given.
static int child(int argc, char **argv, const char *dir)
{
	uint32_t h = argc;
	// A view runs a script's interpreter itself, so that AT_EXECFN is that one's.
	int script = argc != 2 || strcmp(argv[0], "zero");
	for (int i = script ? 0 : -1; i < argc; i++) {
		const char *s = i < 0 ? (char *)getauxval(AT_EXECFN) : argv[i];
		if (!strncmp(s, dir, strlen(dir)))
			s += strlen(dir);
		if (getenv("CALLS_LOUD"))
			fprintf(stderr, "%d: %s\n", i, s);
		for (; *s; s++)
			h = h * 31 + *s;
	}
	long ids[] = {getuid(), geteuid(), getgid(), getegid(), getauxval(AT_UID), getauxval(AT_EUID), getauxval(AT_GID),
		getauxval(AT_EGID), getauxval(AT_SECURE)};
	for (int i = 0; i < 9; i++)
		h = h * 31 + ids[i];
	return (h ^ h >> 8 ^ h >> 16 ^ h >> 24) & 127;
}

// own_file makes a file with a mode and a text.
static void own_file(long *a)
{
	int fd = openat(AT_FDCWD, (char *)a[0], O_CREAT | O_WRONLY | O_TRUNC, 0600);
	if (fd < 0)
		return;
	write(fd, (char *)a[2], strlen((char *)a[2]));
	fchmod(fd, a[1]);
	close(fd);
}

// own_program makes a copy of this program.
static void own_program(long *a)
{
	int in = open("/proc/self/exe", O_RDONLY), fd = open((char *)a[0], O_CREAT | O_WRONLY | O_TRUNC, 0600);
	sendfile(fd, in, NULL, 1 << 30);
	fchmod(fd, a[1]);
	close(fd);
	close(in);
}

static const struct { const char *name; void (*f)(long *); } own[] = {
	{"!list", own_list}, {"!seek", own_seek}, {"!spawn", own_spawn}, {"!file", own_file}, {"!program", own_program},
};

// patient tells that a call may block; a timer ends it then.
static int patient(long nr, long *a)
{
	switch (nr) {
	case SYS_read: case SYS_write: case SYS_pread64: case SYS_pwrite64: case SYS_sendto: case SYS_connect: case SYS_accept4:
	case SYS_recvfrom: case SYS_flock: case SYS_fcntl: case SYS_openat2: case SYS_copy_file_range: case SYS_sendfile:
		return 1;
	case SYS_openat:
		return !(a[2] & (O_NONBLOCK | O_PATH));
#ifdef SYS_open
	case SYS_open:
		return !(a[1] & (O_NONBLOCK | O_PATH));
	case SYS_creat:
		return 1;
#endif
	}
	return 0;
}

// anonymous tells that a call's descriptor, or the one that its path names, is of
// something without a file system.
static int anonymous(const long *a, const struct arg *args)
{
	char link[32], b[2] = "";
	snprintf(link, sizeof link, "/proc/self/fd/%d", (int)a[0]);
	for (int k = 0; k < 2; k++)
		if (args[k].p && args[k].n > 15 && args[k].n < sizeof link && !strncmp(args[k].p, "/proc/self/fd/", 14))
			memcpy(link, args[k].p, args[k].n);
	return call6(SYS_readlinkat, (long[]){AT_FDCWD, (long)link, (long)b, 1, 0, 0}) == 1 && b[0] != '/';
}

// directory tells that a descriptor's positions are its file system's own.
static int directory(int fd)
{
	struct stat st;
	return call6(SYS_fstat, (long[]){fd, (long)&st, 0, 0, 0, 0}) == 0 && S_ISDIR(st.st_mode);
}

// opens_pipe tells that a call opens a pipe by the link of its descriptor, which asks
// who owns it.
static int opens_pipe(long nr, const struct arg *args)
{
	int k = nr == SYS_openat || nr == SYS_openat2;
	char b[6] = "";
#ifdef SYS_open
	if (!k && nr != SYS_open && nr != SYS_creat)
		return 0;
#endif
	return args[k].p && !strncmp(args[k].p, "/proc/self/fd/", 14) &&
		call6(SYS_readlinkat, (long[]){AT_FDCWD, (long)args[k].p, (long)b, 5, 0, 0}) == 5 && !strcmp(b, "pipe:");
}

// owners_only tells that a call asks who owns a file before it changes it.
static int owners_only(long nr)
{
	switch (nr) {
	case SYS_fchown: case SYS_fchownat: case SYS_fchmod: case SYS_fchmodat: case SYS_fchmodat2: case SYS_utimensat:
#ifdef SYS_open
	case SYS_chown: case SYS_chmod: case SYS_utimes: case SYS_futimesat: case SYS_utime:
#endif
		return 1;
	}
	return 0;
}

static int tells_owner(long nr)
{
	switch (nr) {
	case SYS_fstat: case SYS_newfstatat: case SYS_statx:
#ifdef SYS_open
	case SYS_stat:
#endif
		return 1;
	}
	return 0;
}

// read_of is the descriptor that a call reads a file by, or -1.
static int read_of(long nr, const long *a)
{
	switch (nr) {
	case SYS_read: case SYS_pread64: case SYS_lseek: case SYS_copy_file_range:
		return a[0];
	case SYS_sendfile:
		return a[1];
	}
	return -1;
}

// stale tells that a descriptor to read by shows another text than its file has: it was
// opened before a copy-on-write view copied the file up.
static int stale(int fd)
{
	static char link[32], text[2][1 << 17];
	struct stat st;
	if ((call6(SYS_fcntl, (long[]){fd, F_GETFL, 0, 0, 0, 0}) & (O_ACCMODE | O_PATH)) != O_RDONLY ||
	    call6(SYS_fstat, (long[]){fd, (long)&st, 0, 0, 0, 0}) < 0 || !S_ISREG(st.st_mode))
		return 0;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	long n = call6(SYS_pread64, (long[]){fd, (long)text[0], sizeof text[0], 0, 0, 0});
	if (n < (long)sizeof text[0] && n != st.st_size)
		return 1;
	long now = call6(SYS_openat, (long[]){AT_FDCWD, (long)link, O_RDONLY, 0, 0, 0});
	if (now < 0) // nor may it be opened
		return 0;
	long m = call6(SYS_pread64, (long[]){now, (long)text[1], sizeof text[1], 0, 0, 0});
	call6(SYS_close, (long[]){now, 0, 0, 0, 0, 0});
	return n != m || (n > 0 && memcmp(text[0], text[1], n));
}

// written is the descriptor that a call has written a file by, or opened it to be
// written, or -1.
static int written(long nr, const long *a, long r)
{
	switch (nr) {
	case SYS_write: case SYS_pwrite64: case SYS_ftruncate: case SYS_fallocate: case SYS_sendfile:
		return a[0];
	case SYS_copy_file_range:
		return a[2];
	case SYS_openat: case SYS_openat2:
#ifdef SYS_open
	case SYS_open: case SYS_creat:
#endif
		return (call6(SYS_fcntl, (long[]){r, F_GETFL, 0, 0, 0, 0}) & (O_ACCMODE | O_PATH)) - O_RDONLY ? r : -1;
	}
	return -1;
}

// tell_setid tells the set-id bits that a file has after that.
static void tell_setid(int fd)
{
	struct stat st;
	if (fd >= 0 && call6(SYS_fstat, (long[]){fd, (long)&st, 0, 0, 0, 0}) == 0 && S_ISREG(st.st_mode) && st.st_mode & 06000)
		say(" set-id %o", st.st_mode & 06000);
}

static void timer(int ms)
{
	struct itimerval t = {{0, 0}, {ms / 1000, ms % 1000 * 1000}};
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGALRM);
	if (ms)
		call6(SYS_rt_sigprocmask, (long[]){SIG_UNBLOCK, (long)&s, 0, 8, 0, 0});
	call6(SYS_setitimer, (long[]){ITIMER_REAL, (long)&t, 0, 0, 0, 0});
	if (!ms)
		call6(SYS_rt_sigprocmask, (long[]){SIG_BLOCK, (long)&s, 0, 8, 0, 0});
}

static long number(const char *name)
{
	if (!strncmp(name, "nr:", 3)) {
		long n = strtol(name + 3, NULL, 0);
		return n >= 600 ? n : -1;
	}
	for (size_t k = 0; k < sizeof table / sizeof *table; k++)
		if (!strcmp(table[k].name, name))
			return table[k].nr;
	return -1;
}

static uint32_t bounding[2]; // what the native root can have

static void execute(char *s)
{
	long a[slots] = {0};
	struct arg args[slots] = {0};
	char *name = word(&s), *w;
	say("%s ", name);
	for (int i = 0; i < slots && (w = word(&s)); i++)
		a[i] = argument(w, i, &args[i]);
	for (size_t k = 0; k < sizeof own / sizeof *own; k++)
		if (!strcmp(own[k].name, name)) {
			own[k].f(a);
			say("\n");
			return;
		}
	long nr = number(name);
	int owned = owners_only(nr);
	nameless = (owned || tells_owner(nr)) && anonymous(a, args);
	if (nr < 0 || (nameless && owned) || opens_pipe(nr, args) || (nr == SYS_lseek && (a[1] || a[2] > SEEK_CUR) && directory(a[0]))) {
		say("is left out\n");
		return;
	}
	int wait = patient(nr, a);
	if (wait)
		timer(250);
	long r = call6(nr, a);
	if (wait)
		timer(0);
	if (nr == SYS_capget && r == 0 && args[1].n == 24)
		for (int k = 0; k < 6; k++) // as far as the machine's root has them
			((uint32_t *)args[1].p)[k] &= bounding[k / 3];
	say("= %s", nr == SYS_lseek && r > 0 && directory(a[0]) ? "a position" : error(r));
	for (int i = 0; i < slots && r >= 0; i++)
		if (args[i].out != IN)
			tell(&args[i], r, a[3]);
	tell_setid(written(nr, a, r)); // a write that fails has taken them, too
	say(stale(read_of(nr, a)) ? " stale\n" : "\n");
}

static void futex(int op, int v, struct timespec *t) { call6(SYS_futex, (long[]){(long)&sh->turn, op, v, (long)t, 0, 0}); }

static void work(int who)
{
	for (;;) {
		int t = __atomic_load_n(&sh->turn, __ATOMIC_SEQ_CST);
		if (t >= nlines)
			return;
		if (t < 0 || lines[t].who != who) {
			futex(FUTEX_WAIT, t, NULL);
			continue;
		}
		say("%d @%d ", t, who);
		execute(lines[t].text);
		__atomic_store_n(&sh->turn, t + 1, __ATOMIC_SEQ_CST);
		if (t + 1 >= nlines || lines[t + 1].who != who)
			futex(FUTEX_WAKE, workers + 1, NULL);
	}
}

static int worker(void *v)
{
	work((long)v);
	syscall(SYS_exit, 0);
	return 0;
}

static void nothing(int s) { (void)s; }

// party starts the workers of a case, in the first of them.
static void party(int n)
{
	static const int sharing[workers] = {0, SIGCHLD, CLONE_FS | SIGCHLD, CLONE_FILES | SIGCHLD,
		CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD};
	struct sigaction sa = {.sa_handler = nothing};
	sigset_t s;
	sigemptyset(&s);
	sigaddset(&s, SIGALRM);
	sigprocmask(SIG_BLOCK, &s, NULL);
	sigaction(SIGALRM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
	setpgid(0, 0);
	close_range(0, ~0U, 0);
	open("g", O_RDWR | O_APPEND);
	open("d", O_RDONLY | O_DIRECTORY);
	open("f", O_RDWR);
	open(".", O_PATH);
	open("d/e/f", O_RDONLY);
	open("y", O_RDONLY);
	umask(022);
	for (long k = 1; k < n && k < workers; k++)
		clone(worker, (char *)mmap(NULL, 1 << 17, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + (1 << 17), sharing[k], (void *)k);
	__atomic_store_n(&sh->turn, 0, __ATOMIC_SEQ_CST); // what the first does, none inherits
	futex(FUTEX_WAKE, workers + 1, NULL);
	work(0);
	_exit(0);
}

static void run_case(const char *name, int n)
{
	int status, gone = 0;
	sh->turn = -1;
	sh->len = sh->ninos = 0;
	printf("case %s\n", name);
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		party(n);
	for (int t, idle = 0; (t = __atomic_load_n(&sh->turn, __ATOMIC_SEQ_CST)) < nlines && !gone && idle < 20; idle++) {
		futex(FUTEX_WAIT, t, &(struct timespec){1, 0});
		if (sh->turn != t)
			idle = 0;
		gone = waitpid(pid, &status, WNOHANG) == pid;
	}
	if (sh->turn < nlines) {
		say("ended in line %d: %s\n", sh->turn, sh->turn < 0 ? "" : lines[sh->turn].text);
		kill(-pid, SIGKILL);
	}
	while (waitpid(-1, &status, __WALL) > 0) // no worker may see the next case
		;
	fwrite(sh->out, 1, sh->len, stdout);
	fflush(stdout);
}

static void plant(char *text)
{
	execute(text);
	sh->len = 0;
}

static char *load(const char *name)
{
	FILE *f = fopen(name, "r");
	if (!f)
		return NULL;
	fseek(f, 0, SEEK_END);
	long n = ftell(f);
	rewind(f);
	char *b = calloc(1, n + 1);
	if (fread(b, 1, n, f) != (size_t)n)
		return NULL;
	fclose(f);
	return b;
}

// enter goes to the directory of a case; it lies so deep that ".." harms no other case.
static void enter(const char *name, int planting)
{
	char *p = here + snprintf(here, sizeof here, "%s/%s", top, name);
	for (int k = 0; k < 4; k++, p += sprintf(p, "/%d", k))
		if (planting)
			mkdir(here, 0755);
	if (planting)
		mkdir(here, 0755);
	if (chdir(here)) {
		perror(here);
		exit(2);
	}
}

static int program(char *text, int planting)
{
	char name[100] = "";
	int n = 1;
	arena = mmap(NULL, slots * (room + 4096), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < slots; i++)
		mprotect(slot(i) + room, 4096, PROT_NONE);
	sh = mmap(NULL, sizeof *sh, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	lines = calloc(sizeof *lines, 1 << 16);
	getcwd(top, sizeof top);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	const char *caps = getenv("CALLS_BOUNDING");
	uint64_t b = caps ? strtoull(caps, NULL, 16) : ~0ULL;
	bounding[0] = b;
	bounding[1] = b >> 32;
	if (planting)
		umask(0);
	for (char *l = strtok(text, "\n"), *next; ; l = next) {
		next = l ? strtok(NULL, "\n") : NULL;
		if (!l || !strncmp(l, "case ", 5)) {
			if (nlines && !planting)
				run_case(name, n);
			nlines = 0;
			if (!l)
				return 0;
			sscanf(l, "case %99s %d", name, &n);
			enter(name, planting);
		} else if (*l == '+' && planting) {
			plant(l + 2);
		} else if (*l == '@' && nlines < 1 << 16) {
			lines[nlines++] = (struct line){l[1] - '0', l + 3};
		}
	}
}

static int guard(char **argv)
{
	struct mount_attr ro = {.attr_set = MOUNT_ATTR_RDONLY}, rw = {.attr_clr = MOUNT_ATTR_RDONLY};
	const char *dir = argv[0], *at = argv[1];
	int uid = atoi(argv[2]);
	if (unshare(CLONE_NEWNS | CLONE_NEWUTS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(dir, at, NULL, MS_BIND | MS_REC, NULL) ||
	    syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &ro, sizeof ro) ||
	    syscall(SYS_mount_setattr, AT_FDCWD, at, 0, &rw, sizeof rw) ||
	    syscall(SYS_mount_setattr, AT_FDCWD, "/proc", 0, &rw, sizeof rw) || chdir(at) || chdir("here") || sethostname("lab", 3) || setdomainname("", 0) ||
	    setgroups(0, NULL) || setgid(uid) || setuid(uid)) {
		perror("guard");
		return 2;
	}
	uint64_t b = 0;
	char caps[32];
	for (int k = 0; k < 64; k++)
		if (prctl(PR_CAPBSET_READ, k, 0, 0, 0) == 1)
			b |= 1ULL << k;
	snprintf(caps, sizeof caps, "%lx", (long)b);
	setenv("CALLS_BOUNDING", caps, 1);
	execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 2;
}

int main(int argc, char **argv)
{
	if (getenv("CALLS_CHILD"))
		return child(argc, argv, getenv("CALLS_CHILD"));
	if (argc > 5 && !strcmp(argv[1], "-guard"))
		return guard(argv + 2);
	const char *then = NULL;
	if (argc == 6 && !strcmp(argv[1], "-in") && !strcmp(argv[3], "-then") && chdir(argv[2]) == 0)
		then = argv[4];
	int planting = argc == 3 && !strcmp(argv[1], "-plant");
	char *text = argc > 1 ? load(argv[argc - 1]) : NULL;
	if (!text) {
		perror("program");
		return 2;
	}
	int status = program(text, planting);
	if (!then || status)
		return status;
	puts("tree");
	fflush(stdout);
	execl(then, then, (char *)NULL);
	perror(then);
	return 2;
}
