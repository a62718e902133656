/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shmget: creating SysV segments, and finding one by its key. What is around them is in support/shm.c. */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/shm.h"

#define KEY 0x6d656d70 /* of the segment that is looked up */

/* shmget.create */

static int create_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = mp_shm_begin(ctx, err);

	s->remove = true;
	s->after.segments = 1;
	return ret ? ret : mp_shm_ready(ctx, err);
}

static inline uint64_t create_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	s->id[i] = mp_sys_shmget(IPC_PRIVATE, s->size, s->flags);
	return s->id[i] >= 0;
}
MP_DEFINE_RUN(create_op)

static inline void create_renew(struct mp_ctx *ctx)
{
	mp_shm_renew(ctx->state);
}
MP_DEFINE_RUN_APART(create_op, create_renew)

/* The pool is the system's: others may reserve pages of it as well. */
static void create_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;
	uint64_t sized = 0, want;

	for (uint64_t i = 0; i < n; i++) {
		struct shmid_ds about = { 0 };

		if (!mp_sys_shmctl((int)s->id[i], IPC_STAT, &about))
			sized += about.shm_segsz == s->size;
	}
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "of_that_size", n, sized);
	mp_shm_check(ctx, n);
	if (!mp_ctx_is(ctx, "huge", "hugetlb"))
		return;
	want = mp_ctx_flag(ctx, "reserve") ? n * (s->size / ctx->host->hugetlb_size) : 0;
	mp_expect_range(ctx, "reserved", s->huge_reserved + want,
			s->huge_reserved + (want ? 1u << 30 : 0), mp_shm_huge_reserved());
}

/* shmget.lookup */

static int lookup_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = mp_shm_begin(ctx, err);
	long id = ret ? 0 : mp_sys_shmget(KEY, s->size, s->flags | IPC_EXCL);

	if (id < 0)
		return mp_err_env(err, (int)id, "cannot create a segment with a key");
	s->id[0] = id;
	return ret ? ret : mp_shm_ready(ctx, err);
}

static inline uint64_t lookup_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	(void)i;
	s->last = mp_sys_shmget(KEY, 0, 0);
	return s->last == s->id[0];
}
MP_DEFINE_RUN(lookup_op)

static int lookup_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	(void)n;
	return mp_shm_arm(ctx, 0, err);
}

static void lookup_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;
	struct shmid_ds about = { 0 };

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "found", (uint64_t)s->id[0], (uint64_t)s->last);
	mp_expect_true(ctx, "key",
		       !mp_sys_shmctl((int)s->last, IPC_STAT, &about) &&
			       about.shm_perm.__key == KEY,
		       "the key of the segment that was found");
	mp_shm_check(ctx, 0);
}

/* Axes and descriptors */

static const char *const huges[] = { "none", "hugetlb", NULL };

#define SEGMENTS                                                                                   \
	{                                                                                          \
		.name = "segments", .kind = MP_AXIS_COUNT, .values = "0",                          \
		.matrix = "0,1000,30000", .max = 32000, .scale = MP_SCALE_LOG2,                    \
		.help = "segments with other keys in the namespace",                               \
	}

static const struct mp_axis create_axes[] = {
	{ .name = "huge",
	  .kind = MP_AXIS_CHOICE,
	  .values = "none",
	  .matrix = "none,hugetlb",
	  .choices = huges,
	  .needy = { { "hugetlb", MP_NEED_HUGETLB } },
	  .help = "base pages, or pages of the hugetlb pool (SHM_HUGETLB)" },
	{ .name = "outstanding",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1,64",
	  .min = 1,
	  .max = MP_SHM_MAX,
	  .scale = MP_SCALE_LOG2,
	  .help = "segments created one after the other before all are removed, untimed" },
	{ .name = "reserve",
	  .kind = MP_AXIS_FLAG,
	  .values = "yes",
	  .matrix = "yes,no",
	  .help = "no: with SHM_NORESERVE, which charges the memory when it is touched" },
	SEGMENTS,
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "page",
	  .matrix = "page,2M,1G",
	  .min = 4096,
	  .max = 1ULL << 40,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of a segment" },
};
static const struct mp_axis lookup_axes[] = { SEGMENTS };

#define COMMON                                                                                     \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH,                       \
	.needs = MP_NEED_NAMESPACE, .state_size = sizeof(struct mp_shm),                           \
	.teardown = mp_shm_teardown

static const struct mp_bench benches[] = {
	{
		.name = "shmget.create",
		.summary = "shmget(2) that creates a segment: IPC_PRIVATE",
		.timed = "the raw shmget call, which touches no page; removing the segment is "
			 "outside",
		COMMON,
		MP_AXES(create_axes),
		.legal = mp_shm_legal,
		.setup = create_setup,
		.arm = mp_shm_arm,
		.run = create_op_run,
		.run_apart = create_op_run_apart,
		.check = create_check,
		.disarm = mp_shm_disarm,
	},
	{
		.name = "shmget.lookup",
		.summary = "shmget(2) that finds a segment by its key",
		.timed = "the raw shmget call for a key that exists; creating the segments is "
			 "outside",
		COMMON,
		MP_AXES(lookup_axes),
		.setup = lookup_setup,
		.arm = lookup_arm,
		.run = lookup_op_run,
		.check = lookup_check,
	},
};

const struct mp_family mp_family_shmget =
	MP_FAMILY("shmget", "creating and finding SysV shared memory", benches);
