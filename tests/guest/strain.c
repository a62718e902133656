/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drives memperf's kernel module while memory is wanting, in the machines of tests: what fails is counted, what is short ends a
 * job, and nothing is killed for it.
 *
 *	strain failing PERCENT	jobs of every allocator while the kernel fails that many of its allocations (failslab,
 *				fail_page_alloc, by debugfs): first those of this task, then everyone's, in every context
 *	strain pressure		a job that may hold a quarter of the memory, beside a process that takes nearly all of it
 *	strain limited GROUP	accounted jobs in the memory cgroup in that folder, whose limit is 16 MiB and then less
 *
 * Says "kmod COMMAND ok: ..." or what is wrong; exits 0 or 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kmod/memperf_uapi.h"
#include "tests/guest/complain.h"

#define COUNT 32 /* operations of a job, at most */

/* A line into a file, or the number that stands in it. */
static unsigned long long file(const char *folder, const char *name, const char *line)
{
	unsigned long long number = 0;
	char path[256], text[64] = "";
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, line ? O_WRONLY : O_RDONLY);
	if (fd < 0 ||
	    (line ? write(fd, line, strlen(line)) : read(fd, text, sizeof(text) - 1)) <= 0) {
		printf("WRONG: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	close(fd);
	if (!line && sscanf(text, "%llu", &number) != 1)
		number = UINT64_MAX;
	return number;
}

static struct mpk_prepare job(const char *allocator, unsigned pattern, unsigned gfp)
{
	struct mpk_prepare p = {
		.pattern = pattern, .gfp = gfp, .node = -1, .cpu = -1, .depth = COUNT, .seed = 7
	};

	snprintf(p.allocator, sizeof(p.allocator), "%s", allocator);
	return p;
}

/* ---- failing ---- */

static const char *const injectors[] = { "/sys/kernel/debug/failslab",
					 "/sys/kernel/debug/fail_page_alloc" };
static const char *injector, *percent;
static bool everyone; /* not this task alone */
static int injection = -1; /* the file that begins and ends it: an open could fail by it */

/* What is injected, and what was noticed of it. */
static unsigned n_jobs, n_failed, n_unprepared, n_unfilled, in_context[MPK_CONTEXT_COUNT];

static int must_open(const char *folder, const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY);
	if (fd < 0) {
		printf("WRONG: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

/* Into an open file, as often as the kernel fails for want of memory. */
static void put(int fd, const char *line)
{
	for (int i = 0; i < 10000; i++)
		if (write(fd, line, strlen(line)) == (ssize_t)strlen(line))
			return;
	complain("'%s' cannot be written: %s", line, strerror(errno));
}

/* Without an injector, nothing. */
static void inject(bool on)
{
	if (injector)
		put(injection, !on ? "0" : everyone ? percent : "1");
}

static void injector_open(void)
{
	file(injector, "interval", "1");
	file(injector, "times", "1000000000");
	file(injector, "verbose", "0");
	file(injector, "ignore-gfp-wait", "N");
	file(injector, "task-filter", everyone ? "N" : "Y");
	if (injector == injectors[1]) {
		file(injector, "ignore-gfp-highmem", "N");
		file(injector, "min-order", "0");
	}
	file(injector, "probability", everyone ? "0" : percent);
	injection = everyone ? must_open(injector, "probability")
			     : must_open("/proc/self", "make-it-fail");
}

static void injector_close(void)
{
	close(injection);
	file(injector, "probability", "0");
	file(injector, "task-filter", "N");
}

/* An operation is one of those that failed exactly when its record says so, and all were done. */
static void count_failures(const struct mpk_prepare *p, unsigned count)
{
	struct mpk_record records[COUNT];
	struct mpk_run run = { .count = count, .each = 1 };
	unsigned failed = 0, first = MPK_OPS_MAX;
	int error;

	inject(true);
	error = ioctl(device, MPK_RUN, &run) ? errno : 0;
	inject(false);
	if (error || run.done != count || run.stop) {
		complain("%s context %u pattern %u: %u of %u done, stop %u: %s", p->allocator,
			 p->context, p->pattern, run.done, count, run.stop, strerror(error));
		return;
	}
	if (pread(device, records, sizeof(records), 0) != (ssize_t)(count * sizeof(records[0]))) {
		complain("%s: no records", p->allocator);
		return;
	}
	for (unsigned i = count; i-- > 0;) {
		if (!records[i].failed)
			continue;
		failed++;
		first = i;
	}
	if (failed != run.failed || first != run.first_failed)
		complain("%s context %u pattern %u: %u failed, the first is %u; of the records %u "
			 "and %u",
			 p->allocator, p->context, p->pattern, run.failed, run.first_failed, failed,
			 first);
	n_failed += failed;
	in_context[p->context] += failed;
}

/* 1: done; 0: the kernel had no memory, as was injected, and counts it. */
static bool may_fail(const char *what, const struct mpk_prepare *p, unsigned long command,
		     void *argument, unsigned *count)
{
	int error;

	inject(true);
	error = ioctl(device, command, argument) ? errno : 0;
	inject(false);
	if (error && error != ENOMEM)
		complain("%s %s context %u pattern %u: %s, reason %u", what, p->allocator,
			 p->context, p->pattern, strerror(error), p->reason);
	*count += error != 0;
	return !error;
}

/* Operations fail, then preparations. */
static void job_fails(const struct mpk_describe *d, struct mpk_prepare p)
{
	/* A mempool whose reserve is used up waits for somebody to give an object back. */
	bool waits = d->kind == MPK_KIND_POOL && p.gfp == MPK_GFP_KERNEL;
	struct mpk_fill fill = { .count = waits ? 4 : COUNT };
	unsigned count = p.pattern == MPK_ALLOC ? fill.count : COUNT;

	if (p.pattern == MPK_FREE || p.pattern == MPK_APPLY)
		count = fill.count;
	p.depth = fill.count;
	if (ioctl(device, MPK_PREPARE, &p)) {
		if (errno != EINVAL || p.reason == MPK_REASON_VALUE)
			complain("%s context %u pattern %u: %s, reason %u", p.allocator, p.context,
				 p.pattern, strerror(errno), p.reason);
		return; /* not legal: there is none of that kind */
	}
	n_jobs++;
	if (p.pattern != MPK_ALLOC && p.pattern != MPK_PAIR && ioctl(device, MPK_FILL, &fill))
		complain("%s: nothing to start with: %s", p.allocator, strerror(errno));
	else
		count_failures(&p, count);
	if (may_fail("prepare", &p, MPK_PREPARE, &p, &n_unprepared))
		may_fail("fill", &p, MPK_FILL, &fill, &n_unfilled);
}

static uint64_t amount(const struct mpk_describe *d)
{
	/* Pages are what slabs are made of: few allocations take a new one. */
	uint64_t want = d->measure == MPK_MEASURE_ORDER ? 1
			: injector == injectors[1]	? 16384
							: 200;

	return want < d->min ? d->min : want > d->max ? d->max : want;
}

static void allocators_fail(void)
{
	struct mpk_describe d = { 0 };
	unsigned turn = 0;

	for (; !ioctl(device, MPK_DESCRIBE, &d);
	     d = (struct mpk_describe){ .index = d.index + 1 }) {
		for (unsigned context = 0; context < (everyone ? MPK_CONTEXT_COUNT : 1u);
		     context++) {
			bool sleeps = mpk_context_sleeps((enum mpk_context)context);

			for (unsigned pattern = 0; pattern < MPK_PATTERN_COUNT; pattern++) {
				struct mpk_prepare p = job(
					d.name, pattern, sleeps ? MPK_GFP_KERNEL : MPK_GFP_ATOMIC);

				/* Of everyone's a few in each context; of this task's what the other injector had not. */
				if (!(d.patterns & 1u << pattern) ||
				    turn++ % (everyone ? 12 : 2) != (injector == injectors[1]))
					continue;
				p.context = context;
				p.amount = amount(&d);
				p.batch = d.batch_max > 1 ? 3 : 0;
				p.crowd = d.crowd_max < 8 ? d.crowd_max : 8;
				job_fails(&d, p);
			}
		}
	}
}

static void failing(void)
{
	for (unsigned i = 0; i < 4; i++) {
		injector = injectors[i % 2];
		everyone = i / 2;
		n_jobs = n_failed = 0;
		injector_open();
		allocators_fail();
		injector_close();
		printf("%s, %s: %u jobs, %u operations failed; %u preparations, %u fillings so "
		       "far\n",
		       injector, everyone ? "everyone" : "this task", n_jobs, n_failed,
		       n_unprepared, n_unfilled);
		if (n_jobs < 50 || !n_failed)
			complain("too few failures were injected");
	}
	if (!n_unprepared || !n_unfilled)
		complain("no preparation failed, or no filling");
	for (unsigned context = 0; context < MPK_CONTEXT_COUNT; context++)
		if (!in_context[context])
			complain("no failure in context %u", context);
	printf("kmod failing ok\n");
}

/* ---- pressure ---- */

/* In bytes. */
static uint64_t meminfo(const char *name)
{
	unsigned long long kib = 0;
	char line[128];
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ": %llu", &kib);
	if (f)
		fclose(f);
	return kib << 10;
}

#define STEP (4u << 20)

/* Takes memory until little more than what the module leaves to others is there, says so, and goes on taking and giving. */
static void take(int said, uint64_t floor)
{
	char *last = NULL;

	while (meminfo("MemAvailable") > floor)
		last = mmap(NULL, STEP, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (!last || last == MAP_FAILED || write(said, "", 1) != 1)
		_exit(1);
	for (;;) {
		madvise(last, STEP, MADV_DONTNEED);
		memset(last, 1, STEP);
	}
}

static void pressure(void)
{
	uint64_t total = meminfo("MemTotal");
	struct mpk_prepare p = job("pages", MPK_ALLOC, MPK_GFP_KERNEL);
	struct mpk_run run = { 0 };
	struct mpk_fill fill = { 0 };
	int said[2], status;
	pid_t taker;
	char word;

	p.depth = (uint32_t)(meminfo("MemAvailable") / 5 / 4096);
	p.budget_bytes = 1ULL << 40;
	p.budget_ns = 60000000000;
	run.count = fill.count = p.depth;
	if (ioctl(device, MPK_PREPARE, &p) || pipe(said))
		complain("%u pages were refused: reason %u", p.depth, p.reason);
	taker = fork();
	if (!taker)
		take(said[1], total / 16 + ((uint64_t)p.depth << 12) / 2);
	if (read(said[0], &word, 1) != 1)
		complain("nobody takes memory");
	if (ioctl(device, MPK_RUN, &run) || run.stop != MPK_STOP_MEMORY || !run.done ||
	    run.done == run.count)
		complain("%u of %u pages, stop %u: %s", run.done, run.count, run.stop,
			 strerror(errno));
	if (!ioctl(device, MPK_FILL, &fill) || errno != ENOMEM)
		complain("%u pages were filled: %s", fill.count, strerror(errno));
	if (waitpid(taker, &status, WNOHANG))
		complain("the other process was ended (%d)", status);
	kill(taker, SIGKILL);
	waitpid(taker, &status, 0);
	if (ioctl(device, MPK_FILL, &fill))
		complain("%u pages are not there afterwards: %s", fill.count, strerror(errno));
	printf("kmod pressure ok: %u of %u pages\n", run.done, run.count);
}

/* ---- limited ---- */

static unsigned long long killed(const char *group)
{
	char text[256] = "", path[256];
	unsigned long long n = UINT64_MAX;
	FILE *f;

	snprintf(path, sizeof(path), "%s/memory.events", group);
	f = fopen(path, "r");
	while (f && fgets(text, sizeof(text), f))
		if (sscanf(text, "oom_kill %llu", &n) == 1)
			break;
	if (f)
		fclose(f);
	return n;
}

static void limited(const char *group)
{
	struct mpk_prepare p = job("kmalloc", MPK_ALLOC, MPK_GFP_ACCOUNT);
	unsigned long long before;
	int max = must_open(group,
			    "memory.max"); /* to open it under the limit might kill this process */
	char limit[32];

	put(max, "16777216");
	file(group, "cgroup.procs", "0");
	before = file(group, "memory.current", NULL);
	/* 32 MiB of what the group would be charged for: the kernel would end somebody for them. */
	p.amount = 4096;
	p.depth = 8192;
	if (!ioctl(device, MPK_PREPARE, &p) || errno != EINVAL || p.reason != MPK_REASON_MEMORY)
		complain("twice the group's limit was promised (reason %u)", p.reason);
	/* Of what is not charged there may be as much. */
	p.gfp = MPK_GFP_KERNEL;
	if (ioctl(device, MPK_PREPARE, &p))
		complain("what nobody is charged for was refused (reason %u)", p.reason);
	/* Two MiB in pieces for which the kernel kills nobody, and then the limit is lowered to half of that. */
	p = job("pages", MPK_ALLOC, MPK_GFP_ACCOUNT);
	p.amount = 4;
	if (ioctl(device, MPK_PREPARE, &p) || !p.charged)
		complain("2 MiB were refused (reason %u, charged %u)", p.reason, p.charged);
	snprintf(limit, sizeof(limit), "%llu", file(group, "memory.current", NULL) + (1u << 20));
	put(max, limit);
	count_failures(&p, COUNT);
	put(max, "max");
	if (!n_failed || n_failed == COUNT)
		complain("%u of %u pieces failed", n_failed, COUNT);
	close(max);
	close(device);
	device = -1;
	if (file(group, "memory.current", NULL) > before + (1u << 20))
		complain("the group is charged for %llu bytes, after %llu",
			 file(group, "memory.current", NULL), before);
	if (killed(group))
		complain("%llu processes were killed", killed(group));
	printf("kmod limited ok: %u of %u failed\n", n_failed, COUNT);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	device = open(MPK_DEVICE, O_RDWR);
	if (device < 0) {
		printf("%s: %s\n", MPK_DEVICE, strerror(errno));
		return 1;
	}
	if (!strcmp(command, "failing") && argc == 3) {
		percent = argv[2];
		failing();
	} else if (!strcmp(command, "pressure")) {
		pressure();
	} else if (!strcmp(command, "limited") && argc == 3) {
		limited(argv[2]);
	} else {
		return 2;
	}
	return wrong != 0;
}
