/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the comparison share with each other and with nobody else. */
#ifndef REPORT_COMPARE_INTERNAL_H
#define REPORT_COMPARE_INTERNAL_H

#include "common/str.h"
#include "report/compare/compare.h"
#include "report/statistics/power.h"
#include "report/statistics/rank.h"

/* The results of one case on one side. */
struct mp_side_case {
	const char *text;
	size_t run; /* index of the newest run that has it */
	const struct mp_points_case *row; /* in that run */
	/* Rows whose values are pooled: `row` and the ok ones of older runs that measure the same thing. */
	const struct mp_points_case **rows; /* in one array with those of the other cases */
	size_t n_rows;
	size_t dropped; /* rows of older runs that are not pooled */
};

/* A row of one of the runs of a side. */
struct mp_side_row {
	size_t run; /* newest first */
	const struct mp_points_case *row;
};

/* Makes cases of rows in name order, newest run first: those of a name become one. `pool` has room for every row and `cases`
 * for as many; the rows of a case stand together in the pool. */
void mp_side_fold(const struct mp_side *side, const struct mp_side_row *rows, size_t n,
		  const struct mp_points_case **pool, struct mp_side_case *ret_cases,
		  size_t *ret_count);

/* The cases of a side that is in memory, in name order, heap (mp_side_index_free). 0 or -ENOMEM. */
int mp_side_index(const struct mp_side *side, struct mp_side_case **ret_cases, size_t *ret_count);
void mp_side_index_free(struct mp_side_case *cases); /* accepts NULL */

/* Changes of the tail and of the shape of a pair. */
#define MP_TAILS  3
#define MP_SHAPES 8

/* Work space of one thread. */
struct mp_compare_work {
	struct mp_rank rank;
	/* Each keeps what was found for one level: that of changes that are not selected, and of those that are. */
	struct mp_rank power[MP_ASPECT_COUNT][2];
	double *x, *y; /* the values of one change */
	size_t cap_x, cap_y;
	struct mp_spill_reader readers[2]; /* of the sides of a stream */
};
void mp_compare_work_done(struct mp_compare_work *work);

/* Pair and preconditions: verdict and reason of what cannot be compared, else mode and population of its location. `a` or `b` may be NULL (not both). 0 or -ENOMEM. */
int mp_pair_init(const struct mp_comparison *c, const struct mp_side_case *a,
		 const struct mp_side_case *b, struct mp_pair *pair);

/* Its parts, for a pair whose preconditions are known to hold: a pair of which nothing is known; and what its location is
 * of. */
void mp_pair_begin(const struct mp_side_case *a, const struct mp_side_case *b,
		   struct mp_pair *pair);
void mp_pair_choose(struct mp_pair *pair, enum mp_mode mode, enum mp_population population);

/* Takes the formatted text as the pair's verdict and reason. 0 or -ENOMEM. */
int mp_pair_rule(struct mp_pair *pair, enum mp_verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What is done with each pair, on any thread: `work` is its thread's. 0 or negative errno. */
typedef int mp_pair_step(struct mp_compare_work *work, struct mp_comparison *c,
			 struct mp_pair *pair);

/* The location: values, ratio and test, which need no other pair; and the verdict, once all are tested. */
mp_pair_step mp_pair_measure, mp_pair_judge;
/* What a location says before it is judged, the last step of measuring: is there a ratio, and why it is not tested. 0 or
 * -ENOMEM. */
int mp_pair_measured(const struct mp_comparison *c, struct mp_pair *pair);
/* A change of a mean that is one of the slowest calls alone is none of the location: verdict and reason of a pair that was
 * called faster or slower, where single calls tell (body.c). 0 or negative errno. */
int mp_body_judge(struct mp_compare_work *work, const struct mp_comparison *c,
		  struct mp_pair *pair);
/* Tail and shape likewise. mp_aside_init(), the first step of measuring: which changes are to be tested, or why none. 0 or
 * -ENOMEM. */
mp_pair_step mp_aside_measure, mp_aside_judge;
int mp_aside_init(struct mp_pair *pair);

/* The controls of a comparison: offered every case that both sides have (of others than those that may be one none is taken),
 * measured before the pairs; and how much of a tested change they leave to the machine, as a ratio minus one. 0 or negative
 * errno. */
bool mp_control_may_be(const char *text);
void mp_control_offer(struct mp_comparison *c, const struct mp_side_case *a,
		      const struct mp_side_case *b);
int mp_control_measure(struct mp_comparison *c);
double mp_control_reach(const struct mp_comparison *c, const struct mp_change *change);

/* One change: unknown; its values, ratio and test; the same with its threshold (`wanted`: the policy's); and its
 * verdict, once the family of tests is known. 0 or negative errno. */
struct mp_change mp_change_none(const char *metric, int quantile, bool relative);
int mp_change_test(struct mp_compare_work *work, const struct mp_comparison *c,
		   const struct mp_pair *pair, struct mp_change *change);
int mp_change_measure(struct mp_compare_work *work, const struct mp_comparison *c,
		      const struct mp_pair *pair, double wanted, struct mp_change *change);
int mp_change_judge(struct mp_compare_work *work, const struct mp_comparison *c,
		    const struct mp_pair *pair, enum mp_aspect aspect, struct mp_change *change);
/* How many invocations a side would call a change of twice its threshold with probability 0.8; 0: over 1000, or none would. */
size_t mp_change_needed(struct mp_compare_work *work, const struct mp_comparison *c,
			enum mp_aspect aspect, const struct mp_change *change);

/* May single calls of the case be compared? */
bool mp_row_calls(const struct mp_points_case *row);
/* The population in which both sides have that mode; false: there is none. */
bool mp_pair_populated(const struct mp_pair *pair, enum mp_mode mode,
		       enum mp_population *ret_population);

/* What is done with the pairs `first` .. `end` - 1, at most MP_PAIRS_TAKEN of them: few enough that no thread waits long for
 * the last one, on CPUs that others use, too. */
#define MP_PAIRS_TAKEN 64
typedef int mp_pairs_step(void *user, struct mp_compare_work *work, size_t first, size_t end);

/* All pairs, by number or those of a comparison, on as many threads as there are CPUs; each thread takes the next ones. 0 or
 * the first error. */
int mp_each_pairs(size_t n_pairs, mp_pairs_step *step, void *user);
int mp_each_pair(struct mp_comparison *c, mp_pair_step *step);

/* Everything that comes before the tests: scales, environment, pairs (which `pair_up` makes), floors, the control. 0 or
 * negative errno with a sentence. */
int mp_compare_prepare(struct mp_comparison *c,
		       int (*pair_up)(struct mp_comparison *c, void *user, struct mp_err *err),
		       void *user, struct mp_err *err);
/* The note about rows that are not pooled, if there are any. 0 or -ENOMEM. */
int mp_compare_note_dropped(struct mp_comparison *c, size_t dropped_a, size_t dropped_b);
/* Adjusts p over one family of tests in place; NaN is not tested. 0 or -ENOMEM. */
int mp_compare_adjust(const struct mp_comparison *c, double *p, size_t n, size_t *ret_tested,
		      size_t *ret_selected);
/* The sentence for what a step returned. Returns `rc`. */
int mp_compare_failed(int rc, struct mp_err *err);

/* How times become the unit on each side. 0 or -ENOMEM. */
int mp_compare_scales(struct mp_comparison *c);
void mp_scale_done(struct mp_unit_scale *scale);
/* Unit per ns for that case on side A or B; NaN: unknown. */
double mp_compare_factor(const struct mp_comparison *c, const struct mp_points_case *row, bool b);
/* Why that is unknown. 0 or -ENOMEM. */
int mp_compare_no_factor(const struct mp_comparison *c, const struct mp_points_case *row, bool b,
			 struct mp_str *ret_why);

/* Differences of the environment, and the notes about the runs. 0 or -ENOMEM. */
int mp_compare_environment(struct mp_comparison *c);

/* Does the fact differ between any two runs of one machine? */
bool mp_fact_moves(const char *group, const char *key);

/* Adds a sentence. 0 or -ENOMEM. */
int mp_compare_note(struct mp_comparison *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What judged pairs say together: zeroed, offered each in name order, then ended. 0 or -ENOMEM. */
struct mp_tally {
	const char *bench; /* whose pairs are being counted; NULL: none yet */
	size_t family; /* index of its family */
	double sum; /* of the logs of its ratios */
	size_t covered; /* how many these are */
};
int mp_tally_add(struct mp_tally *tally, struct mp_comparison *c, const struct mp_pair *pair);
void mp_tally_end(struct mp_tally *tally, struct mp_comparison *c);

#endif
