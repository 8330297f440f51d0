// Says how it was started.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// say prints with no call but write.
static void say(const char *format, ...)
{
	char line[5000];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(line, sizeof line, format, args);
	va_end(args);
	if (write(1, line, n) < 0)
		_exit(4);
}

int main(int argc, char **argv)
{
	char exe[4096];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n < 0)
		n = 0;
	exe[n] = 0;
	char *base = strrchr(exe, '/');
	say("argc %d argv0 %s exe %s\n", argc, argv[0], base ? base + 1 : exe);
	for (int i = 1; i < argc; i++)
		say("arg %s\n", argv[i]);
	return 3;
}
