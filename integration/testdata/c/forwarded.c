// Tells of each signal that it gets, and from whom; SIGTERM ends it.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void handler(int s, siginfo_t *i, void *c)
{
	char b[80];
	write(1, b, snprintf(b, sizeof b, "got %s code %d from %d\n", sigabbrev_np(s), i->si_code, i->si_pid));
	if (s == SIGTERM)
		_exit(4);
}

int main(void)
{
	struct sigaction a = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	sigfillset(&a.sa_mask);
	int all[] = {SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2, SIGTERM};
	for (int i = 0; i < 6; i++)
		sigaction(all[i], &a, NULL);
	write(1, "ready\n", 6);
	for (;;)
		pause();
}
