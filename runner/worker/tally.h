/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The counters of one worker thread: opened by the thread itself on its CPU, left on, and read on both sides of the
 * measured operations, never inside a timed section. What is read and when costs the same in every block.
 */
#ifndef RUNNER_WORKER_TALLY_H
#define RUNNER_WORKER_TALLY_H

#include "results/invocation.h"
#include "runner/counters/perf.h"

#define MP_TALLY_GROUPS 12
#define MP_TALLY_EVENTS 64

/* What to count: part of the request. All zero: nothing. */
struct mp_tally_order {
	uint32_t n_groups;
	struct mp_tally_group {
		uint16_t first, n; /* of events[] */
		uint16_t pinned;
		uint16_t kind; /* of the threads that count it (request.kinds); 0: all of them */
	} groups[MP_TALLY_GROUPS];
	struct mp_perf_event events[MP_TALLY_EVENTS];
	/* Around every operation where preparing stands between two of them: exact, and a disturbance that no timed
	 * invocation gets. Else around the block. */
	uint32_t apart;
};

/* What came of it; in the shared mapping, one per thread. */
struct mp_tally {
	struct mp_perf_delta deltas[MP_TALLY_EVENTS]; /* sums over the counted blocks */
	/* Sums over as many runs without operations; all zero: there were none (struct mp_bench, hollow). */
	struct mp_perf_delta hollow[MP_TALLY_EVENTS];
	uint64_t operations; /* of those blocks */
	uint32_t elsewhere; /* 1: another task does the operations (struct mp_ctx) */
	uint32_t between; /* 1: what lies between operations was counted, too */

	/* the thread's own */
	struct mp_perf_group groups[MP_TALLY_GROUPS];
	struct mp_perf_reading before[MP_TALLY_GROUPS];
	int errors[MP_TALLY_GROUPS]; /* of the latest reading */
};

/* Opens and starts every group that a thread of that kind counts, on that CPU. One that cannot be opened is an error in the deltas of its events. */
void mp_tally_open(struct mp_tally *t, const struct mp_tally_order *order,
		   const struct mp_perf_ops *ops, int cpu, unsigned kind);
void mp_tally_close(struct mp_tally *t, const struct mp_tally_order *order);

/* Both sides of some operations; `counts`: they belong to the measured phase. */
void mp_tally_start(struct mp_tally *t, const struct mp_tally_order *order);
void mp_tally_stop(struct mp_tally *t, const struct mp_tally_order *order, uint64_t operations,
		   bool counts);
/* The other side of a run without operations; `error`: 0, or why it was not done. */
void mp_tally_stop_hollow(struct mp_tally *t, const struct mp_tally_order *order, int error);

#endif
