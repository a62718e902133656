/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two modes or one: see bimodal.h. Points carry weights, so that buckets and single values are one case. */
#include "results/bimodal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"

#define LEAST_SHARE 0.2
#define LEAST_MADS  5.0
#define MAD_SCALE   1.4826 /* standard deviation over MAD of a normal distribution, as in R */
#define VALLEY	    0.5
#define GAP_SCALE   60.0
#define GAP_MATTERS 100.0

struct point {
	double z, weight;
};

static const struct mp_bimodal unknown = { .low = { NAN, NAN },
					   .high = { NAN, NAN },
					   .separation = NAN };

static int by_z(const void *a, const void *b)
{
	double x = ((const struct point *)a)->z, y = ((const struct point *)b)->z;

	return (x > y) - (x < y);
}

static double weight_of(const struct point *p, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += p[i].weight;
	return sum;
}

/* Of points in order; the mean of two when half of the weight lies on either side. */
static double median(const struct point *p, size_t n)
{
	double half = weight_of(p, n) / 2, seen = p[0].weight;
	size_t at = 0;

	while (seen < half)
		seen += p[++at].weight;
	return seen == half && at + 1 < n ? (p[at].z + p[at + 1].z) / 2 : p[at].z;
}

/* Sums over the points in front of each: of weights, and of weights times z. */
struct sums {
	double *weight, *moment;
};

/* Sum of |z - median| over points from .. to - 1. *at is their median, and where the search for it starts: as a
 * group moves up, so does its median. */
static double scatter(const struct point *p, const struct sums *s, size_t from, size_t to,
		      size_t *at)
{
	double half = s->weight[from] + (s->weight[to] - s->weight[from]) / 2, z;

	while (s->weight[*at + 1] < half)
		++*at;
	z = p[*at].z;
	return (s->weight[*at] - s->weight[from]) * z - (s->moment[*at] - s->moment[from]) +
	       (s->moment[to] - s->moment[*at]) - (s->weight[to] - s->weight[*at]) * z;
}

/* First point of the high group; 0 when no split leaves both groups large enough. */
static int best_split(const struct point *p, size_t n, size_t *ret_split)
{
	MP_CLEANUP(mp_free_ptr) double *room = calloc(2 * (n + 1), sizeof(*room));
	struct sums s;
	double least, best = INFINITY;
	size_t low = 0, high = 0;

	if (!room)
		return -ENOMEM;
	s = (struct sums){ room, room + n + 1 };
	for (size_t i = 0; i < n; i++) {
		s.weight[i + 1] = s.weight[i] + p[i].weight;
		s.moment[i + 1] = s.moment[i] + p[i].weight * p[i].z;
	}
	least = LEAST_SHARE * s.weight[n] * (1 - 1e-9);
	*ret_split = 0;
	for (size_t i = 1; i < n; i++) {
		double sum;

		if (p[i].z == p[i - 1].z || s.weight[i] < least ||
		    s.weight[n] - s.weight[i] < least)
			continue;
		high = high < i ? i : high;
		sum = scatter(p, &s, 0, i, &low) + scatter(p, &s, i, n, &high);
		if (sum < best) {
			best = sum;
			*ret_split = i;
		}
	}
	return 0;
}

/* The distances of a group from its median, in the order of the points. */
static void distances(const struct point *p, size_t n, double centre, struct point *ret_away)
{
	for (size_t i = 0; i < n; i++)
		ret_away[i] = (struct point){ fabs(p[i].z - centre), p[i].weight };
}

static double mad(struct point *away, size_t n, double least)
{
	qsort(away, n, sizeof(*away), by_z);
	return fmax(median(away, n), least);
}

/* Pooled standard deviation of two groups around their means. */
static double pooled_sd(const struct point *p, size_t split, size_t n)
{
	const size_t edges[] = { 0, split, n };
	double squares = 0;

	for (int g = 0; g < 2; g++) {
		double mean = 0, weight = weight_of(p + edges[g], edges[g + 1] - edges[g]);

		for (size_t i = edges[g]; i < edges[g + 1]; i++)
			mean += p[i].weight / weight * p[i].z;
		for (size_t i = edges[g]; i < edges[g + 1]; i++)
			squares += p[i].weight * (p[i].z - mean) * (p[i].z - mean);
	}
	return sqrt(squares / (weight_of(p, n) - 2));
}

/* Rules 2 to 4 of a split. `grain` is absolute, `width` relative; `away` has room for n points. */
static void judge(const struct point *p, size_t split, size_t n, double grain, double width,
		  struct point *away, struct mp_bimodal *m)
{
	double low = median(p, split), high = median(p + split, n - split),
	       third = (high - low) / 3;
	double least = fmax(grain / exp(low), width) / 4;
	double weight = weight_of(p, n), low_weight = weight_of(p, split);
	double low_mad, high_mad, pooled, density, valley = 0;

	distances(p, split, low, away);
	distances(p + split, n - split, high, away + split);
	low_mad = mad(away, split, least);
	high_mad = mad(away + split, n - split, least);
	pooled = MAD_SCALE * mad(away, n, least);
	density = fmin(low_weight / low_mad, (weight - low_weight) / high_mad) / 4;
	for (size_t i = 0; i < n; i++)
		if (p[i].z > low + third && p[i].z < high - third)
			valley += p[i].weight;
	m->low = (struct mp_peak){ exp(low), low_weight / weight };
	m->high = (struct mp_peak){ exp(high), 1 - low_weight / weight };
	m->separation = (high - low) / pooled;
	m->two = m->separation > LEAST_MADS && valley / third < VALLEY * density &&
		 (weight >= GAP_MATTERS ||
		  p[split].z - p[split - 1].z > GAP_SCALE / weight * pooled_sd(p, split, n));
}

/* `p` has room for 2 n points, the first n set; values in it are not logs yet. `width`: relative, of a bucket. */
static int find(struct point *p, size_t n, double grain, double width, struct mp_bimodal *ret_modes)
{
	struct mp_bimodal m = unknown;
	size_t split;
	int rc;

	for (size_t i = 0; i < n; i++) {
		p[i].z = log(fmax(p[i].z, grain / 2));
		if (!isfinite(p[i].z))
			return -EINVAL;
	}
	m.known = n && weight_of(p, n) >= MP_BIMODAL_FEWEST;
	if (m.known) {
		qsort(p, n, sizeof(*p), by_z);
		rc = best_split(p, n, &split);
		if (rc)
			return rc;
		if (split)
			judge(p, split, n, grain, width, p + n, &m);
	}
	*ret_modes = m;
	return 0;
}

int mp_bimodal_values(const double *values, size_t n, double grain, struct mp_bimodal *ret_modes)
{
	MP_CLEANUP(mp_free_ptr) struct point *p = calloc(2 * n + 1, sizeof(*p));
	size_t known = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (!isnan(values[i]))
			p[known++] = (struct point){ values[i], 1 };
	return find(p, known, grain, 0, ret_modes);
}

int mp_bimodal_histogram(const struct mp_histogram *h, double grain, struct mp_bimodal *ret_modes)
{
	MP_CLEANUP(mp_free_ptr) struct point *p = calloc(2 * (size_t)h->n_buckets + 1, sizeof(*p));
	size_t n = 0;

	if (!p)
		return -ENOMEM;
	for (size_t i = 0; i < h->n_buckets; i++) {
		double lower = (double)mp_histogram_lower(i), upper = (double)mp_histogram_upper(i);

		if (h->counts[i])
			p[n++] = (struct point){ lower / 2 + upper / 2, (double)h->counts[i] };
	}
	/* A bucket's values are whole nanoseconds, and its width at most 1/128 of them. */
	return find(p, n, fmax(grain, 1), 1.0 / 128, ret_modes);
}
