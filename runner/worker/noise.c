/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Noise around a block. getrusage(RUSAGE_THREAD) costs about 0.3 us and counts context switches and faults
 * of this thread; /proc/stat is read at most every few milliseconds, because it counts in ticks.
 */
#include "runner/worker/noise.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int stat_fd = -1;
static char stat_text[64 * 1024]; /* the cpu lines come first; 64 KiB hold more than 500 of them */

void mp_noise_open(void)
{
	stat_fd = open("/proc/stat", O_RDONLY | O_CLOEXEC);
}

void mp_noise_read(struct mp_noise *noise)
{
	getrusage(RUSAGE_THREAD, &noise->usage);
	noise->cpu = (unsigned)sched_getcpu();
}

static uint16_t saturate(long difference)
{
	if (difference < 0)
		return 0;
	return difference > UINT16_MAX ? UINT16_MAX : (uint16_t)difference;
}

void mp_noise_record(const struct mp_noise *before, const struct mp_noise *after,
		     struct mp_block *block)
{
	block->minflt = (uint32_t)(after->usage.ru_minflt - before->usage.ru_minflt);
	block->majflt = (uint32_t)(after->usage.ru_majflt - before->usage.ru_majflt);
	block->nvcsw = saturate(after->usage.ru_nvcsw - before->usage.ru_nvcsw);
	block->nivcsw = saturate(after->usage.ru_nivcsw - before->usage.ru_nivcsw);
	block->cpu = (uint16_t)before->cpu;
	if (block->nivcsw)
		block->flags |= MP_BLOCK_PREEMPTED;
	if (block->nvcsw)
		block->flags |= MP_BLOCK_SLEPT;
	if (before->cpu != after->cpu)
		block->flags |= MP_BLOCK_MIGRATED;
}

uint64_t mp_noise_steal_ns(int cpu)
{
	char label[24];
	ssize_t got = pread(stat_fd, stat_text, sizeof(stat_text) - 1, 0);
	char *at;

	if (got <= 0)
		return 0;
	stat_text[got] = '\0';
	snprintf(label, sizeof(label), "\ncpu%d ", cpu);
	at = strstr(stat_text, label);
	if (!at)
		return 0;
	at += strlen(label);
	/* user nice system idle iowait irq softirq steal: proc(5) */
	for (int field = 0; field < 7; field++)
		strtoull(at, &at, 10);
	return strtoull(at, NULL, 10) * (1000000000ULL / (uint64_t)sysconf(_SC_CLK_TCK));
}

uint32_t mp_noise_vma_count(void)
{
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	uint32_t lines = 0;
	ssize_t got;

	if (fd < 0)
		return 0;
	while ((got = read(fd, stat_text, sizeof(stat_text))) > 0)
		for (ssize_t i = 0; i < got; i++)
			lines += stat_text[i] == '\n';
	close(fd);
	return lines;
}
