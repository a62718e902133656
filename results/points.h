/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cases of a run with one value per invocation, in one pass: what comparisons, floors and histories read.
 *
 * Table `point` holds them ready; in a file that has none (schema 1, never migrated) the same numbers are computed
 * from the statistics and histograms of the invocations while reading. Times are nanoseconds per operation, unknown
 * is NaN. All memory belongs to the struct mp_points_run. Layer: results.
 */
#ifndef RESULTS_POINTS_H
#define RESULTS_POINTS_H

#include <math.h>

#include "common/arena.h"
#include "results/store.h"

/* Quantiles of single calls that are kept of an invocation: the deciles, and the tail. */
#define MP_PROFILE_COUNT  13
#define MP_PROFILE_MEDIAN 4 /* index of p50 */
#define MP_PROFILE_TAIL	  10 /* indices from here on: p99, p99.5, p99.9 */
struct mp_profile_quantile {
	const char *name; /* "p10", "p99.5" */
	double p;
	/* Fewest calls for which a distribution-free two-sided 95 % interval of it exists: ln 0.025 / ln max(p, 1 - p). */
	uint64_t fewest;
};
extern const struct mp_profile_quantile mp_profile[MP_PROFILE_COUNT];

/* The profile of one invocation's call samples; NaN where there are too few. Quantiles lie inside their bucket, or
 * inside a clock step where that is wider, in proportion to the rank (grouped data), and never decrease. */
void mp_profile_of(const struct mp_histogram *h, double step_ns,
		   float ret_profile[MP_PROFILE_COUNT]);

/* One mode and population of a case: a value of each ok or invalid invocation that counts, in order of ordinals (a
 * calm value takes 32 calm samples, or 3 calm blocks). */
struct mp_points {
	size_t n; /* 0: none */
	const double *p50,
		*mean; /* CALL: of calls; BATCH, RATE: of block means, and over all operations. Of a run that was
			* read the ones that mp_points_values() asks for, and the mean of calls; the other is
			* NULL */
	const float *profile; /* n rows of MP_PROFILE_COUNT; NULL unless CALL */
};

struct mp_points_case {
	int64_t run_case;
	const char *text, *bench, *family, *unit;
	const char *reason; /* empty when ok */
	const char *
		kind; /* of the core of its first worker (struct mp_full_speed); "" alike, or unknown */
	unsigned version;
	uint64_t bytes; /* that one operation handles; 0: the unit has none */
	enum mp_outcome outcome;
	bool has_value; /* the headline, as in struct mp_case_row */
	enum mp_mode mode;
	enum mp_population population;
	enum mp_resolution resolution; /* BATCH_ONLY without call samples */
	double value, cv;
	double within,
		between; /* of the headline on logs, S1 and T2 (results/variance.h); NaN: not known */
	double block_ns; /* wall time of a block; NaN with them */
	struct mp_points points[MP_MODE_COUNT][2]; /* [mp_mode_index()][enum mp_population] */
};

struct mp_points_run {
	struct mp_points_case *cases; /* in name order */
	size_t n_cases, cap_cases;
	struct mp_arena memory; /* texts and values */
};

/* 0 for call, 1 for batch, 2 for rate. */
int mp_mode_index(enum mp_mode mode);

/* The values that stand for a case: medians, or means in RATE mode. */
static inline const double *mp_points_values(const struct mp_points *points, enum mp_mode mode)
{
	return mode == MP_MODE_RATE ? points->mean : points->p50;
}

/* Of invocation `i`: the value that stands for a case (quantile -1), a quantile of its calls (index of mp_profile), or
 * that quantile over their median (`relative`). NaN: unknown. */
static inline double mp_points_metric(const struct mp_points *points, enum mp_mode mode, size_t i,
				      int quantile, bool relative)
{
	const float *row;

	if (quantile < 0)
		return mp_points_values(points, mode)[i];
	if (!points->profile)
		return NAN;
	row = points->profile + i * MP_PROFILE_COUNT;
	return relative ? (double)row[quantile] / (double)row[MP_PROFILE_MEDIAN]
			: (double)row[quantile];
}

/* The cases of a run one by one, in the order of their ids and in one read transaction: `c` lives until `each` returns, but
 * what many of them share (benchmark, family, unit, kind of core) is in `memory`. Not `whole`: without what takes as long to
 * read as the rest of a case and is seldom asked for, kinds ("") and the parts of the variance (NaN). Stops at the first
 * non-zero return of `each` and returns it. 0 or negative errno. */
int mp_store_points_each(struct mp_store *s, int64_t run, bool whole, struct mp_arena *memory,
			 int (*each)(void *user, const struct mp_points_case *c,
				     struct mp_err *err),
			 void *user, struct mp_err *err);

/* All values of a case in one piece, to be kept elsewhere: how many bytes (a multiple of 8), the bytes, and a case that is
 * told where they are (`values` is aligned to 8). Which values there are is in the n of its points. */
size_t mp_points_size(const struct mp_points_case *c);
void mp_points_pack(const struct mp_points_case *c, void *ret_values);
void mp_points_unpack(struct mp_points_case *c, const void *values);

/* Appends a copy with all that is not in the run's memory already. 0 or -ENOMEM. */
int mp_points_keep(struct mp_points_run *run, const struct mp_points_case *c);

/* All of them; ended with mp_points_run_done(). 0 or negative errno. */
int mp_store_points(struct mp_store *s, int64_t run, struct mp_points_run *ret_run,
		    struct mp_err *err);
void mp_points_run_done(struct mp_points_run *run); /* accepts zeroed */

/* Runs of a machine that have ended, newest first, without those that only confirm another or are a
 * step of a bisection (tags confirms=..., bisect=...). *ret_runs is heap memory of the caller. 0 or negative errno. */
int mp_store_machine_runs(struct mp_store *s, const char *machine, int64_t **ret_runs,
			  size_t *ret_count, struct mp_err *err);

#endif
