/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a close look at one case reads: its calls as one histogram, its invocations one by one, and the cases beside it.
 *
 * Nothing here reads more than the case itself, or one row per value of one of its axes. Times are nanoseconds per
 * operation, unknown is NaN. Texts that a callback receives live for the call; a callback that returns non-zero ends the
 * reading with that value. Errors carry a sentence. Layer: results.
 */
#ifndef RESULTS_DETAIL_H
#define RESULTS_DETAIL_H

#include "results/points.h"

/* Adds the histograms of the case's ok and invalid invocations to `into` (zeroed, or to be merged into). *ret_invocations:
 * how many had one; of those that retention has taken (`db prune`) there is none. 0 or negative errno. */
int mp_store_case_histogram(struct mp_store *s, int64_t run_case, enum mp_population population,
			    struct mp_histogram *into, unsigned *ret_invocations,
			    struct mp_err *err);

/* Quantiles of single calls (mp_profile), a row of MP_PROFILE_COUNT for each invocation that counts, in order; no row when
 * there are no calls. *ret_rows: heap of the caller. 0 or negative errno. */
int mp_store_case_profiles(struct mp_store *s, int64_t run_case, enum mp_population population,
			   float **ret_rows, size_t *ret_count, struct mp_err *err);

/* One invocation, in one mode. */
struct mp_invocation_value {
	unsigned ordinal;
	enum mp_outcome outcome;
	const char *reason; /* "" when ok */
	int64_t started_ns;
	double value
		[2]; /* [enum mp_population]: p50, in RATE mode the mean; NaN: it has none that counts */
	uint64_t n[2]; /* samples (call) or blocks */
	unsigned blocks, flagged_blocks; /* of all modes */
	const char *cpus;
};
/* In order of their ordinals, whatever became of them. */
int mp_store_case_each_value(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			     int (*each)(void *user, const struct mp_invocation_value *value),
			     void *user, struct mp_err *err);

/* The parameters of a case, in order of their axes. 0 or negative errno. */
int mp_store_case_params(struct mp_store *s, int64_t run_case, struct mp_params *ret_params,
			 struct mp_err *err);

/* A case on a line of them, which differ in one axis alone. */
struct mp_sibling {
	int64_t run_case;
	const char *word; /* the axis's value */
	uint64_t number; /* and that as of struct mp_param */
	enum mp_outcome outcome;
	uint64_t bytes; /* that one operation handles; 0: the unit has none */
	bool has_value; /* the rest is its headline */
	enum mp_mode mode;
	enum mp_population population;
	struct mp_estimate value;
};
/* Of the run, benchmark and definition that `run_case` is of: the cases whose text is `text` but for the value of `axis`, that
 * text among them where the run has it, in order of their numbers. What `text` does not have, no case differs in. Costs what is on
 * the line, and a look at the texts that are alike up to the axis. 0 or negative errno. */
int mp_store_case_siblings(struct mp_store *s, int64_t run_case, const char *text, const char *axis,
			   int (*each)(void *user, const struct mp_sibling *sibling), void *user,
			   struct mp_err *err);

/* One check over all invocations of a case. */
struct mp_check_total {
	const char *name;
	uint64_t passed, failed; /* blocks */
	const char *detail; /* of the first failure, or else of a pass, in words */
};
int mp_store_case_checks(struct mp_store *s, int64_t run_case,
			 int (*each)(void *user, const struct mp_check_total *check), void *user,
			 struct mp_err *err);

#endif
