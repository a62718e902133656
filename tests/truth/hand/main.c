/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hand-written tight loops for the operations that memperf times, as an engineer would write them in an
 * afternoon: one process, one loop per operation, nothing of memperf but its idea of a calm moment. The driver
 * (truth.sh) runs them beside memperf, interleaved on the same CPU, and compares.
 *
 *	hand CPU SECONDS OPERATION [MAPPINGS]   prints: operation, calm median ns, calm share, samples
 *	hand list                               the operations, the benchmark of each and its state
 *
 * With MAPPINGS the process first brings itself to as many (/proc/self/maps): the kernel keeps them in a tree, and what a
 * call costs that changes it moves by 4 % with their number.
 *
 * Every operation is timed call by call with LFENCE RDTSC LFENCE ... RDTSCP LFENCE; for calls too short for
 * the clock, groups of 64 calls. Speed probes of its own stand around every few samples.
 */
#include "hand.h"

#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MAX_SAMPLES (1 << 21)
#define FEWEST	    50 /* calm samples that have a median worth comparing */
#define TRIES	    5 /* times the seconds asked for, at most, until there are as many */
#define STRETCH_NS  1e6 /* between two probes, at most, where that is no less than one operation */
#define PROBE_MAX   4096 /* ticks of a probe: four times as many as at full speed and 3 GHz */

int hand_around = 24;

/* One pointer per file of loops; the linker puts them side by side. */
extern const struct hand_op *const __start_hand_ops[], *const __stop_hand_ops[];

static size_t most = MAX_SAMPLES;
static uint32_t *samples;
static uint32_t *c, *w; /* the slower of the two probes around a sample, of each kind */
static uint32_t *seen_c, *seen_w; /* probes, counted by their ticks */
static double ns_per_tick;

static uint32_t chain(void)
{
	uint64_t x = 7, begin = now();

	for (int i = 0; i < 300; i++)
		__asm__ volatile("imul %0, %0" : "+r"(x));
	return (uint32_t)(then() - begin);
}

static uint32_t width(void)
{
	uint64_t a = 1, b = 2, c = 3, d = 4, begin = now();

	for (int i = 0; i < 1500; i++)
		__asm__ volatile("add $3, %0; add $3, %1; add $3, %2; add $3, %3"
				 : "+r"(a), "+r"(b), "+r"(c), "+r"(d)::"cc");
	return (uint32_t)(then() - begin);
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double raw_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void calibrate(void)
{
	double begin = raw_ns();
	uint64_t ticks = now();

	while (raw_ns() - begin < 2e8)
		;
	ns_per_tick = (raw_ns() - begin) / (double)(then() - ticks);
}

/* Median of grouped data: interpolated in the step of the clock that holds it (10 ns here is 26 ticks). */
static double median(uint32_t *v, size_t n)
{
	size_t below = 0, equal = 0;
	uint32_t m, step = 0;

	qsort(v, n, sizeof(*v), ascending);
	m = v[n / 2];
	for (size_t i = 1; i < n; i++)
		if (v[i] - v[i - 1] && (!step || v[i] - v[i - 1] < step))
			step = v[i] - v[i - 1];
	for (size_t i = 0; i < n; i++) {
		below += v[i] < m;
		equal += v[i] == m;
	}
	return m + step * (((double)n / 2 - (double)below) / (double)equal - 0.5);
}

/* Full speed of a probe: the 2 % quantile, as the runner has it. The fastest of thousands is a lucky read of a coarse clock,
 * and beside it nothing was calm in one run of six. */
static uint32_t full_speed(const uint32_t *seen)
{
	uint64_t all = 0, below = 0;
	uint32_t ticks = 0;

	for (uint32_t t = 0; t < PROBE_MAX; t++)
		all += seen[t];
	while (ticks < PROBE_MAX - 1 && (below += seen[ticks]) <= all / 50)
		ticks++;
	return ticks;
}

static void see(uint32_t *seen, uint32_t probe)
{
	seen[probe < PROBE_MAX ? probe : PROBE_MAX - 1]++;
}

/* How much slower than at full speed a probe of a calm moment may be: as runner and results have it. */
static double calm_limit(uint32_t probe)
{
	uint32_t step = UINT32_MAX;
	uint64_t last = 0;

	for (int i = 0; i < 10000; i++) {
		uint64_t begin = now(), took = then() - begin;
		uint64_t apart = took > last ? took - last : last - took;

		if (apart && apart < step)
			step = (uint32_t)apart;
		last = took;
	}
	return 2.0 * step <= 0.01 * probe ? 1.01 : 1.05;
}

/* Shared memory, present: fork copies nothing of it. */
static uint32_t *buffer(size_t count)
{
	void *p = mmap(NULL, count * sizeof(uint32_t), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Samples for so many seconds, after the `n` that there are; returns how many there are then. */
static size_t collect(const struct hand_op *op, double seconds, size_t n)
{
	double end = raw_ns() + seconds * 1e9;
	uint32_t before_c = chain(), before_w = width();

	while (raw_ns() < end && n + 64 < most) {
		double from = raw_ns();
		size_t got = op->run(samples + n);
		uint32_t after_c = chain(), after_w = width();

		for (size_t i = n; i < n + got; i++) {
			c[i] = before_c > after_c ? before_c : after_c;
			w[i] = before_w > after_w ? before_w : after_w;
		}
		n += got;
		see(seen_c, after_c);
		see(seen_w, after_w);
		before_c = after_c;
		before_w = after_w;
		if (hand_around > 1 && raw_ns() - from > STRETCH_NS)
			hand_around /= 2;
	}
	return n;
}

/* How many samples are calm; `keep`: they alone remain, in front. The first twentieth warms up. */
static size_t select_calm(size_t n, bool keep)
{
	uint32_t full_c = full_speed(seen_c), full_w = full_speed(seen_w);
	double limit = calm_limit(full_c < full_w ? full_c : full_w);
	size_t calm = 0;

	for (size_t i = n / 20; i < n; i++) {
		if (c[i] > full_c * limit || w[i] > full_w * limit)
			continue;
		if (keep)
			samples[calm] = samples[i];
		calm++;
	}
	return calm;
}

static int measure(const struct hand_op *op, double seconds)
{
	size_t calm = 0, n = 0;

	for (int try = 0; try < TRIES && calm < FEWEST; try++) {
		n = collect(op, seconds, n);
		calm = select_calm(n, false);
	}
	if (calm < FEWEST)
		return 77;
	calm = select_calm(n, true);
	printf("%s %.2f %.3f %zu\n", op->name,
	       median(samples, calm) * ns_per_tick / (op->divide > 0 ? op->divide : 1),
	       (double)calm / (double)n, calm);
	return 0;
}

static int count_mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int c, n = 0;

	while (maps && (c = getc(maps)) != EOF)
		n += c == '\n';
	if (maps)
		fclose(maps);
	return n;
}

/* Pages of two kinds in turn, so that no two of them are one mapping. */
static void add_mappings(int wanted)
{
	for (int n = count_mappings(); n < wanted; n++)
		mmap(NULL, 4096, n % 2 ? PROT_NONE : PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

char *hand_range(void)
{
	char *range =
		mmap(NULL, HAND_RANGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (range == MAP_FAILED)
		return NULL;
	madvise(range, HAND_RANGE, MADV_NOHUGEPAGE);
	return range;
}

/* To an ordinary process, but for locked memory and the pages of others: where the kernel asks for CAP_SYS_ADMIN before it
 * charges memory (cap_vm_enough_memory(), security/commoncap.c), a process that has it pays more: 830 against 775 ns for a heap that
 * grows by a page (6.18, Zen 4). */
static int drop_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct have[2];

	if (syscall(SYS_capget, &header, have))
		return -1;
	have[0].permitted &= 1u << CAP_IPC_LOCK | 1u << CAP_SYS_NICE;
	have[0].effective &= have[0].permitted;
	have[0].inheritable = 0;
	memset(&have[1], 0, sizeof(have[1]));
	return (int)syscall(SYS_capset, &header, have);
}

static const struct hand_op *find(const char *name)
{
	for (const struct hand_op *const *table = __start_hand_ops; table < __stop_hand_ops;
	     table++)
		for (const struct hand_op *op = *table; op->name; op++)
			if (!strcmp(op->name, name))
				return op;
	return NULL;
}

static int list(void)
{
	for (const struct hand_op *const *table = __start_hand_ops; table < __stop_hand_ops;
	     table++)
		for (const struct hand_op *op = *table; op->name; op++)
			printf("%s\t%s\t%s\n", op->name, op->bench, op->state);
	return 0;
}

int main(int argc, char **argv)
{
	const struct hand_op *op;
	cpu_set_t set;

	if (argc == 2 && !strcmp(argv[1], "list"))
		return list();
	if ((argc != 4 && argc != 5) || !(op = find(argv[3])))
		return 2;
	CPU_ZERO(&set);
	CPU_SET((size_t)atoi(argv[1]), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return 3;
	if (argc == 5)
		add_mappings(atoi(argv[4]));
	if (op->most)
		most = op->most;
	/* Before what the operation prepares: they would take the place that it leaves. */
	samples = buffer(most);
	c = buffer(most);
	w = buffer(most);
	seen_c = buffer(PROBE_MAX);
	seen_w = buffer(PROBE_MAX);
	if (!samples || !c || !w || !seen_c || !seen_w || (op->prepare && op->prepare()) ||
	    drop_privileges())
		return 3;
	calibrate();
	return measure(op, atof(argv[2]));
}
