/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads /proc/vmstat without allocating: see vmstat.h. One "name value" a line. */
#include "benchmarks/support/vmstat.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All of the file; the kernel hands it out in pieces of a page. */
static size_t read_all(char *text, size_t size)
{
	int fd = open("/proc/vmstat", O_RDONLY | O_CLOEXEC);
	size_t have = 0;
	ssize_t got;

	while (fd >= 0 && have < size && (got = read(fd, text + have, size - have)) > 0)
		have += (size_t)got;
	if (fd >= 0)
		close(fd);
	return have;
}

uint64_t mp_vmstat_sum(const char *prefix)
{
	char text[16384];
	size_t length = strlen(prefix);
	uint64_t sum = 0;
	bool any = false;

	text[read_all(text, sizeof(text) - 1)] = '\0';
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, prefix, length))
			continue;
		sum += strtoull(line + strcspn(line, " "), NULL, 10);
		any = true;
	}
	return any ? sum : UINT64_MAX;
}

uint64_t mp_vmstat(const char *name)
{
	char text[16384];
	size_t length = strlen(name);

	text[read_all(text, sizeof(text) - 1)] = '\0';
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, length) && line[length] == ' ')
			return strtoull(line + length, NULL, 10);
	}
	return UINT64_MAX;
}
