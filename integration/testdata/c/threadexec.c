// Executes its arguments from a thread that is not the leader, while other
// threads run.
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static void *spin(void *p)
{
	for (;;)
		pause();
}

static void *go(void *p)
{
	char **argv = p;
	execvp(argv[0], argv);
	perror("execvp");
	_exit(1);
}

int main(int argc, char **argv)
{
	pthread_t t;
	for (int i = 0; i < 3; i++)
		pthread_create(&t, NULL, spin, NULL);
	pthread_create(&t, NULL, go, argv + 1);
	for (;;)
		pause();
}
