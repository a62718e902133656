/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From series to changes: the detector on every series, multiplicity over all of them, the segments. What each change is
 * is decided in kinds.c, how far the series is from its baseline in baseline.c.
 */
#include "report/history/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "results/bimodal.h"

/* An interval needs no more nights than this on each side. */
#define INTERVAL_NIGHTS 60

static int by_value(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Sorts v. */
static double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return (v[(n - 1) / 2] + v[n / 2]) / 2;
}

double mp_series_median(const struct mp_series *s, size_t first, size_t end, double *ret_mad)
{
	size_t n = end - first;
	double *z = n ? calloc(n, sizeof(*z)) : NULL, middle;

	if (!z)
		return NAN;
	for (size_t i = 0; i < n; i++)
		z[i] = log(mp_series_value(s, first + i));
	middle = median(z, n);
	for (size_t i = 0; ret_mad && i < n; i++)
		z[i] = fabs(z[i] - middle);
	if (ret_mad)
		*ret_mad = median(z, n);
	free(z);
	return exp(middle);
}

/* ---- one series ---- */

static int by_night(const void *left, const void *right)
{
	const struct mp_point *a = left, *b = right;

	if (a->night != b->night)
		return a->night > b->night ? 1 : -1;
	return (a->reason != NULL) - (b->reason != NULL);
}

/* Time order, and the list of the points that have a value. */
static int index_values(struct mp_history *h, struct mp_series *s)
{
	if (s->n_points)
		qsort(s->points, s->n_points, sizeof(*s->points), by_night);
	s->values = calloc(s->n_points + 1, sizeof(*s->values));
	if (!s->values)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_points; i++) {
		if (s->points[i].reason)
			h->counts.gaps++;
		else
			s->values[s->n_values++] = i;
	}
	h->counts.short_series += s->n_values < MP_HISTORY_FEWEST;
	return 0;
}

static int add_changes(struct mp_history *h, size_t index, const struct mp_detection *d)
{
	const struct mp_series *s = &h->series[index];

	for (size_t i = 0; i < d->n_points; i++) {
		struct mp_step *c = mp_vec_push((void **)&h->changes, &h->n_changes,
						&h->cap_changes, sizeof(*c));

		if (!c)
			return -ENOMEM;
		c->series = index;
		c->point = d->points[i];
		c->before = mp_series_night(s, c->point.at - 1);
		c->night = mp_series_night(s, c->point.at);
		c->ratio = c->low = c->high = NAN;
	}
	return 0;
}

/* The least effect that matters, on logs: a tail and a scatter are never known as well as a median. */
static double least_effect(const struct mp_series *s, double of_values)
{
	switch (s->metric) {
	case MP_METRIC_IS_TAIL:
		return fmax(of_values, log(1.05));
	case MP_METRIC_IS_SPREAD:
		return fmax(of_values, log(1.5));
	case MP_METRIC_IS_VALUE:
		break;
	}
	return of_values;
}

static int detect(struct mp_history *h, size_t index, const struct mp_history_options *options)
{
	struct mp_detect_options how = options->detect;
	struct mp_series *s = &h->series[index];
	double *z = calloc(s->n_values + 1, sizeof(*z));
	struct mp_detection d;
	int rc;

	if (!z)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_values; i++)
		z[i] = log(mp_series_value(s, i));
	how.min_effect = least_effect(s, how.min_effect);
	rc = mp_detect(z, s->n_values, &how, &d);
	free(z);
	if (rc)
		return rc;
	s->sigma = d.sigma;
	s->rho = d.rho;
	s->first_change = h->n_changes;
	rc = add_changes(h, index, &d);
	s->n_changes = h->n_changes - s->first_change;
	mp_detection_done(&d);
	return rc;
}

/* ---- multiplicity ---- */

/* The exact p where all values lie apart; the normal approximation is far too large there. */
static double p_of(const struct mp_change_point *p)
{
	double smallest = mp_rank_smallest_p(p->n_before, p->n_after);

	return fabs(p->delta) == 1 ? fmin(p->p, smallest) : p->p;
}

/* Benjamini and Hochberg over every series that could have had a change; what does not pass is left out. */
static int adjust(struct mp_history *h, double fdr)
{
	size_t judged = h->n_series - h->counts.short_series, kept = 0;
	double *p = calloc(2 * h->n_changes + 1, sizeof(*p)), *adjusted = p + h->n_changes;
	int rc = p ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < h->n_changes; i++)
		p[i] = p_of(&h->changes[i].point);
	if (!rc)
		rc = mp_rank_adjust(p, h->n_changes, judged > h->n_changes ? judged : h->n_changes,
				    adjusted);
	for (size_t i = 0; !rc && i < h->n_series; i++)
		h->series[i].n_changes = 0;
	for (size_t i = 0; !rc && i < h->n_changes; i++) {
		struct mp_series *s = &h->series[h->changes[i].series];

		if (adjusted[i] > fdr) {
			h->counts.unsure++;
			continue;
		}
		h->changes[kept] = h->changes[i];
		h->changes[kept].adjusted = adjusted[i];
		if (!s->n_changes++)
			s->first_change = kept;
		kept++;
	}
	if (!rc)
		h->n_changes = kept;
	free(p);
	return rc;
}

/* ---- segments ---- */

static int segments(struct mp_history *h, struct mp_series *s)
{
	s->segments = calloc(s->n_changes + 1, sizeof(*s->segments));
	if (!s->segments)
		return -ENOMEM;
	for (size_t k = 0; k <= s->n_changes; k++) {
		const struct mp_step *changes = s->n_changes ? &h->changes[s->first_change] : NULL;
		struct mp_segment *g = &s->segments[k];

		g->first = k ? changes[k - 1].point.at : 0;
		g->n = (k < s->n_changes ? changes[k].point.at : s->n_values) - g->first;
		g->last = g->first + g->n - 1;
		g->median = mp_series_median(s, g->first, g->first + g->n, &g->mad);
		if (isnan(g->median))
			return -ENOMEM;
	}
	return 0;
}

static size_t most(size_t n)
{
	return n < INTERVAL_NIGHTS ? n : INTERVAL_NIGHTS;
}

/* Size of the k-th change of the series, from the nights next to it; they are not invocations of one run, which drift. */
static int measure(struct mp_history *h, struct mp_series *s, size_t k, struct mp_rank *rank)
{
	struct mp_step *c = &h->changes[s->first_change + k];
	const struct mp_segment *before = &s->segments[k], *after = &s->segments[k + 1];
	size_t n = most(before->n), m = most(after->n);
	double x[INTERVAL_NIGHTS], y[INTERVAL_NIGHTS];
	struct mp_rank_ratio ratio;
	int rc;

	for (size_t i = 0; i < n; i++)
		x[i] = mp_series_value(s, before->last - i);
	for (size_t i = 0; i < m; i++)
		y[i] = mp_series_value(s, after->first + i);
	rc = mp_rank_ratio(rank, x, n, y, m, 0.05, &ratio);
	if (rc)
		return rc;
	c->ratio = ratio.ratio;
	c->low = ratio.low;
	c->high = ratio.high;
	c->value_before = before->median;
	c->value_after = after->median;
	c->kind = c->ratio > 1 ? MP_STEP_SLOWER : MP_STEP_FASTER;
	return 0;
}

static int measure_all(struct mp_history *h)
{
	struct mp_rank rank = { 0 };
	int rc = 0;

	for (size_t i = 0; !rc && i < h->n_series; i++) {
		struct mp_series *s = &h->series[i];

		if (s->n_values)
			rc = segments(h, s);
		for (size_t k = 0; !rc && k < s->n_changes; k++)
			rc = measure(h, s, k, &rank);
	}
	mp_rank_done(&rank);
	return rc;
}

/* ---- what a series is like ---- */

/* Two levels that are visited again and again, not one after the other: within the newest segment. */
static int shape(struct mp_series *s)
{
	const struct mp_segment *newest = &s->segments[s->n_changes];
	double *values = calloc(newest->n, sizeof(*values));
	struct mp_bimodal modes;
	int rc;

	if (!values)
		return -ENOMEM;
	for (size_t i = 0; i < newest->n; i++)
		values[i] = mp_series_value(s, newest->first + i);
	rc = mp_bimodal_values(values, newest->n, 0, &modes);
	free(values);
	if (!rc)
		s->bimodal = modes.known && modes.two;
	return rc;
}

int mp_history_judge(struct mp_history *h, const struct mp_history_options *options)
{
	int rc = 0;

	h->baseline = options->baseline;
	for (size_t i = 0; !rc && i < h->n_series; i++) {
		rc = index_values(h, &h->series[i]);
		if (!rc)
			rc = detect(h, i, options);
	}
	if (!rc)
		rc = adjust(h, options->fdr);
	if (!rc)
		rc = measure_all(h);
	if (rc)
		return rc;
	rc = mp_history_kinds(h, options->machine_share);
	for (size_t i = 0; !rc && i < h->n_series; i++) {
		if (!h->series[i].n_values)
			continue;
		rc = shape(&h->series[i]);
		if (!rc)
			rc = mp_history_drift(h, &h->series[i]);
	}
	return rc ? rc : mp_history_alerts(h);
}
