/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaps of every CPU, and whose time it is: see quiet.h. */
#include "runner/machine/quiet.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "runner/machine/sysfile.h"

/* The ticks of a line of /proc/stat (proc_stat(5)): user nice system idle iowait irq softirq steal. */
enum { IDLE = 3, IOWAIT = 4, STEAL = 7, KINDS = 8 };

static int ticks_of(const char *stat, const char *name, unsigned long long t[KINDS])
{
	char line[512];
	int err = mp_sysfile_field(stat, name, line, sizeof(line));

	if (err)
		return err;
	return sscanf(line, "%llu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3],
		      &t[4], &t[5], &t[6], &t[7]) == KINDS
		       ? 0
		       : -EINVAL;
}

/* Stolen seconds of each CPU so far; NaN where the kernel does not say. */
static void read_stolen(const struct mp_cpu_quiet *cpus, size_t n, double *ret_stolen)
{
	MP_CLEANUP(mp_str_done) struct mp_str stat = MP_STR_INIT;
	int err = mp_sysfile_read("", &stat, "/proc/stat");

	for (size_t i = 0; i < n; i++) {
		unsigned long long t[KINDS];
		char name[16];

		snprintf(name, sizeof(name), "cpu%d", cpus[i].cpu);
		ret_stolen[i] = err || ticks_of(stat.text, name, t)
					? NAN
					: (double)t[STEAL] / (double)sysconf(_SC_CLK_TCK);
	}
}

struct spin {
	const struct mp_clocksource *source;
	double seconds;
	struct mp_cpu_quiet *cpu;
	pthread_t thread;
	int err;
};

static void *spin(void *user)
{
	struct spin *s = user;

	s->err = mp_jitter_measure(s->source, s->cpu->cpu, s->seconds, &s->cpu->jitter);
	return NULL;
}

/* One batch: all at the same time. */
static int together(struct spin *spins, size_t n)
{
	int err = 0;
	size_t started = 0;

	while (started < n && !pthread_create(&spins[started].thread, NULL, spin, &spins[started]))
		started++;
	for (size_t i = 0; i < started; i++) {
		pthread_join(spins[i].thread, NULL);
		err = spins[i].err ? spins[i].err : err;
	}
	return started < n ? -EAGAIN : err;
}

int mp_quiet_measure(const struct mp_clocksource *source, const int *cpus, size_t n, double seconds,
		     size_t at_once, struct mp_cpu_quiet *ret_cpus)
{
	struct spin *spins = calloc(n + 1, sizeof(*spins));
	double *stolen = calloc(2 * n + 1, sizeof(*stolen));
	int err = spins && stolen ? 0 : -ENOMEM;

	if (!at_once)
		at_once = 1;
	for (size_t i = 0; !err && i < n; i++) {
		ret_cpus[i] = (struct mp_cpu_quiet){ .cpu = cpus[i] };
		spins[i] =
			(struct spin){ .source = source, .seconds = seconds, .cpu = &ret_cpus[i] };
	}
	for (size_t first = 0, count; !err && first < n; first += count) {
		count = n - first < at_once ? n - first : at_once;
		read_stolen(ret_cpus + first, count, stolen);
		err = together(spins + first, count);
		read_stolen(ret_cpus + first, count, stolen + n);
		for (size_t i = 0; i < count; i++)
			ret_cpus[first + i].steal = (stolen[n + i] - stolen[i]) / seconds;
	}
	free(stolen);
	free(spins);
	return err;
}

static double seconds_of(int who)
{
	struct rusage usage;

	if (getrusage(who, &usage))
		return NAN;
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int mp_cpu_time_read(const char *root, struct mp_cpu_time *ret_time)
{
	MP_CLEANUP(mp_str_done) struct mp_str stat = MP_STR_INIT;
	double hz = (double)sysconf(_SC_CLK_TCK);
	unsigned long long t[KINDS], sum = 0;
	int err = mp_sysfile_read(root, &stat, "/proc/stat");

	if (!err)
		err = ticks_of(stat.text, "cpu", t);
	if (err)
		return err;
	for (int i = 0; i < KINDS; i++)
		sum += t[i];
	*ret_time = (struct mp_cpu_time){
		.wall = (double)sum / hz,
		.busy = (double)(sum - t[IDLE] - t[IOWAIT] - t[STEAL]) / hz,
		.stolen = (double)t[STEAL] / hz,
		.own = seconds_of(RUSAGE_SELF) + seconds_of(RUSAGE_CHILDREN),
	};
	return 0;
}

static double share(double part, double whole)
{
	return whole > 0 ? fmin(fmax(part / whole, 0), 1) : NAN;
}

double mp_cpu_time_others(const struct mp_cpu_time *before, const struct mp_cpu_time *after)
{
	return share(after->busy - before->busy - (after->own - before->own),
		     after->wall - before->wall);
}

double mp_cpu_time_stolen(const struct mp_cpu_time *before, const struct mp_cpu_time *after)
{
	return share(after->stolen - before->stolen, after->wall - before->wall);
}
