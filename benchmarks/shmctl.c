/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shmctl: asking about SysV segments, changing them, locking them into memory and removing them. Removing one that is
 * attached only marks it; removing one that is not frees its pages. What is around them is in support/shm.c.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/shm.h"

#include <string.h>
#include <unistd.h>

static inline void renew(struct mp_ctx *ctx)
{
	mp_shm_renew(ctx->state);
}

static void answers_check(struct mp_ctx *ctx, uint64_t n)
{
	mp_shm_check_answers(ctx, n, 0);
	mp_shm_check(ctx, n);
}

/* shmctl.stat, .info, .limits, .set: one segment, untouched; every call is like the one before */

static int one_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = mp_shm_begin(ctx, err);

	if (!ret)
		ret = mp_shm_segments(ctx, 1, err);
	return ret ? ret : mp_shm_ready(ctx, err);
}

/* Spoils the last answer: a check must not find that of an earlier block. */
static int one_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;

	(void)n;
	memset(&s->about, 0xff, sizeof(s->about));
	memset(&s->limits, 0xff, sizeof(s->limits));
	memset(&s->info, 0xff, sizeof(s->info));
	return mp_shm_arm(ctx, 0, err);
}

static inline uint64_t stat_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	(void)i;
	return mp_sys_shmctl((int)s->id[0], IPC_STAT, &s->about) == 0;
}
MP_DEFINE_RUN(stat_op)

static void stat_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "size", s->size, s->about.shm_segsz);
	mp_expect_equal(ctx, "creator", (uint64_t)getpid(), (uint64_t)s->about.shm_cpid);
	mp_shm_check(ctx, 0);
}

static inline uint64_t limits_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	(void)i;
	return !mp_sys_failed(mp_sys_shmctl(0, IPC_INFO, &s->limits));
}
MP_DEFINE_RUN(limits_op)

static void limits_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	/* the kernel has never allowed anything else (SHMMIN) */
	mp_expect_equal(ctx, "least_size", 1, s->limits.shmmin);
	mp_shm_check(ctx, 0);
}

static inline uint64_t info_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	(void)i;
	return !mp_sys_failed(mp_sys_shmctl(0, SHM_INFO, &s->info));
}
MP_DEFINE_RUN(info_op)

static void info_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "counted", mp_ctx_number(ctx, "segments") + 1,
			(uint64_t)(unsigned)s->info.used_ids);
	mp_shm_check(ctx, 0);
}

/* Two modes in turn: what was set can be told from what was there. */
static int set_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = one_arm(ctx, n, err);

	if (!ret)
		ret = (int)mp_sys_shmctl((int)s->id[0], IPC_STAT, &s->about);
	s->about.shm_perm.mode = MP_SHM_MODE;
	if (!ret)
		ret = (int)mp_sys_shmctl((int)s->id[0], IPC_SET, &s->about);
	s->about.shm_perm.mode = MP_SHM_MODE | 040;
	return ret ? mp_err_env(err, ret, "cannot change a segment: %s", strerror(-ret)) : 0;
}

static inline uint64_t set_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	(void)i;
	return mp_sys_shmctl((int)s->id[0], IPC_SET, &s->about) == 0;
}
MP_DEFINE_RUN(set_op)

static void set_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;
	struct shmid_ds now = { 0 };

	mp_sys_shmctl((int)s->id[0], IPC_STAT, &now);
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "permissions", MP_SHM_MODE | 040, now.shm_perm.mode & 0777);
	mp_shm_check(ctx, 0);
}

/* shmctl.lock, .unlock: all pages of one segment, resident */

static int lock_any_setup(struct mp_ctx *ctx, bool unlock, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	bool touched = mp_ctx_flag(ctx, "touched");
	int ret = mp_shm_begin(ctx, err);

	ctx->depth = 1;
	if (!ret)
		ret = mp_shm_segments(ctx, 1, err);
	if (!ret)
		ret = mp_shm_ready(ctx, err);
	if (!ret && touched) {
		s->make = MP_SHM_ATTACH | MP_SHM_TOUCH;
		mp_shm_make(s, 0);
		mp_shm_undo(s, 0);
	}
	s->make = unlock ? MP_SHM_LOCK : 0;
	s->before = (struct mp_shm_count){ .pages = touched, .mode = unlock };
	s->after = (struct mp_shm_count){ .pages = touched, .mode = !unlock };
	return ret;
}

static int lock_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return lock_any_setup(ctx, false, err);
}

static int unlock_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return lock_any_setup(ctx, true, err);
}

static inline uint64_t lock_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	s->got[i] = mp_sys_shmctl((int)s->id[i], SHM_LOCK, NULL);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(lock_op)

static inline uint64_t unlock_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	s->got[i] = mp_sys_shmctl((int)s->id[i], SHM_UNLOCK, NULL);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(unlock_op)
MP_DEFINE_RUN_APART(unlock_op, renew)

static inline void lock_renew(struct mp_ctx *ctx)
{
	struct mp_shm *s = ctx->state;

	mp_sys_shmctl((int)s->id[0], SHM_UNLOCK, NULL);
	s->got[0] = MP_SHM_NO_ANSWER;
}
MP_DEFINE_RUN_APART(lock_op, lock_renew)

static int lock_disarm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	long ret = mp_sys_shmctl((int)s->id[0], SHM_UNLOCK, NULL);

	(void)n;
	return ret ? mp_err_env(err, (int)ret, "cannot unlock a segment: %s", strerror((int)-ret))
		   : 0;
}

/* shmctl.rmid_live, .rmid_last */

static int rmid_any_setup(struct mp_ctx *ctx, bool live, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	bool touched = mp_ctx_flag(ctx, "touched");
	int ret = mp_shm_begin(ctx, err);

	if (live)
		ctx->depth = 1;
	s->make = MP_SHM_CREATE | MP_SHM_ATTACH | (touched ? MP_SHM_TOUCH : 0) |
		  (live ? 0 : MP_SHM_DETACH);
	s->remove = true;
	s->before = (struct mp_shm_count){ .segments = 1, .pages = touched, .attached = live };
	if (live)
		s->after = (struct mp_shm_count){
			.segments = 1, .pages = touched, .attached = 1, .mode = 1
		};
	return ret ? ret : mp_shm_ready(ctx, err);
}

static int rmid_live_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return rmid_any_setup(ctx, true, err);
}

static int rmid_last_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return rmid_any_setup(ctx, false, err);
}

static inline uint64_t rmid_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	s->got[i] = mp_sys_shmctl((int)s->id[i], IPC_RMID, NULL);
	return s->got[i] == 0;
}
MP_DEFINE_RUN(rmid_op)
MP_DEFINE_RUN_APART(rmid_op, renew)

/* Axes and descriptors */

#define SIZE(representative, all)                                                                  \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = 1ULL << 34, .whole_pages = true, .scale = MP_SCALE_LOG2,       \
		.help = "bytes of a segment",                                                      \
	}
#define TOUCHED(representative)                                                                    \
	{                                                                                          \
		.name = "touched", .kind = MP_AXIS_FLAG, .values = (representative),               \
		.matrix = "no,yes", .help = "was every page written to before",                    \
	}

static const struct mp_axis info_axes[] = {
	{ .name = "segments",
	  .kind = MP_AXIS_COUNT,
	  .values = "1000",
	  .matrix = "0,1000,30000",
	  .max = 32000,
	  .scale = MP_SCALE_LOG2,
	  .help = "other segments in the namespace" },
};
static const struct mp_axis lock_axes[] = { SIZE("2M", "page,2M,64M"), TOUCHED("yes") };
static const struct mp_axis rmid_axes[] = {
	{ .name = "outstanding",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1,64",
	  .min = 1,
	  .max = MP_SHM_MAX,
	  .scale = MP_SCALE_LOG2,
	  .help = "segments made, untimed, before they are removed one after the other" },
	SIZE("page,2M", "page,64K,2M,64M"),
	TOUCHED("yes"),
};
static const struct mp_axis rmid_live_axes[] = { SIZE("2M", "page,2M"), TOUCHED("yes") };

#define COMMON(what)                                                                               \
	.unit = "call", .version = 1, .modes = MP_MODE_CALL | MP_MODE_BATCH, .needs = (what),      \
	.state_size = sizeof(struct mp_shm), .legal = mp_shm_legal, .teardown = mp_shm_teardown
#define ONE .setup = one_setup

static const struct mp_bench benches[] = {
	{
		.name = "shmctl.info",
		.summary = "shmctl(2) SHM_INFO: what all segments of the namespace take",
		.timed = "the raw shmctl call, which goes through all segments",
		COMMON(MP_NEED_NAMESPACE),
		ONE,
		MP_AXES(info_axes),
		.arm = one_arm,
		.run = info_op_run,
		.check = info_check,
	},
	{
		.name = "shmctl.limits",
		.summary = "shmctl(2) IPC_INFO: the limits of the namespace",
		.timed = "the raw shmctl call",
		COMMON(MP_NEED_NAMESPACE),
		ONE,
		.arm = one_arm,
		.run = limits_op_run,
		.check = limits_check,
	},
	{
		.name = "shmctl.lock",
		.summary = "shmctl(2) SHM_LOCK of a segment that is not locked",
		.timed = "the raw shmctl call, which marks the segment and visits no page; "
			 "unlocking is outside",
		COMMON(MP_NEED_NAMESPACE | MP_NEED_MEMLOCK),
		MP_AXES(lock_axes),
		.setup = lock_setup,
		.arm = mp_shm_arm,
		.run = lock_op_run,
		.run_apart = lock_op_run_apart,
		.check = answers_check,
		.disarm = lock_disarm,
	},
	{
		.name = "shmctl.rmid_last",
		.summary = "shmctl(2) IPC_RMID of a segment that nobody has attached",
		.timed = "the raw shmctl call, which removes the segment and frees its pages; "
			 "creating and touching it are outside",
		COMMON(MP_NEED_NAMESPACE),
		.bytes_axis = "size",
		MP_AXES(rmid_axes),
		.setup = rmid_last_setup,
		.arm = mp_shm_arm,
		.run = rmid_op_run,
		.run_apart = rmid_op_run_apart,
		.check = answers_check,
		.disarm = mp_shm_disarm,
	},
	{
		.name = "shmctl.rmid_live",
		.summary = "shmctl(2) IPC_RMID of a segment that is attached",
		.timed = "the raw shmctl call, which marks the segment and frees nothing; "
			 "creating, touching and detaching are outside",
		COMMON(MP_NEED_NAMESPACE),
		MP_AXES(rmid_live_axes),
		.setup = rmid_live_setup,
		.arm = mp_shm_arm,
		.run = rmid_op_run,
		.run_apart = rmid_op_run_apart,
		.check = answers_check,
		.disarm = mp_shm_disarm,
	},
	{
		.name = "shmctl.set",
		.summary = "shmctl(2) IPC_SET: change a segment's permissions",
		.timed = "the raw shmctl call; that it sets what is set already makes no "
			 "difference to the kernel",
		COMMON(MP_NEED_NAMESPACE),
		ONE,
		.arm = set_arm,
		.run = set_op_run,
		.check = set_check,
	},
	{
		.name = "shmctl.stat",
		.summary = "shmctl(2) IPC_STAT: what a segment is",
		.timed = "the raw shmctl call",
		COMMON(MP_NEED_NAMESPACE),
		ONE,
		.arm = one_arm,
		.run = stat_op_run,
		.check = stat_check,
	},
	{
		.name = "shmctl.unlock",
		.summary = "shmctl(2) SHM_UNLOCK of a locked segment",
		.timed = "the raw shmctl call, which visits every resident page; locking is "
			 "outside",
		COMMON(MP_NEED_NAMESPACE | MP_NEED_MEMLOCK),
		MP_AXES(lock_axes),
		.setup = unlock_setup,
		.arm = mp_shm_arm,
		.run = unlock_op_run,
		.run_apart = unlock_op_run_apart,
		.check = answers_check,
		.disarm = lock_disarm,
	},
};

const struct mp_family mp_family_shmctl =
	MP_FAMILY("shmctl", "SysV shared memory: asking, changing, removing", benches);
