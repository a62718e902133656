/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs with nothing changed differ by: see floor.h. */
#include "report/compare/floor.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "report/compare/internal.h"
#include "report/history/detect.h"
#include "report/statistics/special.h"
#include "results/variance.h"

#define POWER 0.8

struct mp_floors {
	struct mp_points_run runs[MP_FLOOR_RUNS]; /* newest first */
	size_t n_runs;
};

void mp_floors_free(struct mp_floors *floors)
{
	if (!floors)
		return;
	for (size_t i = 0; i < floors->n_runs; i++)
		mp_points_run_done(&floors->runs[i]);
	free(floors);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/* Does a difference of the fact make another environment? */
static bool decides(const struct mp_side_fact *fact)
{
	if (mp_fact_moves(fact->group, fact->key))
		return false;
	return fact->weight >= 3 || (fact->weight == 2 && strcmp(fact->volatility, "now"));
}

/* A fact that the other run never recorded, because another memperf made it, is no difference. */
static bool holds_facts_of(const struct mp_side_run *a, const struct mp_side_run *b)
{
	for (size_t i = 0; i < a->n_facts; i++) {
		const struct mp_side_fact *mine = &a->facts[i];
		const struct mp_side_fact *other = mp_side_fact(b, mine->group, mine->key);

		if (decides(mine) && other && !same_text(mine->value, other->value))
			return false;
	}
	return true;
}

static bool same_environment(const struct mp_side_run *a, const struct mp_side_run *b)
{
	return !strcmp(a->row.machine, b->row.machine) && !strcmp(a->row.clock, b->row.clock) &&
	       holds_facts_of(a, b);
}

static bool is_in(const struct mp_side *side, const char *uuid)
{
	for (size_t i = 0; side && i < side->n_runs; i++) {
		if (same_text(side->runs[i].row.uuid, uuid))
			return true;
	}
	return false;
}

/* Adds the run when it is one to learn from. */
static int consider(struct mp_store *s, int64_t id, const struct mp_side_run *like,
		    const struct mp_side *without, struct mp_floors *floors, struct mp_err *err)
{
	MP_CLEANUP(mp_side_run_done) struct mp_side_run run = { 0 };
	int rc = mp_side_run_describe(s, id, &run, err);

	if (rc || run.sabotage || mp_side_noisy(&run) || is_in(without, run.row.uuid) ||
	    !same_environment(like, &run))
		return rc;
	rc = mp_store_points(s, id, &floors->runs[floors->n_runs], err);
	floors->n_runs += !rc;
	return rc;
}

int mp_floors_load(struct mp_store *s, const struct mp_side_run *like,
		   const struct mp_side *without, struct mp_floors **ret_floors, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) int64_t *ids = NULL;
	struct mp_floors *floors = calloc(1, sizeof(*floors));
	size_t count = 0;
	int rc;

	if (!floors)
		return mp_err_env(err, -ENOMEM, "out of memory");
	rc = mp_store_machine_runs(s, like->row.machine, &ids, &count, err);
	/* Too few are not read, and may be large ones. */
	for (size_t i = 0;
	     !rc && count >= MP_FLOOR_LEAST && i < count && floors->n_runs < MP_FLOOR_RUNS; i++)
		rc = consider(s, ids[i], like, without, floors, err);
	if (rc) {
		mp_floors_free(floors);
		return rc;
	}
	*ret_floors = floors;
	return 0;
}

int mp_floors_load_newest(struct mp_store *s, const char *machine, struct mp_floors **ret_floors,
			  struct mp_err *err)
{
	MP_CLEANUP(mp_side_run_done) struct mp_side_run newest = { 0 };
	MP_CLEANUP(mp_free_ptr) int64_t *ids = NULL;
	size_t count = 0;
	int rc = mp_store_machine_runs(s, machine, &ids, &count, err);

	if (!rc && !count)
		*ret_floors = NULL;
	if (rc || !count)
		return rc;
	rc = mp_side_run_describe(s, ids[0], &newest, err);
	return rc ? rc : mp_floors_load(s, &newest, NULL, ret_floors, err);
}

static int by_text(const void *key, const void *element)
{
	return strcmp(key, ((const struct mp_points_case *)element)->text);
}

/* The case in one of the runs; NULL when it is not there as that definition, or not ok. */
static const struct mp_points_case *find(const struct mp_points_run *run, const char *text,
					 unsigned version)
{
	const struct mp_points_case *c =
		run->n_cases ? bsearch(text, run->cases, run->n_cases, sizeof(*run->cases), by_text)
			     : NULL;

	return c && c->version == version && c->outcome == MP_OUTCOME_OK ? c : NULL;
}

/* ln of a run's median; NaN when it has none. */
static double log_value(const struct mp_points_case *c, enum mp_mode mode,
			enum mp_population population, int metric, bool relative)
{
	const struct mp_points *points = &c->points[mp_mode_index(mode)][population];
	double *values = calloc(points->n + 1, sizeof(*values)), median;
	size_t n = 0;

	for (size_t i = 0; values && i < points->n; i++) {
		double value = mp_points_metric(points, mode, i, metric, relative);

		if (isfinite(value) && value > 0)
			values[n++] = value;
	}
	median = n ? mp_median(values, n) : NAN;
	free(values);
	return log(median);
}

/* Sum of squares around the mean, of two values or more. */
static double squares(const double *logs, size_t n)
{
	return mp_moments(logs, n).variance * (double)(n - 1);
}

/* The one place where the level changed for good; 0: there is none. */
static size_t lasting_step(const double *logs, size_t n)
{
	struct mp_detection d;
	size_t at;

	if (mp_detect(logs, n, &mp_detect_defaults, &d))
		return 0;
	at = d.n_points == 1 ? d.points[0].at : 0;
	mp_detection_done(&d);
	return at;
}

struct mp_floor mp_floor_learned(const double *logs, size_t n)
{
	struct mp_floor floor = { .value = NAN, .deviation = NAN, .freedom = NAN, .runs = n };
	size_t at;

	if (n < MP_FLOOR_LEAST)
		return floor;
	at = lasting_step(logs, n);
	floor.freedom = (double)(at ? n - 2 : n - 1);
	floor.deviation =
		sqrt(2 * (at ? squares(logs, at) + squares(logs + at, n - at) : squares(logs, n)) /
		     floor.freedom);
	floor.value = expm1(mp_special_t_quantile(0.025, floor.freedom) * floor.deviation);
	return floor;
}

double mp_floor_p(const struct mp_floor *floor, double ratio)
{
	double change = fabs(log(ratio));

	if (isnan(floor->value))
		return NAN;
	/* Runs that do not differ at all: neither does anything that is nothing. */
	if (!(floor->deviation > 0))
		return change > 0 ? 0 : 1;
	return mp_special_t_p(change / floor->deviation, floor->freedom);
}

double mp_floor_called(const struct mp_floor *floor, double alpha, double wanted, double spread)
{
	double reach, by_invocations;

	if (isnan(floor->value))
		return INFINITY;
	reach = exp((mp_special_t_quantile(alpha / 2, floor->freedom) +
		     mp_special_normal_quantile(POWER)) *
		    floor->deviation);
	by_invocations = fmax((1 + wanted) * spread, reach) - 1;
	return floor->deviation > 0 ? fmin(by_invocations, (1 + wanted) * reach - 1)
				    : by_invocations;
}

struct mp_floor mp_floor_of(const struct mp_floors *floors, const char *text, unsigned version,
			    enum mp_mode mode, enum mp_population population, int metric,
			    bool relative)
{
	double logs[MP_FLOOR_RUNS] = { 0 };
	size_t n = 0;

	for (size_t i = 0; floors && i < floors->n_runs; i++) {
		const struct mp_points_case *c = find(&floors->runs[i], text, version);
		double value = c ? log_value(c, mode, population, metric, relative) : NAN;

		if (isfinite(value))
			logs[n++] = value;
	}
	return mp_floor_learned(logs, n);
}

double mp_floor_scatter(const struct mp_points_case *c, uint64_t measure_ns)
{
	double blocks = (double)measure_ns / c->block_ns;

	if (!measure_ns || !(c->block_ns > 0) || isnan(c->within) || isnan(c->between))
		return c->cv;
	return sqrt(c->between + c->within / fmax(blocks, 1));
}

double mp_floor_detectable(const struct mp_floors *floors, const char *text, unsigned version,
			   double threshold, double alpha, size_t n, uint64_t measure_ns,
			   struct mp_floor *ret_floor)
{
	MP_CLEANUP(mp_rank_done) struct mp_rank rank = { 0 };
	const struct mp_points_case *c = NULL;
	double change, beyond;
	struct mp_floor floor;

	for (size_t i = 0; floors && i < floors->n_runs && !(c && c->has_value); i++)
		c = find(&floors->runs[i], text, version);
	if (!c || !c->has_value)
		return NAN;
	floor = mp_floor_of(floors, text, version, c->mode, c->population, -1, false);
	if (ret_floor)
		*ret_floor = floor;
	change = mp_power_detectable(&rank, mp_floor_scatter(c, measure_ns), alpha, n, n);
	beyond =
		fmax(threshold, isnan(floor.value) ? mp_floor_assumed(c->population) : floor.value);
	return fmin((1 + beyond) * exp(change) - 1,
		    mp_floor_called(&floor, alpha, threshold, exp(change)));
}
