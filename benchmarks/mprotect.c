/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mprotect: changing what may be done with memory. How a mapping comes into the state that a transition starts from, and
 * how both states are proved, is in support/protect*.c; here are the timed operations, the axes and the descriptors.
 *
 * Every transition is a benchmark of its own, in one direction: taking rights away must reach the TLBs of all CPUs that
 * run the process, giving them often need not. A range that nobody has touched (touch=none) changes in the kernel's list
 * of mappings alone.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/pkey.h"
#include "benchmarks/support/protect.h"

static inline uint64_t protect_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_protect_state *s = ctx->state;

	(void)i;
	s->got = mp_sys_mprotect((void *)s->at, s->size, s->to);
	return s->got == 0;
}
MP_DEFINE_RUN(protect_op)

static inline void protect_renew(struct mp_ctx *ctx)
{
	mp_protect_renew(ctx->state);
}
MP_DEFINE_RUN_APART(protect_op, protect_renew)

static inline uint64_t churn_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_protect_state *s = ctx->state;
	int64_t closed = mp_sys_mprotect((void *)s->at, s->size, PROT_READ);

	(void)i;
	s->got = closed | mp_sys_mprotect((void *)s->at, s->size, MP_PROTECT_OPEN);
	return s->got == 0;
}
MP_DEFINE_RUN(churn_op)

static inline uint64_t key_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_protect_state *s = ctx->state;

	(void)i;
	s->got = mp_sys_pkey_mprotect((void *)s->at, s->size, MP_PROTECT_OPEN, s->key);
	return s->got == 0;
}
MP_DEFINE_RUN(key_op)

static inline void key_renew(struct mp_ctx *ctx)
{
	struct mp_protect_state *s = ctx->state;

	mp_sys_pkey_mprotect((void *)s->at, s->size, MP_PROTECT_OPEN, 0);
}
MP_DEFINE_RUN_APART(key_op, key_renew)

#if MP_PKEY_REGISTER
static inline uint64_t register_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_protect_register *s = ctx->state;

	mp_pkey_write(s->values[i & 1]);
	return 1;
}
MP_DEFINE_RUN(register_op)
#endif

static inline uint64_t jit_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_protect_code *s = ctx->state;

	(void)i;
	s->got = mp_sys_mprotect((void *)s->at, s->size, PROT_READ | PROT_EXEC);
	s->value = ((unsigned (*)(void))s->at)();
	return s->got == 0;
}
MP_DEFINE_RUN(jit_op)

static inline void jit_renew(struct mp_ctx *ctx)
{
	mp_code_renew(ctx->state);
}
MP_DEFINE_RUN_APART(jit_op, jit_renew)

static inline uint64_t first_load_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_protect_first *f = ctx->state;

	f->sum += (uint64_t) * (volatile char *)(f->range.at[i] + MP_RANGE_KEPT_AT);
	return 1;
}
MP_DEFINE_RUN(first_load_op)

static inline uint64_t first_store_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_range *r = ctx->state;

	*(volatile char *)r->at[i] = r->mark;
	return 1;
}
MP_DEFINE_RUN(first_store_op)

#define SIZE(representative, all, most, text)                                                      \
	{                                                                                          \
		.name = "size", .kind = MP_AXIS_SIZE, .values = (representative), .matrix = (all), \
		.min = 4096, .max = (most), .whole_pages = true, .scale = MP_SCALE_LOG2,           \
		.help = (text)                                                                     \
	}
#define CHOICE(axis_name, words, representative, all, text)                                        \
	{                                                                                          \
		.name = (axis_name), .kind = MP_AXIS_CHOICE, .choices = (words),                   \
		.values = (representative), .matrix = (all), .scale = MP_SCALE_CATEGORICAL,        \
		.help = (text)                                                                     \
	}
#define TOUCH CHOICE("touch", touches, "write", "none,write", "was every page stored to before")
#define BACKING                                                                                    \
	CHOICE("backing", backings, "anon", "anon,shared,private",                                 \
	       "what is mapped: private anonymous memory; a memfd, shared; a memfd, private, so "  \
	       "that what is touched is a copy")
#define HUGE                                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .choices = huges, .values = "none",        \
		.matrix = "none,thp", .needy = { { "thp", MP_NEED_THP } },                         \
		.scale = MP_SCALE_CATEGORICAL,                                                     \
		.help = "how the pages are mapped: base pages, or transparent huge pages"          \
	}
#define MOST (1ULL << 30)

static const char *const touches[] = { "none", "write", NULL };
static const char *const backings[] = { "anon", "shared", "private", NULL };
static const char *const huges[] = { "none", "thp", NULL };
static const char *const positions[] = { "head", "middle", "tail", NULL };
static const char *const load_afters[] = { "rw_r", "none_r", NULL };
static const char *const store_afters[] = { "r_rw", "none_rw", NULL };

static const struct mp_axis transition_axes[] = {
	SIZE("page,2M", "page,64K,2M,64M", MOST, "bytes of the mapping, all of which change"),
	TOUCH,
	BACKING,
	HUGE,
};

/* The one transition that shows, beside it, what there is to do without pages. */
static const struct mp_axis rw_r_axes[] = {
	SIZE("page,2M", "page,64K,2M,64M", MOST, "bytes of the mapping, all of which change"),
	CHOICE("touch", touches, "write,none", "write,none", "was every page stored to before"),
	BACKING,
	HUGE,
};

static const struct mp_axis noop_axes[] = {
	SIZE("page", "page,2M", MOST, "bytes of the mapping"),
	TOUCH,
};

static const struct mp_axis split_axes[] = {
	SIZE("page", "page,64K,2M", MOST, "bytes that change: a third of the mapping"),
	TOUCH,
};

static const struct mp_axis merge_axes[] = {
	SIZE("page", "page,64K,2M", MOST, "bytes that change: a third of the mapping"),
	CHOICE("position", positions, "middle", "head,middle,tail",
	       "which third: the middle merges three mappings into one, the others two"),
	TOUCH,
};

static const struct mp_axis multi_axes[] = {
	{ .name = "count",
	  .kind = MP_AXIS_COUNT,
	  .values = "32",
	  .matrix = "1,2,8,32,128,1024",
	  .min = 1,
	  .max = 30000,
	  .scale = MP_SCALE_LOG2,
	  .help = "mappings of one page each that one call changes" },
	TOUCH,
};

static const struct mp_axis huge_split_axes[] = {
	SIZE("page", "page,1M", MOST, "bytes that change: the first of a huge page"),
};

static const struct mp_axis pkey_axes[] = {
	SIZE("page", "page,2M", MOST, "bytes of the mapping, all of which get the key"),
	TOUCH,
};

static const struct mp_axis jit_axes[] = {
	SIZE("page", "page,64K", MOST,
	     "bytes of code that become executable; the first are called"),
};

#define RANGE                                                                                      \
	{                                                                                          \
		.name = "range", .kind = MP_AXIS_SIZE, .values = "64M", .matrix = "2M,64M",        \
		.min = 4096, .max = 1u << 30, .whole_pages = true, .scale = MP_SCALE_LOG2,         \
		.help = "bytes of memory accessed before its protection changes again"             \
	}

static const struct mp_axis first_load_axes[] = {
	CHOICE("after", load_afters, "none_r", "rw_r,none_r",
	       "the transition before, of all pages"),
	RANGE,
};

static const struct mp_axis first_store_axes[] = {
	CHOICE("after", store_afters, "r_rw", "r_rw,none_rw",
	       "the transition before, of all pages"),
	RANGE,
};

static const struct mp_axis churn_axes[] = {
	SIZE("page", "page,64K", 64u << 20, "bytes of the mapping that each thread has to itself"),
	TOUCH,
	{ .name = "threads",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1..cores:x2",
	  .min = 1,
	  .max = 256,
	  .scale = MP_SCALE_LOG2,
	  .help = "threads that change their own mappings at the same time in one address space" },
};

#define COMMON(type) .unit = "call", .version = 1, .state_size = sizeof(type)
#define PROTECTS                                                                                   \
	COMMON(struct mp_protect_state), .modes = MP_MODE_CALL | MP_MODE_BATCH,                    \
					 .arm = mp_protect_arm, .run = protect_op_run,             \
					 .disarm = mp_protect_disarm,                              \
					 .teardown = mp_protect_teardown
#define TRANSITION(axes_array, setup_hook)                                                         \
	PROTECTS, .bytes_axis = "size", MP_AXES(axes_array), .legal = mp_protect_legal,            \
		  .setup = (setup_hook), .run_apart = protect_op_run_apart,                        \
		  .check = mp_protect_check
#define SPLIT(setup_hook)                                                                          \
	PROTECTS, .bytes_axis = "size", MP_AXES(split_axes), .legal = mp_protect_part_legal,       \
		  .setup = (setup_hook), .run_apart = protect_op_run_apart,                        \
		  .check = mp_protect_check
#define TIMED_WHOLE                                                                                \
	"the raw mprotect call of a whole mapping; restoring the protection before and touching "  \
	"its pages are outside"

static const struct mp_bench benches[] = {
	{
		.name = "mprotect.churn",
		.summary = "mprotect(2) to read-only and back to writable, as one pair, by threads",
		.timed = "the two raw calls one after the other, each thread on a mapping of its "
			 "own; nothing is outside",
		.unit = "pair",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH | MP_MODE_RATE,
		MP_AXES(churn_axes),
		.state_size = sizeof(struct mp_protect_state),
		.legal = mp_protect_legal,
		.setup = mp_protect_noop_setup,
		.arm = mp_protect_arm,
		.run = churn_op_run,
		.check = mp_protect_churn_check,
		.teardown = mp_protect_teardown,
	},
	{
		.name = "mprotect.first_load",
		.summary = "load from a page whose protection has changed",
		.timed = "one load from a present page that has become readable, or has just been "
			 "made read-only; the mprotect calls are outside",
		.unit = "touch",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		MP_AXES(first_load_axes),
		.state_size = sizeof(struct mp_protect_first),
		.legal = mp_first_legal,
		.setup = mp_first_setup,
		.arm = mp_first_arm,
		.run = first_load_op_run,
		.check = mp_first_load_check,
		.disarm = mp_range_disarm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "mprotect.first_store",
		.summary = "store to a page that has become writable",
		.timed = "one store to a present page; whether it faults is the kernel's choice, "
			 "all stores alike; the mprotect calls are outside",
		.unit = "touch",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		MP_AXES(first_store_axes),
		.state_size = sizeof(struct mp_protect_first),
		.legal = mp_first_legal,
		.setup = mp_first_setup,
		.arm = mp_first_arm,
		.run = first_store_op_run,
		.check = mp_first_store_check,
		.disarm = mp_range_disarm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "mprotect.huge_split",
		.summary = "mprotect(2) of a part of a transparent huge page, to read-only",
		.timed = "the raw mprotect call, which splits the huge page and the mapping; "
			 "making the page huge again is outside",
		PROTECTS,
		.needs = MP_NEED_THP,
		.bytes_axis = "size",
		MP_AXES(huge_split_axes),
		.legal = mp_protect_huge_split_legal,
		.setup = mp_protect_huge_split_setup,
		.run_apart = protect_op_run_apart,
		.check = mp_protect_huge_split_check,
	},
	{
		.name = "mprotect.jit",
		.summary = "mprotect(2) of fresh code to executable, and calling it",
		.timed = "the raw mprotect call from writable to executable, and a call of the "
			 "first "
			 "function in it; writing the code is outside",
		COMMON(struct mp_protect_code),
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.bytes_axis = "size",
		MP_AXES(jit_axes),
		.legal = mp_protect_legal,
		.setup = mp_code_setup,
		.arm = mp_code_arm,
		.run = jit_op_run,
		.run_apart = jit_op_run_apart,
		.check = mp_code_check,
		.disarm = mp_code_disarm,
		.teardown = mp_code_teardown,
	},
	{
		.name = "mprotect.merge",
		.summary = "mprotect(2) of a part to the protection of the rest: mappings merge",
		.timed = "the raw mprotect call from read-only to writable, which leaves one "
			 "mapping; splitting it before is outside",
		PROTECTS,
		.bytes_axis = "size",
		MP_AXES(merge_axes),
		.legal = mp_protect_part_legal,
		.setup = mp_protect_merge_setup,
		.run_apart = protect_op_run_apart,
		.check = mp_protect_check,
	},
	{
		.name = "mprotect.multi",
		.summary = "mprotect(2) of a row of separate mappings, to read-only, with one call",
		.timed = "the raw mprotect call; making the row writable again is outside",
		PROTECTS,
		MP_AXES(multi_axes),
		.setup = mp_protect_multi_setup,
		.run_apart = protect_op_run_apart,
		.check = mp_protect_check,
	},
	{
		.name = "mprotect.none_rw",
		.summary = "mprotect(2) from no access to readable and writable",
		.timed = TIMED_WHOLE,
		TRANSITION(transition_axes, mp_protect_none_rw_setup),
	},
	{
		.name = "mprotect.noop",
		.summary = "mprotect(2) to the protection that the mapping has",
		.timed = "the raw mprotect call, which changes nothing",
		PROTECTS,
		MP_AXES(noop_axes),
		.legal = mp_protect_legal,
		.setup = mp_protect_noop_setup,
		.check = mp_protect_check,
	},
	{
		.name = "mprotect.pkey",
		.summary = "pkey_mprotect(2) of a mapping to another protection key",
		.timed = "the raw pkey_mprotect call from key 0 to an allocated one, with the same "
			 "protection; the way back is outside",
		COMMON(struct mp_protect_state),
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.needs = MP_NEED_PKEY,
		.bytes_axis = "size",
		MP_AXES(pkey_axes),
		.legal = mp_protect_legal,
		.setup = mp_protect_pkey_setup,
		.arm = mp_protect_arm,
		.run = key_op_run,
		.run_apart = key_op_run_apart,
		.check = mp_protect_pkey_check,
		.disarm = mp_protect_pkey_disarm,
		.teardown = mp_protect_teardown,
	},
	{
		.name = "mprotect.pkey_register",
		.summary = "writing the rights of protection keys, without a system call",
		.timed = "one write of the register, which bars a key and allows it in turn",
		.unit = "write",
		.version = 1,
		.modes = MP_MODE_CALL | MP_MODE_BATCH,
		.needs = MP_NEED_PKEY,
		.state_size = sizeof(struct mp_protect_register),
#if MP_PKEY_REGISTER
		.setup = mp_register_setup,
		.arm = mp_register_arm,
		.run = register_op_run,
		.check = mp_register_check,
		.teardown = mp_register_teardown,
#else
		.unavailable = "only x86-64 builds write the register of protection keys",
#endif
	},
	{
		.name = "mprotect.r_none",
		.summary = "mprotect(2) from read-only to no access",
		.timed = TIMED_WHOLE,
		TRANSITION(transition_axes, mp_protect_r_none_setup),
	},
	{
		.name = "mprotect.r_rw",
		.summary = "mprotect(2) from read-only to readable and writable",
		.timed = TIMED_WHOLE,
		TRANSITION(transition_axes, mp_protect_r_rw_setup),
	},
	{
		.name = "mprotect.rw_none",
		.summary = "mprotect(2) from readable and writable to no access",
		.timed = TIMED_WHOLE,
		TRANSITION(transition_axes, mp_protect_rw_none_setup),
	},
	{
		.name = "mprotect.rw_r",
		.summary = "mprotect(2) from readable and writable to read-only",
		.timed = TIMED_WHOLE,
		TRANSITION(rw_r_axes, mp_protect_rw_r_setup),
	},
	{
		.name = "mprotect.rw_rx",
		.summary = "mprotect(2) from readable and writable to readable and executable",
		.timed = TIMED_WHOLE,
		TRANSITION(transition_axes, mp_protect_rw_rx_setup),
	},
	{
		.name = "mprotect.split_head",
		.summary = "mprotect(2) of the first third of a mapping, to read-only: splits it",
		.timed =
			"the raw mprotect call, which leaves two mappings; merging them is outside",
		SPLIT(mp_protect_head_setup),
	},
	{
		.name = "mprotect.split_mid",
		.summary = "mprotect(2) of the middle third of a mapping, to read-only: splits it",
		.timed = "the raw mprotect call, which leaves three mappings; merging them is "
			 "outside",
		SPLIT(mp_protect_middle_setup),
	},
	{
		.name = "mprotect.split_tail",
		.summary = "mprotect(2) of the last third of a mapping, to read-only: splits it",
		.timed =
			"the raw mprotect call, which leaves two mappings; merging them is outside",
		SPLIT(mp_protect_tail_setup),
	},
};

const struct mp_family mp_family_mprotect =
	MP_FAMILY("mprotect", "changing what may be done with memory", benches);
