/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The measured phase: calibration, warm-up, blocks until the window is used, on one thread or several.
 * block.c times one block; measure.c decides which comes next and when it is enough.
 */
#ifndef RUNNER_WORKER_MEASURE_H
#define RUNNER_WORKER_MEASURE_H

#include "runner/worker/noise.h"
#include "runner/worker/wire.h"

#include <stdatomic.h>

#define MP_CALL_MAX 32 /* samples of one call block */
/* A batch block's length on a quiet core; at least 50 us anywhere. */
#define MP_BLOCK_TARGET_NS 150000u
#define MP_BLOCK_STEPS	   1000u /* and at least this many clock steps */
#define MP_RATE_BLOCK_NS   5000000u
#define MP_STEAL_PERIOD_NS 20000000u

struct mp_team;

/* One worker thread. Lives in the shared mapping, touched and locked. */
struct mp_measurer {
	struct mp_team *team;
	unsigned index;
	struct mp_ctx ctx;
	struct mp_random random; /* order and stretch of blocks */
	struct mp_tally *tally;

	struct mp_block *blocks;
	uint32_t n_blocks, max_blocks;
	uint32_t *samples;
	uint32_t n_samples, max_samples;

	uint64_t origin; /* ticks when measuring began */
	uint64_t call_ops; /* operations of a call block */
	uint64_t batch_ops; /* operations of a batch block, before stretching */
	uint64_t calm_samples, calm_batches;
	uint64_t measured_blocks[MP_MODE_COUNT];
	uint64_t check_ns, busy_ns; /* time spent in checks, and in blocks altogether */
	uint64_t steal_read_ns, steal_ns; /* when /proc/stat was read, and what it said */
	uint64_t steal_total_ns;
	uint32_t steal_from; /* first block since then */
	uint32_t look_at; /* the block at which pages are looked up next */

	/* Of a worker beside the measured one, written by worker 0 (beside.h). */
	uint64_t seen; /* its operations when the window began */
	struct mp_block open; /* of windows that are over */
	uint64_t besides_ops, besides_ticks; /* of its blocks */
	uint64_t window; /* of worker 0: when it began, ticks */

	int failed; /* negative errno, err says why */
	struct mp_err err;
	uint64_t stamps[MP_CALL_MAX + 1];
};
_Static_assert(sizeof(struct mp_measurer) <= MP_WIRE_THREAD_BYTES, "raise MP_WIRE_THREAD_BYTES");

/* What the threads of a worker share. */
struct mp_team {
	struct mp_wire *wire;
	const struct mp_bench *bench;
	enum mp_clock clock;
	double ns_per_tick;
	unsigned threads;
	_Atomic unsigned arrived, generation; /* spin barrier */
	_Atomic int phase; /* enum mp_phase, or MP_TEAM_STOP */
	_Atomic int failed;
	struct mp_measurer *members[MP_WIRE_THREADS];
};
#define MP_TEAM_STOP 99

/* Times one block of `n` operations and records it. 0, or a negative errno with m->err when a hook failed;
 * -ENOSPC with m->err when there is no room for a block (nothing was run). */
int mp_block_call(struct mp_measurer *m, uint64_t n, enum mp_phase phase);
int mp_block_batch(struct mp_measurer *m, uint64_t n, enum mp_phase phase);
/* Runs `n` operations (at most MP_CALL_MAX in call mode) as a call block would, and records nothing. */
int mp_block_unrecorded(struct mp_measurer *m, uint64_t n);
/* Free-runs for `ns`; other threads do the same at the same time. */
int mp_block_rate(struct mp_measurer *m, uint64_t ns, enum mp_phase phase);

/* The region that the request asks for, if any, after the warm-up (region.h); every thread of the team calls it at the same
 * time, also one that has failed. `n`: operations of a block that is not recorded; 0: blocks of rate mode. 0, or the negative errno of a hook that
 * failed, with m->err. */
int mp_measure_region(struct mp_measurer *m, uint64_t n);

/* Runs the whole measured phase of a thread whose ctx is set up. 0 or m->failed. */
int mp_measure(struct mp_measurer *m);

/* Waits until every thread of the team is here. */
void mp_team_barrier(struct mp_team *team);

#endif
