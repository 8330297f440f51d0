// The state of a process as proc_pid_stat(5) has it, - for one that has gone.
#pragma once
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

static char state(pid_t p)
{
	char path[64], line[512] = "";
	snprintf(path, sizeof path, "/proc/%d/stat", p);
	FILE *f = fopen(path, "r");
	if (!f)
		return '-';
	fgets(line, sizeof line, f);
	fclose(f);
	return *(strrchr(line, ')') + 2);
}
