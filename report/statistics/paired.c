/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairs and their sign test: see paired.h. */
#include "report/statistics/paired.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "results/quantile.h"
#include "results/stats.h"

#define CONFIDENCE 0.95

int mp_paired(const double *x, const double *y, size_t n, struct mp_paired *ret_paired)
{
	MP_CLEANUP(mp_free_ptr) double *logs = calloc(n + 1, sizeof(*logs));
	struct mp_quantile_ranks ranks = mp_quantile_ranks(n, 0.5, CONFIDENCE);
	struct mp_paired r = { .lower = ranks.lower, .upper = ranks.upper, .level = ranks.level };

	if (!logs)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (!(x[i] > 0 && y[i] > 0) || isinf(x[i]) || isinf(y[i]))
			return -EINVAL;
		logs[i] = log(y[i] / x[i]);
		r.above += y[i] > x[i];
		r.below += y[i] < x[i];
	}
	if (!n)
		return -EINVAL;
	r.log_ratio = mp_median(logs, n); /* which leaves them in order */
	r.ratio = exp(r.log_ratio);
	r.low = r.lower ? exp(logs[r.lower - 1]) : 0;
	r.high = r.upper ? exp(logs[r.upper - 1]) : INFINITY;
	r.p = fmin(1, 2 * mp_binomial_cdf((double)(r.above < r.below ? r.above : r.below),
					  r.above + r.below, 0.5));
	*ret_paired = r;
	return 0;
}
