/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Asks memperf's kernel module for everything that can be asked for, in the machines of tests: every allocator x GFP set x context x
 * pattern, and amounts out of range, is refused or runs as the table of rules says.
 *
 *	matrix [N]	one of N that are legal runs
 *
 * Says "kmod matrix ok: ..." or what is wrong; exits 0 or 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kmod/memperf_uapi.h"
#include "tests/guest/complain.h"

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
	/* Without operations: there is no object left, or no room for one more. */
	run = (struct mpk_run){ .count = 3, .hollow = 1 };
	if (ioctl(device, MPK_RUN, &run) || run.done != 3 || run.failed || run.looked ||
	    run.proven != run.shots)
		complain(
			"%s context %u pattern %u without operations: done %u failed %u looked %u: "
			"%s",
			d->name, p->context, p->pattern, run.done, run.failed, run.looked,
			strerror(errno));
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

int main(int argc, char **argv)
{
	device = open(MPK_DEVICE, O_RDWR);
	if (device < 0) {
		printf("%s: %s\n", MPK_DEVICE, strerror(errno));
		return 1;
	}
	one_of = argc == 2 ? (unsigned)atoi(argv[1]) : 1;
	matrix();
	close(device);
	return wrong != 0;
}
