/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statistics of one invocation, from its blocks and samples: see stats.h. */
#include "results/stats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

const char *mp_population_name(enum mp_population population)
{
	return population == MP_POPULATION_CALM ? "calm" : "all";
}

bool mp_population_counts(enum mp_population population, enum mp_mode mode, uint64_t n)
{
	uint64_t fewest = mode == MP_MODE_CALL ? 32 : 3;

	return n > 0 && (population == MP_POPULATION_ALL || n >= fewest);
}

const char *mp_resolution_name(enum mp_resolution resolution)
{
	switch (resolution) {
	case MP_RESOLUTION_PER_CALL:
		return "per-call";
	case MP_RESOLUTION_QUANTISED:
		return "quantised";
	default:
		return "batch-only";
	}
}

enum mp_resolution mp_resolution_of(double p50, double pair_ns, double step_ns)
{
	if (p50 >= 10 * pair_ns && p50 >= 20 * step_ns)
		return MP_RESOLUTION_PER_CALL;
	return p50 >= 3 * pair_ns ? MP_RESOLUTION_QUANTISED : MP_RESOLUTION_BATCH_ONLY;
}

static bool counts(const struct mp_invocation *inv, const struct mp_block *block, enum mp_mode mode,
		   enum mp_population population)
{
	if (block->phase != MP_PHASE_MEASURE || block->mode != mode || block->errors || !block->ops)
		return false;
	return population == MP_POPULATION_ALL || mp_invocation_calm(inv, block);
}

static void dist_none(struct mp_dist *d)
{
	*d = (struct mp_dist){
		.mean = NAN, .min = NAN, .p50 = NAN, .p90 = NAN, .p99 = NAN, .p999 = NAN, .max = NAN
	};
}

/* Least-significant-digit radix sort: 20 times faster than qsort() on the samples of an invocation, and the
 * time does not depend on their order. `spare` has room for n as well. */
static void sort_samples(uint32_t *values, uint32_t *spare, size_t n)
{
	uint32_t *from = values, *to = spare;

	for (unsigned shift = 0; shift < 32; shift += 8) {
		size_t start[256] = { 0 }, sum = 0;
		uint32_t *swap;

		for (size_t i = 0; i < n; i++)
			start[from[i] >> shift & 0xff]++;
		if (n && start[from[0] >> shift & 0xff] == n)
			continue;
		for (size_t d = 0; d < 256; d++) {
			size_t count = start[d];

			start[d] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[start[from[i] >> shift & 0xff]++] = from[i];
		swap = from;
		from = to;
		to = swap;
	}
	if (from != values)
		memcpy(values, from, n * sizeof(*values));
}

/* Number of sorted values that are below `limit`. */
static size_t count_below(const uint32_t *sorted, size_t n, double limit)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Median of grouped data, with the class one clock step wide and centred on the observed value `at`. */
static double grouped(const uint32_t *sorted, size_t n, double at, double step)
{
	size_t below = count_below(sorted, n, at - step / 2);
	size_t inside = count_below(sorted, n, at + step / 2) - below;

	/* A step below the spacing of the numbers: nothing to spread. */
	if (!inside)
		return at;
	return at - step / 2 + ((double)n / 2 - (double)below) / (double)inside * step;
}

/*
 * A counter that advances in steps shows a true 135 ns as a mix of 130 and 140. Spreading the samples of a step
 * evenly over its width recovers the median in between. The step that holds the median is the one around the
 * middle value; with an even count there are two of them and the answer is their mean, which for step 0 is the
 * ordinary median.
 */
static double grouped_median(const uint32_t *sorted, size_t n, double step)
{
	double low = sorted[(n - 1) / 2], high = sorted[n / 2];

	return (grouped(sorted, n, low, step) + grouped(sorted, n, high, step)) / 2;
}

/* Index of the order statistic of rank ceil(p n). */
static size_t rank_index(size_t n, double p)
{
	size_t rank = (size_t)ceil(p * (double)n);

	return rank ? rank - 1 : 0;
}

/* Smallest n with a two-sided distribution-free 95 % interval: ceil(ln 0.025 / ln p). */
#define P90_MIN	 36
#define P99_MIN	 368
#define P999_MIN 3688

static int gather_samples(const struct mp_invocation *inv, enum mp_population population,
			  uint32_t **ret_samples, struct mp_dist *d, uint64_t *ret_ticks)
{
	uint32_t *samples;
	uint64_t ticks = 0;
	size_t n = 0;

	for (size_t i = 0; i < inv->n_blocks; i++)
		if (counts(inv, &inv->blocks[i], MP_MODE_CALL, population))
			n += inv->blocks[i].ops;
	/* The second half is the sort's. */
	samples = malloc((2 * n + 1) * sizeof(*samples));
	if (!samples)
		return -ENOMEM;
	n = 0;
	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (!counts(inv, b, MP_MODE_CALL, population))
			continue;
		memcpy(samples + n, inv->samples + b->first_sample, b->ops * sizeof(*samples));
		n += b->ops;
		ticks += b->ticks;
		d->blocks++;
	}
	sort_samples(samples, samples + n, n);
	d->n = n;
	*ret_samples = samples;
	*ret_ticks = ticks;
	return 0;
}

static int dist_call(const struct mp_invocation *inv, enum mp_population population, double step_ns,
		     struct mp_dist *d)
{
	MP_CLEANUP(mp_free_ptr) uint32_t *samples = NULL;
	const double ns = inv->clock_ns_per_tick;
	uint64_t ticks;
	int rc = gather_samples(inv, population, &samples, d, &ticks);

	if (rc || !d->n)
		return rc;
	d->mean = (double)ticks / (double)d->n * ns;
	d->min = samples[0] * ns;
	d->max = samples[d->n - 1] * ns;
	d->p50 = grouped_median(samples, d->n, step_ns > 0 ? step_ns / ns : 0) * ns;
	if (d->n >= P90_MIN)
		d->p90 = samples[rank_index(d->n, 0.9)] * ns;
	if (d->n >= P99_MIN)
		d->p99 = samples[rank_index(d->n, 0.99)] * ns;
	if (d->n >= P999_MIN)
		d->p999 = samples[rank_index(d->n, 0.999)] * ns;
	return 0;
}

/* BATCH and RATE: one value per block, its mean. */
static int dist_blocks(const struct mp_invocation *inv, enum mp_mode mode,
		       enum mp_population population, struct mp_dist *d)
{
	MP_CLEANUP(mp_free_ptr) double *means = malloc((inv->n_blocks + 1) * sizeof(*means));
	const double ns = inv->clock_ns_per_tick;
	uint64_t ticks = 0, ops = 0;
	size_t n = 0;

	if (!means)
		return -ENOMEM;
	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (!counts(inv, b, mode, population))
			continue;
		means[n++] = (double)b->ticks / b->ops * ns;
		ticks += b->ticks;
		ops += b->ops;
	}
	d->n = d->blocks = n;
	if (!n)
		return 0;
	d->mean = (double)ticks / (double)ops * ns;
	d->p50 = mp_median(means, n); /* which leaves them sorted */
	d->min = means[0];
	d->max = means[n - 1];
	if (n >= P90_MIN)
		d->p90 = means[rank_index(n, 0.9)];
	if (n >= P99_MIN)
		d->p99 = means[rank_index(n, 0.99)];
	if (n >= P999_MIN)
		d->p999 = means[rank_index(n, 0.999)];
	return 0;
}

int mp_invocation_dist(const struct mp_invocation *inv, enum mp_mode mode,
		       enum mp_population population, double step_ns, struct mp_dist *ret_dist)
{
	struct mp_dist d;
	int rc;

	dist_none(&d);
	/* Without the clock's factor nothing can be said in nanoseconds. */
	if (!(inv->clock_ns_per_tick > 0) || isinf(inv->clock_ns_per_tick))
		rc = 0;
	else if (mode == MP_MODE_CALL)
		rc = dist_call(inv, population, step_ns, &d);
	else
		rc = dist_blocks(inv, mode, population, &d);
	if (!rc)
		*ret_dist = d;
	return rc;
}

int mp_invocation_histogram(const struct mp_invocation *inv, enum mp_population population,
			    struct mp_histogram *h)
{
	MP_CLEANUP(mp_histogram_done) struct mp_histogram own = { 0 };
	const double ns = inv->clock_ns_per_tick;

	if (!(ns > 0) || isinf(ns))
		return 0;
	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (!counts(inv, b, MP_MODE_CALL, population))
			continue;
		for (size_t s = b->first_sample; s < (size_t)b->first_sample + b->ops; s++) {
			double value = inv->samples[s] * ns + 0.5;

			if (mp_histogram_add(&own, value < 0x1p63 ? (uint64_t)value : 1ULL << 63,
					     1))
				return -ENOMEM;
		}
	}
	/* Merged at the end, so that running out of memory leaves `h` as it was. */
	return mp_histogram_merge(h, &own);
}

double mp_invocation_calm_share(const struct mp_invocation *inv, enum mp_mode mode)
{
	uint64_t calm = 0, all = 0;

	if (!(inv->mul_reference > 0) || !(inv->add_reference > 0))
		return NAN;
	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];
		uint64_t weight = mode == MP_MODE_CALL ? b->ops : 1;

		if (counts(inv, b, mode, MP_POPULATION_ALL))
			all += weight;
		if (counts(inv, b, mode, MP_POPULATION_CALM))
			calm += weight;
	}
	return all ? (double)calm / (double)all : NAN;
}

double mp_invocation_first_ns(const struct mp_invocation *inv)
{
	const struct mp_block *first = NULL;
	uint64_t ticks;

	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (b->phase == MP_PHASE_FIRST && (!first || b->start < first->start))
			first = b;
	}
	if (!first || first->errors || !first->ops || !(inv->clock_ns_per_tick > 0))
		return NAN;
	ticks = first->ticks;
	/* A block of several calls knows its first one; of a batch only the mean is known. */
	if (first->mode == MP_MODE_CALL && first->ops > 1)
		ticks = inv->samples[first->first_sample];
	else if (first->ops > 1)
		return NAN;
	return (double)ticks * inv->clock_ns_per_tick;
}

int mp_invocation_rate(const struct mp_invocation *inv, double *ret_ops_per_s)
{
	MP_CLEANUP(mp_free_ptr) uint64_t *totals = NULL;
	size_t workers = 0;
	double rate = 0;

	for (size_t i = 0; i < inv->n_blocks; i++)
		if (counts(inv, &inv->blocks[i], MP_MODE_RATE, MP_POPULATION_ALL) &&
		    inv->blocks[i].worker >= workers)
			workers = inv->blocks[i].worker + 1u;
	totals = calloc(2 * workers + 1, sizeof(*totals));
	if (!totals)
		return -ENOMEM;
	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (!counts(inv, b, MP_MODE_RATE, MP_POPULATION_ALL))
			continue;
		totals[2 * (size_t)b->worker] += b->ops;
		totals[2 * (size_t)b->worker + 1] += b->ticks;
	}
	for (size_t w = 0; w < workers; w++) {
		/* A worker without a usable window makes the sum of all workers unknown. */
		if (!totals[2 * w + 1])
			rate = NAN;
		else
			rate += (double)totals[2 * w] / (double)totals[2 * w + 1];
	}
	*ret_ops_per_s = workers ? rate / inv->clock_ns_per_tick * 1e9 : NAN;
	return 0;
}
