/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The descriptor of a benchmark, and what its hooks are given.
 *
 * A benchmark family is one file, benchmarks/<family>.c, which exports `mp_family_<family>`; the build
 * writes the list from the file names. Everything in a descriptor is const data: names, texts, axes and
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
 * counted (the op returns 0), never asserted. Layer: common only.
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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
	/* One word of a CHOICE that needs more of the machine than the benchmark does, and what; NULL: none. */
	const char *needy_word;
	unsigned needs; /* enum mp_need bits */
};

/* What a benchmark needs of the machine beyond Linux; each has a probe and a remedy in
 * runner/machine/needs.c. Bits. */
enum mp_need {
	MP_NEED_THP = 1 << 0, /* transparent huge pages, at least by madvise(MADV_HUGEPAGE) */
	MP_NEED_MEMLOCK = 1 << 1, /* RLIMIT_MEMLOCK unlimited or CAP_IPC_LOCK */
	MP_NEED_HUGETLB = 1 << 2, /* free huge pages of the default size in the pool */
	MP_NEED_NODES = 1 << 3, /* at least two NUMA nodes with memory */
	MP_NEED_MODULE = 1 << 4, /* memperf's kernel module is loaded */
	MP_NEED_GUARD = 1 << 5, /* madvise(MADV_GUARD_INSTALL) */
};

/* The machine as a benchmark may ask about it; filled by runner/machine. */
struct mp_host {
	uint64_t page_size; /* base page, bytes */
	uint64_t hugepage_size; /* PMD-mapped THP, bytes; 0: kernel without THP */
	uint64_t hugetlb_size; /* default hugetlb page, bytes; 0: none */
	uint64_t llc_bytes; /* last-level cache that one core sees; 0: unknown */
	uint64_t memory_bytes; /* usable by this process (cgroup limit respected) */
	unsigned cpus; /* processing units usable by this process */
	unsigned cores; /* physical cores among them */
	unsigned nodes; /* NUMA nodes with memory */
	/* What memperf's kernel module says; 0: it is not loaded. */
	unsigned kernel_contexts; /* 1 << enum mpk_context: those that this kernel can enter */
	unsigned kernel_max_order; /* of the page allocator */
};

#define MP_CHECKS_MAX 14 /* a dozen of the benchmark, and what the worker itself checks */
#define MP_CHECK_TEXT 96

/* One named post-condition, accumulated over the blocks of an invocation. Stored with it. */
struct mp_check {
	char name[MP_WORD_MAX];
	uint32_t passed, failed;
	/* the first failure, or else the last pass, in words: "want 64, got 1" */
	char detail[MP_CHECK_TEXT];
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

	/* The address range that this thread may use: reserved PROT_NONE, 1 GiB-aligned, MAP_NORESERVE.
	 * A hook that needs holes unmaps parts of it in setup. */
	char *arena;
	uint64_t arena_size;

	/* Set by setup: the most operations that one arm can prepare; 0: any number (a stateless
	 * operation). 1 makes call mode arm and disarm around every single operation. */
	uint64_t depth;

	/* Set by the worker before check: the operations that `run` reported as done. */
	uint64_t succeeded;

	struct mp_check checks[MP_CHECKS_MAX];
	size_t n_checks;

	struct mp_slowdown slowdown; /* for loop.h; a hook leaves it alone */
	const struct mp_mempolicy *mapping_policy; /* for mp_ctx_bind(); NULL: none */
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

/* Every family of this build, in name order (generated from the file names). */
extern const struct mp_family *const mp_families[];
extern const size_t mp_n_families;

/* The benchmark of that name or NULL. */
const struct mp_bench *mp_bench_find(const char *name);
const struct mp_axis *mp_bench_axis(const struct mp_bench *bench, const char *axis);

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
