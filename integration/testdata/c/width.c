// width IDLE BUSY CALLS: IDLE children sleep; BUSY children then make CALLS calls
// with a path each; the nanoseconds that one took, wall clock over all, are
// printed, and all stay until the standard input ends.
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

int main(int argc, char **argv) {
	int idle = atoi(argv[1]), busy = atoi(argv[2]), calls = atoi(argv[3]);
	(void)argc;
	setpgid(0, 0);
	for (int i = 0; i < idle; i++)
		if (fork() == 0)
			for (;;)
				pause();
	double begun = now();
	for (int i = 0; i < busy; i++)
		if (fork() == 0) {
			struct stat st;
			for (int j = 0; j < calls; j++)
				stat("/etc/passwd", &st);
			_exit(0);
		}
	for (int i = 0; i < busy; i++)
		wait(0);
	printf("%.0f\n", busy * calls ? (now() - begun) / (busy * calls) : 0);
	fflush(stdout);
	while (getchar() != EOF)
		;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(0) > 0)
		;
	return 0;
}
