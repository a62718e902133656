/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is known of the kernel's allocators, seen in what its module measures call by call: reads the records of the device itself,
 * in the order of the calls.
 *
 *	physics refill		single pages, allocated one after the other: every `batch` calls (/proc/zoneinfo) the CPU's list is empty
 *				and takes as many from the zone, and that call is slow; the others are not
 *	physics touch		objects that a job wants written to take longer to be filled in: what is written is as much as it says
 *
 * Says "physics COMMAND ok: ..." or what is wrong; exits 0 or 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "kmod/memperf_uapi.h"
#include "tests/guest/complain.h"

#define RAMPS 9
#define PAGES 4096 /* of a ramp: dozens of refills after what was on the list is used up */
#define GAPS  1024 /* the largest that is counted */

/* Pages that a CPU's list takes at once, of the zone that has the most of them. */
static unsigned list_batch(void)
{
	FILE *file = fopen("/proc/zoneinfo", "r");
	unsigned long managed = 0, most = 0, value;
	unsigned batch = 0;
	char line[256];

	if (!file) {
		printf("/proc/zoneinfo: %s\n", strerror(errno));
		exit(1);
	}
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, " managed %lu", &value) == 1)
			managed = value;
		else if (sscanf(line, " batch: %lu", &value) == 1 && managed > most) {
			most = managed;
			batch = (unsigned)value;
		}
	}
	fclose(file);
	return batch;
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static uint32_t median(const struct mpk_record *records)
{
	static uint32_t sorted[PAGES];

	for (unsigned i = 0; i < PAGES; i++)
		sorted[i] = records[i].ticks;
	qsort(sorted, PAGES, sizeof(sorted[0]), ascending);
	return sorted[PAGES / 2];
}

/* One ramp: counts the distances between one slow call and the next, and adds up what slow and other calls took, in medians. */
static void ramp(unsigned gaps[GAPS], double *slow, double *others)
{
	static struct mpk_record records[PAGES];
	struct mpk_run run = { .count = PAGES, .each = 1 };
	unsigned last = PAGES, n_slow = 0;
	uint64_t in_slow = 0, in_others = 0;
	uint32_t usual;

	if (ioctl(device, MPK_RUN, &run) || run.done != PAGES || run.failed ||
	    pread(device, records, sizeof(records), 0) != sizeof(records) ||
	    ioctl(device, MPK_DRAIN)) {
		complain("a ramp of %u pages: %u done, %u failed: %s", PAGES, run.done, run.failed,
			 strerror(errno));
		exit(1);
	}
	usual = median(records);
	for (unsigned i = 0; i < PAGES; i++) {
		if (records[i].ticks <= 4 * usual) {
			in_others += records[i].ticks;
			continue;
		}
		if (last < PAGES && i - last < GAPS)
			gaps[i - last]++;
		last = i;
		in_slow += records[i].ticks;
		n_slow++;
	}
	*slow += n_slow ? (double)in_slow / n_slow / usual / RAMPS : 0;
	*others += (double)in_others / (PAGES - n_slow) / usual / RAMPS;
}

static void refill(void)
{
	struct mpk_prepare p = { .allocator = "pages",
				 .pattern = MPK_ALLOC,
				 .clock = MPK_CLOCK_COUNTER,
				 .node = -1,
				 .cpu = -1,
				 .depth = PAGES,
				 .samples = PAGES };
	unsigned gaps[GAPS] = { 0 }, all = 0, period = 0, batch = list_batch();
	double slow = 0, others = 0;

	if (ioctl(device, MPK_PREPARE, &p)) {
		complain("%u pages: %s", PAGES, strerror(errno));
		return;
	}
	for (unsigned i = 0; i < RAMPS; i++)
		ramp(gaps, &slow, &others);
	for (unsigned i = 0; i < GAPS; i++) {
		all += gaps[i];
		period = gaps[i] > gaps[period] ? i : period;
	}
	printf("physics refill %s: every %u calls (%u of %u distances) one takes %.1f medians, the "
	       "others %.2f; batch is %u\n",
	       wrong ? "NO" : "ok", period, gaps[period], all, slow, others, batch);
	/* A quarter at most is of interrupts, each of which makes two distances of one. */
	if (batch < 2 || period != batch || gaps[period] < RAMPS * 8 || 4 * gaps[period] < 3 * all)
		complain("the CPU's list takes %u pages at once, and that is not what is seen",
			 batch);
}

/* The shortest of some FILLs of the job, ns. */
static double fill_ns(unsigned touch)
{
	struct mpk_prepare p = { .allocator = "pages",
				 .pattern = MPK_FREE,
				 .node = -1,
				 .cpu = -1,
				 .depth = PAGES,
				 .touch = touch };
	struct mpk_fill fill = { .count = PAGES };
	double shortest = 0;

	if (ioctl(device, MPK_PREPARE, &p)) {
		complain("%u pages, touch %u: %s", PAGES, touch, strerror(errno));
		return 0;
	}
	for (unsigned i = 0; i < RAMPS; i++) {
		struct timespec from, to;
		double ns;

		/* A FILL frees what was alive before, so that is done here. */
		ioctl(device, MPK_DRAIN);
		clock_gettime(CLOCK_MONOTONIC, &from);
		if (ioctl(device, MPK_FILL, &fill))
			complain("%u pages, touch %u: %s", PAGES, touch, strerror(errno));
		clock_gettime(CLOCK_MONOTONIC, &to);
		ns = 1e9 * (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec);
		shortest = !i || ns < shortest ? ns : shortest;
	}
	return shortest / PAGES;
}

static void touch(void)
{
	double none = fill_ns(MPK_TOUCH_NONE), first = fill_ns(MPK_TOUCH_FIRST),
	       all = fill_ns(MPK_TOUCH_ALL);

	printf("physics touch ok: a page takes %.0f ns, %.0f ns with its first byte written, %.0f "
	       "ns with all of it\n",
	       none, first, all);
	if (all < 2 * none || all < 1.5 * first || first < none)
		complain("a page costs %.0f ns, with its first byte written %.0f, with all of it "
			 "%.0f",
			 none, first, all);
}

int main(int argc, char **argv)
{
	device = open(MPK_DEVICE, O_RDWR);
	if (device < 0) {
		printf("%s: %s\n", MPK_DEVICE, strerror(errno));
		return 1;
	}
	if (argc == 2 && !strcmp(argv[1], "refill"))
		refill();
	else if (argc == 2 && !strcmp(argv[1], "touch"))
		touch();
	else
		return 2;
	return wrong != 0;
}
