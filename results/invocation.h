/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one invocation (one worker process, one repetition of one case) leaves behind: blocks, samples,
 * checks, layout. Plain data: the worker writes blocks and samples into shared memory in this very form,
 * the store keeps them as one compressed blob, and every statistic can be computed from them again.
 */
#ifndef RESULTS_INVOCATION_H
#define RESULTS_INVOCATION_H

#include "common/mode.h"
#include "results/counts.h"
#include "results/fullspeed.h"
#include "results/steady.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where in the life of the worker a block was timed. Stored: never renumber. */
enum mp_phase {
	MP_PHASE_FIRST = 0, /* the very first operation of the process; its own metric */
	MP_PHASE_WARMUP = 1, /* recorded, excluded from every statistic */
	MP_PHASE_MEASURE = 2,
};

/* Why a block may be unlike its neighbours. Recorded, never a reason to drop it. Stored: bits keep their
 * meaning, and a new one raises the version of the schema (results/schema.h). */
enum mp_block_flag {
	MP_BLOCK_PREEMPTED = 1 << 0, /* involuntary context switch inside the block */
	MP_BLOCK_SLEPT = 1 << 1, /* voluntary context switch inside */
	MP_BLOCK_MIGRATED = 1 << 2, /* another CPU at its end than at its start */
	MP_BLOCK_MAJFAULT = 1 << 3, /* a major fault inside */
	MP_BLOCK_STEAL = 1 << 4, /* the hypervisor took time (10 ms granularity, /proc/stat) */
	MP_BLOCK_ERRORS = 1 << 5, /* an operation failed: excluded from statistics, counted */
	MP_BLOCK_UNCHECKED = 1 << 6, /* the check was not run on this block (its cost is bounded) */
	MP_BLOCK_STRAY = 1 << 7, /* that major fault is none of the benchmark's: never calm */
};

/* One group of operations between two speed probes. Times in clock ticks of the run. */
struct mp_block {
	uint64_t start; /* ticks since the worker's measured phase began */
	uint64_t ticks; /* CALL: sum of samples; BATCH, RATE: end - start of the timed section(s) */
	uint32_t ops; /* operations attempted */
	uint32_t errors; /* of them failed */
	uint32_t first_sample; /* CALL: index of its first sample in samples[], ops of them */
	uint32_t minflt,
		majflt; /* page faults of the thread inside the block; major ones of its children, too */
	uint16_t nvcsw, nivcsw; /* context switches, saturating */
	/* speed probe, ticks: dependent multiplies and independent additions, before and after */
	uint32_t probe_mul[2], probe_add[2];
	uint16_t worker; /* thread index */
	uint16_t cpu; /* CPU at the start */
	uint8_t mode; /* enum mp_mode */
	uint8_t phase; /* enum mp_phase */
	uint16_t flags; /* enum mp_block_flag */
};

/* Where one worker of an invocation ran and where its memory came from, as the kernel told: a worker that could not
 * be bound leaves none. */
struct mp_seating {
	int32_t cpu; /* bound to; its affinity and the CPU it ran on were asked for before anything else */
	int32_t cpu_end; /* ran on after its last block; -1: it did not come that far */
	/* Kind of its core; and where that is another one than the first worker's, full speed there (0: unknown). */
	struct mp_full_speed speed;
	bool migrated; /* by then its CPU, affinity or memory policy was another one; with cpu_end only */
	char memory[16]; /* mode of its memory policy: "default", "bind", ... */
	bool per_mapping; /* of its mappings, not of the thread */
	char nodes[64]; /* of the policy, list form; empty: any */
	bool looked; /* its pages were looked up (move_pages(2)); the following mean nothing else */
	uint32_t pages; /* resident ones of its arena that were looked at, over several blocks */
	uint32_t astray; /* of them on other nodes than the policy's */
	char page_nodes[96]; /* "0=512 1=511": pages by node */
};

#define MP_LAYOUT_TEXT 192
#define MP_REASON_TEXT 384

/* One named post-condition over all checked blocks of the invocation. */
struct mp_check_result {
	char name[32];
	uint32_t passed, failed;
	char detail[96]; /* the first failure, or else the last pass, in words */
};

struct mp_invocation {
	uint32_t ordinal; /* 0-based within the case */
	uint64_t seed; /* everything random in it was drawn from this */
	int64_t started_ns; /* CLOCK_REALTIME, nanoseconds since the epoch */
	uint64_t duration_ns; /* wall time of the worker, exec to exit */
	enum mp_outcome outcome; /* never PENDING or SKIPPED */
	char reason[MP_REASON_TEXT]; /* empty when ok */
	char layout[MP_LAYOUT_TEXT]; /* the drawn layout, "env=1234 stack=560 ..." */
	char cpus[64]; /* CPU of each worker thread, list form "1" or "0-1" */
	char nodes[32]; /* bound memory nodes, list form; empty: default policy */
	uint32_t vma_count; /* VMAs of the worker when its measured phase began */
	uint64_t
		batch_ops; /* operations a batch block was built from (before stretching); 0: none */
	double clock_ns_per_tick;
	/* Probe ticks at full speed that "calm" was judged by, on the kind of core of the first worker. */
	double mul_reference, add_reference;
	double calm_limit; /* and how much slower calm may be, mp_calm_limit(); 0: MP_CALM_COARSE */
	uint64_t steal_ns; /* stolen from its CPUs during the invocation */
	enum mp_steady steady; /* what its measured blocks did in time */

	struct mp_check_result *checks; /* owned */
	size_t n_checks;
	struct mp_seating *seats; /* owned; one per worker that was bound, in their order */
	size_t n_seats;
	struct mp_block *blocks; /* owned */
	size_t n_blocks;
	uint32_t *samples; /* owned; ticks of single operations, saturating at UINT32_MAX */
	size_t n_samples;
	struct mp_count *
		counts; /* owned; of the timing pass. Written, never read back with an invocation */
	size_t n_counts;
};

void mp_invocation_done(struct mp_invocation *inv); /* frees the arrays; accepts zeroed */

/* Is the block one that a worker can have written: known mode, phase and flags, samples within n_samples? */
bool mp_block_valid(const struct mp_block *block, size_t n_samples);

/* Slowest of a block's four probes relative to full speed: 1.0 is full speed. NaN, which is never calm, when a
 * reference or a probe is unknown (0). */
static inline double mp_block_slowness(const struct mp_block *block, double mul_reference,
				       double add_reference)
{
	double worst = 0;

	if (!(mul_reference > 0) || !(add_reference > 0))
		return __builtin_nan("");
	for (int i = 0; i < 2; i++) {
		/* A probe that was not taken says nothing about the speed. */
		if (!block->probe_mul[i] || !block->probe_add[i])
			return __builtin_nan("");
		if (block->probe_mul[i] / mul_reference > worst)
			worst = block->probe_mul[i] / mul_reference;
		if (block->probe_add[i] / add_reference > worst)
			worst = block->probe_add[i] / add_reference;
	}
	return worst;
}

/* A calm block's slowness is at most the one or the other. Coarse: from the gap between the two speeds of a shared
 * core, whose busy sibling slows the additions by 40 % or more, while clock steps of 10 ns move a probe by 2 to 3 %.
 * Fine: where the clock can tell, half of a step of the core's frequency, which is 2 to 4 % (100 MHz). On a machine
 * that ran at one of two frequencies 2.4 % apart, medians of 14 runs differed by 2.3 to 2.5 % (95th percentile of all
 * pairs: mmap, munmap, brk) judged coarsely, by 0.4 to 0.8 % judged finely. */
#define MP_CALM_COARSE 1.05
#define MP_CALM_FINE   1.01

/* Which of the two: fine when probes of those references, both read with an error of up to one step of the clock
 * (ticks; NaN or 0: unknown), can be told apart that closely. */
static inline double mp_calm_limit(double step_ticks, double mul_reference, double add_reference)
{
	double shorter = mul_reference < add_reference ? mul_reference : add_reference;

	return step_ticks > 0 && 2 * step_ticks <= (MP_CALM_FINE - 1) * shorter ? MP_CALM_FINE
										: MP_CALM_COARSE;
}

/* Did the core run this block at full speed from end to end? The probes say so for its ends; one that was
 * preempted or migrated in between, or waited for a page, did not. Unknown slowness is not calm. */
static inline bool mp_block_calm(const struct mp_block *block, double mul_reference,
				 double add_reference, double limit)
{
	return mp_block_slowness(block, mul_reference, add_reference) <=
		       (limit > 0 ? limit : MP_CALM_COARSE) &&
	       !(block->flags & (MP_BLOCK_PREEMPTED | MP_BLOCK_MIGRATED | MP_BLOCK_STRAY));
}

/* Does that worker sit on another kind of core than the first? */
bool mp_invocation_other_kind(const struct mp_invocation *inv, size_t worker);

/* Calm by the references of the invocation: those of the kind of core that the block's worker sits on. */
bool mp_invocation_calm(const struct mp_invocation *inv, const struct mp_block *block);

/* The calm limit that the shortest of its references allows, by the clock's step. */
double mp_invocation_calm_limit(const struct mp_invocation *inv, double step_ticks);

/* Judges the invocation by these references: sets its own and its calm limit, the finest that all of them allow.
 * step_ticks as above. True when one is another than before. */
bool mp_invocation_refer(struct mp_invocation *inv, const struct mp_full_speeds *references,
			 double step_ticks);

/* The most that a blob holds; a decoder refuses more before it allocates. */
#define MP_RAW_BLOCKS_MAX  (1u << 15)
#define MP_RAW_SAMPLES_MAX (1u << 22)

/* Blob codec, version byte first: blocks and samples are in it, checks and scalars are not. Deterministic: the
 * same input gives the same bytes. Output is heap memory owned by the caller. 0, -ENOMEM, -EINVAL (a block is
 * not mp_block_valid) or -E2BIG (more than the limits). */
int mp_raw_encode(const struct mp_invocation *inv, void **ret_blob, size_t *ret_size);

/* Fills blocks and samples of `inv` (which must hold none). A damaged or hostile blob gives -EBADMSG and
 * leaves `inv` as it was, as does none (NULL); it never reads outside the blob nor allocates more than 64 MiB. */
int mp_raw_decode(const void *blob, size_t size, struct mp_invocation *inv);

#endif
