/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P-values adjusted for how many there are: see rank.h. A comparison of 100,000 cases has a million of them. */
#include "report/statistics/rank.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/radix.h"

static uint64_t bits_of(double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

/* `factor` times Benjamini and Hochberg's. */
static int adjust(const double *p, size_t n, double factor, double *ret_adjusted)
{
	struct mp_radix_item *sorted = malloc((2 * n + 1) * sizeof(*sorted));
	double least = 1;

	if (!sorted)
		return -ENOMEM;
	/* Bits of values of 0 or above (+0) are in the order of the values. */
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct mp_radix_item){ bits_of(p[i]), (uint32_t)i };
	mp_radix_sort(sorted, sorted + n, n);
	for (size_t i = n; i-- > 0;) {
		const size_t at = sorted[i].index;

		least = fmin(least, p[at] * factor / (double)(i + 1));
		ret_adjusted[at] = least;
	}
	free(sorted);
	return 0;
}

int mp_rank_adjust(const double *p, size_t n, size_t family, double *ret_adjusted)
{
	return adjust(p, n, (double)family, ret_adjusted);
}

int mp_rank_adjust_dependent(const double *p, size_t n, size_t family, double *ret_adjusted)
{
	double harmonic = 0;

	for (size_t i = family; i > 0; i--)
		harmonic += 1 / (double)i;
	return adjust(p, n, (double)family * harmonic, ret_adjusted);
}
