/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two sides compared case by case: pairing, preconditions, tests, verdicts, aggregates, environment.
 *
 * A is the baseline, B the candidate; ratios are B over A, above 1 is slower. One value per invocation is compared,
 * of the same mode and population on both sides, always. Every case of either side gets exactly one verdict and,
 * where that needs explaining, a reason; nothing is left out. Unknown is NaN here and "unknown" in every output.
 * Layer: report.
 */
#ifndef REPORT_COMPARE_COMPARE_H
#define REPORT_COMPARE_COMPARE_H

#include "common/filter.h"
#include "report/compare/side.h"

/* "same" is evidence of no change, "unsure" is no evidence either way: never merged. */
enum mp_verdict {
	MP_VERDICT_FASTER,
	MP_VERDICT_SLOWER,
	MP_VERDICT_SAME,
	MP_VERDICT_UNSURE,
	MP_VERDICT_ONLY_A,
	MP_VERDICT_ONLY_B,
	MP_VERDICT_FAILED, /* not ok on at least one side */
	MP_VERDICT_INCOMPARABLE, /* ok on both, but not the same measurement */
};
#define MP_VERDICT_COUNT 8

/* "faster", "slower", "same", "unsure", "only A", "only B", "failed", "incomparable" */
const char *mp_verdict_name(enum mp_verdict verdict);

/* Fewer invocations a side than this cannot be tested: three against three show p = 0.1 at best. */
#define MP_COMPARE_LEAST 4

struct mp_compare_options {
	double q; /* false discovery rate over all cases that are tested */
	double threshold; /* smallest change of practical interest, 0.01 is 1 % */
	double floor; /* spread between runs with nothing changed on this machine; NaN: never measured */
	const struct mp_filter *filter; /* NULL: every case */
};

/* q 5 %, threshold 1 %, floor unknown. */
extern const struct mp_compare_options mp_compare_defaults;

/* Stands in for an unknown floor: between fresh processes the calm medians of one machine with nothing changed scatter
 * by about this much when its cores are shared. */
#define MP_COMPARE_FLOOR_ASSUMED 0.02

struct mp_pair {
	const char *text, *bench, *family; /* borrowed from the sides */
	const struct mp_case_row *a,
		*b; /* of each side's newest run that has the case; NULL: none */
	enum mp_verdict verdict;
	char *reason; /* owned; NULL where the numbers say it all */

	bool measured; /* the rest is known; else unknown */
	enum mp_mode mode;
	enum mp_population population;
	size_t n_a, n_b; /* invocations with a value */
	double median_a, median_b; /* ns per operation */
	double ratio;
	bool tested; /* what follows is known */
	double low, high,
		level; /* interval of the ratio; wider for a selected pair (see compare.c) */
	double p, adjusted; /* Mann-Whitney; Benjamini-Hochberg over all tested pairs */
	double delta; /* Cliff's delta */
	double detectable; /* smallest change that would be called with probability 0.8; INFINITY: none */
	size_t needed; /* of an unsure pair: invocations a side to call a change of twice the threshold; 0: over 1000 */
};

/* One family, over the pairs that have a ratio. */
struct mp_family_change {
	const char *family; /* borrowed */
	size_t pairs; /* cases on either side */
	size_t covered; /* of them in the mean: those with a ratio */
	double ratio; /* geometric mean, every benchmark of the family weighing the same; NaN: none */
	size_t counts[MP_VERDICT_COUNT];
};

/* A fact that differs. A value that is NULL was not recorded or is unknown. Texts are borrowed. */
struct mp_difference {
	const char *group, *key, *a, *b, *why, *volatility;
	int weight; /* 0 .. 3 */
};

struct mp_comparison {
	const struct mp_side *a, *b; /* borrowed, and borrowed from */
	double q, threshold; /* as used: the threshold is at least the floor */
	bool floor_known;
	struct mp_pair *pairs; /* in name order */
	size_t n_pairs, cap_pairs;
	size_t counts[MP_VERDICT_COUNT];
	size_t tested, selected; /* pairs tested; of them with adjusted p <= q */
	struct mp_family_change *families; /* in name order */
	size_t n_families, cap_families;
	double ratio; /* geometric mean of the families' means; NaN: none */
	size_t ratio_families; /* how many it covers */
	struct mp_difference *differences; /* heaviest first */
	size_t n_differences, cap_differences;
	bool same_machine;
	bool shared_run; /* a run stands on both sides */
	char **notes; /* sentences that a reader must see, owned */
	size_t n_notes, cap_notes;
	size_t left_out; /* cases on either side that the filter excluded */
};

/* The sides must outlive the comparison, which ends with mp_comparison_done(). 0 or negative errno. */
int mp_compare(const struct mp_side *a, const struct mp_side *b,
	       const struct mp_compare_options *options, struct mp_comparison *ret_comparison,
	       struct mp_err *err);
void mp_comparison_done(struct mp_comparison *comparison); /* accepts zeroed */

/* What a gate may conclude. "Could not judge" is never "none". */
enum mp_gate {
	MP_GATE_NONE, /* judged, and no case is slower */
	MP_GATE_REGRESSION, /* at least one case is slower */
	/* nothing was judged, or less than half; cases of A are missing, not ok or incomparable in B; a run was compared
	 * with itself */
	MP_GATE_UNJUDGED,
};
/* *ret_why: a sentence, heap memory of the caller; NULL when memory ran out. */
enum mp_gate mp_compare_gate(const struct mp_comparison *c, char **ret_why);

/* Pointers to the pairs of that verdict, strongest evidence first (adjusted p, then size of the change, then
 * name); heap memory of the caller, NULL when memory ran out. */
const struct mp_pair **mp_comparison_pick(const struct mp_comparison *c, enum mp_verdict verdict,
					  size_t *ret_count);

#endif
