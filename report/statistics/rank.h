/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rank statistics of two independent samples: x of the baseline, y of the candidate, one value per invocation.
 *
 * Everything is deterministic: no resampling. Values must be finite (and above 0 where a ratio is asked for); an
 * empty sample or a value that is not allowed is -EINVAL, never a NaN in a result. Layer: report.
 */
#ifndef REPORT_STATISTICS_RANK_H
#define REPORT_STATISTICS_RANK_H

#include <stdbool.h>
#include <stddef.h>

/* Largest sample for which the exact distribution is computed, without and with ties; beyond it the normal
 * approximation with tie-corrected variance and continuity correction. */
#define MP_RANK_EXACT	   50
#define MP_RANK_EXACT_TIES 25
/* The interval's ranks are exact for samples of so many pairs, n m; beyond, by the same approximation. */
#define MP_RANK_EXACT_PAIRS 10000

/* Moses' interval of two samples of given sizes. */
struct mp_rank_moses {
	double alpha; /* 0: not known */
	size_t k; /* its ends are the k-th smallest and the k-th largest difference */
	double level; /* its true confidence without ties */
	double drift; /* how many times as far out the ends of invocations lie; 1 or more */
	double width; /* of those, see mp_rank_width() */
};

/* What a comparison needs again and again: the distributions of U without ties per pair of sample sizes, with the interval
 * that was asked for last, what power.h keeps, and memory to work in. Zeroed is empty. */
struct mp_rank_table {
	size_t n, m;
	double *lower; /* P(U <= u), u = 0 .. n m; owned */
	struct mp_rank_moses moses;
};

struct mp_rank_shift {
	double critical, shift; /* of Student's t, in standard errors; 0: not known */
};

struct mp_rank {
	struct mp_rank_table *tables;
	size_t n_tables, cap_tables;
	double alpha; /* what follows is of this one */
	struct mp_rank_shift *shifts; /* per degrees of freedom; owned */
	size_t n_shifts, cap_shifts;
	void *room; /* work space of one call; owned */
	size_t room_size;
};

void mp_rank_done(struct mp_rank *rank);

/* Memory of that size to work in, until the next call; NULL when memory ran out. */
void *mp_rank_room(struct mp_rank *rank, size_t size);

/* Ranks 1 .. n of `values`, ties sharing their mean rank, into `ret_ranks`. 0 or -ENOMEM. */
int mp_rank_midranks(const double *values, size_t n, double *ret_ranks);

/* P(U <= u) of the Mann-Whitney statistic without ties, both sizes 1 .. MP_RANK_EXACT. *ret_p is in [0, 1].
 * 0, -EINVAL or -ENOMEM. Counts are coefficients of the Gaussian binomial (Mann and Whitney 1947). */
int mp_rank_lower_tail(struct mp_rank *rank, size_t n, size_t m, double u, double *ret_p);

struct mp_rank_test {
	double u; /* pairs with y > x, ties counted half */
	double p; /* two-sided: min(1, 2 min(P(U <= u), P(U >= u))); 1 when all values are equal */
	double delta; /* Cliff's delta, (#(y > x) - #(y < x)) / (n m): 1 when every y is above every x */
	bool exact, ties, all_equal;
	double lower,
		upper; /* P(U <= u), P(U >= u): y below x, y above x; NaN when not exact or all are equal */
	double normal; /* p by the normal approximation, which stands in for p beyond the exact sizes; 1 when
			  all are equal */
};

/* Mann-Whitney test; exact is the conditional permutation distribution of the midranks. `rank` NULL: the normal
 * approximation is enough. */
int mp_rank_test(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		 struct mp_rank_test *ret_test);

/* The smallest two-sided p that two samples of these sizes can show: 2 / C(n + m, n), or 2e-18 where that is less. */
double mp_rank_smallest_p(size_t n, size_t m);

struct mp_rank_ratio {
	double ratio; /* exp(median of ln y - ln x over all pairs): Hodges and Lehmann 1963 on logs */
	double low,
		high; /* Moses 1965: D_(k) and D_(nm+1-k), k the alpha/2 quantile of U, at least 1 */
	double level; /* true confidence of the interval without ties (with ties it is higher); it can be
			     below 1 - alpha when the samples are small */
	double scatter; /* standard deviation of the logs within the two samples, pooled; 0 of two values */
};

/* y over x: above 1 is slower. The level holds for independent values. */
int mp_rank_ratio(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		  double alpha, struct mp_rank_ratio *ret_ratio);

/* The same of invocations, which drift (results/stats.h): the ends are MP_DRIFT_WIDTH times as far out on logs, less what the
 * interval, whose level is one of a few, covers beyond 1 - alpha anyway; the level is at most that, then. */
int mp_rank_ratio_invocations(struct mp_rank *rank, const double *x, size_t n, const double *y,
			      size_t m, double alpha, struct mp_rank_ratio *ret_ratio);

/*
 * How many times as far out the ends of that interval lie as those of Student's at 1 - alpha, for logs that are normal:
 * what it can find follows from it (power.h). Drift and the level make it max(MP_DRIFT_WIDTH, z(level) / z(1 - alpha)) times
 * as wide; ranks sqrt(pi / 3) times (their efficiency, Pitman 1948), and where an end is one of the first few
 * differences by 1 + MP_RANK_FEW / (k + 1) more, as simulated (tests/report/test_power.c). NaN when memory ran out.
 */
#define MP_RANK_FEW 0.3
double mp_rank_width(struct mp_rank *rank, size_t n, size_t m, double alpha);

/* Benjamini and Hochberg 1995: adjusted p-values in the order given, p in [0, 1], `family` hypotheses in all (at least n; the
 * ones not listed count as p = 1). 0 or -ENOMEM. */
int mp_rank_adjust(const double *p, size_t n, size_t family, double *ret_adjusted);

/* Benjamini and Yekutieli 2001: the same for tests that depend on each other in any way, at the price of a factor
 * 1 + 1/2 + ... + 1/family. Benjamini and Hochberg's stays valid where they rise and fall together. */
int mp_rank_adjust_dependent(const double *p, size_t n, size_t family, double *ret_adjusted);

#endif
