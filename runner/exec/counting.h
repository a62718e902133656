/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run counts beside the times: metrics resolved once, orders for the workers, values out of what they leave.
 *
 * On a hybrid machine workers may sit on several kinds of core, whose PMUs are different instruments: what belongs to a core
 * is counted for each kind apart, by the workers that sit there, and is never added up. What belongs to the thread or to the
 * machine is one count.
 *
 * Three passes. Timing: in the timed invocations, what costs the operation nothing. Explain: invocations of their own for
 * what does (tracepoints, events of the fault path), whose times nobody sees. Bandwidth: invocations with one long region,
 * counted from here, for what belongs to the whole machine.
 */
#ifndef RUNNER_EXEC_COUNTING_H
#define RUNNER_EXEC_COUNTING_H

#include "results/invocation.h"
#include "runner/counters/counters.h"
#include "runner/worker/wire.h"

struct mp_counting;

struct mp_counting_wish {
	const char *group; /* for sentences */
	const char *const *metrics; /* ids */
	size_t n_metrics;
	bool timing_only; /* nothing that needs an invocation of its own */
	const int *cpus; /* the CPUs that workers are pinned to */
	size_t n_cpus;
	const struct mp_perf_ops *ops; /* of this process; workers have the kernel's */
	struct mp_counter_roots roots;
};

/* Resolves the metrics, tries which events fit together, opens what is counted from here. Texts of the wish are borrowed for
 * the call. A metric that cannot be counted is an unavailable value, not an error. */
int mp_counting_new(const struct mp_counting_wish *wish, struct mp_counting **ret_counting,
		    struct mp_err *err);
void mp_counting_free(struct mp_counting *counting); /* accepts NULL */

/* Lets it know these CPUs, too, which are alike for counters with those of the wish (mp_counter_domains()). 0 or -ENOMEM. */
int mp_counting_know(struct mp_counting *counting, const struct mp_counter_roots *roots,
		     const int *cpus, size_t n);

/* The kind of core of a known CPU, by which its worker counts: 1 and up; 0: all workers count alike. */
uint8_t mp_counting_kind(const struct mp_counting *counting, int cpu);

/* Does anything need that pass? */
bool mp_counting_needs(const struct mp_counting *counting, enum mp_counter_pass pass);

/* "2 metrics timed, 3 explained, 1 of the machine; 2 cannot be counted here"; heap text, NULL: out of memory. */
char *mp_counting_words(const struct mp_counting *counting);

/* What a worker is to count in that pass. */
const struct mp_tally_order *mp_counting_order(const struct mp_counting *counting,
					       enum mp_counter_pass pass);

/*
 * The values of an invocation that has ended: `wire` as the worker left it, `inv` with its blocks. The first timed
 * invocation of a case also says what cannot be counted. Appends to inv->counts; those borrow texts of `counting`. 0 or
 * -ENOMEM.
 */
int mp_counting_take(struct mp_counting *counting, enum mp_counter_pass pass, struct mp_wire *wire,
		     const struct mp_bench *bench, struct mp_invocation *inv);

/* How long a region is, and how far the invocation of one has to be watched: from its start until it has left the region, or
 * `ended` says that it is gone. */
#define MP_COUNTING_REGION_NS 60000000u
void mp_counting_watch(struct mp_counting *counting, struct mp_wire *wire,
		       bool (*ended)(void *user), void *user);

#endif
