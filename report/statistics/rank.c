/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rank test and the ratio of two samples: see rank.h. */
#include "report/statistics/rank.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "report/statistics/select.h"
#include "report/statistics/special.h"
#include "report/statistics/ties.h"
#include "results/stats.h"

void mp_rank_done(struct mp_rank *rank)
{
	for (size_t i = 0; i < rank->n_tables; i++)
		free(rank->tables[i].lower);
	free(rank->tables);
	free(rank->shifts);
	free(rank->room);
	*rank = (struct mp_rank){ 0 };
}

void *mp_rank_room(struct mp_rank *rank, size_t size)
{
	if (size > rank->room_size) {
		free(rank->room);
		rank->room = malloc(size);
		rank->room_size = rank->room ? size : 0;
	}
	return rank->room;
}

struct indexed {
	double value;
	size_t index;
};

static int by_indexed(const void *a, const void *b)
{
	double x = ((const struct indexed *)a)->value, y = ((const struct indexed *)b)->value;

	return (x > y) - (x < y);
}

int mp_rank_midranks(const double *values, size_t n, double *ret_ranks)
{
	struct indexed *sorted = calloc(n + 1, sizeof(*sorted));
	size_t end;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct indexed){ values[i], i };
	qsort(sorted, n, sizeof(*sorted), by_indexed);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && sorted[end].value == sorted[i].value; end++)
			;
		for (size_t k = i; k < end; k++)
			ret_ranks[sorted[k].index] = ((double)i + 1 + (double)end) / 2;
	}
	free(sorted);
	return 0;
}

/*
 * Number of arrangements with U = u: the coefficient of q^u in prod_{i=1..m} (1 - q^(n+i)) / (1 - q^i). A
 * coefficient depends on lower ones alone, and the distribution is symmetric, so half of it is computed; counts
 * below 2^53 are exact and larger ones carry a few units of rounding.
 */
static double *lower_tail_table(size_t n, size_t m)
{
	size_t last = n * m, half = last / 2;
	double *lower = calloc(last + 1, sizeof(*lower));
	size_t few = n < m ? n : m, many = n < m ? m : n;
	double total = 1, sum = 0;

	if (!lower)
		return NULL;
	lower[0] = 1;
	for (size_t i = 1; i <= few; i++) {
		for (size_t u = half; u >= many + i; u--)
			lower[u] -= lower[u - many - i];
		for (size_t u = i; u <= half; u++)
			lower[u] += lower[u - i];
		total = total * (double)(many + i) / (double)i;
	}
	for (size_t u = half + 1; u <= last; u++)
		lower[u] = lower[last - u];
	for (size_t u = 0; u <= last; u++) {
		sum += lower[u] / total;
		lower[u] = sum < 1 ? sum : 1;
	}
	return lower;
}

/* Valid until the next one is made. */
static struct mp_rank_table *table_of(struct mp_rank *rank, size_t n, size_t m)
{
	struct mp_rank_table *table;
	double *lower;

	for (size_t i = 0; i < rank->n_tables; i++) {
		if (rank->tables[i].n == n && rank->tables[i].m == m)
			return &rank->tables[i];
	}
	lower = lower_tail_table(n, m);
	if (!lower)
		return NULL;
	table = mp_vec_push((void **)&rank->tables, &rank->n_tables, &rank->cap_tables,
			    sizeof(*table));
	if (!table) {
		free(lower);
		return NULL;
	}
	*table = (struct mp_rank_table){ .n = n, .m = m, .lower = lower };
	return table;
}

int mp_rank_lower_tail(struct mp_rank *rank, size_t n, size_t m, double u, double *ret_p)
{
	const struct mp_rank_table *table;

	if (!n || !m || n > MP_RANK_EXACT || m > MP_RANK_EXACT || !isfinite(u))
		return -EINVAL;
	table = table_of(rank, n, m);
	if (!table)
		return -ENOMEM;
	if (u < 0)
		*ret_p = 0;
	else
		*ret_p = u >= (double)(n * m) ? 1 : table->lower[(size_t)u];
	return 0;
}

/* Normal approximation of the two-sided p, tie-corrected, continuity 0.5. */
static double normal_p(const struct mp_ties *p, double u, double n, double m)
{
	double all = n + m;
	double variance = n * m / 12 * (all + 1 - p->tie_term / (all * (all - 1)));
	double away = fabs(u - n * m / 2);

	if (away > 0)
		away -= 0.5;
	return fmin(1, erfc(fabs(away) / sqrt(variance) * M_SQRT1_2));
}

static bool allowed(const double *values, size_t n, bool positive)
{
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(values[i]) || (positive && values[i] <= 0))
			return false;
	}
	return n > 0;
}

static int exact_p(struct mp_rank *rank, struct mp_ties *p, size_t n, size_t m,
		   struct mp_rank_test *test)
{
	int rc;

	if (test->ties) {
		rc = mp_ties_tails(rank, p, n, m, &test->lower, &test->upper);
	} else {
		/* P(U >= u) = P(U <= nm - u) */
		rc = mp_rank_lower_tail(rank, n, m, test->u, &test->lower);
		if (!rc)
			rc = mp_rank_lower_tail(rank, n, m, (double)(n * m) - test->u,
						&test->upper);
	}
	if (rc)
		return rc;
	test->exact = true;
	test->p = fmin(1, 2 * fmin(test->lower, test->upper));
	return 0;
}

/* Sorts copies. 0 or -ENOMEM. */
static int sort_and_pool(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
			 struct mp_ties *p)
{
	double *sorted = mp_rank_room(rank, (n + m) * sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, x, n * sizeof(*sorted));
	memcpy(sorted + n, y, m * sizeof(*sorted));
	mp_sort(sorted, n);
	mp_sort(sorted + n, m);
	mp_ties_pool(sorted, n, sorted + n, m, p);
	return 0;
}

int mp_rank_test(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		 struct mp_rank_test *ret_test)
{
	struct mp_rank_test test = { .lower = NAN, .upper = NAN };
	MP_CLEANUP(mp_rank_done) struct mp_rank none = { 0 };
	struct mp_ties p;
	size_t largest = n > m ? n : m;
	int rc = 0;

	if (!allowed(x, n, false) || !allowed(y, m, false))
		return -EINVAL;
	if (sort_and_pool(rank ? rank : &none, x, n, y, m, &p))
		return -ENOMEM;
	test.ties = p.n_groups < n + m;
	test.all_equal = p.n_groups == 1;
	test.u = p.twice_sum / 2 - (double)m * ((double)m + 1) / 2;
	test.delta = 2 * test.u / ((double)n * (double)m) - 1;
	test.normal = test.all_equal ? 1 : normal_p(&p, test.u, (double)n, (double)m);
	if (test.all_equal) {
		test.p = 1;
		test.exact = true;
	} else if (rank && largest <= (test.ties ? MP_RANK_EXACT_TIES : MP_RANK_EXACT)) {
		rc = exact_p(rank, &p, n, m, &test);
	} else {
		test.p = test.normal;
	}
	if (!rc)
		*ret_test = test;
	return rc;
}

double mp_rank_smallest_p(size_t n, size_t m)
{
	double ways = 1;

	for (size_t i = 1; i <= m && ways < 1e18; i++)
		ways *= (double)(n + i) / (double)i;
	return fmin(1, 2 / ways);
}

/* Moses' rank, and the probability that the truth lies beyond one end. */
static size_t moses_rank(const double *lower, size_t n, size_t m, double alpha, double *ret_outside)
{
	double pairs = (double)n * (double)m;
	size_t k = 1;

	if (lower) {
		/* The quantile: the smallest k with P(U <= k) >= alpha / 2; P(U <= k - 1) is outside. */
		while (k < n * m && lower[k] < alpha / 2)
			k++;
		*ret_outside = lower[k - 1];
	} else {
		double sd = sqrt(pairs * (double)(n + m + 1) / 12);
		double edge = floor(pairs / 2 + mp_special_normal_quantile(alpha / 2) * sd + 0.5);

		k = edge > 1 ? (size_t)edge : 1;
		*ret_outside = 0.5 * erfc((pairs / 2 - (double)k + 0.5) / sd * M_SQRT1_2);
	}
	return k;
}

/* `exact`: so many pairs at most. */
static int moses(struct mp_rank *rank, size_t n, size_t m, double alpha, size_t exact,
		 struct mp_rank_moses *ret_moses)
{
	struct mp_rank_moses at = { .alpha = alpha };
	struct mp_rank_table *table = NULL;
	double outside, wanted, has;

	if (n * m <= exact) {
		table = table_of(rank, n, m);
		if (!table)
			return -ENOMEM;
	}
	if (table && table->moses.alpha == alpha) {
		*ret_moses = table->moses;
		return 0;
	}
	at.k = moses_rank(table ? table->lower : NULL, n, m, alpha, &outside);
	at.level = fmax(0, 1 - 2 * outside);
	wanted = -mp_special_normal_quantile(alpha / 2);
	has = -mp_special_normal_quantile(fmin(outside, 0.5));
	at.drift = fmax(1, MP_DRIFT_WIDTH * (has > wanted ? wanted / has : 1));
	at.width =
		at.drift * has / wanted * sqrt(M_PI / 3) * (1 + MP_RANK_FEW / (double)(at.k + 1));
	if (table)
		table->moses = at;
	*ret_moses = at;
	return 0;
}

/* Standard deviation within the two samples, pooled. */
static double scatter(const double *x, size_t n, const double *y, size_t m)
{
	double squares = 0;

	for (int side = 0; side < 2; side++) {
		const double *v = side ? y : x;
		size_t count = side ? m : n;
		double mean = 0;

		for (size_t i = 0; i < count; i++)
			mean += v[i] / (double)count;
		for (size_t i = 0; i < count; i++)
			squares += (v[i] - mean) * (v[i] - mean);
	}
	return n + m > 2 ? sqrt(squares / (double)(n + m - 2)) : 0;
}

/* Logs of the values, the smallest and the largest of them. */
static void take_logs(const double *values, size_t n, double *ret_logs, double *ret_least,
		      double *ret_most)
{
	double least = INFINITY, most = -INFINITY;

	for (size_t i = 0; i < n; i++) {
		ret_logs[i] = log(values[i]);
		least = ret_logs[i] < least ? ret_logs[i] : least;
		most = ret_logs[i] > most ? ret_logs[i] : most;
	}
	*ret_least = least;
	*ret_most = most;
}

/* Of the log of a ratio. One that no number holds is very large, or very small. */
static double ratio_from(double log_ratio)
{
	return exp(fmin(fmax(log_ratio, -700), 700));
}

/* `drifting`: of invocations, whose ends lie further out on logs. */
static int ratio_of(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		    double alpha, bool drifting, struct mp_rank_ratio *ret_ratio)
{
	struct mp_rank_moses at;
	size_t pairs = n * m, half;
	double out;
	double *d, *log_x, *log_y, middle, least_x, most_x, least_y, most_y;
	struct mp_select select;
	int rc;

	if (!allowed(x, n, true) || !allowed(y, m, true) || !(alpha > 0 && alpha < 1))
		return -EINVAL;
	rc = moses(rank, n, m, alpha, MP_RANK_EXACT_PAIRS, &at);
	if (rc)
		return rc;
	out = drifting ? at.drift : 1;
	d = mp_rank_room(rank, (2 * pairs + n + m) * sizeof(*d) + pairs);
	if (!d)
		return -ENOMEM;
	log_x = d + 2 * pairs;
	log_y = log_x + n;
	take_logs(x, n, log_x, &least_x, &most_x);
	take_logs(y, m, log_y, &least_y, &most_y);
	for (size_t j = 0; j < m; j++) {
		for (size_t i = 0; i < n; i++)
			d[j * n + i] = log_y[j] - log_x[i];
	}
	mp_select_deal(d, pairs, least_y - most_x, most_y - least_x, d + pairs,
		       (uint8_t *)(log_y + m), &select);
	half = (pairs - 1) / 2;
	middle = mp_select_rank(&select, half);
	if (pairs % 2 == 0)
		middle = (middle + mp_select_rank(&select, half + 1)) / 2;
	ret_ratio->ratio = ratio_from(middle);
	ret_ratio->low = ratio_from(middle - out * (middle - mp_select_rank(&select, at.k - 1)));
	ret_ratio->high =
		ratio_from(middle + out * (mp_select_rank(&select, pairs - at.k) - middle));
	ret_ratio->level = drifting ? fmin(at.level, 1 - alpha) : at.level;
	ret_ratio->scatter = scatter(log_x, n, log_y, m);
	return 0;
}

int mp_rank_ratio(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		  double alpha, struct mp_rank_ratio *ret_ratio)
{
	return ratio_of(rank, x, n, y, m, alpha, false, ret_ratio);
}

int mp_rank_ratio_invocations(struct mp_rank *rank, const double *x, size_t n, const double *y,
			      size_t m, double alpha, struct mp_rank_ratio *ret_ratio)
{
	return ratio_of(rank, x, n, y, m, alpha, true, ret_ratio);
}

double mp_rank_width(struct mp_rank *rank, size_t n, size_t m, double alpha)
{
	struct mp_rank_moses at;

	/* A search for how many are needed asks for many sizes: fifty tables would cost it 20 ms. */
	return moses(rank, n, m, alpha, MP_RANK_EXACT * MP_RANK_EXACT, &at) ? NAN : at.width;
}
