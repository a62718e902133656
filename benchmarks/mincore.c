/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mincore: asking the kernel which pages of a range are resident. Of anonymous memory it reads the page table; of a file,
 * where the page table holds nothing, it asks the page cache. It touches nothing.
 */
#include "benchmarks/bench.h"

#include <string.h>
#include <sys/mman.h>

#include "benchmarks/loop.h"
#include "benchmarks/support/subject.h"

#define RANGE_MAX (16u << 20)
#define PAGES_MAX (RANGE_MAX / 4096)

struct asked {
	struct mp_subject subject;
	unsigned char answer[PAGES_MAX]; /* what the kernel said last, one byte a page */
};

#define SAME_FOR_FILES(share)                                                                      \
	.before = { .of = { [MP_TRAIT_PRESENT] = MP_NOTHING, [MP_TRAIT_CACHED] = (share) } },      \
	.after = { .of = { [MP_TRAIT_PRESENT] = MP_NOTHING, [MP_TRAIT_CACHED] = (share) } }

static const struct mp_subject_plan plans[] = {
	{ .bench = "mincore.anon",
	  .repeats = true,
	  .first = { { MP_STEP_TOUCH, 0 } },
	  .before = { .of = { [MP_TRAIT_PRESENT] = MP_BY_AXIS, [MP_TRAIT_HUGE] = MP_BY_AXIS } },
	  .after = { .of = { [MP_TRAIT_PRESENT] = MP_BY_AXIS } },
	  .faults = MP_NOTHING },
	{ .bench = "mincore.file_absent",
	  .repeats = true,
	  .first = { { MP_STEP_UNCACHE, 0 } },
	  SAME_FOR_FILES(MP_NOTHING),
	  .faults = MP_NOTHING },
	{ .bench = "mincore.file_cached",
	  .repeats = true,
	  .first = { { MP_STEP_STORE, 0 }, { MP_STEP_ADVISE, MADV_DONTNEED } },
	  SAME_FOR_FILES(MP_EVERYTHING),
	  .faults = MP_NOTHING },
};

static int setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return mp_subject_setup(ctx, plans, MP_COUNT(plans), err);
}

/* Spoils the last answer, so that check sees only what this block's calls wrote. */
static int arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct asked *a = ctx->state;

	memset(a->answer, 0xff, sizeof(a->answer));
	return mp_subject_arm(ctx, n, err);
}

static inline uint64_t ask_op(struct mp_ctx *ctx, uint64_t i)
{
	struct asked *a = ctx->state;
	struct mp_subject *s = &a->subject;
	int64_t got = mp_sys_mincore((void *)s->at[0], s->size, a->answer);

	s->got[i & (MP_SUBJECT_MAX - 1)] = got;
	return got == 0;
}
MP_DEFINE_RUN(ask_op)

static void check(struct mp_ctx *ctx, uint64_t n)
{
	struct asked *a = ctx->state;
	struct mp_subject *s = &a->subject;
	bool file = s->fd >= 0;
	enum mp_trait trait = file ? MP_TRAIT_CACHED : MP_TRAIT_PRESENT;
	enum mp_share share = s->plan->before.of[trait];
	bool all = share == MP_EVERYTHING || (share == MP_BY_AXIS && s->touch != MP_STEP_END);
	uint64_t pages = s->size / s->page, resident = 0, absent = 0;

	/* Bit 0 is the answer; the other bits are reserved and come back as zero (mincore(2)). */
	for (uint64_t page = 0; page < pages; page++) {
		resident += a->answer[page] == 1;
		absent += a->answer[page] == 0;
	}
	mp_subject_check(ctx, n);
	mp_expect_equal(ctx, "resident_pages", all ? pages : 0, resident);
	mp_expect_equal(ctx, "answered_pages", pages, resident + absent);
}

static const char *const touch_words[] = { "none", "write", NULL };
static const char *const huge_words[] = { "none", "thp", NULL };
static const char *const backing_words[] = { "memfd", "disk", NULL };

#define SIZE(representative)                                                                       \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative),                  \
		.matrix = "page,64K,2M,16M", .min = 4096, .max = RANGE_MAX, .whole_pages = true,   \
		.scale = MP_SCALE_LOG2, .help = "bytes that one call asks about"                   \
	}

static const struct mp_axis anon_axes[] = {
	SIZE("page,2M"),
	{ .name = "touch",
	  .kind = MP_AXIS_CHOICE,
	  .values = "write",
	  .matrix = "none,write",
	  .choices = touch_words,
	  .help = "what was done to every page before: nothing, or a store" },
	{ .name = "huge",
	  .kind = MP_AXIS_CHOICE,
	  .values = "none",
	  .matrix = "none,thp",
	  .choices = huge_words,
	  .needy = { { "thp", MP_NEED_THP } },
	  .help = "page size, by advice: the base page, or a transparent huge page" },
};

static const struct mp_axis file_axes[] = {
	SIZE("2M"),
	{ .name = "backing",
	  .kind = MP_AXIS_CHOICE,
	  .values = "memfd",
	  .matrix = "memfd,disk",
	  .choices = backing_words,
	  .help = "what is mapped: a memfd, or a file in $TMPDIR, else in /var/tmp" },
};

#define COMMON(axes_array)                                                                         \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH, .bytes_axis = "size", \
	MP_AXES(axes_array), .state_size = sizeof(struct asked), .legal = mp_subject_legal,        \
	.setup = setup, .arm = arm, .run = ask_op_run, .check = check,                             \
	.teardown = mp_subject_teardown

static const struct mp_bench benches[] = {
	{
		.name = "mincore.anon",
		.summary = "which pages of anonymous memory are resident",
		.timed = "the raw mincore call; mapping and touching the memory are outside",
		COMMON(anon_axes),
		.binds_mappings = true,
	},
	{
		.name = "mincore.file_absent",
		.summary = "which pages of a file are resident, when none is in the page cache",
		.timed = "the raw mincore call; mapping the file is outside",
		COMMON(file_axes),
	},
	{
		.name = "mincore.file_cached",
		.summary =
			"which pages of a file are resident, when all are cached and none mapped",
		.timed = "the raw mincore call; mapping and writing the file are outside",
		COMMON(file_axes),
	},
};

const struct mp_family mp_family_mincore =
	MP_FAMILY("mincore", "which pages are resident", benches);
