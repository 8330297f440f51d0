// Says how it was started.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n < 0)
		n = 0;
	exe[n] = 0;
	char *base = strrchr(exe, '/');
	printf("argc %d argv0 %s exe %s\n", argc, argv[0], base ? base + 1 : exe);
	for (int i = 1; i < argc; i++)
		printf("arg %s\n", argv[i]);
	return 3;
}
