/* SPDX-License-Identifier: GPL-3.0-or-later */
/* memfd: memory as a file without a name, call by call. What is around the calls is in support/shmem.c. */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/shmem.h"

#include <errno.h>
#include <linux/falloc.h>
#include <string.h>

/* include/uapi/linux/fcntl.h and asm-generic/hugetlb_encode.h; older headers lack them */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif
#define HUGE_SHIFT 26 /* of the logarithm of a page's size within the flags */

static const struct mp_shmem_count opened = { .open = 1 };
static const struct mp_shmem_count sized = { .open = 1, .sized = 1 };
static const struct mp_shmem_count filled = { .open = 1, .sized = 1, .pages = 1 };

static inline void renew(struct mp_ctx *ctx)
{
	mp_shmem_renew(ctx->state);
}

static int on_new(struct mp_ctx *ctx, unsigned make, struct mp_shmem_count before,
		  struct mp_shmem_count after, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = mp_shmem_begin_memfd(ctx, err);

	s->make = make;
	s->before = before;
	s->after = after;
	return ret ? ret : mp_shmem_ready(ctx, err);
}

static void answers_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_shmem *s = ctx->state;

	mp_expect_equal(ctx, "page_size", s->unit, mp_shmem_page_size(s->fd[0]));
	mp_shmem_check_answers(ctx, n);
	mp_shmem_check(ctx, n);
}

/* memfd.create */

static const struct {
	const char *word;
	unsigned flags;
	uint64_t bytes; /* of a page; 0: not named */
} kinds[] = {
	{ "none", 0, 0 },
	{ "default", MFD_HUGETLB, 0 },
	{ "2M", MFD_HUGETLB | 21u << HUGE_SHIFT, 2ULL << 20 },
	{ "1G", MFD_HUGETLB | 30u << HUGE_SHIFT, 1ULL << 30 },
};

static size_t kind_of(const struct mp_params *params)
{
	const char *word = mp_params_find(params, "huge")->word;
	size_t i = 0;

	while (i < MP_COUNT(kinds) - 1 && strcmp(kinds[i].word, word))
		i++;
	return i;
}

static int create_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err)
{
	size_t kind = kind_of(params);

	if (kinds[kind].flags && !host->hugetlb_size)
		return mp_err_usage(err, -EINVAL, "this kernel has no hugetlb pages");
	if (kinds[kind].bytes && !(host->hugetlb_sizes & kinds[kind].bytes))
		return mp_err_usage(err, -EINVAL, "this kernel has no hugetlb pages of %s",
				    kinds[kind].word);
	return 0;
}

static int create_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = on_new(ctx, 0, (struct mp_shmem_count){ 0 }, opened, err);

	s->flags |= kinds[kind_of(ctx->params)].flags;
	if (mp_ctx_flag(ctx, "sealable"))
		s->flags |= MFD_ALLOW_SEALING;
	return ret;
}

static inline uint64_t create_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->fd[i] = mp_sys_memfd_create("memperf", s->flags);
	return s->fd[i] >= 0;
}
MP_DEFINE_RUN(create_op)
MP_DEFINE_RUN_APART(create_op, renew)

static void create_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shmem *s = ctx->state;
	uint64_t kind = kind_of(ctx->params), page = ctx->host->page_size;
	uint64_t wanted = kinds[kind].bytes   ? kinds[kind].bytes
			  : kinds[kind].flags ? ctx->host->hugetlb_size
					      : page;
	uint64_t right = 0, sealed = 0;

	for (uint64_t i = 0; i < n; i++) {
		right += mp_shmem_page_size(s->fd[i]) == wanted;
		sealed += mp_sys_fcntl((int)s->fd[i], F_GET_SEALS, 0) == F_SEAL_SEAL;
	}
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "page_size", n, right);
	/* the seal against seals: what an object has that may not be sealed */
	mp_expect_equal(ctx, "unsealable", mp_ctx_flag(ctx, "sealable") ? 0 : n, sealed);
	mp_shmem_check(ctx, n);
}

/* memfd.seal */

static const struct {
	const char *word;
	int seal;
} seals[] = {
	{ "grow", F_SEAL_GROW },   { "shrink", F_SEAL_SHRINK },
	{ "write", F_SEAL_WRITE }, { "future_write", F_SEAL_FUTURE_WRITE },
	{ "seal", F_SEAL_SEAL },
};

static int seal_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	const struct mp_shmem_count both = { .open = 1, .sized = 1, .pages = 1 };
	struct mp_shmem *s = ctx->state;
	int ret = on_new(ctx, MP_SHMEM_MEMFD | MP_SHMEM_SIZED | MP_SHMEM_FILLED, both, both, err);

	s->flags |= MFD_ALLOW_SEALING;
	for (size_t i = 0; i < MP_COUNT(seals); i++)
		if (mp_ctx_is(ctx, "seal", seals[i].word))
			s->seal = seals[i].seal;
	return ret;
}

static inline uint64_t seal_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_fcntl((int)s->fd[i], F_ADD_SEALS, (unsigned long)s->seal);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(seal_op)
MP_DEFINE_RUN_APART(seal_op, renew)

static uint64_t sealed(const struct mp_shmem *s, uint64_t n)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < n; i++)
		count += mp_sys_fcntl((int)s->fd[i], F_GET_SEALS, 0) == s->seal;
	return count;
}

static int seal_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shmem *s = ctx->state;
	int ret = mp_shmem_arm(ctx, n, err);

	s->sealed_before = ret ? 0 : sealed(s, n);
	return ret;
}

static void seal_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shmem *s = ctx->state;

	mp_expect_equal(ctx, "sealed", n, sealed(s, n));
	mp_expect_equal(ctx, "sealed_before", 0, s->sealed_before);
	answers_check(ctx, n);
}

/* memfd.ftruncate, .ftruncate_shrink, .fallocate, .punch */

static int grow_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return on_new(ctx, MP_SHMEM_MEMFD, opened, sized, err);
}

static int shrink_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return on_new(ctx, MP_SHMEM_MEMFD | MP_SHMEM_SIZED | MP_SHMEM_FILLED, filled, opened, err);
}

static int fallocate_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return on_new(ctx, MP_SHMEM_MEMFD, opened, filled, err);
}

static int punch_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return on_new(ctx, MP_SHMEM_MEMFD | MP_SHMEM_SIZED | MP_SHMEM_FILLED, filled, sized, err);
}

MP_DEFINE_RUN(mp_shmem_grow_op)
MP_DEFINE_RUN_APART(mp_shmem_grow_op, renew)
MP_DEFINE_RUN(mp_shmem_shrink_op)
MP_DEFINE_RUN_APART(mp_shmem_shrink_op, renew)

static inline uint64_t fallocate_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_fallocate((int)s->fd[i], 0, 0, s->size);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(fallocate_op)
MP_DEFINE_RUN_APART(fallocate_op, renew)

static inline uint64_t punch_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shmem *s = ctx->state;

	s->got[i] = mp_sys_fallocate((int)s->fd[i], FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
				     s->size);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(punch_op)
MP_DEFINE_RUN_APART(punch_op, renew)

/* Axes and descriptors */

static const char *const create_words[] = { "none", "default", "2M", "1G", NULL };
static const char *const huges[] = { "none", "hugetlb", NULL };
static const char *const seal_words[] = { "grow", "shrink", "write", "future_write", "seal", NULL };

#define OUTSTANDING                                                                                \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = "1", .matrix = "1,64",     \
		.min = 1, .max = MP_SHMEM_MAX, .scale = MP_SCALE_LOG2,                             \
		.help = "calls for a memfd each, before all are closed, untimed",                  \
	}
#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 34, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = "bytes of a memfd",                                                        \
	}
#define HUGE                                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .values = "none",                          \
		.matrix = "none,hugetlb", .choices = huges,                                        \
		.needy = { { "hugetlb", MP_NEED_HUGETLB } },                                       \
		.help = "base pages, or pages of the hugetlb pool (MFD_HUGETLB)",                  \
	}

static const struct mp_axis create_axes[] = {
	{ .name = "huge",
	  .kind = MP_AXIS_CHOICE,
	  .values = "none",
	  .matrix = "none,default,2M,1G",
	  .choices = create_words,
	  .help = "base pages, or hugetlb pages of the default size or of a named one" },
	OUTSTANDING,
	{ .name = "sealable",
	  .kind = MP_AXIS_FLAG,
	  .values = "no",
	  .matrix = "no,yes",
	  .help = "with MFD_ALLOW_SEALING" },
};
static const struct mp_axis seal_axes[] = {
	OUTSTANDING,
	{ .name = "seal",
	  .kind = MP_AXIS_CHOICE,
	  .values = "write",
	  .matrix = "grow,shrink,write,future_write,seal",
	  .choices = seal_words,
	  .help = "what is forbidden from then on; write: waits for pinned pages, and so visits "
		  "all" },
	SIZE("2M", "page,2M,64M"),
};
static const struct mp_axis grow_axes[] = { HUGE, OUTSTANDING, SIZE("2M", "page,2M,64M") };
static const struct mp_axis page_axes[] = { HUGE, OUTSTANDING, SIZE("2M", "page,64K,2M,64M") };

#define COMMON                                                                                     \
	.unit = "call", .version = 2, .modes = MP_MODE_CALL | MP_MODE_BATCH,                       \
	.state_size = sizeof(struct mp_shmem), .disarm = mp_shmem_disarm,                          \
	.teardown = mp_shmem_teardown
#define RUNS(op) .run = op##_run, .run_apart = op##_run_apart

static const struct mp_bench benches[] = {
	{
		.name = "memfd.create",
		.summary = "memfd_create(2)",
		.timed = "the raw memfd_create call; closing is outside",
		COMMON,
		RUNS(create_op),
		MP_AXES(create_axes),
		.legal = create_legal,
		.setup = create_setup,
		.arm = mp_shmem_arm,
		.check = create_check,
	},
	{
		.name = "memfd.fallocate",
		.summary = "fallocate(2) of all pages of an empty memfd",
		.timed = "the raw fallocate call, which allocates the pages; small ones are "
			 "cleared when first used, those of hugetlb at once; creating and closing "
			 "are outside",
		COMMON,
		RUNS(fallocate_op),
		.bytes_axis = "size",
		MP_AXES(page_axes),
		.legal = mp_shmem_legal,
		.setup = fallocate_setup,
		.arm = mp_shmem_arm,
		.check = answers_check,
	},
	{
		.name = "memfd.ftruncate",
		.summary = "ftruncate(2) that gives a new memfd its size",
		.timed = "the raw ftruncate call, which allocates no page; creating and closing "
			 "are outside",
		COMMON,
		RUNS(mp_shmem_grow_op),
		MP_AXES(grow_axes),
		.legal = mp_shmem_legal,
		.setup = grow_setup,
		.arm = mp_shmem_arm,
		.check = answers_check,
	},
	{
		.name = "memfd.ftruncate_shrink",
		.summary = "ftruncate(2) to nothing of a memfd with all its pages",
		.timed = "the raw ftruncate call, which frees the pages; creating, writing and "
			 "closing are outside",
		COMMON,
		RUNS(mp_shmem_shrink_op),
		.bytes_axis = "size",
		MP_AXES(page_axes),
		.legal = mp_shmem_legal,
		.setup = shrink_setup,
		.arm = mp_shmem_arm,
		.check = answers_check,
	},
	{
		.name = "memfd.punch",
		.summary = "fallocate(2) that punches all pages out of a memfd",
		.timed = "the raw fallocate call with FALLOC_FL_PUNCH_HOLE, which frees the "
			 "pages; creating, writing and closing are outside",
		COMMON,
		RUNS(punch_op),
		.bytes_axis = "size",
		MP_AXES(page_axes),
		.legal = mp_shmem_legal,
		.setup = punch_setup,
		.arm = mp_shmem_arm,
		.check = answers_check,
	},
	{
		.name = "memfd.seal",
		.summary = "fcntl(2) F_ADD_SEALS on a memfd with all its pages",
		.timed = "the raw fcntl call that adds one seal to a memfd that has none; "
			 "creating, writing and closing are outside",
		COMMON,
		RUNS(seal_op),
		MP_AXES(seal_axes),
		.legal = mp_shmem_legal,
		.setup = seal_setup,
		.arm = seal_arm,
		.check = seal_check,
	},
};

const struct mp_family mp_family_memfd =
	MP_FAMILY("memfd", "memory as a file without a name, call by call", benches);
