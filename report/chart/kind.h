/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Kinds of charts. report/chart/kinds/<name>.c exports mp_chart_kind_<name>; the build writes the list, and the viewer,
 * `memperf report --chart` and whoever else draws know the kind from then on.
 *
 * A kind makes the chart of one case from its rows in one or two results files, reading that case alone (or one row per
 * value of one of its axes). Verdicts and intervals come from report/compare and report/history; a chart judges nothing.
 * Layer: report.
 */
#ifndef REPORT_CHART_KIND_H
#define REPORT_CHART_KIND_H

#include "common/err.h"
#include "report/chart/chart.h"
#include "report/compare/compare.h"
#include "report/format/table.h"
#include "report/history/history.h"

/* One side of the subject. Everything is borrowed. */
struct mp_chart_side {
	struct mp_store *store; /* NULL: the side does not have the case */
	const int64_t *run_cases; /* rows whose values are pooled, newest run first; at least one */
	size_t n_run_cases;
	const struct mp_side_run
		*run; /* the newest of the runs: its clock and facts; NULL: unknown */
	const char *name; /* as the user gave it, "night.db:#12" */
	/* Where the side lacks the case: another case of the benchmark that it has, for `scaling`. NULL, 0: none. */
	struct mp_store *beside_store;
	int64_t beside;
};

/* What times are shown in. Zeroed: nanoseconds. */
struct mp_chart_times {
	enum mp_unit unit; /* ns, cycles or null calls; bytes: as ns */
	double factor[2]; /* unit per ns, of each side; NaN: unknown, and everything is in ns */
};

struct mp_chart_subject {
	const char *case_text;
	struct mp_chart_side sides[2]; /* A, B */
	size_t n_sides;
	enum mp_mode mode; /* of the values that stand for the case */
	enum mp_population population, calls; /* of those values; of single calls */
	enum mp_resolution resolution; /* of call mode, the coarser of the two sides */
	const struct mp_pair *pair; /* what compare says of the two; NULL: one side, or not known */
	struct mp_chart_times times; /* not of kinds about many runs, whose factors differ */
	/* For kinds that are about many runs; NULL: not read. */
	const struct mp_history *history;
	size_t series; /* index in its series */
};

/* Fills in mode, population, calls and resolution: those of the pair where it was measured, else those of the case's
 * headline, calm where both sides are. `sides`, `n_sides`, `case_text` and `pair` are given. 0 or negative errno. */
int mp_chart_subject_fill(struct mp_chart_subject *subject, struct mp_err *err);

/* Times of side `s`: the value as it is drawn, and in words; what an axis of times is in; and a table whose durations are
 * such values. */
double mp_chart_time(const struct mp_chart_subject *subject, size_t s, double ns);
char *mp_chart_time_text(const struct mp_chart_subject *subject, size_t s, double ns,
			 char buf[2 * MP_UNITS_LEN]);
enum mp_chart_unit mp_chart_time_unit(const struct mp_chart_subject *subject);
struct mp_table *mp_chart_table(const struct mp_chart_subject *subject,
				const struct mp_column *columns, size_t count);

/* The subject of a pair, with the rows of each side that it borrows. */
struct mp_chart_pair {
	struct mp_chart_subject subject;
	int64_t *ids[2]; /* owned */
};

/* Both sides of the pair, filled in. The comparison must outlive it; the caller ends with mp_chart_pair_done(). 0 or
 * negative errno. */
int mp_chart_pair_subject(const struct mp_comparison *c, const struct mp_pair *pair,
			  struct mp_chart_pair *ret_pair, struct mp_err *err);
void mp_chart_pair_done(struct mp_chart_pair *pair); /* accepts zeroed */

enum mp_chart_quantity {
	MP_CHART_PER_OPERATION,
	MP_CHART_PER_BYTE, /* of what one operation handles */
	MP_CHART_RATE, /* bytes a second, or operations a second */
	MP_CHART_RATIO, /* B over A */
};
#define MP_CHART_QUANTITY_COUNT 4
const char *mp_chart_quantity_name(
	enum mp_chart_quantity quantity); /* "per operation", "per byte", "rate", "B over A" */

/* Zeroed is the default. */
struct mp_chart_options {
	unsigned bins; /* histogram: about so many; 0: 40 */
	bool tail; /* cdf: the y axis towards 100 % on a scale of tails */
	const char *axis; /* scaling: x; NULL: the first numeric axis with several values */
	enum mp_chart_quantity quantity; /* scaling */
	bool other_scale; /* scaling, history, invocations: linear in place of log, log in place of linear */
	bool dates; /* history: runs at their dates instead of evenly spaced */
	size_t reference; /* history: point that is 100 %; 0: none, else its index + 1 */
	size_t first; /* history: index of the first point shown */
};

struct mp_chart_kind {
	const char *name; /* of --kind, "histogram" */
	const char *title; /* "Histogram" */
	const char *summary; /* one line: what it shows */
	bool history; /* needs subject->history */
	/* Makes a chart; what cannot be shown becomes an empty chart with its reason. The caller ends with
	 * mp_chart_done(). 0, or negative errno with a sentence (then there is no chart). */
	int (*build)(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		     struct mp_chart *ret_chart, struct mp_err *err);
};

/* In name order. */
extern const struct mp_chart_kind *const mp_chart_kinds[];
extern const size_t mp_n_chart_kinds;

/* The kind of that name; NULL: there is none. */
const struct mp_chart_kind *mp_chart_kind_find(const char *name);

extern const struct mp_chart_kind mp_chart_kind_cdf, mp_chart_kind_deciles, mp_chart_kind_histogram,
	mp_chart_kind_history, mp_chart_kind_invocations, mp_chart_kind_percentiles,
	mp_chart_kind_scaling;

/* Builds, or says that memory ran out. The same contract as build(). */
int mp_chart_make(const struct mp_chart_kind *kind, const struct mp_chart_subject *subject,
		  const struct mp_chart_options *options, struct mp_chart *ret_chart,
		  struct mp_err *err);

/* All cases of a comparison that have a ratio, family by family, with their intervals: where the sides differ, at a
 * glance. The same contract as build(). */
int mp_chart_overview(const struct mp_comparison *c, struct mp_chart *ret_chart,
		      struct mp_err *err);

/* Axes of the subject's benchmark that `scaling` can have on x: the numeric ones with several values among its cases.
 * Appends their names, one per line. 0 or negative errno. */
int mp_chart_scaling_axes(const struct mp_chart_subject *subject, struct mp_str *out,
			  struct mp_err *err);

/* ---- for kinds ---- */

/* The letter and role of a side. */
static inline char mp_chart_side_letter(size_t side)
{
	return side ? 'B' : 'A';
}
static inline enum mp_chart_role mp_chart_side_role(size_t side)
{
	return side ? MP_CHART_B : MP_CHART_A;
}

/* Single calls of both sides. n is 0 where there are none. */
struct mp_chart_calls {
	struct mp_histogram of[2];
	unsigned invocations[2];
	double step_ns; /* mp_chart_step() */
};
void mp_chart_calls_done(struct mp_chart_calls *calls); /* accepts zeroed */
/* Reads them; where neither side has any, the chart becomes an empty one that says why (and 0 is returned). */
int mp_chart_calls_read(const struct mp_chart_subject *subject, struct mp_chart *chart,
			struct mp_chart_calls *ret_calls, struct mp_err *err);
/* How coarse the clock is with which they were timed: of both sides the coarser step, ns; 0: unknown. And as a note. */
double mp_chart_step(const struct mp_chart_subject *subject);
void mp_chart_step_note(const struct mp_chart_subject *subject, struct mp_chart *chart);
/* What a reader must know of single calls: how many, which, and how coarse the clock is. */
void mp_chart_calls_notes(const struct mp_chart_subject *subject,
			  const struct mp_chart_calls *calls, struct mp_chart *chart);

/* Quantiles of single calls: a row of MP_PROFILE_COUNT for each invocation. */
struct mp_chart_profiles {
	float *rows[2]; /* owned */
	size_t n[2];
};
void mp_chart_profiles_done(struct mp_chart_profiles *profiles); /* accepts zeroed */
/* As mp_chart_calls_read(). */
int mp_chart_profiles_read(const struct mp_chart_subject *subject, struct mp_chart *chart,
			   struct mp_chart_profiles *ret_profiles, struct mp_err *err);

/* Places that sizes have in the machine: page, huge page, caches of each level. With two sides that differ the text says
 * which. */
void mp_chart_size_marks(const struct mp_chart_subject *subject, struct mp_chart *chart,
			 struct mp_chart_axis *axis);
/* The same of counts: cores and CPUs. */
void mp_chart_count_marks(const struct mp_chart_subject *subject, struct mp_chart *chart,
			  struct mp_chart_axis *axis);

#endif
