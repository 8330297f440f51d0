// Datagrams between sockets with paths, by every call that carries an address.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEN(a) (sizeof(a) / sizeof *(a))

static void say(const char *what, long r)
{
	printf("%s %s", what, r < 0 ? strerrorname_np(errno) : "ok");
	if (r >= 0)
		printf(" %ld", r);
	printf("\n");
	fflush(stdout);
}

static struct sockaddr_un path(const char *p)
{
	struct sockaddr_un a = {AF_UNIX, ""};
	strcpy(a.sun_path, p);
	return a;
}

static int bound(const char *p)
{
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un a = path(p);
	if (bind(s, (void *)&a, offsetof(struct sockaddr_un, sun_path) + strlen(p)) < 0)
		perror("bind");
	return s;
}

static void from(const char *how, long n, const struct sockaddr_un *a, socklen_t len)
{
	printf("%s %ld: %d of %.*s\n", how, n, len, len > 2 && len < 111 ? (int)len - 2 : 0, a->sun_path);
	fflush(stdout);
}

static void filters(void)
{
	char line[256];
	FILE *f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, "Seccomp", 7))
			printf("%s", line);
	fclose(f);
}

// One message after the other, with room for the whole name or for less.
static void singly(int x, const char *xs, int y)
{
	char buf[16];
	struct sockaddr_un to = path(xs), name;
	struct iovec v = {"message", 7}, w = {buf, sizeof buf};
	struct msghdr out = {&to, sizeof to, &v, 1, 0, 0, 0}, in = {&name, sizeof name, &w, 1, 0, 0, 0};
	say("sendmsg", sendmsg(y, &out, 0));
	printf("header %d %d\n", out.msg_name == &to, out.msg_namelen);
	long n = recvmsg(x, &in, 0);
	from("recvmsg", n, &name, in.msg_namelen);
	sendmsg(y, &out, 0);
	in.msg_namelen = 4;
	memset(&name, '#', sizeof name);
	n = recvmsg(x, &in, 0);
	from("short", n, &name, in.msg_namelen);
	printf("%.4s\n", name.sun_path);
	sendmsg(y, &out, 0);
	in.msg_name = NULL;
	say("no name", recvmsg(x, &in, 0));
	sendmsg(y, &out, 0);
	socklen_t len = sizeof name;
	n = recvfrom(x, buf, 3, MSG_TRUNC, (void *)&name, &len);
	from("recvfrom", n, &name, len);
	say("answer", sendto(x, "ok", 2, 0, (void *)&name, len));
	say("answered", recv(y, buf, sizeof buf, 0));
	say("nothing", recvfrom(x, buf, 3, MSG_DONTWAIT, (void *)&name, &len));
	to = path("d/none");
	say("nobody", sendmsg(y, &out, 0));
	to = path("file");
	say("a file", sendmsg(y, &out, 0));
	to.sun_family = AF_INET;
	say("a family", sendmsg(y, &out, 0));
	out.msg_namelen = 1;
	say("a length", sendmsg(y, &out, 0));
	out.msg_namelen = 4000;
	to = path(xs);
	say("a long one", sendmsg(y, &out, 0));
	out.msg_name = (void *)8;
	out.msg_namelen = 20;
	say("a bad one", sendmsg(y, &out, 0));
	say("no header", syscall(SYS_sendmsg, y, 8, 0));
	say("no header", syscall(SYS_recvmsg, x, 8, MSG_DONTWAIT));
	while (recv(x, buf, sizeof buf, MSG_DONTWAIT) >= 0)
		;
}

// Several at once. Fewer may be sent than were given.
static void together(int x, int y)
{
	char buf[4][16];
	struct sockaddr_un to = path("d/x"), names[4];
	struct iovec v[4], w[4];
	struct mmsghdr out[4] = {0}, in[4] = {0};
	for (int i = 0; i < 4; i++) {
		v[i] = (struct iovec){"messages", i + 1};
		w[i] = (struct iovec){buf[i], sizeof buf[i]};
		out[i].msg_hdr = (struct msghdr){&to, sizeof to, &v[i], 1, 0, 0, 0};
		in[i].msg_hdr = (struct msghdr){&names[i], sizeof names[i], &w[i], 1, 0, 0, 0};
	}
	for (int done = 0, n; done < 4; done += n) {
		n = sendmmsg(y, out + done, 4 - done, 0);
		if (n <= 0) {
			say("sendmmsg", n);
			return;
		}
	}
	for (int i = 0; i < 4; i++)
		printf("sent %d\n", out[i].msg_len);
	int n = recvmmsg(x, in, 4, MSG_DONTWAIT, NULL);
	say("recvmmsg", n);
	for (int i = 0; i < n; i++)
		from("of them", in[i].msg_len, &names[i], in[i].msg_hdr.msg_namelen);
	say("none", sendmmsg(y, out, 0, 0));
}

// What has no path is as ever.
static void others(int x)
{
	char buf[16];
	struct sockaddr_un a = {AF_UNIX, ""}, name;
	socklen_t len = sizeof name;
	int s = socket(AF_UNIX, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_DGRAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
	sprintf(a.sun_path + 1, "datagrams-%d", getpid());
	say("abstract", bind(s, (void *)&a, 30));
	struct iovec v = {"message", 7};
	struct msghdr out = {&a, 30, &v, 1, 0, 0, 0};
	say("to it", sendmsg(x, &out, 0));
	long n = recvfrom(s, buf, sizeof buf, 0, (void *)&name, &len);
	from("from", n, &name, len);
	struct sockaddr_in in = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, ""}, peer;
	len = sizeof in;
	bind(t, (void *)&in, len);
	getsockname(t, (void *)&in, &len);
	say("udp", sendto(u, "udp", 3, 0, (void *)&in, len));
	len = sizeof peer;
	n = recvfrom(t, buf, sizeof buf, 0, (void *)&peer, &len);
	printf("udp %ld %d %x\n", n, len, ntohl(peer.sin_addr.s_addr));
	int p[2];
	socketpair(AF_UNIX, SOCK_DGRAM, 0, p);
	struct iovec w = {buf, sizeof buf};
	struct msghdr back = {&name, sizeof name, &w, 1, 0, 0, 0};
	out.msg_name = NULL;
	say("pair", sendmsg(p[0], &out, 0));
	say("pair", recvmsg(p[1], &back, 0));
	printf("%d\n", back.msg_namelen);
	close(s), close(t), close(u), close(p[0]), close(p[1]);
}

static void rung(int sig) { (void)sig; }

static void *late(void *y)
{
	struct sockaddr_un to = path("d/x");
	struct iovec v = {"late", 4};
	struct msghdr out = {&to, sizeof to, &v, 1, 0, 0, 0};
	sendmsg(*(int *)y, &out, 0);
	return NULL;
}

// A wait is interrupted, or goes on.
static void waits(int x, int y)
{
	char buf[16];
	struct sockaddr_un name;
	struct iovec w = {buf, sizeof buf};
	struct msghdr in = {&name, sizeof name, &w, 1, 0, 0, 0};
	// The first may come before the wait.
	struct itimerval soon = {{0, 0}, {0, 20000}}, often = {{0, 20000}, {0, 20000}};
	struct sigaction sa = {.sa_handler = rung};
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	say("interrupted", recvmsg(x, &in, 0));
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	pthread_t t;
	sigset_t alarm;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	pthread_sigmask(SIG_BLOCK, &alarm, NULL);
	pthread_create(&t, NULL, late, &y);
	pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	in.msg_namelen = sizeof name;
	long n = recvmsg(x, &in, 0);
	from("restarted", n, &name, in.msg_namelen);
	pthread_join(t, NULL);
}

// A process with filters of its own, which end it for what it does not do itself.
static void confined(int x)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog p = {LEN(f), f};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	say("filter", prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p));
	int s = bound("confined");
	singly(x, "first", s);
	filters();
}

int main(int argc, char **argv)
{
	int st;
	if (argc > 1) { // executed by itself, with a socket
		int s = bound("again");
		late(&s);
		return 0;
	}
	fflush(stdout);
	if (fork() == 0) {
		int x = bound("first");
		confined(x);
		_exit(0);
	}
	wait(&st);
	printf("status %x\n", st);
	filters();
	int x = bound("d/x"), y = bound("y");
	filters();
	singly(x, "d/x", y);
	together(x, y);
	others(x);
	waits(x, y);
	if (fork() == 0)
		execv("/proc/self/exe", (char *[]){argv[0], "again", NULL});
	wait(&st);
	printf("status %x\n", st);
	char buf[16];
	struct sockaddr_un name;
	socklen_t len = sizeof name;
	long n = recvfrom(x, buf, sizeof buf, 0, (void *)&name, &len);
	from("executed", n, &name, len);
	return 0;
}
