/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exit: the end of a process, with all of its memory. The child that dies is prepared and proved in support/dying.c.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/dying.h"

static inline uint64_t exit_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_dying *d = ctx->state;

	(void)i;
	return mp_dying_end(d);
}
MP_DEFINE_RUN(exit_op)

static const char *const huges[] = { "none", "thp", NULL };

static const struct mp_axis mm_axes[] = {
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "2M",
	  .matrix = "page,2M,64M,1G",
	  .min = 4096,
	  .max = 1ULL << 34,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of memory that the child has touched itself" },
	{ .name = "huge",
	  .kind = MP_AXIS_CHOICE,
	  .values = "none",
	  .matrix = "none,thp",
	  .choices = huges,
	  .needy = { { "thp", MP_NEED_THP } },
	  .help = "how its pages are mapped: base pages, or transparent huge pages" },
	{ .name = "child_threads",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1,8,64",
	  .min = 1,
	  .max = MP_DYING_THREADS,
	  .scale = MP_SCALE_LOG2,
	  .help = "threads of the child, all asleep" },
};

static const struct mp_bench benches[] = {
	{
		.name = "exit.mm",
		.summary = "the end of a child process that holds memory",
		.timed = "the raw kill(2) of a sleeping child by SIGKILL and the wait4(2) for it, "
			 "on one CPU: its wake-up, the freeing of its address space, the way "
			 "back; forking it and touching its memory are outside",
		.unit = "process",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.bytes_axis = "size",
		MP_AXES(mm_axes),
		.state_size = sizeof(struct mp_dying),
		.legal = mp_dying_legal,
		.setup = mp_dying_setup,
		.arm = mp_dying_arm,
		.run = exit_op_run,
		.check = mp_dying_check,
		.disarm = mp_dying_disarm,
		.teardown = mp_dying_teardown,
	},
};

const struct mp_family mp_family_exit = MP_FAMILY("exit", "the end of a process", benches);
