/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of runner/plan share: the state of making one plan. */
#ifndef RUNNER_PLAN_INTERNAL_H
#define RUNNER_PLAN_INTERNAL_H

#include "common/filter.h"
#include "common/str.h"
#include "runner/plan/plan.h"

/* A growing list of benchmarks, borrowed from the families. */
struct mp_bench_list {
	const struct mp_bench **items;
	size_t count, cap;
};

/* What options->need_unmet answered. */
struct mp_need_answer {
	enum mp_need need;
	char word[MP_NAME_MAX]; /* as in struct mp_needed, or empty */
	char *why; /* owned; NULL: met */
};

struct mp_plan_maker {
	const struct mp_suite *suite;
	const struct mp_host *host;
	const struct mp_plan_options *options; /* may be NULL */
	struct mp_err *err;
	struct mp_filter *filter; /* of the command line; NULL: none */
	struct mp_plan plan;
	size_t n_matching; /* combinations that the filter of the entry at hand keeps */
	struct mp_need_answer *answers; /* owned */
	size_t n_answers, cap_answers;
	struct mp_str
		places; /* of the selected cases, as a value set: where the floor is measured */
};

/* Where one axis of one benchmark gets its values from. */
struct mp_axis_source {
	const char *values;
	const char *where; /* NULL: the descriptor itself */
};

/* The sentence for running out of memory; returns -ENOMEM. */
int mp_plan_no_memory(struct mp_err *err);

/* Records what is left out; `reason` is copied. 0 or -ENOMEM with the sentence. */
int mp_plan_drop(struct mp_plan_maker *m, const char *text, const char *reason);

/* ---- check.c: does what the user wrote fit the benchmarks ---- */

/* Benchmarks of the build that the entry names, in the order of the families; none is a usage error. */
int mp_plan_match(const struct mp_suite_entry *entry, struct mp_bench_list *ret_list,
		  struct mp_err *err);

/* Every axis of the entry is one of some benchmark in the list, and every value of it is accepted by one. */
int mp_plan_check_entry(const struct mp_plan_maker *m, const struct mp_suite_entry *entry,
			const struct mp_bench_list *list);

/* The same for one --set over all selected benchmarks. */
int mp_plan_check_set(const struct mp_plan_maker *m, const struct mp_suite_axis *set,
		      const struct mp_bench_list *selected);

/* Every field of the filter is an axis of the build, or bench, family, case. */
int mp_plan_check_filter(const struct mp_filter *filter, const char *where, struct mp_err *err);

/* Calls `each` for every item of a value set, blanks cut off; stops at its first non-zero return. */
int mp_plan_each_item(const char *values, int (*each)(void *user, const char *item), void *user);

/* ---- expand.c: from one benchmark and its value sets to cases ---- */

/* Adds the cases of one benchmark. `entry` NULL: the descriptor's representative values, unfiltered. */
int mp_plan_expand(struct mp_plan_maker *m, const struct mp_suite_entry *entry,
		   const struct mp_filter *filter, const struct mp_bench *bench);

/* The needs of a case that this machine does not meet, in words; empty when it meets all. 0 or -ENOMEM. */
int mp_plan_unmet(struct mp_plan_maker *m, const struct mp_bench *bench,
		  const struct mp_params *params, struct mp_str *ret);

#endif
