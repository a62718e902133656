/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deliberate faults: see sabotage.h. Only in a run that asked for them, and stored with it. */
#include "runner/worker/sabotage.h"

#include "runner/worker/wire.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* One line of /proc/self/maps: "start-end perms ..."; spoils it when it is writable and in the arena. */
static void spoil(const struct mp_ctx *ctx, const char *line, unsigned sabotage)
{
	char *at;
	unsigned long start = strtoul(line, &at, 16);
	unsigned long end = strtoul(at + 1, &at, 16);

	if (start < (unsigned long)ctx->arena ||
	    end > (unsigned long)ctx->arena + ctx->arena_size || at[2] != 'w')
		return;
	if (sabotage & MP_SABOTAGE_THP)
		madvise((void *)start, end - start, MADV_HUGEPAGE);
	if (sabotage & MP_SABOTAGE_TOUCH)
		madvise((void *)start, end - start, MADV_POPULATE_WRITE);
}

void mp_sabotage_arena(const struct mp_ctx *ctx, unsigned sabotage)
{
	static char text[256 * 1024];
	size_t used = 0;
	ssize_t got;
	int fd;

	if (!(sabotage & (MP_SABOTAGE_TOUCH | MP_SABOTAGE_THP)))
		return;
	fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((got = read(fd, text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)got;
	close(fd);
	text[used] = '\0';
	for (char *line = text, *end; (end = __builtin_strchr(line, '\n')); line = end + 1)
		spoil(ctx, line, sabotage);
}
