/* SPDX-License-Identifier: GPL-3.0-or-later */
/* shmat: attaching SysV segments. What is around them is in support/shm.c. */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/shm.h"

#include <errno.h>
#include <string.h>

static int slots(struct mp_ctx *ctx, bool hole, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = 0;

	for (uint64_t i = 0; !ret && i < ctx->depth; i++) {
		char *slot = mp_space_slot(ctx, s->size, i);

		s->want[i] = (uint64_t)slot;
		if (hole)
			ret = mp_arena_hole(ctx, (uint64_t)(slot - ctx->arena), s->size, err);
	}
	return ret;
}

/* Attachments that stay, at the kernel's choice of addresses, before the place of the timed ones is chosen. */
static int stay(struct mp_ctx *ctx, uint64_t count, struct mp_err *err)
{
	const struct mp_shm *s = ctx->state;

	for (uint64_t i = 0; i < count; i++) {
		long at = mp_sys_shmat((int)s->id[0], NULL, 0);

		if (mp_sys_failed(at))
			return mp_err_env(err, (int)at, "cannot attach %llu times: %s",
					  (unsigned long long)count, strerror((int)-at));
	}
	return 0;
}

static int attach_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	struct mp_shm *s = ctx->state;
	int ret = mp_shm_begin(ctx, err);

	if (mp_ctx_is(ctx, "access", "ro"))
		s->attach |= SHM_RDONLY;
	if (mp_ctx_is(ctx, "access", "exec")) {
		s->attach |= SHM_EXEC;
		s->flags |= 0100;
	}
	s->after.attached = 1;
	if (mp_ctx_is(ctx, "address", "remap")) {
		s->attach |= SHM_REMAP;
		s->make = MP_SHM_COVER;
	}
	if (!ret)
		ret = mp_shm_segments(ctx, 1, err);
	if (!ret)
		ret = stay(ctx, mp_ctx_number(ctx, "attached"), err);
	if (!ret && !mp_ctx_is(ctx, "address", "any"))
		ret = slots(ctx, mp_ctx_is(ctx, "address", "given"), err);
	else if (!ret)
		ret = mp_space_settle(&s->space, &s->view, ctx->host, s->size, err);
	return ret ? ret : mp_shm_ready(ctx, err);
}

static inline uint64_t attach_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_shm *s = ctx->state;

	s->at[i] = mp_sys_shmat((int)s->id[i], (const void *)s->want[i], s->attach);
	return !mp_sys_failed(s->at[i]);
}
MP_DEFINE_RUN(attach_op)

static inline void attach_renew(struct mp_ctx *ctx)
{
	mp_shm_renew(ctx->state);
}
MP_DEFINE_RUN_APART(attach_op, attach_renew)

static void attach_check(struct mp_ctx *ctx, uint64_t n)
{
	struct mp_shm *s = ctx->state;
	bool write = !mp_ctx_is(ctx, "access", "ro"), exec = mp_ctx_is(ctx, "access", "exec");
	uint64_t whole = 0, placed = 0;
	struct mp_residency sum = { 0 };

	for (uint64_t i = 0; i < n; i++) {
		struct mp_vma_entry vma = { 0 };
		uint64_t at = (uint64_t)s->at[i];

		placed += s->want[i] ? at == s->want[i] : s->at[i] > 0;
		whole += mp_vma_find(&s->view, at, &vma, NULL, NULL) && vma.start == at &&
			 vma.end == at + s->size && vma.shared && vma.read && vma.write == write &&
			 vma.exec == exec;
		mp_pages_add(&s->pages, (const void *)at, s->size / ctx->host->page_size, &sum);
	}
	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "placed", n, placed);
	mp_expect_equal(ctx, "mappings", n, whole);
	mp_expect_equal(ctx, "present", 0, sum.present);
	mp_shm_check(ctx, n);
}

static int attach_legal(const struct mp_params *params, const struct mp_host *host,
			struct mp_err *err)
{
	if (!strcmp(mp_params_find(params, "address")->word, "any"))
		return 0;
	return mp_space_slots_fit(host, mp_params_find(params, "size")->number,
				  mp_params_find(params, "outstanding")->number, err);
}

static const char *const accesses[] = { "rw", "ro", "exec", NULL };
static const char *const addresses[] = { "any", "given", "remap", NULL };

static const struct mp_axis attach_axes[] = {
	{ .name = "access",
	  .kind = MP_AXIS_CHOICE,
	  .values = "rw",
	  .matrix = "rw,ro,exec",
	  .choices = accesses,
	  .help = "readable and writable; ro: SHM_RDONLY; exec: SHM_EXEC as well" },
	{ .name = "address",
	  .kind = MP_AXIS_CHOICE,
	  .values = "any",
	  .matrix = "any,given,remap",
	  .choices = addresses,
	  .help = "chosen by the kernel; given: in a hole; remap: over a mapping, SHM_REMAP" },
	{ .name = "attached",
	  .kind = MP_AXIS_COUNT,
	  .values = "0",
	  .matrix = "0,1000",
	  .max = 60000,
	  .scale = MP_SCALE_LOG2,
	  .help = "attachments of the same segment that the process has already" },
	{ .name = "outstanding",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1,64",
	  .min = 1,
	  .max = MP_SHM_MAX,
	  .scale = MP_SCALE_LOG2,
	  .help = "attachments one after the other before all are detached, untimed" },
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "page,2M",
	  .matrix = "page,64K,2M,1G",
	  .min = 4096,
	  .max = 1ULL << 40,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of the segment" },
};

static const struct mp_bench benches[] = {
	{
		.name = "shmat.attach",
		.summary = "shmat(2): attach a segment",
		.timed = "the raw shmat call, which makes no page present; creating the segment "
			 "and detaching are outside",
		.unit = "call",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.needs = MP_NEED_NAMESPACE,
		MP_AXES(attach_axes),
		.state_size = sizeof(struct mp_shm),
		.legal = attach_legal,
		.setup = attach_setup,
		.arm = mp_shm_arm,
		.run = attach_op_run,
		.run_apart = attach_op_run_apart,
		.check = attach_check,
		.disarm = mp_shm_disarm,
		.teardown = mp_shm_teardown,
	},
};

const struct mp_family mp_family_shmat =
	MP_FAMILY("shmat", "attaching SysV shared memory", benches);
