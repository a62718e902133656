/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Noise, segmentation and gate of one series: see detect.h. */
#include "report/history/detect.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/potts.h"

/* Median of |x| of normal values, as a standard deviation. */
#define MAD_TO_SD 1.4826

const struct mp_detect_options mp_detect_defaults = MP_DETECT_DEFAULTS;

/* ---- order statistics ---- */

/* The k-th smallest of v, which is reordered: nothing before place k is above it (Wirth 1976, algorithm "find"). */
static double select_kth(double *v, size_t n, size_t k)
{
	ptrdiff_t left = 0, right = (ptrdiff_t)n - 1, want = (ptrdiff_t)k;

	while (left < right) {
		double pivot = v[want];
		ptrdiff_t i = left, j = right;

		while (i <= j) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i <= j) {
				double swap = v[i];

				v[i++] = v[j];
				v[j--] = swap;
			}
		}
		if (j < want)
			left = i;
		if (want < i)
			right = j;
	}
	return v[k];
}

/* Reorders v. */
static double median_of(double *v, size_t n)
{
	double high = select_kth(v, n, n / 2), low = v[0];

	if (n % 2)
		return high;
	for (size_t i = 1; i < n / 2; i++)
		low = fmax(low, v[i]);
	return (low + high) / 2;
}

/* ---- correlation ---- */

/* z without the medians of its segments, into r (n); the segments begin at `starts` and at 0. */
static int residuals(const double *z, size_t n, const size_t *starts, size_t count, double *r)
{
	double *work = calloc(n, sizeof(*work));

	if (!work)
		return -ENOMEM;
	for (size_t k = 0; k <= count; k++) {
		size_t first = k ? starts[k - 1] : 0, end = k < count ? starts[k] : n;
		double median;

		memcpy(work, z + first, (end - first) * sizeof(*work));
		median = median_of(work, end - first);
		for (size_t i = first; i < end; i++)
			r[i] = z[i] - median;
	}
	free(work);
	return 0;
}

/* Median |v|; v is left as it is, `work` is not. */
static double median_abs(const double *v, size_t n, double *work)
{
	for (size_t i = 0; i < n; i++)
		work[i] = fabs(v[i]);
	return median_of(work, n);
}

/*
 * Robust lag-1 correlation: (s(u)^2 - s(v)^2) / (s(u)^2 + s(v)^2) of the sums u and the differences v of neighbours,
 * s the median of absolute values (Gnanadesikan and Kettenring 1972). NaN when both are 0.
 */
static double lag_one(const double *r, size_t n, double *work)
{
	double up, down;

	for (size_t i = 0; i + 1 < n; i++)
		work[i] = fabs(r[i] + r[i + 1]);
	up = median_of(work, n - 1);
	for (size_t i = 0; i + 1 < n; i++)
		work[i] = fabs(r[i] - r[i + 1]);
	down = median_of(work, n - 1);
	return (up * up - down * down) / (up * up + down * down);
}

/* The highest correlation that is believed: gamma grows without bound near 1. */
#define RHO_MAX 0.9

/* Raises sigma and gamma of a correlated series; *ret_changed: they did change. */
static int heed_correlation(const double *z, size_t n, const struct mp_detect_options *o,
			    struct mp_detection *d, bool *ret_changed)
{
	double *r = calloc(2 * n, sizeof(*r)), *work = r + n;
	double least = o->correlation == MP_CORRELATION_ON ? 0.2 : 0.3;
	int rc = r ? residuals(z, n, d->candidates, d->n_candidates, r) : -ENOMEM;

	if (!rc) {
		d->rho = lag_one(r, n, work);
		*ret_changed = o->correlation != MP_CORRELATION_OFF && d->rho > least;
	}
	if (!rc && *ret_changed) {
		double rho = fmin(d->rho, RHO_MAX);

		d->sigma = fmax(d->sigma, MAD_TO_SD * median_abs(r, n, work));
		d->gamma = o->penalty * d->sigma * log((double)n) * (1 + rho) / (1 - rho);
	}
	free(r);
	return rc;
}

/* ---- gate ---- */

struct gate {
	const double *z;
	size_t n;
	const struct mp_detect_options *options;
	struct mp_change_point *points;
	size_t n_points;
	double *work; /* n * n / 4 differences, grown as needed */
	size_t room;
};

/* Median of all differences after - before: Hodges and Lehmann 1963. NaN without memory. */
static double shift_between(struct gate *g, const double *x, size_t n, const double *y, size_t m)
{
	if (n * m > g->room) {
		double *more = realloc(g->work, n * m * sizeof(*more));

		if (!more)
			return NAN;
		g->work = more;
		g->room = n * m;
	}
	for (size_t j = 0; j < m; j++)
		for (size_t i = 0; i < n; i++)
			g->work[j * n + i] = y[j] - x[i];
	return median_of(g->work, n * m);
}

/* Statistics of a change point against its two neighbouring segments. */
static int judge(struct gate *g, size_t k)
{
	struct mp_change_point *p = &g->points[k];
	size_t first = k ? g->points[k - 1].at : 0;
	size_t end = k + 1 < g->n_points ? g->points[k + 1].at : g->n;
	struct mp_rank_test test;
	int rc;

	p->n_before = p->at - first;
	p->n_after = end - p->at;
	rc = mp_rank_test(NULL, g->z + first, p->n_before, g->z + p->at, p->n_after, &test);
	if (rc)
		return rc;
	p->p = test.normal;
	p->delta = test.delta;
	p->shift = shift_between(g, g->z + first, p->n_before, g->z + p->at, p->n_after);
	return isnan(p->shift) ? -ENOMEM : 0;
}

static bool passes(const struct gate *g, const struct mp_change_point *p)
{
	size_t fewest = p->n_before < p->n_after ? p->n_before : p->n_after;
	bool apart = fewest <= 4 && fabs(p->delta) == 1;

	return (p->p <= g->options->max_p || apart) && fabs(p->delta) >= g->options->min_delta &&
	       fabs(p->shift) >= g->options->min_effect;
}

/* Removes what fails, the weakest first, until all that is left passes. */
static int run_gate(struct gate *g)
{
	for (;;) {
		size_t weakest = g->n_points;
		int rc = 0;

		for (size_t k = 0; !rc && k < g->n_points; k++)
			rc = judge(g, k);
		if (rc)
			return rc;
		for (size_t k = 0; k < g->n_points; k++)
			if (!passes(g, &g->points[k]) &&
			    (weakest == g->n_points ||
			     fabs(g->points[k].delta) < fabs(g->points[weakest].delta)))
				weakest = k;
		if (weakest == g->n_points)
			return 0;
		g->n_points--;
		memmove(&g->points[weakest], &g->points[weakest + 1],
			(g->n_points - weakest) * sizeof(*g->points));
	}
}

/* ---- all of it ---- */

static int segment(const double *z, size_t n, const struct mp_detect_options *o,
		   struct mp_detection *d)
{
	free(d->candidates);
	d->candidates = NULL;
	return mp_potts(z, n, o->min_segment, d->gamma, &d->candidates, &d->n_candidates,
			&d->objective);
}

static int gate(const double *z, size_t n, const struct mp_detect_options *o,
		struct mp_detection *d)
{
	struct gate g = { .z = z, .n = n, .options = o, .n_points = d->n_candidates };
	int rc;

	g.points = calloc(d->n_candidates + 1, sizeof(*g.points));
	if (!g.points)
		return -ENOMEM;
	for (size_t k = 0; k < d->n_candidates; k++)
		g.points[k].at = d->candidates[k];
	rc = run_gate(&g);
	free(g.work);
	if (rc) {
		free(g.points);
		return rc;
	}
	d->points = g.points;
	d->n_points = g.n_points;
	return 0;
}

int mp_detect(const double *z, size_t n, const struct mp_detect_options *options,
	      struct mp_detection *ret_detection)
{
	struct mp_detection d = { .sigma = NAN, .rho = NAN };
	bool again = false;
	int rc;

	for (size_t i = 0; i < n; i++)
		if (!isfinite(z[i]))
			return -EINVAL;
	if (n >= 2) {
		d.sigma = mp_potts_sigma(z, n);
		if (isnan(d.sigma))
			return -ENOMEM;
	}
	if (n < 2 * options->min_segment || !(d.sigma > 0)) {
		*ret_detection = d;
		return 0;
	}
	d.gamma = options->penalty * d.sigma * log((double)n);
	rc = segment(z, n, options, &d);
	if (!rc)
		rc = heed_correlation(z, n, options, &d, &again);
	if (!rc && again)
		rc = segment(z, n, options, &d);
	if (!rc)
		rc = gate(z, n, options, &d);
	if (rc) {
		mp_detection_done(&d);
		return rc;
	}
	*ret_detection = d;
	return 0;
}

void mp_detection_done(struct mp_detection *detection)
{
	free(detection->candidates);
	free(detection->points);
	*detection = (struct mp_detection){ 0 };
}
