/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The smallest detectable change: see power.h. */
#include "report/statistics/power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/statistics/special.h"

#define POWER 0.8

/* The shift, in standard errors, at which the power is POWER. It rises with the shift: by bisection. */
static struct mp_rank_shift find_shift(double alpha, double df)
{
	double critical = mp_special_t_quantile(alpha / 2, df);
	double low = 0, high = 2 * critical + 4;

	while (mp_special_t_power(critical, df, high) < POWER)
		high *= 2;
	for (int i = 0; i < 40; i++) {
		double middle = (low + high) / 2;

		if (mp_special_t_power(critical, df, middle) < POWER)
			low = middle;
		else
			high = middle;
	}
	return (struct mp_rank_shift){ critical, (low + high) / 2 };
}

/* The same, kept per degrees of freedom as long as alpha stays the same. */
static struct mp_rank_shift shift(struct mp_rank *rank, double alpha, size_t df)
{
	if (rank->alpha != alpha) {
		rank->alpha = alpha;
		rank->n_shifts = 0;
	}
	if (df >= rank->cap_shifts) {
		struct mp_rank_shift *grown = realloc(rank->shifts, (2 * df + 1) * sizeof(*grown));

		if (!grown)
			return find_shift(alpha, (double)df);
		rank->shifts = grown;
		rank->cap_shifts = 2 * df + 1;
	}
	while (rank->n_shifts <= df)
		rank->shifts[rank->n_shifts++] = (struct mp_rank_shift){ 0 };
	if (!rank->shifts[df].shift)
		rank->shifts[df] = find_shift(alpha, (double)df);
	return rank->shifts[df];
}

static double standard_error(double sd, size_t n, size_t m)
{
	return sd * sqrt(1 / (double)n + 1 / (double)m);
}

double mp_power_change(struct mp_rank *rank, double sd, double alpha, size_t n, size_t m)
{
	if (!n || !m || n + m < 3 || !(alpha > 0 && alpha < 1))
		return NAN;
	return shift(rank, alpha, n + m - 2).shift * standard_error(sd, n, m);
}

double mp_power_detectable(struct mp_rank *rank, double sd, double alpha, size_t n, size_t m)
{
	struct mp_rank_shift at;

	if (!n || !m || n + m < 3 || mp_rank_smallest_p(n, m) > alpha)
		return INFINITY;
	at = shift(rank, alpha, n + m - 2);
	/* What lies between the end of Student's interval and that of ours is to be bridged, too. */
	at.shift += (mp_rank_width(rank, n, m, alpha) - 1) * at.critical;
	return at.shift * standard_error(sd, n, m);
}

size_t mp_power_needed(struct mp_rank *rank, double sd, double alpha, double change, size_t most)
{
	size_t low = 1, high = most; /* low is not enough, high is */

	if (!(mp_power_detectable(rank, sd, alpha, most, most) <= change))
		return 0;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (mp_power_detectable(rank, sd, alpha, middle, middle) <= change)
			high = middle;
		else
			low = middle;
	}
	return high;
}
