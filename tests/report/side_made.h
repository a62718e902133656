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
	struct mp_case_row row;
	double values[MP_MODE_COUNT][2][MADE_MAX]; /* [mode bit][population] */
	size_t n[MP_MODE_COUNT][2];
};

struct made {
	struct mp_side side;
	struct mp_side_run run;
	struct mp_case_row *rows;
	struct made_case *cases;
	size_t n;
	struct mp_side_fact page_size;
};

static inline int made_bit(enum mp_mode mode)
{
	return mode == MP_MODE_CALL ? 0 : mode == MP_MODE_BATCH ? 1 : 2;
}

static inline int made_values(void *user, int64_t run_case, enum mp_mode mode,
			      enum mp_population population, double **ret_values, size_t *ret_count,
			      struct mp_err *err)
{
	struct made *made = user;
	struct made_case *c = &made->cases[run_case];
	size_t n = c->n[made_bit(mode)][population];

	(void)err;
	*ret_values = malloc((n + 1) * sizeof(double));
	memcpy(*ret_values, c->values[made_bit(mode)][population], n * sizeof(double));
	*ret_count = n;
	return 0;
}

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
	made->run.cases = made->rows;
	made->run.n_cases = n;
	made->run.facts = &made->page_size;
	made->run.n_facts = 1;
	made->side = (struct mp_side){
		.name = name, .runs = &made->run, .n_runs = 1, .values = made_values, .user = made
	};
}

static inline struct mp_case_row *made_case(struct made *made, size_t i, char *text)
{
	struct mp_case_row *row = &made->rows[i];

	row->run_case = (int64_t)i;
	row->text = text;
	row->bench = text;
	row->family = (char *)"family";
	row->unit = (char *)"call";
	row->reason = (char *)"";
	row->version = 1;
	row->outcome = MP_OUTCOME_OK;
	row->resolution = MP_RESOLUTION_PER_CALL;
	return row;
}

/* Sets the values of one mode and population, and makes the first ones set the headline. */
static inline void made_set(struct made *made, size_t i, enum mp_mode mode, enum mp_population p,
			    const double *values, size_t n)
{
	struct mp_case_row *row = &made->rows[i];
	struct made_case *c = &made->cases[i];
	struct mp_estimate *e = mode == MP_MODE_CALL	? &row->call_p50[p]
				: mode == MP_MODE_BATCH ? &row->batch_p50[p]
							: &row->rate_mean[p];

	memcpy(c->values[made_bit(mode)][p], values, n * sizeof(double));
	c->n[made_bit(mode)][p] = n;
	e->n = n;
	e->value = n ? values[0] : NAN;
	if (!row->has_value) {
		row->has_value = true;
		row->mode = mode;
		row->population = p;
		row->value = *e;
	}
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
