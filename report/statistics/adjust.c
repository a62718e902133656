/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P-values adjusted for how many there are: see rank.h. A comparison of 100,000 cases has a million of them. */
#include "report/statistics/rank.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct indexed {
	double value;
	size_t index;
};

#define DIGIT  11 /* bits */
#define DIGITS 6 /* in a double */
#define RADIX  (1u << DIGIT)

static size_t digit_of(double value, unsigned digit)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits >> digit * DIGIT & (RADIX - 1);
}

/* Ascending, values of 0 or above (+0): their bits are in the order of the values. Radix sort, digit by digit into the
 * other of two arrays of n; the digits are even in number, so it ends in `v`. */
static void sort(struct indexed *v, struct indexed *other, size_t n)
{
	for (unsigned digit = 0; digit < DIGITS; digit++) {
		size_t start[RADIX + 1] = { 0 };
		struct indexed *swap = v;

		for (size_t i = 0; i < n; i++)
			start[digit_of(v[i].value, digit) + 1]++;
		for (size_t r = 1; r < RADIX; r++)
			start[r] += start[r - 1];
		for (size_t i = 0; i < n; i++)
			other[start[digit_of(v[i].value, digit)]++] = v[i];
		v = other;
		other = swap;
	}
}

/* `factor` times Benjamini and Hochberg's. */
static int adjust(const double *p, size_t n, double factor, double *ret_adjusted)
{
	struct indexed *sorted = malloc((2 * n + 1) * sizeof(*sorted));
	double least = 1;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct indexed){ p[i], i };
	sort(sorted, sorted + n, n);
	for (size_t i = n; i-- > 0;) {
		least = fmin(least, sorted[i].value * factor / (double)(i + 1));
		ret_adjusted[sorted[i].index] = least;
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
