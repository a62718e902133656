/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a case scatters: between blocks and between invocations, and whether it has two modes. Computed with the
 * summaries of a case (mp_store_case_finish) from its raw data, and stored.
 *
 * Variances are of natural logs, so that 0.0004 is a standard deviation of 2 %. Unknown is NaN or `known` false.
 */
#ifndef RESULTS_SPREAD_H
#define RESULTS_SPREAD_H

#include "results/bimodal.h"
#include "results/invocation.h"
#include "results/stats.h"
#include "results/variance.h"

struct mp_store;
struct mp_err;

/* What a block and an invocation cost in wall time, nanoseconds: c1 and c2 of mp_variance_blocks(). */
struct mp_block_cost {
	double block_ns; /* c1: measured span / blocks of the mode in it */
	double start_ns; /* c2: everything outside the measured span: start, set-up, warm-up, end */
};

struct mp_spread {
	struct mp_variance variance; /* n is 0 when unknown */
	struct mp_block_cost cost; /* mean over the invocations; NaN with the variance */
	struct mp_bimodal invocations; /* of the headline values; ns */
	struct mp_bimodal
		calls; /* of all single calls together; ns; only where the headline is one of calls */
	struct mp_steady_counts steady; /* what the blocks of its invocations did in time */
};

/* Moments of the logs of the medians of single calls, or of the means, of an invocation's measured blocks of that mode
 * and population; ticks below 1 count as half a tick. 0 or -ENOMEM. */
int mp_invocation_moments(const struct mp_invocation *inv, enum mp_mode mode,
			  enum mp_population population, struct mp_moments *ret_moments);

/* What its measured blocks did in time: calm ones of batch mode, or of call mode where there are too few. */
enum mp_steady mp_invocation_steady(const struct mp_invocation *inv);

/* From the measured blocks of that mode, any population. NaN without any. */
struct mp_block_cost mp_invocation_cost(const struct mp_invocation *inv, enum mp_mode mode);

/* Blocks worth running in an invocation (mp_variance_blocks); NaN: unknown, or a hundred times
 * as many as there are and more: one invocation could do. */
double mp_spread_worth(const struct mp_spread *spread);

/* What is stored of a case. 0 or negative errno; a case without anything is all unknown. */
int mp_store_case_spread(struct mp_store *s, int64_t run_case, struct mp_spread *ret_spread,
			 struct mp_err *err);

/* Mean wall time of an invocation of that case outside warm-up and measured blocks (start, set-up, end) in the newest run
 * of that machine that knows it, seconds; NaN: none does. */
int mp_store_case_overhead(struct mp_store *s, const char *machine, const char *case_text,
			   unsigned bench_version, double *ret_seconds, struct mp_err *err);

#endif
