/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of distributions: the bootstrap's exact law, two-level variance and pairs, special functions, t tests. */
#include "tests/report/vectors/vectors.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "report/statistics/bootstrap.h"
#include "report/statistics/paired.h"
#include "report/statistics/special.h"
#include "results/quantile.h"
#include "results/stats.h"
#include "results/variance.h"

struct student student_of(double mean, double error, double df)
{
	double reach = mp_special_t_quantile(0.025, df) * error;

	return (struct student){ mean / error, mp_special_t_p(mean / error, df), mean - reach,
				 mean + reach };
}

/* Weights of pairs of ranks, seen through values 4^rank: every mean of two is another number. */
static void weights(struct vectors *s, json_t *of_n)
{
	json_t *list, *one;
	const char *key;
	size_t i;

	json_object_foreach(of_n, key, list)
	{
		size_t n = strtoul(key, NULL, 10);
		struct mp_law law = { 0 };
		double x[MP_BOOTSTRAP_MOST];

		snprintf(s->row, sizeof(s->row), "weights of %zu", n);
		for (size_t k = 0; k < n; k++)
			x[k] = ldexp(1, 2 * (int)(k + 1));
		vectors_true(s, "the law", mp_bootstrap_median(x, n, &law) == 0);
		vectors_near(s, "pairs", (double)law.n, (double)json_array_size(list), 0);
		json_array_foreach(list, i, one)
		{
			double low = json_number_value(json_array_get(one, 0));
			double high = json_number_value(json_array_get(one, 1)), got = NAN;
			double value = (ldexp(1, 2 * (int)low) + ldexp(1, 2 * (int)high)) / 2;

			for (size_t k = 0; k < law.n; k++)
				if (law.points[k].value == value)
					got = law.points[k].p;
			vectors_check(s, "weight", got, json_number_value(json_array_get(one, 2)));
		}
		mp_law_done(&law);
	}
}

static void support_of(struct vectors *s, json_t *c, const struct mp_law *law)
{
	static struct list interval;
	vectors_near(s, "support", (double)law->n, vectors_number(s, c, "support_size"), 0);
	vectors_list(s, c, "ci95_percentile", &interval);
	vectors_check(s, "low", mp_law_quantile(law, 0.025), interval.v[0]);
	vectors_check(s, "high", mp_law_quantile(law, 0.975), interval.v[1]);
}

static void one_law(struct vectors *s, json_t *c)
{
	static struct list x;
	struct mp_law law = { 0 };
	json_t *pmf, *point;
	size_t i;

	vectors_row(s, c, "median of");
	vectors_list(s, c, "x", &x);
	vectors_true(s, "the law", mp_bootstrap_median(x.v, x.n, &law) == 0);
	support_of(s, c, &law);
	vectors_check(s, "mean", mp_law_mean(&law),
		      vectors_number(s, c, "bootstrap_mean_of_median"));
	vectors_check(s, "error", mp_law_sd(&law), vectors_number(s, c, "bootstrap_se_of_median"));
	pmf = vectors_take(s, c, "pmf"); /* null where it is long */
	vectors_true(s, "points", json_is_null(pmf) || json_array_size(pmf) == law.n);
	json_array_foreach(pmf, i, point)
	{
		vectors_check(s, "value", law.points[i].value,
			      json_number_value(json_array_get(point, 0)));
		vectors_check(s, "probability", law.points[i].p,
			      json_number_value(json_array_get(point, 1)));
	}
	vectors_end(s, c);
	mp_law_done(&law);
}

static void one_law_of_ratio(struct vectors *s, json_t *c)
{
	static struct list x, y;
	struct mp_law law = { 0 };
	double medians;

	vectors_row(s, c, "ratio of");
	vectors_list(s, c, "x", &x);
	vectors_list(s, c, "y", &y);
	vectors_true(s, "the law", mp_bootstrap_ratio(x.v, x.n, y.v, y.n, &law) == 0);
	support_of(s, c, &law);
	vectors_check(s, "mean", mp_law_mean(&law),
		      vectors_number(s, c, "bootstrap_mean_of_ratio"));
	medians = mp_median(y.v, y.n) / mp_median(x.v, x.n);
	vectors_check(s, "ratio", medians, vectors_number(s, c, "ratio_of_medians_y_over_x"));
	vectors_end(s, c);
	mp_law_done(&law);
}

void vectors_bootstrap(struct vectors *s, json_t *doc)
{
	json_t *list, *c;
	size_t i;

	vectors_skip(s, doc, "definition");
	vectors_skip(s, doc, "reference");
	weights(s, vectors_take(s, doc, "weights_by_n_rank_pairs_1based"));
	list = vectors_take(s, doc, "one_sample");
	json_array_foreach(list, i, c) one_law(s, c);
	list = vectors_take(s, doc, "ratio_two_sample");
	json_array_foreach(list, i, c) one_law_of_ratio(s, c);
}

static void nested(struct vectors *s, json_t *c)
{
	static struct list want, pooled;
	struct mp_moments m[256];
	double medians[256];
	json_t *rows = vectors_take(s, c, "process_by_iteration"), *row, *costs, *value;
	struct mp_variance v;
	struct student t;
	const char *key;
	size_t i, k, n = json_array_size(rows);

	snprintf(s->row, sizeof(s->row), "nested");
	if (n > 256)
		vectors_true(s, "at most 256 processes", false);
	pooled.n = 0;
	json_array_foreach(rows, i, row)
	{
		double *blocks = pooled.v + pooled.n;
		double copy[4096];

		json_array_foreach(row, k, value) copy[k] = pooled.v[pooled.n++] =
			json_number_value(value);
		m[i] = mp_moments(blocks, json_array_size(row));
		medians[i] = mp_median(copy, json_array_size(row));
	}
	v = mp_variance(m, n);
	vectors_check(s, "mean", v.mean, vectors_number(s, c, "mean"));
	vectors_check(s, "S1", v.within, vectors_number(s, c, "S1_sq_mean_within_variance"));
	vectors_check(s, "S2", v.means, vectors_number(s, c, "S2_sq_variance_of_process_means"));
	vectors_check(s, "T2", v.between, fmax(0, vectors_number(s, c, "T2_sq_between_component")));
	vectors_check(s, "icc", v.icc, vectors_number(s, c, "icc"));
	vectors_check(s, "design effect", mp_variance_design_effect(&v),
		      vectors_number(s, c, "design_effect"));
	t = student_of(v.mean, mp_variance_error(&v, (double)n, v.blocks), (double)n - 1);
	vectors_list(s, c, "ci95_mean_process_level", &want);
	vectors_check(s, "low", t.low, want.v[0]);
	vectors_check(s, "high", t.high, want.v[1]);
	/* What pooling all iterations would claim: another interval, and a narrower one. */
	m[0] = mp_moments(pooled.v, pooled.n);
	t = student_of(m[0].mean, sqrt(m[0].variance / (double)pooled.n), (double)pooled.n - 1);
	vectors_true(s, "the pooled interval is narrower",
		     t.high - t.low < 0.8 * (want.v[1] - want.v[0]));
	vectors_list(s, c, "ci95_naive_pooled_WRONG", &want);
	vectors_check(s, "pooled low", t.low, want.v[0]);
	vectors_check(s, "pooled high", t.high, want.v[1]);
	costs = vectors_take(s, c, "optimal_iterations");
	json_object_foreach(costs, key, value)
	{
		double ratio = 0;

		vectors_true(s, key,
			     sscanf(key, "cost_ratio_process_to_iteration_%lf", &ratio) == 1 ||
				     sscanf(key, "cost_ratio_%lf", &ratio) == 1);
		vectors_check(s, key, mp_variance_blocks(&v, 1, ratio), json_number_value(value));
	}
	vectors_list(s, c, "process_medians", &want);
	for (i = 0; i < n; i++)
		vectors_check(s, "median", medians[i], want.v[i]);
	vectors_end(s, c);
}

static void paired(struct vectors *s, json_t *c)
{
	static struct list x, y, want;
	struct mp_moments m;
	struct mp_paired r;
	struct student t;
	json_t *paired_t;

	snprintf(s->row, sizeof(s->row), "paired");
	vectors_list(s, c, "x", &x);
	vectors_list(s, c, "y", &y);
	vectors_true(s, "the pairs", x.n == y.n && mp_paired(x.v, y.v, x.n, &r) == 0);
	vectors_check(s, "log ratio", r.log_ratio, vectors_number(s, c, "log_ratio_median"));
	vectors_check(s, "ratio", r.ratio, vectors_number(s, c, "ratio_y_over_x"));
	vectors_check(s, "above", (double)r.above, vectors_number(s, c, "n_positive"));
	vectors_check(s, "p", r.p, vectors_number(s, c, "sign_test_p_two_sided"));
	vectors_list(s, c, "sign_interval_ranks_95", &want);
	vectors_check(s, "lower rank", (double)r.lower, want.v[0]);
	vectors_check(s, "upper rank", (double)r.upper, want.v[1]);
	vectors_list(s, c, "sign_interval_ratio_95", &want);
	vectors_check(s, "low", r.low, want.v[0]);
	vectors_check(s, "high", r.high, want.v[1]);
	for (size_t i = 0; i < x.n; i++)
		x.v[i] = log(y.v[i] / x.v[i]);
	m = mp_moments(x.v, x.n);
	t = student_of(m.mean, sqrt(m.variance / (double)x.n), (double)x.n - 1);
	paired_t = vectors_take(s, c, "paired_t");
	vectors_check(s, "t", t.t, vectors_number(s, paired_t, "t"));
	vectors_check(s, "df", (double)x.n - 1, vectors_number(s, paired_t, "df"));
	vectors_check(s, "t's p", t.p, vectors_number(s, paired_t, "p"));
	vectors_list(s, paired_t, "ci95_ratio", &want);
	vectors_check(s, "t's low", exp(t.low), want.v[0]);
	vectors_check(s, "t's high", exp(t.high), want.v[1]);
	vectors_end(s, paired_t);
	vectors_end(s, c);
}

void vectors_nested_and_paired(struct vectors *s, json_t *doc)
{
	vectors_skip(s, doc, "definitions");
	nested(s, vectors_take(s, doc, "nested"));
	paired(s, vectors_take(s, doc, "paired"));
}

/* Calls `one` with every row of a table. */
static void rows(struct vectors *s, json_t *doc, const char *table,
		 void (*one)(struct vectors *s, json_t *row))
{
	json_t *list, *row;
	size_t i;

	list = vectors_take(s, doc, table);
	json_array_foreach(list, i, row)
	{
		snprintf(s->row, sizeof(s->row), "%s %zu", table, i);
		one(s, row);
		vectors_end(s, row);
	}
}

static void t_p(struct vectors *s, json_t *row)
{
	double t = vectors_number(s, row, "t"), df = vectors_number(s, row, "df");

	vectors_check(s, "p", mp_special_t_p(t, df), vectors_number(s, row, "p"));
}

static void t_quantile(struct vectors *s, json_t *row)
{
	double df = vectors_number(s, row, "df"), q = vectors_number(s, row, "q");

	vectors_check(s, "t", mp_special_t_quantile(1 - q, df), vectors_number(s, row, "t"));
}

static void normal_quantile(struct vectors *s, json_t *row)
{
	double q = vectors_number(s, row, "q");

	vectors_check(s, "z", mp_special_normal_quantile(q), vectors_number(s, row, "z"));
}

/* As rank.c has it. */
static void normal_p(struct vectors *s, json_t *row)
{
	double z = vectors_number(s, row, "z");

	vectors_check(s, "p", erfc(fabs(z) * M_SQRT1_2), vectors_number(s, row, "p"));
}

static void binomial(struct vectors *s, json_t *row)
{
	double k = vectors_number(s, row, "k"), p = vectors_number(s, row, "p");
	size_t n = (size_t)vectors_number(s, row, "n");

	vectors_check(s, "cdf", mp_binomial_cdf(k, n, p), vectors_number(s, row, "cdf"));
}

/* No part of memperf uses it; the library that stands behind t and binomial is asked itself. */
static void beta(struct vectors *s, json_t *row)
{
	double x = vectors_number(s, row, "x"), a = vectors_number(s, row, "a");
	double b = vectors_number(s, row, "b");

	vectors_check(s, "I", gsl_cdf_beta_P(x, a, b), vectors_number(s, row, "I"));
}

void vectors_special_functions(struct vectors *s, json_t *doc)
{
	rows(s, doc, "t_two_sided_p", t_p);
	rows(s, doc, "t_quantile", t_quantile);
	rows(s, doc, "normal_quantile", normal_quantile);
	rows(s, doc, "normal_two_sided_p", normal_p);
	rows(s, doc, "binom_cdf", binomial);
	rows(s, doc, "reg_inc_beta", beta);
}

/* Welch's test of two means. */
static struct student welch(const struct mp_moments *x, const struct mp_moments *y, double *ret_df)
{
	double a = x->variance / (double)x->n, b = y->variance / (double)y->n;

	*ret_df = (a + b) * (a + b) / (a * a / (double)(x->n - 1) + b * b / (double)(y->n - 1));
	return student_of(x->mean - y->mean, sqrt(a + b), *ret_df);
}

static void one_t(struct vectors *s, json_t *c)
{
	static struct list x, y, want;
	struct mp_moments mx, my;
	struct student t;
	json_t *of;
	double df, variance;

	vectors_row(s, c, "case");
	vectors_list(s, c, "x", &x);
	vectors_list(s, c, "y", &y);
	mx = mp_moments(x.v, x.n);
	my = mp_moments(y.v, y.n);
	of = vectors_take(s, c, "welch");
	t = welch(&mx, &my, &df);
	vectors_check(s, "t", t.t, vectors_number(s, of, "t"));
	vectors_check(s, "df", df, vectors_number(s, of, "df"));
	vectors_check(s, "p", t.p, vectors_number(s, of, "p_two_sided"));
	vectors_list(s, of, "ci95_diff", &want);
	vectors_check(s, "low", t.low, want.v[0]);
	vectors_check(s, "high", t.high, want.v[1]);
	vectors_end(s, of);
	of = vectors_take(s, c, "student_pooled");
	df = (double)(x.n + y.n - 2);
	variance = ((double)(x.n - 1) * mx.variance + (double)(y.n - 1) * my.variance) / df;
	t = student_of(mx.mean - my.mean, sqrt(variance * (1 / (double)x.n + 1 / (double)y.n)), df);
	vectors_check(s, "pooled t", t.t, vectors_number(s, of, "t"));
	vectors_check(s, "pooled df", df, vectors_number(s, of, "df"));
	vectors_check(s, "pooled p", t.p, vectors_number(s, of, "p_two_sided"));
	vectors_end(s, of);
	vectors_end(s, c);
}

void vectors_ttest(struct vectors *s, json_t *doc)
{
	static struct list x, y, want;
	struct mp_moments mx, my;
	struct student t;
	json_t *list, *c;
	double df;
	size_t i;

	list = vectors_take(s, doc, "cases");
	json_array_foreach(list, i, c) one_t(s, c);
	c = vectors_take(s, doc, "log_ratio");
	vectors_row(s, c, "log ratio");
	vectors_list(s, c, "x", &x);
	vectors_list(s, c, "y", &y);
	for (i = 0; i < x.n; i++)
		x.v[i] = log(x.v[i]);
	for (i = 0; i < y.n; i++)
		y.v[i] = log(y.v[i]);
	mx = mp_moments(x.v, x.n);
	my = mp_moments(y.v, y.n);
	t = welch(&mx, &my, &df);
	vectors_check(s, "t", t.t, vectors_number(s, c, "t"));
	vectors_check(s, "df", df, vectors_number(s, c, "df"));
	vectors_check(s, "p", t.p, vectors_number(s, c, "p"));
	vectors_check(s, "ratio", exp(mx.mean - my.mean), vectors_number(s, c, "ratio"));
	vectors_list(s, c, "ci95_ratio", &want);
	vectors_check(s, "low", exp(t.low), want.v[0]);
	vectors_check(s, "high", exp(t.high), want.v[1]);
	vectors_skip(s, c, "note");
	vectors_end(s, c);
}
