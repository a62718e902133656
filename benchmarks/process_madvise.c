/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process_madvise: advice about the memory of another process, a child that sleeps meanwhile; one call for one range or many,
 * each in a mapping of its own. The child is in support/remote.c; what it does to its memory, and the proofs, are in
 * support/subject*.c.
 */
#include "benchmarks/bench.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "benchmarks/loop.h"
#include "benchmarks/support/advice.h"
#include "benchmarks/support/remote.h"
#include "benchmarks/support/subject.h"

struct advised {
	struct mp_subject subject;
	struct iovec ranges[MP_SUBJECT_MAX];
	int64_t bytes; /* of all ranges: what the call returns */
};

#define ADVISE(advice)                                                                             \
	{                                                                                          \
		MP_STEP_ADVISE, (advice)                                                           \
	}
#define STORE                                                                                      \
	{                                                                                          \
		MP_STEP_STORE, 0                                                                   \
	}
#define CLAIM(...)                                                                                 \
	{                                                                                          \
		.of = { __VA_ARGS__ }                                                              \
	}
#define ALL(trait)  [MP_TRAIT_##trait] = MP_EVERYTHING
#define NONE(trait) [MP_TRAIT_##trait] = MP_NOTHING

static const struct mp_subject_plan plans[] = {
	{ .bench = "process_madvise.cold",
	  .remote = true,
	  .call = ADVISE(MADV_COLD),
	  .first = { STORE },
	  .steps = { { MP_STEP_LOAD, 0 } },
	  .before = CLAIM(ALL(ALLOCATED), ALL(REFERENCED)),
	  .after = CLAIM(ALL(ALLOCATED), NONE(REFERENCED)) },
	{ .bench = "process_madvise.collapse",
	  .remote = true,
	  .own_huge = true,
	  .call = ADVISE(MADV_COLLAPSE),
	  .steps = { ADVISE(MADV_DONTNEED), { MP_STEP_STORE_SMALL, 0 } },
	  .before = CLAIM(ALL(ALLOCATED), NONE(HUGE)),
	  .after = CLAIM(ALL(ALLOCATED), ALL(HUGE)) },
	{ .bench = "process_madvise.pageout",
	  .remote = true,
	  .of_file = true,
	  .call = ADVISE(MADV_PAGEOUT),
	  .first = { ADVISE(MADV_RANDOM) },
	  .steps = { { MP_STEP_LOAD, 0 } },
	  .before = CLAIM(ALL(PRESENT), ALL(CACHED)),
	  .after = CLAIM(NONE(PRESENT), NONE(CACHED)) },
	{ .bench = "process_madvise.willneed",
	  .remote = true,
	  .of_file = true,
	  .settles = true,
	  .call = ADVISE(MADV_WILLNEED),
	  .first = { ADVISE(MADV_RANDOM) },
	  /* Pages that are still being read would stay: the loads wait for them. */
	  .steps = { { MP_STEP_LOAD, 0 }, ADVISE(MADV_DONTNEED), { MP_STEP_UNCACHE, 0 } },
	  .before = CLAIM(NONE(PRESENT), NONE(CACHED)),
	  .after = CLAIM(NONE(PRESENT), ALL(CACHED)) },
};

static int setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct advised *a = ctx->state;
	struct mp_subject *s = &a->subject;
	int ret = mp_subject_setup(ctx, plans, MP_COUNT(plans), err);

	for (uint64_t i = 0; !ret && i < s->n; i++) {
		a->ranges[i] = (struct iovec){ (void *)s->at[i], s->size };
		a->bytes += (int64_t)s->size;
	}
	return ret;
}

/* The answer that is kept is 0 when all bytes were advised. */
static inline uint64_t advise_op(struct mp_ctx *ctx, uint64_t i)
{
	struct advised *a = ctx->state;
	struct mp_subject *s = &a->subject;
	long got = -EAGAIN;

	for (int tries = MP_ADVICE_TRIES; tries && got == -EAGAIN; tries--)
		got = mp_sys_process_madvise(s->remote.pidfd, a->ranges, s->per_call, s->advice);
	s->got[i] = got - a->bytes;
	return s->got[i] == 0;
}
MP_DEFINE_RUN(advise_op)

static inline void renew(struct mp_ctx *ctx)
{
	struct mp_subject *s = ctx->state;

	mp_remote_prepare(s);
	s->got[0] = MP_SUBJECT_NO_ANSWER;
}
MP_DEFINE_RUN_APART(advise_op, renew)

#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 16u << 20, .whole_pages = true, .scale = MP_SCALE_LOG2,        \
		.help = "bytes of one range"                                                       \
	}
#define VECTORS(representative, all)                                                               \
	{                                                                                          \
		.name = "vectors", .kind = MP_AXIS_COUNT, .values = (representative),              \
		.matrix = (all), .min = 1, .max = MP_SUBJECT_MAX, .scale = MP_SCALE_LOG2,          \
		.help = "ranges that one call is about"                                            \
	}

static const struct mp_axis page_axes[] = { SIZE("page", "page,64K"),
					    VECTORS("1,32", "1,8,32,64") };
static const struct mp_axis file_axes[] = { SIZE("64K", "page,64K"), VECTORS("8", "1,8,64") };
static const struct mp_axis huge_axes[] = { SIZE("hugepage", "hugepage"), VECTORS("1", "1,4") };

#define COMMON(axes_array)                                                                         \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH, MP_AXES(axes_array),  \
	.state_size = sizeof(struct advised), .legal = mp_subject_legal, .setup = setup,           \
	.arm = mp_subject_arm, .run = advise_op_run, .run_apart = advise_op_run_apart,             \
	.check = mp_subject_check, .disarm = mp_subject_disarm, .teardown = mp_subject_teardown

static const struct mp_bench benches[] = {
	{
		.name = "process_madvise.cold",
		.summary = "process_madvise(2) with MADV_COLD of pages that a child has accessed",
		.timed =
			"one raw process_madvise call, which makes the pages old; the child, which "
			"accesses them again, runs outside",
		COMMON(page_axes),
		.needs = MP_NEED_PROCESS_MADVISE | MP_NEED_COLD,
	},
	{
		.name = "process_madvise.collapse",
		.summary = "process_madvise(2) with MADV_COLLAPSE of a child's base pages",
		.timed = "one raw process_madvise call, which allocates huge pages and copies the "
			 "memory, again where it says EAGAIN; the child, which makes it of base "
			 "pages again, runs outside",
		COMMON(huge_axes),
		.needs = MP_NEED_PROCESS_MADVISE | MP_NEED_THP | MP_NEED_COLLAPSE,
	},
	{
		.name = "process_madvise.pageout",
		.summary = "process_madvise(2) with MADV_PAGEOUT of clean file pages of a child",
		.timed = "one raw process_madvise call, which unmaps the pages and frees them; the "
			 "child, which reads them in again, runs outside",
		COMMON(file_axes),
		.needs = MP_NEED_PROCESS_MADVISE | MP_NEED_COLD,
	},
	{
		.name = "process_madvise.willneed",
		.summary =
			"process_madvise(2) with MADV_WILLNEED of a file that a child has mapped",
		.timed = "one raw process_madvise call, which asks the disk for the pages; they "
			 "arrive "
			 "later; dropping the page cache is outside",
		COMMON(file_axes),
		.needs = MP_NEED_PROCESS_MADVISE,
	},
};

const struct mp_family mp_family_process_madvise =
	MP_FAMILY("process_madvise", "advice about another process's memory", benches);
