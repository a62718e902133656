/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Hand-written tight loops for the operations that memperf times, as an engineer would write them in an
 * afternoon: one process, one loop per operation, nothing of memperf but its idea of a calm moment. The driver
 * (truth.sh) runs them beside memperf, interleaved on the same CPU, and compares.
 *
 *	hand CPU SECONDS OPERATION [MAPPINGS]   prints: operation, calm median ns, calm share, samples
 *	hand list                               the operations and the case each stands for
 *
 * With MAPPINGS the process first brings itself to as many (/proc/self/maps): the kernel keeps them in a tree, and what a
 * call costs that changes it moves by 4 % with their number.
 *
 * Every operation is timed call by call with LFENCE RDTSC LFENCE ... RDTSCP LFENCE; for calls too short for
 * the clock, groups of 64 calls. Speed probes of its own stand around every few samples.
 */
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
static inline uint64_t now(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence; rdtsc; lfence" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
}

static inline uint64_t then(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtscp; lfence" : "=a"(lo), "=d"(hi)::"rcx", "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline long null_call(void)
{
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(SYS_getppid) : "rcx", "r11", "memory");
	return ret;
}
#else
static inline uint64_t now(void)
{
	uint64_t t;

	__asm__ volatile("isb; mrs %0, cntvct_el0; isb" : "=r"(t)::"memory");
	return t;
}
#define then now

static inline long null_call(void)
{
	register long x8 __asm__("x8") = SYS_getppid;
	register long x0 __asm__("x0");

	__asm__ volatile("svc 0" : "=r"(x0) : "r"(x8) : "memory");
	return x0;
}
#endif

#define MAX_SAMPLES (1 << 21)
#define AROUND	    24 /* samples between two probes */

static uint32_t *samples;
static uint32_t *slow; /* the slower of the two probes around a sample */
static double ns_per_tick;
static char *range; /* 64 MiB, small pages */
#define RANGE (64ul << 20)

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

/* One timed call, with whatever must be done before and after it outside of the time. */
#define TIMED(call)                                                                                \
	do {                                                                                       \
		uint64_t begin = now();                                                            \
		call;                                                                              \
		out[n++] = (uint32_t)(then() - begin);                                             \
	} while (0)

static size_t do_null(uint32_t *out)
{
	size_t n = 0;

	for (int g = 0; g < 8; g++) {
		uint64_t begin = now();

		for (int i = 0; i < 640; i++)
			null_call();
		out[n++] = (uint32_t)((then() - begin) * 16 / 640); /* sixteenths of a tick */
	}
	return n;
}

static size_t do_mmap(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		void *p;

		TIMED(p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0));
		munmap(p, 4096);
	}
	return n;
}

static size_t do_munmap(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		TIMED(munmap(p, 4096));
	}
	return n;
}

static size_t do_munmap_touched(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			       0);

		p[0] = 1;
		TIMED(munmap(p, 4096));
	}
	return n;
}

static size_t do_pair(uint32_t *out)
{
	size_t n = 0;

	for (int i = 0; i < AROUND; i++)
		TIMED(munmap(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0),
			     4096));
	return n;
}

static size_t do_write_fault(uint32_t *out)
{
	static size_t at;
	size_t n = 0;

	if (at + AROUND * 4096 > RANGE) {
		madvise(range, RANGE, MADV_DONTNEED);
		at = 0;
	}
	for (int i = 0; i < AROUND; i++, at += 4096)
		TIMED(((volatile char *)range)[at] = 1);
	return n;
}

static size_t do_read_fault(uint32_t *out)
{
	static size_t at;
	size_t n = 0;

	if (at + AROUND * 4096 > RANGE) {
		madvise(range, RANGE, MADV_DONTNEED);
		at = 0;
	}
	for (int i = 0; i < AROUND; i++, at += 4096)
		TIMED((void)((volatile char *)range)[at]);
	return n;
}

static size_t do_brk_grow(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		TIMED(syscall(SYS_brk, base + 4096));
		syscall(SYS_brk, base);
	}
	return n;
}

static size_t do_brk_shrink(uint32_t *out)
{
	char *base = sbrk(0);
	size_t n = 0;

	for (int i = 0; i < AROUND; i++) {
		syscall(SYS_brk, base + 4096);
		TIMED(syscall(SYS_brk, base));
	}
	return n;
}

static const struct {
	const char *name, *stands_for;
	size_t (*run)(uint32_t *out);
	double divide; /* sample unit in ticks */
} operations[] = {
	{ "null", "floor.getppid", do_null, 16 },
	{ "mmap", "mmap.anon", do_mmap, 1 },
	{ "munmap", "munmap.untouched", do_munmap, 1 },
	{ "munmap_touched", "munmap.touched", do_munmap_touched, 1 },
	{ "pair", "mmap.pair", do_pair, 1 },
	{ "mmap_merge", "mmap.anon", do_mmap, 1 },
	{ "munmap_merge", "munmap.untouched", do_munmap, 1 },
	{ "pair_merge", "mmap.pair", do_pair, 1 },
	{ "write_fault", "fault.anon_write", do_write_fault, 1 },
	{ "read_fault", "fault.anon_read", do_read_fault, 1 },
	{ "brk_grow", "brk.grow", do_brk_grow, 1 },
	{ "brk_shrink", "brk.shrink", do_brk_shrink, 1 },
};

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

/* How much slower than its fastest a probe of a calm moment may be: as runner and results have it. */
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

static int measure(size_t which, double seconds)
{
	uint32_t best_chain = UINT32_MAX, best_width = UINT32_MAX, *c, *w, before_c, before_w;
	double end = raw_ns() + seconds * 1e9, limit;
	size_t calm = 0, n = 0;

	samples = malloc(MAX_SAMPLES * sizeof(*samples));
	slow = malloc(MAX_SAMPLES * sizeof(*slow));
	c = malloc(MAX_SAMPLES * sizeof(*c));
	w = malloc(MAX_SAMPLES * sizeof(*w));
	if (!samples || !slow || !c || !w)
		return 1;
	memset(samples, 0, MAX_SAMPLES * sizeof(*samples));
	memset(c, 0, MAX_SAMPLES * sizeof(*c));
	memset(w, 0, MAX_SAMPLES * sizeof(*w));
	before_c = chain();
	before_w = width();
	while (raw_ns() < end && n + 64 < MAX_SAMPLES) {
		size_t got = operations[which].run(samples + n);
		uint32_t after_c = chain(), after_w = width();

		for (size_t i = n; i < n + got; i++) {
			c[i] = before_c > after_c ? before_c : after_c;
			w[i] = before_w > after_w ? before_w : after_w;
		}
		n += got;
		if (after_c < best_chain)
			best_chain = after_c;
		if (after_w < best_width)
			best_width = after_w;
		before_c = after_c;
		before_w = after_w;
	}
	limit = calm_limit(best_chain < best_width ? best_chain : best_width);
	for (size_t i = n / 20; i < n; i++) /* the first twentieth warms up */
		if (c[i] <= best_chain * limit && w[i] <= best_width * limit)
			samples[calm++] = samples[i];
	if (calm < 100)
		return 77;
	printf("%s %.2f %.3f %zu\n", operations[which].name,
	       median(samples, calm) * ns_per_tick / operations[which].divide,
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

int main(int argc, char **argv)
{
	size_t count = sizeof(operations) / sizeof(operations[0]);
	cpu_set_t set;

	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (size_t i = 0; i < count; i++)
			printf("%s %s\n", operations[i].name, operations[i].stands_for);
		return 0;
	}
	if (argc != 4 && argc != 5)
		return 2;
	CPU_ZERO(&set);
	CPU_SET((size_t)atoi(argv[1]), &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		return 3;
	range = mmap(NULL, RANGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (range == MAP_FAILED)
		return 3;
	madvise(range, RANGE, MADV_NOHUGEPAGE);
	if (argc == 5)
		add_mappings(atoi(argv[4]));
	/* A page in use where the next mapping comes to lie: the two merge. */
	if (strstr(argv[3], "_merge"))
		*(volatile char *)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) = 1;
	calibrate();
	for (size_t i = 0; i < count; i++)
		if (!strcmp(operations[i].name, argv[3]))
			return measure(i, atof(argv[2]));
	return 2;
}
