/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ranks by buckets, and by Hoare's selection inside one: see select.h. */
#include "report/statistics/select.h"

#include <math.h>

void mp_select_deal(const double *values, size_t n, double low, double high, double *room,
		    uint8_t *where, struct mp_select *ret_select)
{
	size_t count[MP_SELECT_BUCKETS] = { 0 }, at = 0;
	double scale = (MP_SELECT_BUCKETS - 1) / (high - low);

	/* All equal, or so near that the width of a bucket is no number: one bucket. */
	if (!isfinite(scale))
		scale = 0;
	for (size_t i = 0; i < n; i++) {
		where[i] = (uint8_t)((values[i] - low) * scale);
		count[where[i]]++;
	}
	for (size_t b = 0; b < MP_SELECT_BUCKETS; b++) {
		ret_select->start[b] = at;
		at += count[b];
		count[b] = ret_select->start[b];
	}
	ret_select->start[MP_SELECT_BUCKETS] = n;
	for (size_t i = 0; i < n; i++)
		room[count[where[i]]++] = values[i];
	ret_select->values = room;
}

/* The value of rank k, from 0, of `values`, which are reordered: Hoare's selection (CACM 1961, algorithm 65), pivot the
 * median of three. */
static double kth(double *values, size_t n, size_t k)
{
	size_t low = 0, high = n - 1;

	while (low < high) {
		double a = values[low], b = values[low + (high - low) / 2], c = values[high];
		double pivot = a < b ? (b < c ? b : fmax(a, c)) : (a < c ? a : fmax(b, c));
		size_t i = low, j = high;

		for (;;) {
			double swap;

			while (values[i] < pivot)
				i++;
			while (values[j] > pivot)
				j--;
			if (i >= j)
				break;
			swap = values[i];
			values[i++] = values[j];
			values[j--] = swap;
		}
		/* Up to j nothing is above the pivot, from j + 1 on nothing below; at i == j stands the pivot itself. */
		if (i == j && k == j)
			return values[k];
		if (k <= j)
			high = j;
		else
			low = j + 1;
	}
	return values[low];
}

double mp_select_rank(struct mp_select *select, size_t k)
{
	size_t bucket = 0, start;

	/* The last bucket that starts at k or before it, in 7 halvings. */
	for (size_t half = MP_SELECT_BUCKETS / 2; half; half /= 2)
		bucket += select->start[bucket + half] <= k ? half : 0;
	start = select->start[bucket];
	return kth(select->values + start, select->start[bucket + 1] - start, k - start);
}
