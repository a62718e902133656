/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quantiles of one invocation's calls, from its histogram: see points.h. */
#include "results/points.h"

#include <math.h>

const struct mp_profile_quantile mp_profile[MP_PROFILE_COUNT] = {
	{ "p10", 0.1, 36 },	  { "p20", 0.2, 17 },	{ "p30", 0.3, 11 },
	{ "p40", 0.4, 8 },	  { "p50", 0.5, 6 },	{ "p60", 0.6, 8 },
	{ "p70", 0.7, 11 },	  { "p80", 0.8, 17 },	{ "p90", 0.9, 36 },
	{ "p95", 0.95, 72 },	  { "p99", 0.99, 368 }, { "p99.5", 0.995, 736 },
	{ "p99.9", 0.999, 3688 },
};

/* Where rank p n lies in a class of that width around the bucket's middle, `below` of n before the class. */
static double inside(size_t bucket, double step_ns, double rank, double below, double count)
{
	double low = (double)mp_histogram_lower(bucket), high = (double)mp_histogram_upper(bucket);
	double width = fmax(high - low, step_ns);

	return (low + high) / 2 + ((rank - below) / count - 0.5) * width;
}

void mp_profile_of(const struct mp_histogram *h, double step_ns,
		   float ret_profile[MP_PROFILE_COUNT])
{
	double below = 0, last = 0;
	size_t bucket = 0;

	for (int q = 0; q < MP_PROFILE_COUNT; q++) {
		double rank = mp_profile[q].p * (double)h->n;

		ret_profile[q] = NAN;
		if (h->n < mp_profile[q].fewest)
			continue;
		while (bucket + 1 < h->n_buckets && below + (double)h->counts[bucket] < rank)
			below += (double)h->counts[bucket++];
		last = fmax(last, inside(bucket, step_ns > 0 ? step_ns : 0, rank, below,
					 (double)h->counts[bucket]));
		ret_profile[q] = (float)last;
	}
}
