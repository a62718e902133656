/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of one sample: descriptive numbers, ranks of intervals, histogram buckets. */
#include "tests/report/vectors/vectors.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/quantile.h"
#include "results/stats.h"
#include "results/variance.h"

static void quantiles(struct vectors *s, json_t *c, const char *key, enum mp_quantile_type type,
		      const struct list *sorted)
{
	json_t *list, *want;
	const char *p;

	list = vectors_take(s, c, key);
	json_object_foreach(list, p, want)
		vectors_check(s, key, mp_quantile(sorted->v, sorted->n, strtod(p, NULL), type),
			      json_number_value(want));
}

/* Median of |x - median|, by memperf's median. */
static double mad(const struct list *x, double median)
{
	static struct list away;

	for (size_t i = 0; i < x->n; i++)
		away.v[i] = fabs(x->v[i] - median);
	return mp_median(away.v, x->n);
}

/* Means that memperf does not use, so that no key is left out. `sorted` may have negative values. */
static void other_means(struct vectors *s, json_t *c, const struct list *sorted)
{
	double logs = 0, inverse = 0, sum = 0;
	size_t n = sorted->n, cut = n / 10;

	for (size_t i = 0; i < n; i++) {
		logs += log(sorted->v[i]) / (double)n;
		inverse += 1 / sorted->v[i];
		sum += i >= cut && i < n - cut ? sorted->v[i] : 0;
	}
	vectors_check(s, "trimmed", sum / (double)(n - 2 * cut),
		      vectors_number(s, c, "trimmed_mean_10pct"));
	vectors_check(s, "geometric", sorted->v[0] > 0 ? exp(logs) : NAN,
		      vectors_number(s, c, "geometric_mean"));
	vectors_check(s, "harmonic", sorted->v[0] > 0 ? (double)n / inverse : NAN,
		      vectors_number(s, c, "harmonic_mean"));
}

/* Of values in the order of time, which memperf does not compute either. */
static double lag1(const double *x, size_t n, double mean)
{
	double products = 0, squares = 0;

	for (size_t i = 0; i < n; i++) {
		products += i + 1 < n ? (x[i] - mean) * (x[i + 1] - mean) : 0;
		squares += (x[i] - mean) * (x[i] - mean);
	}
	return n > 2 ? products / squares : NAN;
}

static void one_sample(struct vectors *s, json_t *c)
{
	static struct list x, sorted;
	struct mp_moments m;
	struct mp_estimate e;

	vectors_row(s, c, "case");
	vectors_list(s, c, "x", &x);
	sorted = x;
	m = mp_moments(x.v, x.n);
	e = mp_estimate_median(x.v, x.n);
	vectors_check(s, "n", (double)m.n, vectors_number(s, c, "n"));
	vectors_check(s, "mean", m.mean, vectors_number(s, c, "mean"));
	vectors_check(s, "variance", m.variance, vectors_number(s, c, "var_n1"));
	vectors_check(s, "sd", sqrt(m.variance), vectors_number(s, c, "sd_n1"));
	vectors_check(s, "cv", e.cv, vectors_number(s, c, "cv"));
	vectors_near(s, "lag 1", lag1(x.v, x.n, m.mean), vectors_number(s, c, "lag1_autocorr"),
		     1e-12);
	vectors_check(s, "median", e.value, vectors_number(s, c, "median"));
	mp_median(sorted.v, sorted.n);
	vectors_check(s, "MAD", mad(&x, e.value), vectors_number(s, c, "mad_raw"));
	vectors_check(s, "scaled MAD", 1.4826 * mad(&x, e.value),
		      vectors_number(s, c, "mad_1.4826"));
	vectors_check(s, "min", sorted.v[0], vectors_number(s, c, "min"));
	vectors_check(s, "max", sorted.v[x.n - 1], vectors_number(s, c, "max"));
	vectors_check(s, "IQR",
		      mp_quantile(sorted.v, x.n, 0.75, MP_QUANTILE_LINEAR) -
			      mp_quantile(sorted.v, x.n, 0.25, MP_QUANTILE_LINEAR),
		      vectors_number(s, c, "iqr_type7"));
	quantiles(s, c, "quantile_type7", MP_QUANTILE_LINEAR, &sorted);
	quantiles(s, c, "quantile_type6", MP_QUANTILE_WEIBULL, &sorted);
	quantiles(s, c, "quantile_type1", MP_QUANTILE_RANK, &sorted);
	other_means(s, c, &sorted);
	vectors_end(s, c);
}

/* "x[0]=1.2; then 1000 values alternating 1.1,1.3" */
static void one_rule(struct vectors *s, json_t *c, double mean_tolerance, double sd_tolerance)
{
	static struct list x;
	const char *rule;
	struct mp_moments m;
	double first, a, b, want;
	size_t more;

	vectors_row(s, c, "rule");
	rule = json_string_value(vectors_take(s, c, "rule"));
	if (!rule ||
	    sscanf(rule, "x[0]=%lf; then %zu values alternating %lf,%lf", &first, &more, &a, &b) !=
		    4 ||
	    more >= sizeof(x.v) / sizeof(x.v[0])) {
		vectors_true(s, "a rule that this test can read", false);
		return;
	}
	x.v[0] = first;
	for (size_t i = 1; i <= more; i++)
		x.v[i] = i % 2 ? a : b;
	x.n = more + 1;
	m = mp_moments(x.v, x.n);
	vectors_check(s, "n", (double)x.n, vectors_number(s, c, "n"));
	want = vectors_number(s, c, "mean");
	vectors_near(s, "mean", m.mean, want, mean_tolerance * want);
	want = vectors_number(s, c, "sd_n1");
	vectors_near(s, "sd", sqrt(m.variance), want, sd_tolerance * want);
	vectors_near(s, "lag 1", lag1(x.v, x.n, m.mean), vectors_number(s, c, "lag1_autocorr"),
		     1e-7);
	vectors_skip(s, c, "source");
	vectors_end(s, c);
}

void vectors_descriptive(struct vectors *s, json_t *doc)
{
	json_t *tolerance = vectors_take(s, doc, "rule_tolerance"), *list, *c;
	double mean = vectors_number(s, tolerance, "mean_rel");
	double sd = vectors_number(s, tolerance, "sd_rel");
	size_t i;

	vectors_skip(s, doc, "notes");
	list = vectors_take(s, doc, "cases");
	json_array_foreach(list, i, c) one_sample(s, c);
	list = vectors_take(s, doc, "rule_cases");
	json_array_foreach(list, i, c) one_rule(s, c, mean, sd);
	vectors_end(s, tolerance);
}

void vectors_quantile_ci_ranks(struct vectors *s, json_t *doc)
{
	json_t *list, *c;
	size_t i;

	vectors_skip(s, doc, "definition");
	list = vectors_take(s, doc, "cases");
	json_array_foreach(list, i, c)
	{
		struct mp_quantile_ranks r;
		double p, confidence;
		size_t n;

		vectors_row(s, c, "case");
		n = (size_t)vectors_number(s, c, "n");
		p = vectors_number(s, c, "p");
		confidence = vectors_number(s, c, "conf");
		snprintf(s->row, sizeof(s->row), "n %zu p %g confidence %g", n, p, confidence);
		r = mp_quantile_ranks(n, p, confidence);
		vectors_check(s, "lower", r.lower ? (double)r.lower : NAN,
			      vectors_number(s, c, "lower_rank"));
		vectors_check(s, "upper", r.upper ? (double)r.upper : NAN,
			      vectors_number(s, c, "upper_rank"));
		vectors_true(s, "two sides",
			     (r.lower && r.upper) == vectors_bool(s, c, "two_sided_exists"));
		vectors_check(s, "coverage", r.level, vectors_number(s, c, "coverage"));
		/* The interval of a case's median lies between these order statistics and the next. */
		if (p == 0.5 && confidence == 0.95 && n >= 6 && n <= 4096) {
			static struct list x;
			struct mp_estimate e;

			for (size_t k = 0; k < n; k++)
				x.v[k] = (double)k + 1;
			e = mp_estimate_median(x.v, n);
			vectors_true(s, "the median's interval",
				     e.low >= (double)r.lower && e.low < (double)r.lower + 1 &&
					     e.high <= (double)r.upper &&
					     e.high > (double)r.upper - 1);
		}
		vectors_end(s, c);
	}
}

/* memperf's histogram has two digits; rows of three are another histogram's. */
static void one_bucket(struct vectors *s, json_t *c)
{
	uint64_t value;
	size_t bucket;

	vectors_row(s, c, "bucket");
	if (vectors_number(s, c, "sig") != 2) {
		json_object_clear(c);
		return;
	}
	value = (uint64_t)vectors_number(s, c, "v");
	snprintf(s->row, sizeof(s->row), "bucket of %llu", (unsigned long long)value);
	bucket = mp_histogram_bucket(value);
	vectors_near(s, "lowest", (double)mp_histogram_lower(bucket),
		     vectors_number(s, c, "lowest"), 0);
	vectors_near(s, "highest", (double)mp_histogram_upper(bucket),
		     vectors_number(s, c, "highest"), 0);
	/* Upstream's stand-in for a bucket in its mean; memperf keeps the sum itself. */
	vectors_skip(s, c, "median_equiv");
	vectors_end(s, c);
}

static void percentiles(struct vectors *s, json_t *c)
{
	struct mp_histogram h = { 0 };
	const char *rule, *p;
	unsigned long long offset, modulus, last;
	bool failed = false;
	json_t *list, *want;

	snprintf(s->row, sizeof(s->row), "percentiles");
	rule = json_string_value(vectors_take(s, c, "input_rule"));
	if (!rule ||
	    sscanf(rule, "v_k = %llu + (k*k mod %llu), k=0..%llu", &offset, &modulus, &last) != 3) {
		vectors_true(s, "a rule that this test can read", false);
		return;
	}
	for (unsigned long long k = 0; k <= last; k++)
		failed |= mp_histogram_add(&h, offset + k * k % modulus, 1) != 0;
	vectors_true(s, "adding", !failed);
	list = vectors_take(s, c, "sig2");
	json_object_foreach(list, p, want) vectors_near(
		s, p, mp_histogram_quantile(&h, strtod(p, NULL) / 100), json_number_value(want), 0);
	vectors_check(s, "exact mean", h.sum / (double)h.n, vectors_number(s, c, "exact_mean"));
	want = vectors_take(s, c, "exact");
	vectors_near(s, "maximum", (double)h.max, vectors_number(s, want, "100"), 0);
	mp_histogram_done(&h);
	/* The exact quantiles are the input's own; the others another histogram's. */
	vectors_skip(s, c, "percentile_rule");
	vectors_skip(s, c, "sig3");
	vectors_skip(s, c, "mean_sig2");
	vectors_skip(s, c, "mean_sig3");
	vectors_end(s, c);
}

void vectors_hdr_buckets(struct vectors *s, json_t *doc)
{
	json_t *list, *c;
	size_t i;

	vectors_skip(s, doc, "definition");
	vectors_skip(s, doc, "configuration"); /* of the program that wrote the vectors */
	list = vectors_take(s, doc, "values");
	json_array_foreach(list, i, c) one_bucket(s, c);
	percentiles(s, vectors_take(s, doc, "percentiles"));
}
