/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What coordinator and worker say to each other: one shared mapping (a memfd, passed as file descriptor
 * MP_WIRE_FD), first the request, then the report, then the blocks, samples and hook states. Both programs
 * come from one build; the version guards against a worker of another build.
 *
 * The coordinator writes the request before exec and reads the report after the worker is gone, however it
 * went: `state` then says how far it came.
 */
#ifndef RUNNER_WORKER_WIRE_H
#define RUNNER_WORKER_WIRE_H

#include "benchmarks/bench.h"
#include "results/invocation.h"
#include "runner/worker/region.h"
#include "runner/worker/tally.h"

#define MP_WIRE_MAGIC	0x6d70776bu /* "mpwk" */
#define MP_WIRE_VERSION 7
#define MP_WIRE_FD	3
#define MP_WIRE_THREADS 256 /* most worker threads of one case */
#define MP_WIRE_THREAD_BYTES                                                                       \
	8192 /* of the worker's own state, per thread, before the hooks' state */
#define MP_WIRE_ARENA (16ULL << 30) /* reserved per worker thread */

/* How far the worker came. */
enum mp_wire_state {
	MP_WIRE_STARTED = 1, /* attached to the mapping */
	MP_WIRE_BOUND, /* CPU and memory policy took effect */
	MP_WIRE_SETUP, /* the benchmark's setup is done */
	MP_WIRE_MEASURED, /* all blocks are recorded */
	MP_WIRE_DONE, /* torn down, report complete */
};

/* Deliberate faults that checks must notice: between arm and run, on purpose. Bits. */
enum mp_fault {
	MP_FAULT_SKIP = 1 << 0, /* do not run the operations, but report them done */
	MP_FAULT_TOUCH = 1 << 1, /* touch every page of the arena before the operations */
	MP_FAULT_THP = 1 << 2, /* advise huge pages on the whole arena before the operations */
};

/* What is planted in every invocation of a case; all zero: nothing. */
struct mp_sabotage {
	uint32_t faults; /* enum mp_fault */
	double major_share; /* of the blocks, in (0, 1], drawn at random: a major fault in them; 0: none */
	/* Slow-downs, which what judges results must notice (benchmarks/slowdown.h). A share is of what an operation
	 * takes in this process, measured while it warms up. */
	double spin_share; /* every operation takes longer by this */
	double spin_ns; /* and by this */
	double tail_share; /* of the operations, in (0, 1], drawn at random; 0: none */
	double tail_factor; /* they take so many times as long; above 1 */
};

struct mp_wire_request {
	uint32_t magic, version;
	uint64_t size; /* of the whole mapping, bytes */
	int32_t parent; /* pid of the coordinator: a worker whose parent is another one exits at once */
	char bench[MP_NAME_MAX];
	struct mp_params params;
	struct mp_host host;

	uint64_t seed;
	uint32_t clock; /* enum mp_clock */
	double ns_per_tick, step_ns;
	double calm_limit; /* see mp_calm_limit() */

	uint64_t warmup_ns, measure_ns; /* windows, wall time */
	uint64_t extend_ns; /* more, while calm samples are short */
	uint32_t want_calm; /* calm samples that suffice */
	uint64_t batch_ops; /* pinned batch size; 0: calibrate */

	uint32_t threads;
	int32_t cpus[MP_WIRE_THREADS];

	/* the drawn layout, beside the environment's padding and the kernel's own randomisation */
	uint32_t stack_offset; /* bytes, multiple of 16 */
	uint32_t shift_pages; /* pages mapped first, so that later mappings start lower */
	uint32_t prealloc_pages; /* pages touched first: page colour and allocator phase */

	struct mp_sabotage sabotage;

	struct mp_tally_order tally; /* what every thread counts */
	uint8_t kinds
		[MP_WIRE_THREADS]; /* of core by its counters, 1 and up; 0: all threads count alike */

	uint64_t blocks_offset, samples_offset, states_offset,
		tallies_offset; /* in the mapping, bytes */
	uint32_t max_blocks, max_samples;
	uint64_t state_stride; /* bytes of hook state per thread */
};

struct mp_wire_report {
	uint32_t state; /* enum mp_wire_state */
	uint32_t outcome; /* enum mp_outcome; PENDING until known */
	char reason[MP_REASON_TEXT];
	uint32_t locked; /* 1: the mapping is locked in memory */
	uint32_t vma_count; /* when the measured phase began */
	uint64_t arena; /* address, and of a local variable: the layout as it came out */
	uint64_t stack;
	uint64_t batch_ops;
	uint64_t steal_ns;
	uint64_t calm_samples;
	uint64_t extended_ns; /* measured beyond the window, for want of calm samples */
	uint32_t slowed; /* 1: a slow-down was planted, of */
	double spin_ns, tail_ns; /* so much in every operation, and in those of the tail */
	uint32_t n_blocks, n_samples; /* of thread 0 and others together after MP_WIRE_MEASURED */
	uint32_t n_checks;
	struct mp_check_result checks[MP_CHECKS_MAX];
};

#define MP_WIRE_ON 8 /* nodes told apart among the pages of a worker */

/* One worker thread: what it is given beside its CPU, and what it found. */
struct mp_wire_seat {
	struct mp_mempolicy memory;
	struct mp_full_speed speed; /* of the kind of its core: full speed, 0 unknown */

	uint32_t bound; /* 1: CPU and memory policy took effect */
	int32_t cpu_end; /* ran on after its last block; -1: unknown */
	uint32_t migrated; /* 1: by then CPU, affinity or memory policy was another one */
	int32_t looked; /* 1: pages were looked up; 0: not; negative errno: the kernel refused */
	uint32_t pages,
		astray; /* resident ones of the arena; of them on other nodes than the policy's */
	uint32_t n_on;
	struct {
		int32_t node;
		uint32_t pages;
	} on[MP_WIRE_ON]; /* the nodes they were on; a ninth one and more are in `pages` alone */
};

struct mp_wire {
	struct mp_wire_request request;
	struct mp_wire_report report;
	struct mp_region region;
	struct mp_wire_seat seats[MP_WIRE_THREADS]; /* of threads 0 .. request.threads - 1 */
	struct mp_beside_work besides[MP_WIRE_THREADS];
};

static inline struct mp_block *mp_wire_blocks(struct mp_wire *wire)
{
	return (struct mp_block *)((char *)wire + wire->request.blocks_offset);
}

static inline uint32_t *mp_wire_samples(struct mp_wire *wire)
{
	return (uint32_t *)((char *)wire + wire->request.samples_offset);
}

static inline void *mp_wire_hook_state(struct mp_wire *wire, unsigned thread)
{
	return (char *)wire + wire->request.states_offset + thread * wire->request.state_stride;
}

static inline struct mp_tally *mp_wire_tally(struct mp_wire *wire, unsigned thread)
{
	return (struct mp_tally *)((char *)wire + wire->request.tallies_offset) + thread;
}

#endif
