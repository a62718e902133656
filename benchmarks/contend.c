/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contend: what an operation costs while others work beside it. The victim's operation is timed call by call; as many
 * aggressors as the case says free-run on CPUs of their own and share what it says. `aggressors=0` is the reference: the same
 * victim, alone. The rate of the aggressors' own operations during the victim's blocks is stored as the case's rate
 * (operations a second, all aggressors together).
 *
 * Here are the victims' operations, the axes and the descriptors; the victims' memory and proofs are in
 * support/contend_victim.c, the aggressors in support/contend_aggressor.c. On which CPUs they are is the placement's
 * business (place=smt puts the first aggressor beside the victim on its core).
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/contend.h"

static inline uint64_t store_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_range *r = ctx->state;

	*(volatile char *)r->at[i] = r->mark;
	return 1;
}
MP_DEFINE_RUN(store_op)

static inline uint64_t mmap_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_contend *s = ctx->state;

	(void)i;
	s->got = mp_sys_mmap((void *)s->at, s->size, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return s->got == (int64_t)s->at;
}
MP_DEFINE_RUN(mmap_op)

static inline void mmap_renew(struct mp_ctx *ctx)
{
	struct mp_contend *s = ctx->state;

	mp_sys_munmap((void *)s->at, s->size);
}
MP_DEFINE_RUN_APART(mmap_op, mmap_renew)

static inline uint64_t munmap_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_contend *s = ctx->state;

	(void)i;
	s->got = mp_sys_munmap((void *)s->at, s->size);
	return s->got == 0;
}
MP_DEFINE_RUN(munmap_op)

static inline void munmap_renew(struct mp_ctx *ctx)
{
	mp_contend_make(ctx->state);
}
MP_DEFINE_RUN_APART(munmap_op, munmap_renew)

static inline uint64_t mprotect_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_contend *s = ctx->state;

	(void)i;
	s->got = mp_sys_mprotect((void *)s->at, s->size, PROT_READ);
	return s->got == 0;
}
MP_DEFINE_RUN(mprotect_op)

static inline void mprotect_renew(struct mp_ctx *ctx)
{
	mp_contend_unprotect(ctx->state);
}
MP_DEFINE_RUN_APART(mprotect_op, mprotect_renew)

static inline uint64_t brk_op(struct mp_ctx *ctx, uint64_t i)
{
	struct mp_contend *s = ctx->state;

	(void)i;
	s->heap.last = (uint64_t)mp_sys_brk(s->heap.base + s->heap.size);
	return s->heap.last == s->heap.base + s->heap.size;
}
MP_DEFINE_RUN(brk_op)

static inline void brk_renew(struct mp_ctx *ctx)
{
	struct mp_contend *s = ctx->state;

	mp_sys_brk(s->heap.base);
}
MP_DEFINE_RUN_APART(brk_op, brk_renew)

/* Axes */

static const char *const shares_any[] = { "vma", "mm", "nothing", NULL };
static const char *const shares_mm[] = { "mm", "nothing", NULL };
static const char *const shares_file[] = { "vma", "mm", "file", "nothing", NULL };

static const char *const against_fault[] = { "fault", "map",	  "protect", "fork", "dontneed",
					     "maps",  "collapse", "migrate", "spin", NULL };
static const char *const against_map[] = { "map", "fault", "maps", "rusage", "spin", NULL };
static const char *const against_protect[] = { "fault", "spin", NULL };
static const char *const against_large[] = { "fault", "spin", NULL };
static const char *const against_file[] = { "fault", "map", "punch", "spin", NULL };
static const char *const against_brk[] = { "map", "spin", NULL };

#define AGGRESSOR_NEEDS(words, representative, all, word, need)                                    \
	{                                                                                          \
		.name = "aggressor", .kind = MP_AXIS_CHOICE, .choices = (words),                   \
		.values = (representative), .matrix = (all), .needy = { { word, need } },          \
		.help = "one operation of the others: fault: a store to an untouched page; map: "  \
			"mmap and munmap of a page; protect: mprotect of a page; fork: of a "      \
			"process, until its child is gone; dontneed: madvise(MADV_DONTNEED) of "   \
			"16 touched pages; maps: reading /proc/self/maps; rusage: getrusage; "     \
			"collapse: madvise(MADV_COLLAPSE) of a huge page's small ones; migrate: "  \
			"move_pages of 16 pages to another node; punch: fallocate(2) of a hole "   \
			"of 16 pages; spin: 1000 multiplies, no system call"                       \
	}
#define AGGRESSOR(words, representative, all) AGGRESSOR_NEEDS(words, representative, all, NULL, 0)
#define SHARES(words, representative, all)                                                         \
	{                                                                                          \
		.name = "shares", .kind = MP_AXIS_CHOICE, .choices = (words),                      \
		.values = (representative), .matrix = (all),                                       \
		.help = "what the others share with the victim: its VMA; its address space (mm) "  \
			"in another VMA; its file from other address spaces; nothing"              \
	}
#define AGGRESSORS                                                                                 \
	{                                                                                          \
		.name = "aggressors", .kind = MP_AXIS_COUNT, .values = "0,1",                      \
		.matrix = "0,1..cores:x2", .max = MP_AGGRESSORS_MAX, .scale = MP_SCALE_LINEAR,     \
		.help = "how many others there are, each on a CPU of its own; 0: the victim "      \
			"alone"                                                                    \
	}

static const struct mp_axis fault_axes[] = {
	AGGRESSOR_NEEDS(against_fault, "map",
			"fault,map,protect,fork,dontneed,maps,collapse,migrate,spin", "migrate",
			MP_NEED_NODES),
	AGGRESSORS,
	SHARES(shares_any, "mm", "vma,mm,nothing"),
};
static const struct mp_axis map_axes[] = {
	AGGRESSOR(against_map, "map", "map,fault,maps,rusage,spin"),
	AGGRESSORS,
	SHARES(shares_mm, "mm", "mm,nothing"),
};
static const struct mp_axis protect_axes[] = {
	AGGRESSOR(against_protect, "fault", "fault,spin"),
	AGGRESSORS,
	SHARES(shares_any, "vma", "vma,mm,nothing"),
};
static const struct mp_axis large_axes[] = {
	AGGRESSOR(against_large, "fault", "fault,spin"),
	AGGRESSORS,
	SHARES(shares_mm, "mm", "mm,nothing"),
	{ .name = "size",
	  .kind = MP_AXIS_SIZE,
	  .values = "2M",
	  .matrix = "2M,64M",
	  .min = 4096,
	  .max = 1u << 30,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes that one call unmaps, every page of them stored to" },
};
static const struct mp_axis file_axes[] = {
	AGGRESSOR(against_file, "map", "fault,map,punch,spin"),
	AGGRESSORS,
	SHARES(shares_file, "file", "vma,mm,file,nothing"),
};
static const struct mp_axis brk_axes[] = {
	AGGRESSOR(against_brk, "map", "map,spin"),
	AGGRESSORS,
	SHARES(shares_mm, "mm", "mm,nothing"),
};

#define COMMON(axes_array, unit_text)                                                              \
	.unit = (unit_text), .version = 1, .modes = MP_MODE_CALL, MP_AXES(axes_array),             \
	.state_size = sizeof(struct mp_contend), .legal = mp_contend_legal,                        \
	.beside = mp_contend_beside, .teardown = mp_contend_teardown

static const struct mp_bench benches[] = {
	{
		.name = "contend.brk",
		.summary = "brk(2) raising the break by a page, beside others",
		.timed = "the raw brk call; lowering the break again is outside",
		COMMON(brk_axes, "call"),
		.setup = mp_contend_brk_setup,
		.arm = mp_contend_brk_arm,
		.run = brk_op_run,
		.run_apart = brk_op_run_apart,
		.check = mp_contend_brk_check,
		.disarm = mp_contend_brk_disarm,
	},
	{
		.name = "contend.fault_anon",
		.summary = "store to an untouched page of anonymous memory, beside others",
		.timed = "one store that faults: a page is allocated, cleared and mapped; VMA and "
			 "page tables exist; dropping the pages is outside",
		COMMON(fault_axes, "fault"),
		.setup = mp_contend_anon_setup,
		.arm = mp_range_arm,
		.run = store_op_run,
		.check = mp_contend_anon_check,
		.disarm = mp_range_disarm,
	},
	{
		.name = "contend.fault_file",
		.summary = "store to a page of a shared file mapping, beside others",
		.timed = "one store that faults: a page that a memfd holds is mapped, writable; "
			 "page tables exist; dropping the mapped pages is outside",
		COMMON(file_axes, "fault"),
		.setup = mp_contend_file_setup,
		.arm = mp_range_arm,
		.run = store_op_run,
		.check = mp_contend_file_check,
		.disarm = mp_range_disarm,
	},
	{
		.name = "contend.mmap",
		.summary = "mmap(2) of a page of anonymous memory, beside others",
		.timed = "the raw mmap call, at an address in a hole; munmap is outside",
		COMMON(map_axes, "call"),
		.setup = mp_contend_hole_setup,
		.arm = mp_contend_map_arm,
		.run = mmap_op_run,
		.run_apart = mmap_op_run_apart,
		.check = mp_contend_map_check,
		.disarm = mp_contend_hole_disarm,
	},
	{
		.name = "contend.mprotect",
		.summary = "mprotect(2) of a page amid a VMA to read-only, beside others",
		.timed = "the raw mprotect call, which splits the VMA in three and flushes the "
			 "page from the TLBs; giving the access back and a store are outside",
		COMMON(protect_axes, "call"),
		.setup = mp_contend_protect_setup,
		.arm = mp_contend_protect_arm,
		.run = mprotect_op_run,
		.run_apart = mprotect_op_run_apart,
		.check = mp_contend_protect_check,
	},
	{
		.name = "contend.munmap",
		.summary = "munmap(2) of an untouched page of anonymous memory, beside others",
		.timed = "the raw munmap call; mmap is outside",
		COMMON(map_axes, "call"),
		.setup = mp_contend_hole_setup,
		.arm = mp_contend_unmap_arm,
		.run = munmap_op_run,
		.run_apart = munmap_op_run_apart,
		.check = mp_contend_unmap_check,
	},
	{
		.name = "contend.munmap_large",
		.summary = "munmap(2) of many touched pages, beside others",
		.timed = "the raw munmap call, which also frees the pages; mmap and touching them "
			 "are outside",
		COMMON(large_axes, "call"),
		.bytes_axis = "size",
		.setup = mp_contend_large_setup,
		.arm = mp_contend_unmap_arm,
		.run = munmap_op_run,
		.run_apart = munmap_op_run_apart,
		.check = mp_contend_unmap_check,
	},
};

const struct mp_family mp_family_contend =
	MP_FAMILY("contend", "operations beside others that work on the same", benches);
