/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shmdt: detaching SysV segments. The last detach of a segment that is marked for removal also removes it and frees its
 * pages: a benchmark of its own. What is around them is in support/shm.c.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/shm.h"

#include <string.h>

static int detach_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	bool touched = mp_ctx_flag(ctx, "touched"), last = mp_ctx_flag(ctx, "last");
	int ret = mp_shm_begin(ctx, err);

	s->make = MP_SHM_ATTACH | (touched ? MP_SHM_TOUCH : 0);
	s->detaches = true;
	s->before.attached = last ? 1 : 2;
	s->after.attached = last ? 0 : 1;
	if (!ret)
		ret = mp_shm_segments(ctx, ctx->depth, err);
	/* Segments keep their pages: they are there from the first touch on. */
	for (uint64_t i = 0; !ret && i < ctx->depth; i++) {
		mp_shm_make(s, i);
		if (last)
			mp_shm_undo(s, i);
		else if (mp_sys_failed(s->at[i]))
			return mp_err_env(err, (int)s->at[i], "cannot attach a segment: %s",
					  strerror((int)-s->at[i]));
	}
	s->one = false;
	if (!ret && !last)
		ret = mp_space_settle(&s->space, &s->view, ctx->host, s->size, err);
	return ret ? ret : mp_shm_ready(ctx, err);
}

static int destroy_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	bool touched = mp_ctx_flag(ctx, "touched");
	int ret = mp_shm_begin(ctx, err);

	s->make = MP_SHM_CREATE | MP_SHM_ATTACH | MP_SHM_MARK | (touched ? MP_SHM_TOUCH : 0);
	s->detaches = true;
	s->remove = true;
	s->before =
		(struct mp_shm_count){ .segments = 1, .pages = touched, .attached = 1, .mode = 1 };
	return ret ? ret : mp_shm_ready(ctx, err);
}

static inline uint64_t detach_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	s->got[i] = mp_sys_shmdt((const void *)s->at[i]);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(detach_op)

static inline void detach_renew(struct mp_ctx *ctx)
{
	mp_shm_renew(ctx->state);
}
MP_DEFINE_RUN_APART(detach_op, detach_renew)

/* What was present when it was detached: looked up by arm, before the call. */
static int detach_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = mp_shm_arm(ctx, n, err);

	s->present = (struct mp_residency){ 0 };
	for (uint64_t i = 0; !ret && s->looked && i < n; i++)
		mp_pages_add(&s->pages, (const void *)s->at[i], s->size / ctx->host->page_size,
			     &s->present);
	return ret;
}

static void detach_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;
	uint64_t mapped = 0;

	for (uint64_t i = 0; i < n; i++)
		mapped += mp_vma_find(&s->view, (uint64_t)s->at[i], NULL, NULL, NULL);
	mp_shm_check_answers(ctx, n, 0);
	mp_expect_equal(ctx, "still_mapped", 0, mapped);
	if (s->looked)
		mp_expect_equal(ctx, "present_before",
				mp_ctx_flag(ctx, "touched") ? n * (s->size / ctx->host->page_size)
							    : 0,
				s->present.present);
	mp_shm_check(ctx, n);
}

#define TOUCHED(representative)                                                                    \
	{                                                                                          \
		.name = "touched", .kind = MP_AXIS_FLAG, .values = (representative),               \
		.matrix = "no,yes", .help = "was every page written to through the attachment",    \
	}
#define OUTSTANDING                                                                                \
	{                                                                                          \
		.name = "outstanding", .kind = MP_AXIS_COUNT, .values = "1", .matrix = "1,64",     \
		.min = 1, .max = MP_SHM_MAX, .scale = MP_SCALE_LOG2,                               \
		.help = "attachments of a segment each, made before, untimed",                     \
	}
#define SIZE(representative)                                                                       \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative),                  \
		.matrix = "page,64K,2M,64M", .min = 4096, .max = 1ULL << 34, .whole_pages = true,  \
		.scale = MP_SCALE_LOG2, .help = "bytes of a segment",                              \
	}

static const struct mp_axis detach_axes[] = {
	{ .name = "last",
	  .kind = MP_AXIS_FLAG,
	  .values = "yes",
	  .matrix = "yes,no",
	  .help = "is it the segment's last attachment; the segment stays either way" },
	OUTSTANDING,
	SIZE("page,2M"),
	TOUCHED("yes"),
};
static const struct mp_axis destroy_axes[] = { OUTSTANDING, SIZE("2M"), TOUCHED("yes") };

#define COMMON                                                                                     \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH,                       \
	.needs = MP_NEED_NAMESPACE, .bytes_axis = "size", .state_size = sizeof(struct mp_shm),     \
	.legal = mp_shm_legal, .arm = detach_arm, .run = detach_op_run,                            \
	.run_apart = detach_op_run_apart, .check = detach_check, .disarm = mp_shm_disarm,          \
	.teardown = mp_shm_teardown

static const struct mp_bench benches[] = {
	{
		.name = "shmdt.destroy",
		.summary = "the last shmdt(2) of a segment marked for removal",
		.timed = "the raw shmdt call, which unmaps the segment, removes it and frees its "
			 "pages; creating, attaching, touching and marking are outside",
		COMMON,
		MP_AXES(destroy_axes),
		.setup = destroy_setup,
	},
	{
		.name = "shmdt.detach",
		.summary = "shmdt(2) of a segment that stays",
		.timed = "the raw shmdt call, which frees no page; attaching and touching are "
			 "outside",
		COMMON,
		MP_AXES(detach_axes),
		.setup = detach_setup,
	},
};

const struct mp_family mp_family_shmdt =
	MP_FAMILY("shmdt", "detaching SysV shared memory", benches);
