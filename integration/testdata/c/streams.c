// Tells on descriptor 9 which of the standard ones are open, and how.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

int main(void)
{
	struct stat st;
	for (int fd = 0; fd < 3; fd++)
		dprintf(9, "%d: %#x %#x %d\n", fd, fcntl(fd, F_GETFD), fcntl(fd, F_GETFL), fstat(fd, &st));
	dprintf(9, "next: %d\n", open(".", O_RDONLY));
}
