/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drives memperf's kernel module from outside, in the machines of tests: every combination that can be asked for is
 * refused or runs as the table of rules says; a signal ends a job.
 *
 *	kmod matrix [N]		every allocator x GFP set x context x pattern, and amounts out of range; one of N that are legal runs
 *	kmod charged GROUP	what is accounted is charged to the memory cgroup in that folder, the rest is not
 *	kmod cancel		signals into long jobs and a long preparation, one open file closed with objects alive
 *	kmod closed		the device may not be opened by whoever this is
 *	kmod opened		it may, and answers
 *
 * Says "kmod COMMAND ok: ..." or what is wrong; exits 0 or 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "kmod/memperf_uapi.h"
#include "tests/guest/complain.h"

static struct mpk_info ask(void)
{
	struct mpk_info info = { 0 };

	if (ioctl(device, MPK_INFO, &info) || info.abi != MPK_ABI || info.page_size != 4096 ||
	    !(info.contexts & 1u << MPK_PROCESS)) {
		printf("the module does not say what it is\n");
		exit(1);
	}
	return info;
}

/* ---- matrix ---- */

/* What the rules say of a request on this kernel. */
static enum mpk_reason expected(const struct mpk_info *info, const struct mpk_describe *d,
				const struct mpk_prepare *p)
{
	const struct mpk_request r = { .kind = (enum mpk_kind)d->kind,
				       .gfp = (enum mpk_gfp)p->gfp,
				       .context = (enum mpk_context)p->context,
				       .in_order = d->measure == MPK_MEASURE_ORDER,
				       .order = d->measure == MPK_MEASURE_ORDER
							? (unsigned)p->amount
							: 0 };
	enum mpk_reason reason = mpk_legal(&r);

	if (p->batch > d->batch_max || p->crowd > d->crowd_max ||
	    (p->touch && (p->pattern == MPK_PAIR || !(d->touches & 1u << p->touch))))
		return MPK_REASON_VALUE;
	if (d->reason == MPK_REASON_OK && !(d->patterns & 1u << p->pattern))
		return MPK_REASON_VALUE;
	if (p->align > d->align_max || p->align & (p->align - 1))
		return MPK_REASON_ALIGN;
	if (d->reason != MPK_REASON_OK)
		return (enum mpk_reason)d->reason;
	if (reason != MPK_REASON_OK)
		return reason;
	if (!(info->contexts & 1u << p->context))
		return mpk_context_refusal((enum mpk_context)p->context);
	if (!(info->gfp & 1u << p->gfp))
		return MPK_REASON_NO_FLAG;
	if (p->amount >= d->min && p->amount <= d->max)
		return MPK_REASON_OK;
	return d->measure == MPK_MEASURE_ORDER ? MPK_REASON_ORDER : MPK_REASON_SIZE;
}

/* Three operations of a job that was accepted, and what they must have been. */
static void exercise(const struct mpk_describe *d, const struct mpk_prepare *p)
{
	struct mpk_fill fill = { .count = 4 };
	struct mpk_run run = { .count = 3, .each = 1, .warm = 1 };
	struct mpk_record records[4] = { { 0 } };
	bool thread = p->context == MPK_KTHREAD || p->context == MPK_REMOTE;

	if (p->pattern != MPK_ALLOC && p->pattern != MPK_PAIR && ioctl(device, MPK_FILL, &fill)) {
		complain("%s: nothing to start with: %s", d->name, strerror(errno));
		return;
	}
	if (ioctl(device, MPK_RUN, &run) || run.done != 3 || run.failed || run.stop) {
		complain("%s gfp %u context %u pattern %u: done %u failed %u stop %u: %s", d->name,
			 p->gfp, p->context, p->pattern, run.done, run.failed, run.stop,
			 strerror(errno));
		return;
	}
	if (!run.shots || run.proven != run.shots || run.on_caller != (thread ? 0 : run.shots))
		complain("%s context %u: %u shots, %u in it, %u on the caller", d->name, p->context,
			 run.shots, run.proven, run.on_caller);
	/* It did what its name says. */
	if (run.found != run.looked || !run.looked != !d->looks)
		complain("%s gfp %u context %u pattern %u: %u of %u objects are as they should be",
			 d->name, p->gfp, p->context, p->pattern, run.found, run.looked);
	if (pread(device, records, sizeof(records), 0) != 3 * sizeof(records[0]) ||
	    records[0].ticks + (uint64_t)records[1].ticks + records[2].ticks != run.ticks)
		complain("%s: three records do not add up to %llu ticks", d->name,
			 (unsigned long long)run.ticks);
}

static unsigned one_of = 1, n_legal, n_refused;

static void try_one(const struct mpk_info *info, const struct mpk_describe *d, struct mpk_prepare p)
{
	enum mpk_reason want;
	int error;

	p.node = p.cpu = -1;
	p.depth = 4;
	p.order = MPK_RANDOM;
	p.seed = 7;
	memcpy(p.allocator, d->name, sizeof(p.allocator));
	want = expected(info, d, &p);
	if (want != MPK_REASON_OK)
		n_refused++;
	else if (n_legal++ % one_of)
		return;
	error = ioctl(device, MPK_PREPARE, &p) ? errno : 0;
	/* There may be too little of a small zone. */
	if (p.gfp == MPK_GFP_DMA && p.reason == MPK_REASON_MEMORY && error == EINVAL)
		return;
	if (p.reason != want || error != (want == MPK_REASON_OK ? 0 : EINVAL)) {
		complain("%s gfp %u context %u pattern %u amount %llu align %llu touch %u: reason "
			 "%u, "
			 "not %u; %s",
			 d->name, p.gfp, p.context, p.pattern, (unsigned long long)p.amount,
			 (unsigned long long)p.align, p.touch, p.reason, want, strerror(error));
		return;
	}
	if (want == MPK_REASON_OK)
		exercise(d, &p);
}

/* Two that are asked for in every combination, and what is too much of one thing. Objects that are freed at once are not touched. */
#define VARIANTS 8
static struct mpk_prepare variant(const struct mpk_describe *d, unsigned pattern, unsigned k)
{
	struct mpk_prepare p = { .pattern = pattern, .amount = d->min, .batch = 1 };
	bool stays = pattern != MPK_PAIR;

	switch (k) {
	case 0:
		if (d->measure == MPK_MEASURE_BYTES && d->min < 200 && d->max > 200)
			p.amount = 200;
		p.batch = d->batch_max > 1 ? 3 : 0;
		p.crowd = d->crowd_max < 100 ? d->crowd_max : 100;
		p.touch = stays && d->touches & 1u << MPK_TOUCH_ALL ? MPK_TOUCH_ALL : 0;
		p.align = d->align_max ? 64 : 0;
		break;
	case 1:
		p.amount = d->measure == MPK_MEASURE_ORDER ? 2 : d->min;
		p.batch = d->batch_max;
		p.touch = stays && d->touches & 1u << MPK_TOUCH_FIRST ? MPK_TOUCH_FIRST : 0;
		p.align = d->align_max;
		break;
	case 2:
		p.amount = d->max + 1;
		break;
	case 3:
		p.amount = UINT64_MAX;
		break;
	case 4:
		p.batch = d->batch_max + 1;
		break;
	case 5:
		p.crowd = d->crowd_max + 1;
		break;
	case 6:
		p.touch = stays ? MPK_TOUCH_COUNT : MPK_TOUCH_ALL;
		break;
	default:
		p.align = pattern % 2 ? 24 : d->align_max ? 2 * d->align_max : 8;
	}
	return p;
}

/* What runs on another CPU is told by where the caller is. */
static void stay(void)
{
	cpu_set_t here;

	CPU_ZERO(&here);
	CPU_SET((size_t)sched_getcpu(), &here);
	if (sched_setaffinity(0, sizeof(here), &here))
		complain("cannot stay on one CPU: %s", strerror(errno));
}

static void matrix(void)
{
	static const char *const contexts[] = {
#define WORD(id, word, how, refusal) word,
		MPK_CONTEXTS(WORD)
#undef WORD
	};
	struct mpk_info info = ask();

	stay();
	for (unsigned i = 0; i <= info.allocators; i++) {
		struct mpk_describe d = { .index = i };

		if (ioctl(device, MPK_DESCRIBE, &d)) {
			if (i != info.allocators || errno != ENOENT)
				complain("allocator %u is not described", i);
			break;
		}
		for (unsigned gfp = 0; gfp < MPK_GFP_COUNT; gfp++)
			for (unsigned context = 0; context < MPK_CONTEXT_COUNT; context++)
				for (unsigned k = 0; k < VARIANTS * MPK_PATTERN_COUNT; k++) {
					struct mpk_prepare p =
						variant(&d, k / VARIANTS, k % VARIANTS);

					p.gfp = gfp;
					p.context = context;
					try_one(&info, &d, p);
				}
	}
	printf("kmod matrix ok: %u legal, one of %u ran, %u refused; in", n_legal, one_of,
	       n_refused);
	for (unsigned i = 0; i < MPK_CONTEXT_COUNT; i++)
		if (info.contexts & 1u << i)
			printf(" %s", contexts[i]);
	printf("\n");
	if (n_legal < 1000 || n_refused < 1000)
		complain("%u are legal, %u are not", n_legal, n_refused);
}

/* ---- charged ---- */

/* A number from, or a line into, a file of the group. */
static uint64_t group_file(const char *group, const char *name, const char *line)
{
	unsigned long long number = 0;
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", group, name);
	file = fopen(path, line ? "w" : "r");
	if (!file || (line ? fputs(line, file) < 0 : fscanf(file, "%llu", &number) != 1)) {
		printf("%s: %s\n", path, strerror(errno));
		exit(1);
	}
	fclose(file);
	return number;
}

/* Four MiB of objects: are they in the group's bill when they should be, and only then? */
static void charge(const char *group, const char *allocator, uint64_t amount, unsigned gfp,
		   bool inside)
{
	struct mpk_prepare p = { .gfp = gfp,
				 .pattern = MPK_STEADY,
				 .node = -1,
				 .cpu = -1,
				 .depth = 1024,
				 .amount = amount };
	struct mpk_fill fill = { .count = 1024 };
	bool want = inside && gfp == MPK_GFP_ACCOUNT;
	int64_t before, grown;

	snprintf(p.allocator, sizeof(p.allocator), "%s", allocator);
	before = (int64_t)group_file(group, "memory.current", NULL);
	if (ioctl(device, MPK_PREPARE, &p) || ioctl(device, MPK_FILL, &fill)) {
		complain("%s: %s", allocator, strerror(errno));
		return;
	}
	grown = (int64_t)group_file(group, "memory.current", NULL) - before;
	if (p.charged != want || (want ? grown < 3 << 20 : grown > 1 << 20))
		complain("%s gfp %u: the module says %u, the group grew by %lld bytes", allocator,
			 gfp, p.charged, (long long)grown);
	ioctl(device, MPK_DRAIN);
}

static void charged(const char *group)
{
	static const unsigned sets[] = { MPK_GFP_KERNEL, MPK_GFP_ACCOUNT };

	for (unsigned inside = 0; inside < 2; inside++) {
		if (inside)
			group_file(group, "cgroup.procs", "0");
		for (unsigned i = 0; i < 2; i++) {
			charge(group, "kmalloc", 4096, sets[i], inside);
			charge(group, "pages", 0, sets[i], inside);
			charge(group, "vmalloc", 4096, sets[i], inside);
		}
	}
	printf("kmod charged ok: 12 fillings\n");
}

/* ---- cancel ---- */

static void on_alarm(int number)
{
	(void)number;
}

/* A call that a signal after `ms` is to end; its error, 0: none. It must come back within a second of that. */
static int cancelled(unsigned long command, void *argument, unsigned ms)
{
	const struct itimerval soon = { .it_value.tv_usec = ms * 1000 }, never = { 0 };
	struct timespec from, to;
	double took;
	int error;

	clock_gettime(CLOCK_MONOTONIC, &from);
	setitimer(ITIMER_REAL, &soon, NULL);
	error = ioctl(device, command, argument) ? errno : 0;
	setitimer(ITIMER_REAL, &never, NULL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	took = (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
	if (took > 1)
		complain("a call that was cancelled took %.3f s", took);
	return error;
}

/* The longest job that can be asked for ends, and says so. */
static void cancel_in(unsigned context)
{
	struct mpk_prepare p = { .allocator = "kmalloc",
				 .gfp = MPK_GFP_ATOMIC,
				 .context = context,
				 .pattern = MPK_PAIR,
				 .node = -1,
				 .cpu = -1,
				 .depth = 1,
				 .amount = 64,
				 .budget_ns = 100000000000 };
	struct mpk_run run = { .count = MPK_OPS_MAX };
	int error;

	if (ioctl(device, MPK_PREPARE, &p)) {
		complain("context %u: %s", context, strerror(errno));
		return;
	}
	error = cancelled(MPK_RUN, &run, 50);
	if (error != EINTR || run.stop != MPK_STOP_SIGNAL || !run.done || run.done == MPK_OPS_MAX)
		complain("context %u: %s, stop %u, %u done", context, strerror(error), run.stop,
			 run.done);
}

/* How many areas of addresses the kernel has given away. */
static unsigned areas(void)
{
	FILE *file = fopen("/proc/vmallocinfo", "r");
	unsigned lines = 0;
	int c;

	if (!file) {
		printf("/proc/vmallocinfo: %s\n", strerror(errno));
		exit(1);
	}
	while ((c = getc(file)) != EOF)
		lines += c == '\n';
	fclose(file);
	return lines;
}

/* A crowd that is half there when the signal comes is gone afterwards, and so is the job. */
static void cancel_crowd(void)
{
	struct mpk_prepare p = { .allocator = "vmalloc_busy",
				 .pattern = MPK_PAIR,
				 .node = -1,
				 .cpu = -1,
				 .depth = 1,
				 .amount = 4096 };
	struct mpk_describe d = { 0 };
	struct mpk_run run = { .count = 1 };
	unsigned before, after;
	int error;

	while (!ioctl(device, MPK_DESCRIBE, &d) && strcmp(d.name, p.allocator))
		d = (struct mpk_describe){ .index = d.index + 1 };
	p.crowd = d.crowd_max < 65536 ? d.crowd_max : 65536;
	before = areas();
	error = cancelled(MPK_PREPARE, &p, 5);
	after = areas();
	if (error != EINTR || after > before + 50)
		complain("a crowd of %u: %s, %u areas became %u", p.crowd, strerror(error), before,
			 after);
	if (!ioctl(device, MPK_RUN, &run) || errno != ENODATA)
		complain("the job of a PREPARE that was cancelled runs");
}

static void time_budget(void)
{
	struct mpk_prepare p = { .allocator = "vmalloc",
				 .pattern = MPK_PAIR,
				 .node = -1,
				 .cpu = -1,
				 .depth = 1,
				 .amount = 1u << 20,
				 .budget_ns = 30000000 };
	struct mpk_run run = { .count = MPK_OPS_MAX };

	if (ioctl(device, MPK_PREPARE, &p) || ioctl(device, MPK_RUN, &run) ||
	    run.stop != MPK_STOP_TIME || !run.done)
		complain("a job of 30 ms: %s, stop %u, %u done", strerror(errno), run.stop,
			 run.done);
}

/* More than a quarter of the memory is refused; what is alive when the file is closed is freed. */
static void memory_budget(void)
{
	struct mpk_prepare p = { .allocator = "pages",
				 .pattern = MPK_STEADY,
				 .node = -1,
				 .cpu = -1,
				 .depth = 65536,
				 .amount = 6 };
	struct mpk_fill fill = { .count = 4096 };

	if (!ioctl(device, MPK_PREPARE, &p) || p.reason != MPK_REASON_MEMORY)
		complain("16 GiB were promised (reason %u)", p.reason);
	p = (struct mpk_prepare){
		.allocator = "pages", .pattern = MPK_STEADY, .node = -1, .cpu = -1, .depth = 4096
	};
	if (ioctl(device, MPK_PREPARE, &p) || ioctl(device, MPK_FILL, &fill))
		complain("16 MiB were refused: %s", strerror(errno));
	close(device);
	device = open(MPK_DEVICE, O_RDWR);
}

static void cancel(void)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	struct mpk_info info = ask();
	unsigned contexts = 0;

	sigaction(SIGALRM, &action, NULL);
	for (unsigned context = 0; context < MPK_CONTEXT_COUNT; context++) {
		if (!(info.contexts & 1u << context))
			continue;
		cancel_in(context);
		contexts++;
	}
	cancel_crowd();
	time_budget();
	memory_budget();
	printf("kmod cancel ok: %u contexts\n", contexts);
}

int main(int argc, char **argv)
{
	const char *command = argc > 1 ? argv[1] : "";

	device = open(MPK_DEVICE, O_RDWR);
	if (!strcmp(command, "closed")) {
		printf("kmod closed %s\n", device < 0 && errno == EACCES ? "ok" : "NO");
		return device >= 0;
	}
	if (device < 0) {
		printf("%s: %s\n", MPK_DEVICE, strerror(errno));
		return 1;
	}
	if (!strcmp(command, "matrix")) {
		one_of = argc == 3 ? (unsigned)atoi(argv[2]) : 1;
		matrix();
	} else if (!strcmp(command, "charged") && argc == 3)
		charged(argv[2]);
	else if (!strcmp(command, "cancel"))
		cancel();
	else if (!strcmp(command, "opened"))
		printf("kmod opened ok: %u allocators\n", ask().allocators);
	else
		return 2;
	close(device);
	return wrong != 0;
}
