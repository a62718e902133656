/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A series in one line of characters: see spark.h. */
#include "report/chart/spark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/stats.h"

/* What is below this is no picture. */
#define LEAST_RANGE 0.02

/* The value of a cell farthest from `middle` on logs; NaN: a gap. */
static double cell_value(const double *values, size_t first, size_t end, double middle)
{
	double farthest = NAN;

	for (size_t i = first; i < end; i++) {
		if (!isnan(values[i]) &&
		    !(fabs(log(values[i] / middle)) <= fabs(log(farthest / middle))))
			farthest = values[i];
	}
	return farthest;
}

static double median_of(const double *values, size_t n)
{
	double *copy = malloc((n + 1) * sizeof(*copy)), median = NAN;
	size_t known = 0;

	for (size_t i = 0; copy && i < n; i++) {
		if (!isnan(values[i]))
			copy[known++] = values[i];
	}
	if (known)
		median = mp_median(copy, known);
	free(copy);
	return median;
}

void mp_spark(const double *values, size_t n, size_t cells, bool ascii, struct mp_str *out)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const signs[] = { "_", ".", "-", "~", "=", "+", "*", "#" };
	double low = INFINITY, high = 0, range, middle = median_of(values, n);

	if (cells > n)
		cells = n;
	for (size_t i = 0; i < n; i++) {
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
	}
	range = fmax(log(high / low), LEAST_RANGE);
	for (size_t i = 0; i < cells; i++) {
		double value = cell_value(values, i * n / cells, (i + 1) * n / cells, middle);
		size_t step =
			isnan(value) ? 0 : (size_t)fmin(7, floor(log(value / low) / range * 8));

		mp_str_add(out, isnan(value) ? " " : ascii ? signs[step] : blocks[step]);
	}
}
