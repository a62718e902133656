/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two sides compared case by case: pairing, preconditions, tests, verdicts, aggregates, environment.
 *
 * A is the baseline, B the candidate; ratios are B over A, above 1 is slower. One value per invocation is compared,
 * of the same mode and population on both sides, always. Every case of either side gets exactly one verdict and,
 * where that needs explaining, a reason; nothing is left out. Unknown is NaN here and "unknown" in every output.
 *
 * The verdict is about location: the median of the invocations' values (their mean in rate mode); a mean that the slowest
 * calls alone moved is no change of it (body.c). Tail and shape of
 * the single calls are judged beside it, each in a family of tests of its own. Layer: report.
 */
#ifndef REPORT_COMPARE_COMPARE_H
#define REPORT_COMPARE_COMPARE_H

#include "common/filter.h"
#include "report/compare/floor.h"
#include "report/compare/side.h"
#include "results/policy.h"

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
/* What it says, for people who read it for the first time: "the whole interval lies inside the threshold: evidence of no change" */
const char *mp_verdict_meaning(enum mp_verdict verdict);

/* In what times are compared: each side's own scale. */
enum mp_unit {
	MP_UNIT_NS,
	MP_UNIT_CYCLES, /* of the core where its frequency is fixed, else of the time-stamp counter */
	MP_UNIT_NULL, /* multiples of floor.getppid of the same run */
	MP_UNIT_BYTES, /* shown as GB/s; compared as time */
	MP_UNIT_PER_CYCLE, /* shown as bytes per cycle, of the same cycles; compared as cycles */
#define MP_UNIT_COUNT 5
};
const char *mp_unit_name(enum mp_unit unit); /* "ns", "cycles", "null", "bytes", "bytes/cycle" */
bool mp_unit_moves(enum mp_unit unit); /* bytes in a time, and not the time of an operation */
int mp_unit_parse(const char *name, enum mp_unit *ret_unit); /* 0 or -EINVAL */

struct mp_compare_options {
	const struct mp_policy *policy;
	const struct mp_filter *filter; /* NULL: every case */
	enum mp_unit unit;
};

/* The default policy, nanoseconds. */
extern const struct mp_compare_options mp_compare_defaults;

/* One metric of a pair: of the values, a quantile of the calls, or that quantile over their median. */
struct mp_change {
	const char *metric; /* "p50", "mean", "p99", "p10/p50" */
	int quantile; /* index of mp_profile; -1: the value */
	bool relative; /* over the median */
	size_t n_a, n_b; /* invocations that have it */
	double a, b; /* their medians, in ns (relative: a ratio) */
	double ratio; /* Hodges-Lehmann, on the unit's scale */
	bool tested; /* what follows is known */
	double low, high,
		level; /* interval of the ratio; wider for a selected one (see change.c) */
	double invocations_low, invocations_high,
		invocations_level; /* of the invocations, where the one above is that of runs; else NaN */
	double u, p; /* Mann-Whitney */
	bool exact; /* p is of the exact distribution */
	double adjusted; /* Benjamini-Hochberg over the family of tests */
	double joint; /* of the value, where its floor is known: mp_floor_p(), or p where those runs did not differ at all; else NaN */
	double joint_adjusted; /* Benjamini-Hochberg over those */
	double delta; /* Cliff's delta */
	double wanted; /* the policy's threshold */
	struct mp_floor
		floor; /* the larger one of the two sides; unknown: mp_floor_assumed() for location */
	double threshold; /* as used: the larger of both */
	double moved; /* what of a change may be the machine's (control.c); 0: nothing, or nothing is known */
	double scatter; /* standard deviation of the logs within the sides */
	double deviation; /* the same by the median of the absolute deviations, so that one odd value is none */
	double detectable; /* smallest change that would be called with probability 0.8; INFINITY: none */
	enum mp_verdict verdict; /* faster, slower, same, unsure */
};

/* No wider noise floor is a margin of equivalence: on a case that differs by 40 % when nothing changed, +30 % is neither
 * a change nor evidence of none. */
#define MP_CHANGE_SAME_MOST 0.10
/* The adjusted p that goes with its interval. */
double mp_change_p(const struct mp_change *change);
/* How far beyond no change the whole interval must lie, as a ratio, for the change to be called. */
double mp_change_limit(const struct mp_policy *policy, const struct mp_change *change);
/* How far the interval of what is called the same may reach: the threshold, as far as that or the policy's own allows. */
double mp_change_margin(const struct mp_change *change);

/* Families of tests. MP_ASPECT_FLOOR: of the location once more, against what runs with nothing changed differ by. */
enum mp_aspect { MP_ASPECT_LOCATION, MP_ASPECT_TAIL, MP_ASPECT_SHAPE, MP_ASPECT_FLOOR };
#define MP_ASPECT_COUNT 4

/* What single calls say beside the location. */
enum mp_aside {
	MP_ASIDE_NONE, /* not judged, with the reason */
	MP_ASIDE_FASTER,
	MP_ASIDE_SLOWER,
	MP_ASIDE_CHANGED, /* of a shape */
	MP_ASIDE_SAME,
	MP_ASIDE_UNSURE,
};
#define MP_ASIDE_COUNT 6
const char *mp_aside_name(enum mp_aside aside); /* "not judged", "faster", ... */

struct mp_beside {
	enum mp_aside verdict;
	const char *reason; /* static; why it is not judged, else NULL */
	struct mp_change *changes; /* of the pair */
	size_t n_changes;
};

struct mp_side_case; /* internal: a case of a side, with the rows of older runs that are pooled with it */

struct mp_pair {
	const char *text, *bench, *family; /* borrowed from the sides */
	const struct mp_points_case *a,
		*b; /* of each side's newest run that has the case; NULL: none */
	const struct mp_side_case *of_a, *of_b; /* NULL: none */
	enum mp_verdict verdict;
	char *reason; /* owned; NULL where the numbers say it all */
	double factor_a, factor_b; /* unit per ns on each side; NaN: unknown */

	bool measured; /* the rest is known; else unknown */
	enum mp_mode mode;
	enum mp_population population;
	struct mp_change location;
	size_t needed; /* of an unsure pair: invocations a side to call a change of twice the threshold; 0: over 1000, or none would */
	enum mp_population calls; /* of tail and shape */
	struct mp_beside tail, shape;
	struct mp_change
		*changes; /* owned: of tail and shape, in one piece; NULL: neither is judged */
};

/* One family, over the pairs that have a ratio. */
struct mp_family_change {
	const char *family; /* borrowed */
	size_t pairs; /* cases on either side */
	size_t covered; /* of them in the mean: those with a ratio */
	double ratio; /* geometric mean, every benchmark of the family weighing the same; NaN: none */
	double sum; /* of the means of the logs of its benchmarks that have a ratio */
	size_t benches; /* how many these are */
	size_t counts[MP_VERDICT_COUNT];
};

/* A fact that differs. A value that is NULL was not recorded or is unknown. Texts are borrowed. */
struct mp_difference {
	const char *group, *key, *a, *b, *why, *volatility;
	int weight; /* 0 .. 3 */
	bool moves; /* differs between any two runs: load, free memory; listed last */
};

/* Does it usually move results? What differs between any two runs says nothing about these two. */
static inline bool mp_difference_matters(const struct mp_difference *difference)
{
	return difference->weight >= 3 && !difference->moves;
}

/* How the times of a side become the unit. */
struct mp_unit_scale {
	double factor; /* unit per ns; NaN: unknown. In null calls, of cases that are placed by default: pairs have their own */
	char *note; /* owned: what it rests on, or why it is unknown; NULL: nothing to say */
	const struct mp_points_case *
		*nulls; /* owned: null calls of the run, at every placement; borrowed rows */
	size_t n_nulls;
};

/* A floor that says whether one machine was as fast on both sides; see control.c. */
enum mp_control_kind {
	MP_CONTROL_CORE, /* a loop without memory */
	MP_CONTROL_MEMORY, /* a dependent load from behind the caches */
};
#define MP_CONTROL_COUNT 2
struct mp_control {
	const char *text; /* borrowed; NULL: a side does not have it */
	uint64_t bytes;
	const struct mp_side_case *of_a, *of_b;
	double ratio; /* B over A */
	double low, high; /* of the log, its interval; NaN: not known, or two machines */
	double deviation; /* of the logs within the sides */
};

/* How far it may have moved, of the log: the far end of its interval; NaN: not known. */
double mp_control_shift(const struct mp_control *control);

struct mp_comparison {
	const struct mp_side *a, *b; /* borrowed, and borrowed from */
	const struct mp_policy *policy; /* borrowed */
	const struct mp_filter *filter; /* borrowed: of the cases that are compared; NULL: all */
	enum mp_unit unit;
	struct mp_unit_scale scale_a, scale_b;
	struct mp_pair
		*pairs; /* in name order; NULL in a stream (stream.h), where nobody holds them */
	size_t n_pairs, cap_pairs;
	size_t counts[MP_VERDICT_COUNT];
	size_t lost; /* cases that A measured, and that are missing, not ok or incomparable in B */
	bool asides; /* tail and shape are judged, too: what follows counts them */
	size_t tails[MP_ASIDE_COUNT], shapes[MP_ASIDE_COUNT];
	/* Tests of each family, and of them those with adjusted p <= q: over all B that were compared together. */
	struct {
		size_t tested, selected;
	} tests[MP_ASPECT_COUNT];
	struct mp_control controls[MP_CONTROL_COUNT];
	size_t floors; /* pairs whose floor is known */
	struct mp_family_change *families; /* in name order */
	size_t n_families, cap_families;
	double ratio; /* geometric mean of the families' means; NaN: none */
	size_t ratio_families; /* how many it covers */
	struct mp_difference *differences; /* heaviest first */
	size_t n_differences, cap_differences;
	struct mp_side_case *cases_a, *cases_b; /* owned; what the pairs are made of */
	struct mp_floors *floors_a, *floors_b; /* owned; NULL: unknown */
	bool same_machine; /* all runs of both sides are of one */
	bool shared_run; /* a run stands on both sides */
	char **notes; /* sentences that a reader must see, owned */
	size_t n_notes, cap_notes;
	size_t left_out; /* cases on either side that the filter excluded */
};

/* The sides and options must outlive the comparison, which ends with mp_comparison_done(). 0 or negative errno. */
int mp_compare(const struct mp_side *a, const struct mp_side *b,
	       const struct mp_compare_options *options, struct mp_comparison *ret_comparison,
	       struct mp_err *err);
/* Several B against one A. The families of tests go over all of them: looking at more sides finds no more by chance.
 * `ret_comparisons` has room for n. */
int mp_compare_several(const struct mp_side *a, const struct mp_side *b, size_t n,
		       const struct mp_compare_options *options,
		       struct mp_comparison *ret_comparisons, struct mp_err *err);
void mp_comparison_done(struct mp_comparison *comparison); /* accepts zeroed */

/* The value of the pair on a side (median of its location) in the unit; NaN: unknown. */
double mp_compare_shown(const struct mp_comparison *c, const struct mp_pair *pair, bool b);

/* The values of one change, sorted, those of A in the unit of B's scale (see change.c): heap memory of the caller.
 * 0 or -ENOMEM. */
int mp_compare_values(const struct mp_comparison *c, const struct mp_pair *pair,
		      const struct mp_change *change, bool b, double **ret_values,
		      size_t *ret_count);

/* The rows of a side's results file (run_case ids) whose values are pooled, newest run first: their number, of which at
 * most `room` are stored; 0: the side does not have the case. *ret_run: index of that newest run in the side. */
size_t mp_pair_run_cases(const struct mp_pair *pair, bool b, int64_t *ret_ids, size_t room,
			 size_t *ret_run);

/* What a gate may conclude. "Could not judge" is never "none". */
enum mp_gate {
	MP_GATE_NONE, /* judged, and no case is slower */
	MP_GATE_REGRESSION, /* at least one case is slower, or has the tail or shape that the policy forbids */
	/* nothing was judged, or too little; cases of A are missing, not ok or incomparable in B; a run was compared
	 * with itself; the sides are different machines */
	MP_GATE_UNJUDGED,
};
/* *ret_why: a sentence, heap memory of the caller; NULL when memory ran out. */
enum mp_gate mp_compare_gate(const struct mp_comparison *c, char **ret_why);

/* Of several B: a regression in any, else what could not be judged in any. */
enum mp_gate mp_compare_gate_several(const struct mp_comparison *c, size_t n, char **ret_why);

/* Pointers to the pairs of that verdict, strongest evidence first (adjusted p, then size of the change, then
 * name); heap memory of the caller, NULL when memory ran out. */
const struct mp_pair **mp_comparison_pick(const struct mp_comparison *c, enum mp_verdict verdict,
					  size_t *ret_count);

#endif
