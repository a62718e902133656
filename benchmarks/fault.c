/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fault: page faults and first touches. One operation is one access to one page (one huge page where huge=thp),
 * from user space: exception, the kernel's fault handler, return, and the access itself.
 *
 * A block goes on where the one before ended, until the whole range is touched; then, untimed, all of it is
 * prepared again: see support/range.h. So `range` is how much memory is in use before any of it comes back.
 *
 * The child's side of a copy after fork is fork.cow_child.
 */
#include "benchmarks/bench.h"
#include "benchmarks/loop.h"
#include "benchmarks/support/fault.h"
#include "benchmarks/support/guard.h"
#include "benchmarks/support/segv.h"

/* The operations on a range: one load, one store */

static inline uint64_t load_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_range *r = ctx->state;

	(void)*(volatile char *)r->at[i];
	return 1;
}
MP_DEFINE_RUN(load_op)

static inline uint64_t store_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_range *r = ctx->state;

	*(volatile char *)r->at[i] = r->mark;
	return 1;
}
MP_DEFINE_RUN(store_op)

/* fault.segv, fault.segv_return: a page of the arena, which nobody may touch, and a handler */

static int segv_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return mp_segv_open(ctx->state, ctx->arena, SEGV_ACCERR, true, err);
}

static int segv_return_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	return mp_segv_open(ctx->state, ctx->arena, SEGV_ACCERR, false, err);
}

/* fault.guard: a mapping that may be read and written, and a guard in it (Linux 6.13; madvise(2)) */
static int guard_setup(struct mp_ctx *ctx, struct mp_err *err)
{
	int ret = mp_guard_map(ctx->arena, ctx->host->page_size, err);

	return ret ? ret : mp_segv_open(ctx->state, ctx->arena, SEGV_MAPERR, false, err);
}

static int segv_arm(struct mp_ctx *ctx, uint64_t n, struct mp_err *err)
{
	struct mp_segv *s = ctx->state;

	(void)n;
	(void)err;
	s->hits = 0;
	return 0;
}

static inline uint64_t segv_op(struct mp_ctx *ctx, uint64_t i)
{
	(void)i;
	return mp_segv_jump(ctx->state);
}
MP_DEFINE_RUN(segv_op)

static inline uint64_t segv_return_op(struct mp_ctx *ctx, uint64_t i)
{
	const struct mp_segv *s = ctx->state;

	(void)i;
	mp_segv_store(s->page);
	return 1;
}
MP_DEFINE_RUN(segv_return_op)

static void segv_check(struct mp_ctx *ctx, uint64_t n)
{
	const struct mp_segv *s = ctx->state;

	mp_expect_equal(ctx, "operations", n, ctx->succeeded);
	mp_expect_equal(ctx, "signals", n, s->hits);
}

static void segv_teardown(struct mp_ctx *ctx)
{
	mp_segv_done(ctx->state);
}

/* Axes */

static const char *const huge_words[] = { "none", "thp", NULL };
static const char *const folio_words[] = { "none", "thp",  "16K",  "32K", "64K",
					   "128K", "256K", "512K", "1M",  NULL };
static const char *const tables_words[] = { "warm", "cold", NULL };
static const char *const order_words[] = { "ascending", "descending", "random", NULL };
static const char *const backing_words[] = { "memfd", "disk", "ramdisk", NULL };
static const char *const disk_words[] = { "disk", "ramdisk", NULL };
static const char *const fill_words[] = { "page", "stream", NULL };
static const char *const pte_words[] = { "absent", "present", NULL };
static const char *const page_words[] = { "hole", "present", NULL };
static const char *const object_words[] = { "memfd", "anon", NULL };
static const char *const sharing_words[] = { "shared", "exclusive", NULL };
static const char *const vma_words[] = { "own", "same", NULL };

#define RANGE(representative, all)                                                                 \
	{                                                                                          \
		.name = "range", .kind = MP_AXIS_SIZE, .values = (representative),                 \
		.matrix = (all), .min = 4096, .max = 1u << 30, .whole_pages = true,                \
		.scale = MP_SCALE_LOG2, .help = "bytes of memory touched before it is given back", \
	}
#define CHOICE(axis_name, words, representative, all, text)                                        \
	{                                                                                          \
		.name = (axis_name), .kind = MP_AXIS_CHOICE, .choices = (words),                   \
		.values = (representative), .matrix = (all), .help = (text),                       \
	}
#define HUGE(representative)                                                                       \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .choices = huge_words,                     \
		.values = (representative), .matrix = "none,thp",                                  \
		.needy = { { "thp", MP_NEED_THP } },                                               \
		.help = "page size, by advice: the base page, or a transparent huge page",         \
	}
/* Pages of one size in between, set up for the case alone. */
#define FOLIOS(representative)                                                                     \
	{                                                                                          \
		.name = "huge", .kind = MP_AXIS_CHOICE, .choices = folio_words,                    \
		.values = (representative), .matrix = "none,16K,32K,64K,128K,256K,512K,1M,thp",    \
		.needy = { { "thp", MP_NEED_THP },   { "16K", MP_NEED_MTHP },                      \
			   { "32K", MP_NEED_MTHP },  { "64K", MP_NEED_MTHP },                      \
			   { "128K", MP_NEED_MTHP }, { "256K", MP_NEED_MTHP },                     \
			   { "512K", MP_NEED_MTHP }, { "1M", MP_NEED_MTHP } },                     \
		.help = "page size, by advice: the base page, a transparent huge page, or one of " \
			"a size in between that the kernel offers",                                \
	}
#define BACKING_OF(words, representative, all)                                                     \
	{                                                                                          \
		.name = "backing", .kind = MP_AXIS_CHOICE, .choices = (words),                     \
		.values = (representative), .matrix = (all),                                       \
		.needy = { { "ramdisk", MP_NEED_RAMDISK } },                                       \
		.help = "the file: a memfd, one in $TMPDIR or /var/tmp, or one on a file system "  \
			"in memory",                                                               \
	}
#define BACKING	  BACKING_OF(backing_words, "memfd,disk", "memfd,disk,ramdisk")
#define PTE(text) CHOICE("pte", pte_words, "absent,present", "absent,present", text)

static const struct mp_axis anon_read_axes[] = {
	HUGE("none,thp"),
	RANGE("64M", "2M,64M"),
};
static const struct mp_axis anon_write_axes[] = {
	FOLIOS("none,thp"),
	CHOICE("order", order_words, "ascending", "ascending,descending,random",
	       "in which order the pages of the range are touched"),
	CHOICE("page_tables", tables_words, "warm,cold", "warm,cold",
	       "does the page-table page that maps the touched page exist already"),
	RANGE("2M,64M", "2M,16M,64M"),
};
static const struct mp_axis zero_axes[] = {
	HUGE("none"),
	RANGE("64M", "2M,64M"),
};
static const struct mp_axis range_axes[] = {
	RANGE("64M", "2M,64M"),
};
static const struct mp_axis file_read_axes[] = {
	BACKING,
	CHOICE("fill", fill_words, "page", "page,stream",
	       "how the file came into the cache: page by page, or in large folios by readahead"),
	RANGE("64M", "64M"),
	{ .name = "stride",
	  .kind = MP_AXIS_SIZE,
	  .values = "page,64K,2M",
	  .matrix = "page,16K,64K,2M",
	  .min = 4096,
	  .max = 16u << 20,
	  .whole_pages = true,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes from one load to the next: one fault maps the cached pages around it" },
};
static const struct mp_axis file_cow_axes[] = {
	BACKING,
	PTE("is the page of the file mapped, by a load, before the store"),
	RANGE("64M", "2M,64M"),
};
static const struct mp_axis mkwrite_axes[] = {
	BACKING_OF(disk_words, "disk", "disk,ramdisk"),
	PTE("is the clean page mapped, read-only, before the store"),
	RANGE("4M", "1M,4M,16M"),
};
static const struct mp_axis shmem_axes[] = {
	CHOICE("object", object_words, "memfd", "memfd,anon",
	       "a memfd, or an anonymous shared mapping"),
	CHOICE("page", page_words, "hole,present", "hole,present",
	       "does the object hold a page there already"),
	RANGE("64M", "2M,64M"),
};
static const struct mp_axis shmem_huge_axes[] = {
	CHOICE("object", object_words, "memfd", "memfd,anon",
	       "a memfd, or an anonymous shared mapping"),
	CHOICE("page", page_words, "hole", "hole,present",
	       "does the object hold a huge page there already"),
	RANGE("64M", "2M,64M"),
};
static const struct mp_axis swap_axes[] = {
	RANGE("16M", "2M,16M,64M"),
};
static const struct mp_axis fork_axes[] = {
	RANGE("64M", "2M,64M"),
	CHOICE("sharing", sharing_words, "shared,exclusive", "shared,exclusive",
	       "does the child still share the page, or has it exited"),
};
static const struct mp_axis hugetlb_axes[] = {
	{ .name = "hugepage",
	  .kind = MP_AXIS_SIZE,
	  .values = "hugetlb",
	  .matrix = "2M,1G",
	  .min = 4096,
	  .max = 1ULL << 40,
	  .needy = { { "*", MP_NEED_HUGETLB } },
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of a page of the pool" },
	{ .name = "range",
	  .kind = MP_AXIS_SIZE,
	  .values = "hugetlb",
	  .matrix = "hugetlb,16M,64M,1G",
	  .min = 4096,
	  .max = 1u << 30,
	  .scale = MP_SCALE_LOG2,
	  .help = "bytes of memory touched before it is given back; the pool must hold them" },
};
static const struct mp_axis throughput_axes[] = {
	RANGE("2M", "2M,64M"),
	{ .name = "threads",
	  .kind = MP_AXIS_COUNT,
	  .values = "1",
	  .matrix = "1..cores:x2",
	  .min = 1,
	  .max = 1024,
	  .scale = MP_SCALE_LOG2,
	  .help = "threads of one process that touch pages at the same time" },
	CHOICE("vma", vma_words, "own,same", "own,same",
	       "has each thread a VMA of its own, or do all touch slices of one"),
};

#define BOTH (MP_MODE_CALL | MP_MODE_BATCH)

/* What the hooks of a range have in common. */
#define ON_RANGE(axes_array, type, legal_hook, setup_hook, run_hook, check_hook)                   \
	MP_AXES(axes_array), .state_size = sizeof(type), .legal = (legal_hook),                    \
			     .setup = (setup_hook), .run = (run_hook), .check = (check_hook),      \
			     .disarm = mp_range_disarm

static const struct mp_bench benches[] = {
	{
		.name = "fault.anon_read",
		.summary = "load from an untouched page of anonymous memory",
		.timed = "one load that faults and maps the zero page (huge=thp: the huge zero "
			 "page); VMA and, for base pages, page tables exist; dropping the range "
			 "is outside",
		.unit = "fault",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(anon_read_axes, struct mp_range, mp_fault_anon_legal, mp_fault_anon_setup,
			 load_op_run, mp_fault_anon_read_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.anon_write",
		.summary = "store to an untouched page of anonymous memory",
		.timed = "one store that faults: the page is allocated, cleared and mapped; "
			 "page_tables=warm: the page table exists, cold: the fault allocates it "
			 "too; "
			 "mapping and dropping the range is outside",
		.unit = "fault",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(anon_write_axes, struct mp_range, mp_fault_anon_legal, mp_fault_anon_setup,
			 store_op_run, mp_fault_anon_write_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.zero_upgrade",
		.summary = "store to a page that was only read so far",
		.timed = "one store that faults on the zero page mapped read-only: a page is "
			 "allocated, cleared and mapped in its place; the loads before are outside",
		.unit = "fault",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(zero_axes, struct mp_range, mp_fault_anon_legal, mp_fault_zero_setup,
			 store_op_run, mp_fault_zero_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.file_read",
		.summary = "load from a cached page of a shared file mapping",
		.timed = "one load from a clean page in the page cache; where an earlier fault has "
			 "mapped the page already, the load alone; page tables exist, dropping the "
			 "range is outside",
		.unit = "touch",
		.version = 1,
		.modes = BOTH,
		ON_RANGE(file_read_axes, struct mp_fault_file, mp_fault_file_legal,
			 mp_fault_file_read_setup, load_op_run, mp_fault_file_read_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.file_cow",
		.summary = "store to a cached page of a private file mapping",
		.timed = "one store that faults: a page is allocated, the cached page copied into "
			 "it, and it is mapped, in place of the file's page where pte=present; "
			 "dropping the range is outside",
		.unit = "fault",
		.version = 1,
		.modes = BOTH,
		ON_RANGE(file_cow_axes, struct mp_range, mp_fault_file_legal,
			 mp_fault_file_cow_setup, store_op_run, mp_fault_file_cow_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.file_mkwrite",
		.summary = "first store to a clean page of a shared file mapping",
		.timed = "one store that faults: the file system is told that the page becomes "
			 "dirty, and it is mapped writable; blocks are allocated; syncing the "
			 "file is outside",
		.unit = "fault",
		.version = 1,
		.modes = BOTH,
		ON_RANGE(mkwrite_axes, struct mp_range, mp_fault_file_legal, mp_fault_mkwrite_setup,
			 store_op_run, mp_fault_mkwrite_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.shmem_write",
		.summary = "store to shared memory",
		.timed = "one store that faults on a shared mapping; page=hole: a page is "
			 "allocated, cleared and added to the object; page=present: it is only "
			 "mapped; punching holes and dropping the range is outside",
		.unit = "fault",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(shmem_axes, struct mp_range, mp_fault_anon_legal, mp_fault_shmem_setup,
			 store_op_run, mp_fault_shmem_check),
		.arm = mp_fault_shmem_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.shmem_huge",
		.summary = "store to shared memory that gets huge pages",
		.timed = "one store that faults on a shared mapping with MADV_HUGEPAGE; page=hole: "
			 "a "
			 "huge page is allocated, cleared and added to the object; page=present: "
			 "it is only mapped; punching holes and dropping the range is outside",
		.unit = "fault",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		.needs = MP_NEED_SHMEM_THP,
		ON_RANGE(shmem_huge_axes, struct mp_range, mp_fault_shmem_huge_legal,
			 mp_fault_shmem_huge_setup, store_op_run, mp_fault_shmem_huge_check),
		.arm = mp_fault_shmem_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.shmem_read",
		.summary = "load from shared memory",
		.timed = "one load that faults on a shared mapping; page=hole: a page is "
			 "allocated, cleared and added to the object; page=present: it is only "
			 "mapped, with its neighbours; punching holes and dropping the range is "
			 "outside",
		.unit = "touch",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(shmem_axes, struct mp_range, mp_fault_anon_legal, mp_fault_shmem_setup,
			 load_op_run, mp_fault_shmem_read_check),
		.arm = mp_fault_shmem_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.swapin",
		.summary = "load from a page that is swapped to zram",
		.timed = "one load that faults: a page is allocated, what zram holds of it is "
			 "decompressed into it, and it is mapped; swapping the range out is "
			 "outside. Half of every page is random, half is zero",
		.unit = "fault",
		.version = 1,
		.modes = BOTH,
		.needs = MP_NEED_ZRAM,
		.major_faults = true,
		ON_RANGE(swap_axes, struct mp_range, mp_fault_anon_legal, mp_fault_swapin_setup,
			 load_op_run, mp_fault_swapin_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.cow_fork",
		.summary = "the parent's store to a page after fork",
		.timed = "one store that faults on a page write-protected by fork(2); "
			 "sharing=shared: a sleeping child has it too, and it is copied; "
			 "exclusive: the child has exited, and it is taken over; fork and exit are "
			 "outside",
		.unit = "fault",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(fork_axes, struct mp_fault_fork, mp_fault_anon_legal, mp_fault_fork_setup,
			 store_op_run, mp_fault_fork_check),
		.arm = mp_range_arm,
		.teardown = mp_fault_fork_teardown,
	},
	{
		.name = "fault.prot_none_rw",
		.summary = "store after mprotect to no access and back",
		.timed = "one store to a page whose access was taken away and given back; whether "
			 "it faults is the kernel's choice, all stores alike; the mprotect calls "
			 "are outside",
		.unit = "touch",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(range_axes, struct mp_range, mp_fault_anon_legal, mp_fault_prot_none_setup,
			 store_op_run, mp_fault_present_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.prot_r_rw",
		.summary = "store after mprotect to read-only and back",
		.timed = "one store to a page that was made read-only and writable again; whether "
			 "it faults is the kernel's choice, all stores alike; the mprotect calls "
			 "are outside",
		.unit = "touch",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(range_axes, struct mp_range, mp_fault_anon_legal, mp_fault_prot_read_setup,
			 store_op_run, mp_fault_present_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.lazyfree",
		.summary = "store to a page after madvise(MADV_FREE)",
		.timed =
			"one store to a page that was freed lazily and not yet reclaimed; no fault "
			"where the processor sets the dirty bit itself; the madvise call is "
			"outside",
		.unit = "touch",
		.version = 1,
		.binds_mappings = true,
		.modes = BOTH,
		ON_RANGE(range_axes, struct mp_fault_lazy, mp_fault_anon_legal, mp_fault_lazy_setup,
			 store_op_run, mp_fault_lazy_check),
		.arm = mp_fault_lazy_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.segv",
		.summary = "fault into a SIGSEGV handler that leaves by siglongjmp",
		.timed = "sigsetjmp(3) with the signal mask, a store to a page without access, "
			 "the handler, and siglongjmp(3) back",
		.unit = "fault",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_segv),
		.setup = segv_setup,
		.arm = segv_arm,
		.run = segv_op_run,
		.check = segv_check,
		.teardown = segv_teardown,
	},
	{
		.name = "fault.segv_return",
		.summary = "fault into a SIGSEGV handler that returns behind the store",
		.timed = "a store to a page without access, the handler, which moves the program "
			 "counter on, and sigreturn(2)",
		.unit = "fault",
		.version = 1,
		.modes = BOTH,
		.state_size = sizeof(struct mp_segv),
		.setup = segv_return_setup,
		.arm = segv_arm,
		.run = segv_return_op_run,
		.check = segv_check,
		.teardown = segv_teardown,
	},
	{
		.name = "fault.guard",
		.summary = "fault on a guard page into a SIGSEGV handler that returns behind the "
			   "store",
		.timed =
			"a store to a page with a guard marker in a writable mapping, the handler, "
			"which moves the program counter on, and sigreturn(2)",
		.unit = "fault",
		.version = 1,
		.modes = BOTH,
		.needs = MP_NEED_GUARD,
		.state_size = sizeof(struct mp_segv),
		.setup = guard_setup,
		.arm = segv_arm,
		.run = segv_return_op_run,
		.check = segv_check,
		.teardown = segv_teardown,
	},
	{
		.name = "fault.hugetlb",
		.summary = "store to an untouched hugetlb page",
		.timed = "one store that takes a page reserved for the mapping from the hugetlb "
			 "pool, "
			 "clears and maps it; mapping and dropping the range is outside",
		.unit = "fault",
		.version = 2, /* 2: pages of any size */
		.modes = BOTH,
		ON_RANGE(hugetlb_axes, struct mp_range, mp_fault_hugetlb_legal,
			 mp_fault_hugetlb_setup, store_op_run, mp_fault_hugetlb_check),
		.arm = mp_range_arm,
		.teardown = mp_range_teardown,
	},
	{
		.name = "fault.throughput",
		.summary = "threads storing to untouched pages of anonymous memory",
		.timed =
			"stores that each allocate, clear and map a page, by all threads at once, "
			"each on pages of its own; dropping them is outside, but may interrupt the "
			"other threads",
		.unit = "fault",
		.version = 1,
		.modes = MP_MODE_RATE,
		ON_RANGE(throughput_axes, struct mp_fault_team, mp_fault_anon_legal,
			 mp_fault_team_setup, store_op_run, mp_fault_team_check),
		.arm = mp_range_arm,
		.teardown = mp_fault_team_teardown,
	},
};

const struct mp_family mp_family_fault =
	MP_FAMILY("fault", "page faults and first touches", benches);
