/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The descriptor of a benchmark, and what its hooks are given.
 *
 * A benchmark family is one file, benchmarks/<family>.c, which exports `mp_family_<family>`; the build
 * writes the list from the file names. Allocators that only the loaded kernel module knows are families, too
 * (support/kalloc.h). Everything in a descriptor is const data: names, texts, axes and
 * hooks. Hooks run in memperf-worker, one fresh process per invocation, and touch nothing but their
 * context. The coordinator reads the same descriptors for `list` and `plan` but never calls a hook
 * other than `legal`.
 *
 * Life of an invocation:
 *
 *	setup                                   once per worker thread, untimed
 *	  { arm(n)  run(n)  check(n)  disarm(n) }   per block; only `run` reads the clock
 *	teardown                                once, untimed
 *
 * A `run` hook is never written by hand: MP_DEFINE_RUN(op) in benchmarks/loop.h makes it from one inline
 * function that performs exactly one operation. Rules a reviewer checks: an op allocates nothing, prints
 * nothing, reads no clock, and branches on nothing that setup or arm could have resolved; failures are
 * counted (the op returns 0), never asserted.
 *
 * With `beside`, worker 0 alone is measured, and workers 1 .. threads - 1 run that hook instead, from the moment when all
 * are set up until worker 0 has measured. Layer: common only.
 */
#ifndef BENCHMARKS_BENCH_H
#define BENCHMARKS_BENCH_H

#include "benchmarks/mempolicy.h"
#include "benchmarks/slowdown.h"
#include "common/clock.h"
#include "common/err.h"
#include "common/mode.h"
#include "common/random.h"
#include "common/value.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_NEEDY_MAX 12 /* needy values of one axis */

/* How an axis is drawn on a chart. */
enum mp_scale { MP_SCALE_CATEGORICAL, MP_SCALE_LINEAR, MP_SCALE_LOG2 };

/*
 * One axis of a benchmark. Value sets are written in the one grammar of files and command line:
 * "4K,2M", "4K..1G:x4", "1..cores:x2", "yes,no"; the symbols page, hugepage, cores, cpus, nodes, llc
 * resolve on the machine. A value that the machine cannot have is dropped from the plan with a reason.
 */
struct mp_axis {
	const char *name; /* lower-case word, at most MP_WORD_MAX - 1 bytes */
	enum mp_axis_kind kind;
	const char *values; /* representative set: what a suite that names nothing gets */
	const char *matrix; /* the whole legal set, for --suite matrix; NULL: same as values */
	const char *const *choices; /* MP_AXIS_CHOICE: the words, ended by NULL */
	uint64_t min, max; /* SIZE and COUNT: bounds, inclusive; max 0: none */
	bool whole_pages; /* SIZE: must be a multiple of the base page */
	enum mp_scale scale;
	const char *help; /* one sentence */
	/* Values that need more of the machine than the benchmark does, as in { { "thp", MP_NEED_THP } }; "*": every
	 * value. The first without a word ends the list. */
	struct mp_needy {
		const char *word;
		unsigned needs; /* enum mp_need bits */
	} needy[MP_NEEDY_MAX];
};

/*
 * What a benchmark needs of the machine beyond Linux; each has a probe and a remedy in runner/machine/needs.c. Bits.
 *
 * Those marked "set up" are brought about by the runner where the user consents (memperf run --setup, or setup = true in a
 * suite): "for the run" once, when a case that needs it is planned; "for the case" around every invocation of it, so
 * that no other case sees it. All of it is put back, also after kill -9 (runner/machine/setup.h).
 */
enum mp_need {
	MP_NEED_THP = 1 << 0, /* transparent huge pages, at least by madvise(MADV_HUGEPAGE) */
	MP_NEED_MEMLOCK = 1 << 1, /* RLIMIT_MEMLOCK unlimited or CAP_IPC_LOCK; set up for the run */
	/* Free pages in a hugetlb pool; set up for the run. Of the default size, or as the axis value says: "1G". */
	MP_NEED_HUGETLB = 1 << 2,
	MP_NEED_NODES = 1 << 3, /* at least two NUMA nodes with memory */
	MP_NEED_MODULE =
		1
		<< 4, /* memperf's kernel module is loaded, and offers the benchmark's allocator */
	MP_NEED_GUARD = 1 << 5, /* madvise(MADV_GUARD_INSTALL) */
	MP_NEED_MREMAP_ROW = 1 << 6, /* one mremap(2) of several mappings (Linux 6.17) */
	MP_NEED_PKEY = 1 << 7, /* memory protection keys: the CPU's, and a free one */
	/* Swap on compressed memory, before any other; set up for the case. */
	MP_NEED_ZRAM = 1 << 8,
	/* vm.overcommit_memory as the axis value says: "heuristic", "always", "never"; set up for the case. */
	MP_NEED_OVERCOMMIT = 1 << 9,
	/* Anonymous memory that is advised gets folios of exactly the size that the axis value says ("64K"), and no larger
	 * ones; set up for the case. */
	MP_NEED_MTHP = 1 << 10,
	/* Shared memory that is advised gets huge pages (shmem_enabled); set up for the case. */
	MP_NEED_SHMEM_THP = 1 << 11,
	/* A file system in memory, ext4 on a loop device, at MP_BACKING_RAMDISK_FOLDER (support/backing.h); set up for
	 * the run. */
	MP_NEED_RAMDISK = 1 << 12,
	MP_NEED_NAMESPACE = 1 << 13, /* an IPC namespace of the worker's own */
	MP_NEED_DEV_SHM = 1 << 14, /* a tmpfs of the worker's own at /dev/shm */
	MP_NEED_COLD = 1 << 16, /* MADV_COLD and MADV_PAGEOUT */
	MP_NEED_POPULATE = 1 << 17, /* MADV_POPULATE_READ and MADV_POPULATE_WRITE */
	MP_NEED_DONTNEED_LOCKED = 1 << 18,
	MP_NEED_COLLAPSE = 1 << 19,
	MP_NEED_KSM = 1 << 20, /* MADV_MERGEABLE and MADV_UNMERGEABLE */
	MP_NEED_PROCESS_MADVISE = 1 << 21, /* process_madvise(2) of another process */
};

/* Bytes that a hugetlb pool has free when it was set up; one page where a page is larger. */
#define MP_HUGETLB_POOL (1ULL << 30)

/* The machine as a benchmark may ask about it; filled by runner/machine. */
struct mp_host {
	uint64_t page_size; /* base page, bytes */
	uint64_t hugepage_size; /* PMD-mapped THP, bytes; 0: kernel without THP */
	uint64_t hugetlb_size; /* default hugetlb page, bytes; 0: none */
	uint64_t
		hugetlb_sizes; /* every hugetlb page size of this kernel: sizes are powers of two, or-ed */
	uint64_t
		thp_sizes; /* every size of transparent huge pages that can be chosen, likewise; 0: before 6.8 */
	uint64_t llc_bytes; /* last-level cache that one core sees; 0: unknown */
	uint64_t memory_bytes; /* usable by this process (cgroup limit respected) */
	unsigned cpus; /* processing units usable by this process */
	unsigned cores; /* physical cores among them */
	unsigned nodes; /* NUMA nodes with memory */
	/* What memperf's kernel module says; 0: it is not loaded. */
	unsigned kernel_contexts; /* 1 << enum mpk_context: those that this kernel can enter */
	unsigned kernel_gfp; /* 1 << enum mpk_gfp: the sets that this kernel has */
	unsigned kernel_max_order; /* of the page allocator */
	uint64_t kernel_config; /* enum mpk_config: how this kernel was built and booted */
};

#define MP_CHECKS_MAX 15 /* a dozen of the benchmark, and what the worker itself checks */
#define MP_CHECK_TEXT 96

/* One named post-condition, accumulated over the blocks of an invocation. Stored with it. */
struct mp_check {
	char name[MP_WORD_MAX];
	uint32_t passed, failed;
	/* the first failure, or else the last pass, in words: "want 64, got 1" */
	char detail[MP_CHECK_TEXT];
};

/* What a worker beside the measured one does, free-running: written by it and read by worker 0, or the other way round
 * (stop). In shared memory, as contexts and states are: a child process that the hook forks may be the one that writes. */
struct mp_beside_work {
	_Atomic uint64_t operations __attribute__((aligned(64))); /* done so far */
	_Atomic int cpu; /* on which it did the last of them */
	_Atomic int stop; /* 1: come to an end */
};

struct mp_bench;

/* What the hooks of one worker thread are given. The worker owns all of it. */
struct mp_ctx {
	const struct mp_bench *bench;
	const struct mp_params *params;
	const struct mp_host *host;
	void *state; /* bench->state_size zeroed bytes, touched and locked */
	enum mp_clock clock; /* for loop.h */
	unsigned thread; /* 0 .. threads - 1 */
	unsigned threads;
	struct mp_random random; /* seeded per invocation and thread */
	struct mp_beside_work *besides; /* by thread; the first is nobody's */

	/* The address range that this thread may use: reserved PROT_NONE, 1 GiB-aligned, MAP_NORESERVE.
	 * A hook that needs holes unmaps parts of it in setup. */
	char *arena;
	uint64_t arena_size;

	/* Set by setup: the most operations that one arm can prepare; 0: any number (a stateless
	 * operation). 1 makes call mode arm and disarm around every single operation. */
	uint64_t depth;

	/* Set by setup: another task than the caller of run does the operations, and no counter of this one sees them. */
	bool elsewhere;

	/* Set by the worker before check: the operations that `run` reported as done. */
	uint64_t succeeded;

	struct mp_check checks[MP_CHECKS_MAX];
	size_t n_checks;

	struct mp_slowdown slowdown; /* for loop.h; a hook leaves it alone */
	const struct mp_mempolicy *mapping_policy; /* for mp_ctx_bind(); NULL: none */
	uint64_t
		child_major; /* added to by run: major faults that a child of its operations took in its place */
};

struct mp_bench {
	const char *name; /* "family.variant" */
	const char *summary; /* one line, lower case, no full stop */
	const char *timed; /* one sentence: what is inside and what is outside the timed section */
	const char *unit; /* unit of work of one operation: "call", "page", "fault" */
	unsigned
		version; /* of the definition; raise it when timed section, set-up or checks change */
	unsigned modes; /* enum mp_mode bits that are legal */
	unsigned needs; /* enum mp_need bits */
	/* The axis that says how many bytes one operation handles, for bytes/s views; NULL: none. */
	const char *bytes_axis;
	const struct mp_axis *axes;
	size_t n_axes;
	size_t state_size;
	/* Its operations are major faults. In any other benchmark one that falls into a block is a disturbance: the block is not
	 * calm, and the invocation invalid where most blocks are so. */
	bool major_faults;
	bool binds_mappings; /* calls mp_ctx_bind() on all memory that it touches: takes mem=...@map */
	const char *
		unavailable; /* why this build cannot offer it (a missing constant); NULL: it can */

	/* May this combination exist on this host? 0, or -EINVAL and the reason: the case is listed as
	 * dropped. NULL: every combination is legal. Called in the coordinator. */
	int (*legal)(const struct mp_params *params, const struct mp_host *host,
		     struct mp_err *err);

	int (*setup)(struct mp_ctx *ctx, struct mp_err *err);
	int (*arm)(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
	/* Does n operations and nothing else; see loop.h. Returns how many succeeded. stamps[0] is the
	 * start; each: stamps[1..n] is the end of every operation; else stamps[1] is the end of all. */
	uint64_t (*run)(struct mp_ctx *ctx, uint64_t n, uint64_t *stamps, bool each);
	/* For depth 1, optional: n operations, each on an object of its own, and what lies between them
	 * untimed in the same loop; see loop.h. arm(1) has prepared the first object, disarm(1) undoes the
	 * last. ticks[i] is the length of operation i. Returns how many succeeded. NULL: the worker arms
	 * and disarms around every single operation. */
	uint64_t (*run_apart)(struct mp_ctx *ctx, uint64_t n, uint64_t *ticks);
	/* Where the kernel itself repeats the operations: all that run(n), without `each`, does beside them. The worker counts
	 * events around that, too: the difference is the operations'. 0, or the negative errno why it cannot be done. NULL: what
	 * run() does beside its operations is next to nothing. */
	int (*hollow)(struct mp_ctx *ctx, uint64_t n);
	/* Of workers 1 .. threads - 1, optional: does what it does beside worker 0, again and again, and counts it in
	 * ctx->besides[ctx->thread], until it is told to stop. The worker stores how much was done during the measured
	 * blocks as RATE blocks of these workers. 0, or a negative errno with a sentence, and the invocation has failed.
	 */
	int (*beside)(struct mp_ctx *ctx, struct mp_err *err);
	/* Proves that it happened, with mp_expect_*(); called before disarm. */
	void (*check)(struct mp_ctx *ctx, uint64_t n);
	int (*disarm)(struct mp_ctx *ctx, uint64_t n, struct mp_err *err);
	void (*teardown)(struct mp_ctx *ctx);
};

struct mp_family {
	const char *name;
	const char *summary;
	const struct mp_bench *benches;
	size_t n_benches;
};

#define MP_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MP_FAMILY(family_name, text, array)                                                        \
	{                                                                                          \
		.name = (family_name), .summary = (text), .benches = (array),                      \
		.n_benches = MP_COUNT(array)                                                       \
	}
#define MP_AXES(array) .axes = (array), .n_axes = MP_COUNT(array)

/* Every family, in this order: those of this build by name, and those that the loaded kernel module describes beyond them. NULL: i is
 * beyond the last one. Valid until the process ends. */
const struct mp_family *mp_family_at(size_t i);

/* The benchmark of that name or NULL. */
const struct mp_bench *mp_bench_find(const char *name);
const struct mp_axis *mp_bench_axis(const struct mp_bench *bench, const char *axis);

/* One need of a case. */
struct mp_needed {
	enum mp_need need; /* one bit */
	/* The axis value that brings it; NULL: the benchmark itself does. Of MP_NEED_MODULE, the benchmark. */
	const char *word;
};
#define MP_NEEDED_MAX 16

/* What a case needs: as its benchmark does, and some values more. Returns how many. */
size_t mp_bench_needed(const struct mp_bench *bench, const struct mp_params *params,
		       struct mp_needed ret_needed[MP_NEEDED_MAX]);

/* Parameters in hooks; an axis the descriptor does not have is a programmer error (assert). */
uint64_t mp_ctx_number(const struct mp_ctx *ctx, const char *axis);
bool mp_ctx_flag(const struct mp_ctx *ctx, const char *axis);
bool mp_ctx_is(const struct mp_ctx *ctx, const char *axis, const char *word);

/* Post-conditions; record under `name` and go on. */
void mp_expect_equal(struct mp_ctx *ctx, const char *name, uint64_t want, uint64_t got);
void mp_expect_range(struct mp_ctx *ctx, const char *name, uint64_t low, uint64_t high,
		     uint64_t got);
void mp_expect_true(struct mp_ctx *ctx, const char *name, bool holds, const char *detail);

#endif
