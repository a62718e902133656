/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shm: the whole life of a SysV segment in one operation, as a program sees it; its calls one by one are in shmget,
 * shmat, shmdt and shmctl. With threads, they meet at the lock of the namespace and at that of the address space.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/shm.h"

#include <errno.h>

static int cycle_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = mp_shm_begin(ctx, err);

	s->make = MP_SHM_CREATE | MP_SHM_ATTACH | MP_SHM_TOUCH;
	return ret ? ret : mp_shm_ready(ctx, err);
}

static int cycle_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;

	(void)n;
	s->id[0] = -1;
	s->at[0] = 0;
	s->faults = mp_faults_now();
	return mp_shm_arm(ctx, 0, err);
}

static inline uint64_t cycle_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	long detached, removed;

	(void)i;
	mp_shm_make(s, 0);
	detached = mp_sys_shmdt((const void *)s->at[0]);
	removed = mp_sys_shmctl((int)s->id[0], IPC_RMID, NULL);
	return !mp_sys_failed(s->at[0]) && !detached && !removed;
}
MP_DEFINE_RUN(cycle_op)

static void cycle_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;
	uint64_t faults = mp_faults_since(&s->faults);
	uint64_t touches = n * (s->size / ctx->host->page_size);
	struct shmid_ds about;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	/* one for each page, or fewer where the kernel maps huge pages of shared memory unasked */
	mp_expect_range(ctx, "faults", n, touches + MP_SHM_SLACK, faults);
	mp_expect_true(ctx, "attached_at", s->at[0] > 0, "the segment was attached");
	mp_expect_true(ctx, "gone",
		       s->id[0] >= 0 &&
			       mp_sys_failed(mp_sys_shmctl((int)s->id[0], IPC_STAT, &about)),
		       "the last segment is no more");
	mp_shm_check(ctx, 0);
}

static const struct mp_axis cycle_axes[] = {
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "page",
	  .matrix = "page,64K,2M",
	  .min = 4096,
	  .max = 1u << 30,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of the segment, all of them touched" },
	{ .name = "threads",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1..cores:x2",
	  .min = 1,
	  .max = 1024,
	  .scale = MP_SCALE_LOG2,
	  .help = "threads that do the same, with a segment each" },
};

static int cycle_legal(const struct mp_params *params, const struct mp_host *host,
		       struct mp_err *err)
{
	if (mp_params_number(params, "size", 0) * mp_params_number(params, "threads", 1) <=
	    host->memory_bytes / 4)
		return 0;
	return mp_err_usage(err, -EINVAL, "the segments together exceed a quarter of the memory");
}

static const struct mp_bench benches[] = {
	{
		.name = "shm.cycle",
		.summary = "create, attach, touch, detach and remove a segment",
		.timed = "five raw steps: shmget, shmat, a store to every page, shmdt, shmctl "
			 "IPC_RMID",
		.unit = "cycle",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH | MP_MODE_RATE,
		.needs = MP_NEED_NAMESPACE,
		.bytes_axis = "size",
		MP_AXES(cycle_axes),
		.state_size = sizeof(struct mp_shm),
		.legal = cycle_legal,
		.setup = cycle_setup,
		.arm = cycle_arm,
		.run = cycle_op_run,
		.check = cycle_check,
		.teardown = mp_shm_teardown,
	},
};

const struct mp_family mp_family_shm =
	MP_FAMILY("shm", "the life of a SysV shared memory segment", benches);
