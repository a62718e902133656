/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Log-linear histogram: see histogram.h.
 *
 * Values below 256 have a bucket each. Above, an octave [2^k, 2^(k+1)) is cut into 128 buckets of
 * 2^(k-7) ns: bucket (k-7) * 128 + (value >> (k-7)).
 */
#include "results/histogram.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "results/varint.h"

#define VERSION	    1
#define HALF	    128 /* buckets of an octave */
#define BUCKETS_MAX 7424 /* mp_histogram_bucket(UINT64_MAX) + 1 */
/* Counts beyond this cannot come from measuring; a bound keeps every sum of them exact. */
#define COUNT_MAX (1ULL << 53)

void mp_histogram_done(struct mp_histogram *h)
{
	free(h->counts);
	memset(h, 0, sizeof(*h));
}

size_t mp_histogram_bucket(uint64_t ns)
{
	unsigned shift;

	if (ns < 2 * HALF)
		return ns;
	shift = 63 - 7 - (unsigned)__builtin_clzll(ns);
	return (size_t)shift * HALF + (size_t)(ns >> shift);
}

static unsigned bucket_shift(size_t bucket)
{
	return bucket < 2 * HALF ? 0 : (unsigned)(bucket / HALF) - 1;
}

uint64_t mp_histogram_lower(size_t bucket)
{
	unsigned shift = bucket_shift(bucket);

	return (uint64_t)(bucket - (size_t)shift * HALF) << shift;
}

uint64_t mp_histogram_upper(size_t bucket)
{
	return mp_histogram_lower(bucket) + ((1ULL << bucket_shift(bucket)) - 1);
}

static int reserve(struct mp_histogram *h, size_t n_buckets)
{
	uint64_t *counts;

	if (n_buckets <= h->n_buckets)
		return 0;
	n_buckets = (n_buckets + HALF - 1) / HALF * HALF;
	counts = realloc(h->counts, n_buckets * sizeof(*counts));
	if (!counts)
		return -ENOMEM;
	memset(counts + h->n_buckets, 0, (n_buckets - h->n_buckets) * sizeof(*counts));
	h->counts = counts;
	h->n_buckets = (uint32_t)n_buckets;
	return 0;
}

int mp_histogram_add(struct mp_histogram *h, uint64_t ns, uint64_t count)
{
	size_t bucket = mp_histogram_bucket(ns);

	if (!count)
		return 0;
	if (reserve(h, bucket + 1))
		return -ENOMEM;
	h->min = !h->n || ns < h->min ? ns : h->min;
	h->max = !h->n || ns > h->max ? ns : h->max;
	h->n += count;
	h->sum += (double)ns * (double)count;
	h->counts[bucket] += count;
	return 0;
}

int mp_histogram_merge(struct mp_histogram *into, const struct mp_histogram *from)
{
	if (!from->n)
		return 0;
	if (reserve(into, from->n_buckets))
		return -ENOMEM;
	for (size_t i = 0; i < from->n_buckets; i++)
		into->counts[i] += from->counts[i];
	into->min = !into->n || from->min < into->min ? from->min : into->min;
	into->max = !into->n || from->max > into->max ? from->max : into->max;
	into->n += from->n;
	into->sum += from->sum;
	return 0;
}

double mp_histogram_quantile(const struct mp_histogram *h, double p)
{
	uint64_t below = 0, rank;

	if (!h->n || !(p >= 0 && p <= 1))
		return NAN;
	rank = (uint64_t)ceil(p * (double)h->n);
	if (!rank)
		rank = 1;
	for (size_t i = 0; i < h->n_buckets; i++) {
		below += h->counts[i];
		if (below >= rank)
			return (double)mp_histogram_upper(i);
	}
	return (double)h->max;
}

int mp_histogram_encode(const struct mp_histogram *h, void **ret_blob, size_t *ret_size)
{
	size_t filled = 0, used = 0, next = 0;
	unsigned char *out;

	for (size_t i = 0; i < h->n_buckets; i++)
		filled += h->counts[i] != 0;
	out = malloc(1 + sizeof(h->sum) + (4 + 2 * filled) * MP_VARINT_MAX);
	if (!out)
		return -ENOMEM;
	out[used++] = VERSION;
	used += mp_varint_put(out + used, h->n);
	if (h->n) {
		uint64_t bits;

		memcpy(&bits, &h->sum, sizeof(bits));
		for (unsigned shift = 0; shift < 64; shift += 8)
			out[used++] = (unsigned char)(bits >> shift);
		used += mp_varint_put(out + used, h->min);
		used += mp_varint_put(out + used, h->max);
		used += mp_varint_put(out + used, filled);
	}
	for (size_t i = 0; i < h->n_buckets; i++) {
		if (!h->counts[i])
			continue;
		used += mp_varint_put(out + used, i - next);
		used += mp_varint_put(out + used, h->counts[i]);
		next = i + 1;
	}
	*ret_blob = out;
	*ret_size = used;
	return 0;
}

static bool get_sum(struct mp_bytes *in, double *ret_sum)
{
	uint64_t bits = 0;

	if (in->end - in->at < 8)
		return false;
	for (unsigned shift = 0; shift < 64; shift += 8)
		bits |= (uint64_t)*in->at++ << shift;
	memcpy(ret_sum, &bits, sizeof(bits));
	return isfinite(*ret_sum) && *ret_sum >= 0;
}

/* The (gap, count) pairs. -EBADMSG unless they add up to n. */
static int get_counts(struct mp_bytes *in, uint64_t filled, struct mp_histogram *h)
{
	uint64_t gap, count, next = 0, total = 0;

	for (uint64_t i = 0; i < filled; i++) {
		if (!mp_varint_get(in, &gap) || !mp_varint_get(in, &count))
			return -EBADMSG;
		if (gap >= BUCKETS_MAX - next || !count || count > h->n - total)
			return -EBADMSG;
		next += gap;
		if (reserve(h, next + 1))
			return -ENOMEM;
		h->counts[next++] = count;
		total += count;
	}
	return total == h->n && in->at == in->end ? 0 : -EBADMSG;
}

int mp_histogram_decode(const void *blob, size_t size, struct mp_histogram *h)
{
	MP_CLEANUP(mp_histogram_done) struct mp_histogram got = { 0 };
	struct mp_bytes in = { blob, NULL };
	uint64_t filled = 0;
	int rc;

	if (!blob || !size)
		return -EBADMSG;
	in.end = in.at + size;
	if (*in.at++ != VERSION || !mp_varint_get(&in, &got.n) || got.n > COUNT_MAX)
		return -EBADMSG;
	if (got.n && (!get_sum(&in, &got.sum) || !mp_varint_get(&in, &got.min) ||
		      !mp_varint_get(&in, &got.max) || !mp_varint_get(&in, &filled)))
		return -EBADMSG;
	if (got.min > got.max || filled > BUCKETS_MAX || (got.n && !filled))
		return -EBADMSG;
	rc = get_counts(&in, filled, &got);
	if (rc)
		return rc;
	/* The extremes must lie in the outermost buckets; the last one filled is within the last octave. */
	if (got.n && (mp_histogram_bucket(got.max) >= got.n_buckets ||
		      !got.counts[mp_histogram_bucket(got.max)] ||
		      !got.counts[mp_histogram_bucket(got.min)] ||
		      mp_histogram_quantile(&got, 0) !=
			      (double)mp_histogram_upper(mp_histogram_bucket(got.min)) ||
		      mp_histogram_quantile(&got, 1) !=
			      (double)mp_histogram_upper(mp_histogram_bucket(got.max))))
		return -EBADMSG;
	*h = got;
	memset(&got, 0, sizeof(got));
	return 0;
}
