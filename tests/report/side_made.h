/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sides made by hand, for tests of the comparison without a results file. */
#ifndef TESTS_REPORT_SIDE_MADE_H
#define TESTS_REPORT_SIDE_MADE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "report/statistics/special.h"
#include "report/compare/side.h"

#define MADE_MAX 64

struct made_case {
	double values[MP_MODE_COUNT][2][MADE_MAX]; /* [mp_mode_index()][population] */
	float profile[2][MADE_MAX * MP_PROFILE_COUNT];
};

struct made {
	struct mp_side side;
	struct mp_side_run run;
	struct mp_points_case *rows;
	struct made_case *cases;
	size_t n;
	struct mp_side_fact page_size;
};

/* A run of `n` cases with nothing in them, in name order by construction of the caller. */
static inline void made_init(struct made *made, char *name, size_t n)
{
	memset(made, 0, sizeof(*made));
	made->n = n;
	made->cases = calloc(n + 1, sizeof(*made->cases));
	made->rows = calloc(n + 1, sizeof(*made->rows));
	made->page_size = (struct mp_side_fact){ .group = (char *)"kernel",
						 .key = (char *)"page_size",
						 .value = (char *)"4096",
						 .origin = (char *)"sysconf",
						 .volatility = (char *)"boot",
						 .why = (char *)"another base page",
						 .weight = 3 };
	made->run.row = (struct mp_run_row){ .id = 1,
					     .uuid = name,
					     .machine = (char *)"m1",
					     .host = (char *)"host",
					     .status = (char *)"complete",
					     .version = (char *)"0.1",
					     .commit = (char *)"abc",
					     .clock = (char *)"tsc" };
	made->run.points.cases = made->rows;
	made->run.points.n_cases = n;
	made->run.facts = &made->page_size;
	made->run.n_facts = 1;
	made->side = (struct mp_side){ .name = name, .runs = &made->run, .n_runs = 1 };
}

static inline struct mp_points_case *made_case(struct made *made, size_t i, char *text)
{
	struct mp_points_case *row = &made->rows[i];

	row->run_case = (int64_t)i;
	row->text = text;
	row->bench = text;
	row->family = (char *)"family";
	row->unit = (char *)"call";
	row->reason = (char *)"";
	row->kind = "";
	row->version = 1;
	row->outcome = MP_OUTCOME_OK;
	row->resolution = MP_RESOLUTION_PER_CALL;
	return row;
}

/* Sets the values of one mode and population, and makes the first ones set the headline. */
static inline void made_set(struct made *made, size_t i, enum mp_mode mode, enum mp_population p,
			    const double *values, size_t n)
{
	struct mp_points_case *row = &made->rows[i];
	double *mine = made->cases[i].values[mp_mode_index(mode)][p];
	struct mp_points *points = &row->points[mp_mode_index(mode)][p];

	memcpy(mine, values, n * sizeof(double));
	*points = (struct mp_points){ .n = n, .p50 = mine, .mean = mine };
	if (!row->has_value) {
		row->has_value = true;
		row->mode = mode;
		row->population = p;
		row->value = n ? values[0] : NAN;
	}
}

/* Quantiles of the calls: p50 as in the values, the others as multiples of it, times `factor[q]`. */
static inline void made_profile(struct made *made, size_t i, enum mp_population p,
				const double factor[MP_PROFILE_COUNT])
{
	static const double plain[MP_PROFILE_COUNT] = { 0.94, 0.95, 0.96, 0.98, 1,   1.02, 1.04,
							1.06, 1.1,  1.2,  1.5,	1.8, 3 };
	struct mp_points *points = &made->rows[i].points[0][p];
	float *mine = made->cases[i].profile[p];

	for (size_t k = 0; k < points->n; k++) {
		for (int q = 0; q < MP_PROFILE_COUNT; q++)
			mine[k * MP_PROFILE_COUNT + (size_t)q] =
				(float)(points->p50[k] * plain[q] * (factor ? factor[q] : 1));
	}
	points->profile = mine;
}

/* Lognormal values: median `centre`, relative standard deviation `sd`. */
static inline void made_draw(struct mp_random *r, double centre, double sd, double *values,
			     size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double u = ((double)(mp_random_next(r) >> 11) + 0.5) * 0x1p-53;

		values[i] = centre * exp(sd * mp_special_normal_quantile(u));
	}
}

static inline void made_done(struct made *made)
{
	free(made->cases);
	free(made->rows);
}

#endif
