/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams known bytes past the caches: see calibrate.h. */
#include "runner/counters/calibrate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "common/clock.h"
#include "runner/counters/probe.h"

#define SIZE_LEAST (256ull << 20)
#define SIZE_MOST  (1024ull << 20)
#define ROUNDS	   4
#define LINE	   64

static void read_lines(char *base, size_t size)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < size; i += LINE)
		sum += *(volatile uint64_t *)(base + i);
	(void)sum;
}

/* Plain stores; a library's memset may switch to non-temporal ones by size. */
static void write_lines(char *base, size_t size)
{
	for (size_t i = 0; i < size; i += sizeof(uint64_t))
		*(volatile uint64_t *)(base + i) = i;
}

static void write_past_caches(char *base, size_t size)
{
#if defined(__x86_64__)
	for (size_t i = 0; i < size; i += sizeof(uint64_t))
		__asm__ volatile("movnti %1, %0" : "=m"(*(uint64_t *)(base + i)) : "r"(i));
	__asm__ volatile("sfence" ::: "memory");
#else
	for (size_t i = 0; i < size; i += 2 * sizeof(uint64_t))
		__asm__ volatile("stnp %1, %1, [%0]" ::"r"(base + i), "r"(i) : "memory");
#endif
}

static const struct {
	const char *name;
	void (*run)(char *base, size_t size);
	double reads, writes; /* per byte moved */
} loads[] = {
	{ "read", read_lines, 1, 0 },
	{ "write", write_lines, 1, 1 },
	{ "non-temporal write", write_past_caches, 0, 1 },
};

static double expected(size_t load, const char *metric)
{
	if (!strcmp(metric, "dram_read_bytes"))
		return loads[load].reads;
	if (!strcmp(metric, "dram_write_bytes"))
		return loads[load].writes;
	return loads[load].reads + loads[load].writes;
}

/* What can be calibrated. */
static size_t choose(const struct mp_counters *counters,
		     const struct mp_counter *chosen[MP_CALIBRATE_METRICS])
{
	static const char *const ids[MP_CALIBRATE_METRICS] = { "dram_read_bytes",
							       "dram_write_bytes", "dram_bytes" };
	size_t n = 0;

	for (size_t i = 0; i < MP_CALIBRATE_METRICS; i++) {
		const struct mp_counter *c = mp_counters_find(counters, ids[i]);

		if (c && c->source && c->encoder != MP_ENCODER_FORMULA)
			chosen[n++] = c;
	}
	return n;
}

static int nothing(const struct mp_counters *counters, struct mp_err *err)
{
	const struct mp_counter *c = mp_counters_find(counters, "dram_read_bytes");
	const char *why = c && c->reason ? c->reason : "there is only an estimate by formula";

	return mp_err_env(err, -ENODATA,
			  "nothing to calibrate: no memory controller can be counted here (%s); "
			  "'memperf counters memory' names every source",
			  why);
}

static void fall_asleep(uint64_t ns)
{
	const struct timespec time = { .tv_sec = (time_t)(ns / 1000000000),
				       .tv_nsec = (long)(ns % 1000000000) };

	nanosleep(&time, NULL);
}

/* Reads all probes; what one says goes into the values when it failed. */
static int read_all(struct mp_probe *probes, size_t n, unsigned after, struct mp_err *err)
{
	for (size_t i = 0; i < n; i++) {
		int rc = mp_probe_read(&probes[i], after);

		if (rc)
			return mp_err_env(err, rc, "%s cannot be read: %s",
					  probes[i].counter->metric->id, strerror(-rc));
	}
	return 0;
}

static int run_load(size_t load, char *base, size_t size, struct mp_probe *probes,
		    struct mp_calibration *c, struct mp_err *err)
{
	uint64_t start, ns;
	int rc = read_all(probes, c->n, 0, err);

	start = mp_clock_raw_ns();
	for (int i = 0; !rc && i < ROUNDS; i++)
		loads[load].run(base, size);
	ns = mp_clock_raw_ns() - start;
	if (!rc)
		rc = read_all(probes, c->n, 1, err);
	for (size_t i = 0; !rc && i < c->n; i++)
		rc = mp_probe_value(&probes[i], true, &c->metrics[i].value);
	if (!rc)
		rc = read_all(probes, c->n, 0, err);
	if (!rc)
		fall_asleep(ns);
	if (!rc)
		rc = read_all(probes, c->n, 1, err);
	for (size_t i = 0; !rc && i < c->n; i++)
		rc = mp_probe_value(&probes[i], true, &c->metrics[i].idle);
	c->load = loads[load].name;
	c->bytes = (double)size * ROUNDS;
	c->seconds = (double)ns * 1e-9;
	for (size_t i = 0; i < c->n; i++)
		c->metrics[i].expected = expected(load, c->metrics[i].metric->id) * c->bytes;
	return rc;
}

static int run_all(char *base, size_t size, struct mp_probe *probes, size_t n,
		   void (*each)(void *user, const struct mp_calibration *calibration), void *user,
		   struct mp_err *err)
{
	int rc = 0;

	for (size_t load = 0; !rc && load < sizeof(loads) / sizeof(loads[0]); load++) {
		struct mp_calibration c = { .n = n };

		for (size_t i = 0; i < n; i++) {
			c.metrics[i].metric = probes[i].counter->metric;
			c.metrics[i].source = probes[i].counter->source;
		}
		rc = run_load(load, base, size, probes, &c, err);
		if (!rc)
			each(user, &c);
	}
	return rc;
}

int mp_calibrate(const struct mp_counters *counters, const struct mp_perf_ops *ops, int cpu,
		 unsigned long long cache_size,
		 void (*each)(void *user, const struct mp_calibration *calibration), void *user,
		 struct mp_err *err)
{
	const struct mp_counter *chosen[MP_CALIBRATE_METRICS];
	struct mp_probe probes[MP_CALIBRATE_METRICS];
	unsigned long long size = 8 * cache_size;
	const size_t n = choose(counters, chosen);
	size_t opened = 0;
	char *base = MAP_FAILED;
	int rc = 0;

	if (!n)
		rc = nothing(counters, err);
	size = size < SIZE_LEAST ? SIZE_LEAST : size > SIZE_MOST ? SIZE_MOST : size;
	if (!rc) {
		base = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (base == MAP_FAILED)
			rc = mp_err_env(err, -ENOMEM, "no memory for a stream of %llu bytes", size);
	}
	for (; !rc && opened < n; opened++)
		rc = mp_probe_open(chosen[opened], ops, cpu, &probes[opened], err);
	if (!rc)
		rc = run_all(base, size, probes, n, each, user, err);
	while (opened)
		mp_probe_close(&probes[--opened]);
	if (base != MAP_FAILED)
		munmap(base, size);
	return rc;
}
