/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Log-linear histogram of durations in nanoseconds, mergeable.
 *
 * Bounds are those of HdrHistogram with two significant digits: 128 linear sub-buckets per octave,
 * relative width at most 0.78 % (hdrhistogram.org; tests/data/statistics/hdr_buckets.json fixes them).
 * Merging adds counts, so it is exact and independent of order. A quantile is the upper bound of the
 * bucket that holds rank ceil(p n). n, sum, min and max are kept exactly beside the buckets.
 */
#ifndef RESULTS_HISTOGRAM_H
#define RESULTS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct mp_histogram {
	uint64_t n;
	double sum; /* nanoseconds */
	uint64_t min, max; /* nanoseconds; undefined while n is 0 */
	uint32_t n_buckets; /* allocated */
	uint64_t *counts; /* owned */
};

void mp_histogram_done(struct mp_histogram *h);
/* 0 or -ENOMEM (then unchanged). */
int mp_histogram_add(struct mp_histogram *h, uint64_t ns, uint64_t count);
int mp_histogram_merge(struct mp_histogram *into, const struct mp_histogram *from);

size_t mp_histogram_bucket(uint64_t ns); /* index of the bucket of a value */
uint64_t mp_histogram_lower(size_t bucket); /* smallest value of a bucket */
uint64_t mp_histogram_upper(size_t bucket); /* largest value of a bucket */

/* p in [0, 1]; NaN when n is 0. */
double mp_histogram_quantile(const struct mp_histogram *h, double p);

/* Sparse varint codec, version byte first; same contract as mp_raw_encode/decode. */
int mp_histogram_encode(const struct mp_histogram *h, void **ret_blob, size_t *ret_size);
int mp_histogram_decode(const void *blob, size_t size, struct mp_histogram *h);

#endif
