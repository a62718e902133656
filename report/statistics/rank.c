/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The rank tests and the ratio of two samples: see rank.h.
 *
 * Ranks are kept doubled, so that midranks are integers and the exact distribution is a count over integers.
 */
#include "report/statistics/rank.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/statistics/special.h"

void mp_rank_done(struct mp_rank *rank)
{
	for (size_t i = 0; i < rank->n_tables; i++)
		free(rank->tables[i].lower);
	free(rank->tables);
	free(rank->shifts);
	*rank = (struct mp_rank){ 0 };
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct indexed {
	double value;
	size_t index;
};

static int by_indexed(const void *a, const void *b)
{
	return by_value(&((const struct indexed *)a)->value, &((const struct indexed *)b)->value);
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
	double total = 1, sum = 0;

	if (!lower)
		return NULL;
	lower[0] = 1;
	for (size_t i = 1; i <= m; i++) {
		for (size_t u = half; u >= n + i; u--)
			lower[u] -= lower[u - n - i];
		for (size_t u = i; u <= half; u++)
			lower[u] += lower[u - i];
		total = total * (double)(n + i) / (double)i;
	}
	for (size_t u = half + 1; u <= last; u++)
		lower[u] = lower[last - u];
	for (size_t u = 0; u <= last; u++) {
		sum += lower[u] / total;
		lower[u] = sum < 1 ? sum : 1;
	}
	return lower;
}

static const double *table_of(struct mp_rank *rank, size_t n, size_t m)
{
	struct mp_rank_table *table;
	double *lower;

	for (size_t i = 0; i < rank->n_tables; i++) {
		if (rank->tables[i].n == n && rank->tables[i].m == m)
			return rank->tables[i].lower;
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
	return lower;
}

int mp_rank_lower_tail(struct mp_rank *rank, size_t n, size_t m, double u, double *ret_p)
{
	const double *lower;

	if (!n || !m || n > MP_RANK_EXACT || m > MP_RANK_EXACT || !isfinite(u))
		return -EINVAL;
	lower = table_of(rank, n, m);
	if (!lower)
		return -ENOMEM;
	if (u < 0)
		*ret_p = 0;
	else
		*ret_p = u >= (double)(n * m) ? 1 : lower[(size_t)u];
	return 0;
}

/* The two samples pooled, sorted and grouped by value. */
struct pooled {
	size_t *group; /* size of each group of equal values */
	unsigned *twice_rank; /* twice the midrank of each group */
	size_t n_groups;
	double twice_sum; /* twice the rank sum of y */
	double tie_term; /* sum of t^3 - t */
};

static int pool(const double *x, size_t n, const double *y, size_t m, struct pooled *p)
{
	struct indexed *all = calloc(n + m, sizeof(*all));
	size_t end;

	*p = (struct pooled){ 0 };
	p->group = calloc(n + m, sizeof(*p->group));
	p->twice_rank = calloc(n + m, sizeof(*p->twice_rank));
	if (!all || !p->group || !p->twice_rank) {
		free(all);
		free(p->group);
		free(p->twice_rank);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		all[i] = (struct indexed){ x[i], 0 };
	for (size_t i = 0; i < m; i++)
		all[n + i] = (struct indexed){ y[i], 1 };
	qsort(all, n + m, sizeof(*all), by_indexed);
	for (size_t i = 0; i < n + m; i = end) {
		double t;

		for (end = i; end < n + m && all[end].value == all[i].value; end++)
			;
		t = (double)(end - i);
		p->group[p->n_groups] = end - i;
		p->twice_rank[p->n_groups] = (unsigned)(i + 1 + end);
		for (size_t k = i; k < end; k++)
			p->twice_sum += all[k].index ? (double)(i + 1 + end) : 0;
		p->tie_term += t * t * t - t;
		p->n_groups++;
	}
	free(all);
	return 0;
}

/*
 * Both tails of the conditional distribution of twice the rank sum of y, given the groups: ways[k][s] counts the
 * choices of k values with sum s, one group after another.
 */
static int exact_tails(const struct pooled *p, size_t m, double *ret_lower, double *ret_upper)
{
	size_t limit = 0, left = m, width;
	double *ways, total = 0, lower = 0, upper = 0;
	size_t seen = 0;

	for (size_t g = p->n_groups; g-- > 0 && left;) {
		size_t take = p->group[g] < left ? p->group[g] : left;

		limit += take * p->twice_rank[g];
		left -= take;
	}
	width = limit + 1;
	ways = calloc((m + 1) * width, sizeof(*ways));
	if (!ways)
		return -ENOMEM;
	ways[0] = 1;
	for (size_t g = 0; g < p->n_groups; g++) {
		size_t rank = p->twice_rank[g], size = p->group[g];

		seen += size;
		/* Downwards, so that a row is read before this group is added to it. */
		for (size_t k = seen < m ? seen : m; k > 0; k--) {
			double choose = 1;

			for (size_t j = 1; j <= size && j <= k; j++) {
				double *into = ways + k * width + j * rank;
				const double *from = ways + (k - j) * width;

				choose = choose * (double)(size - j + 1) / (double)j;
				if (j * rank > limit)
					break;
				for (size_t s = 0; s + j * rank <= limit; s++)
					into[s] += choose * from[s];
			}
		}
	}
	for (size_t s = 0; s <= limit; s++) {
		double count = ways[m * width + s];

		total += count;
		lower += (double)s <= p->twice_sum ? count : 0;
		upper += (double)s >= p->twice_sum ? count : 0;
	}
	*ret_lower = lower / total;
	*ret_upper = upper / total;
	free(ways);
	return 0;
}

/* Normal approximation of the two-sided p, tie-corrected, continuity 0.5. */
static double normal_p(const struct pooled *p, double u, double n, double m)
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

static int exact_p(struct mp_rank *rank, const struct pooled *p, size_t n, size_t m,
		   struct mp_rank_test *test)
{
	int rc;

	if (test->ties) {
		rc = exact_tails(p, m, &test->lower, &test->upper);
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

int mp_rank_test(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		 struct mp_rank_test *ret_test)
{
	struct mp_rank_test test = { .lower = NAN, .upper = NAN };
	struct pooled p;
	size_t largest = n > m ? n : m;
	int rc = 0;

	if (!allowed(x, n, false) || !allowed(y, m, false))
		return -EINVAL;
	if (pool(x, n, y, m, &p))
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
	free(p.group);
	free(p.twice_rank);
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

/* Moses' rank and the true confidence of the interval that it gives. */
static int moses_rank(struct mp_rank *rank, size_t n, size_t m, double alpha, size_t *ret_k,
		      double *ret_level)
{
	double pairs = (double)n * (double)m, outside;
	size_t k = 1;

	if (n <= MP_RANK_EXACT && m <= MP_RANK_EXACT) {
		const double *lower = table_of(rank, n, m);

		if (!lower)
			return -ENOMEM;
		/* The quantile: the smallest k with P(U <= k) >= alpha / 2; P(U <= k - 1) is outside. */
		while (k < n * m && lower[k] < alpha / 2)
			k++;
		outside = lower[k - 1];
	} else {
		double sd = sqrt(pairs * (double)(n + m + 1) / 12);
		double edge = floor(pairs / 2 + mp_special_normal_quantile(alpha / 2) * sd + 0.5);

		k = edge > 1 ? (size_t)edge : 1;
		outside = 0.5 * erfc((pairs / 2 - (double)k + 0.5) / sd * M_SQRT1_2);
	}
	*ret_k = k;
	*ret_level = fmax(0, 1 - 2 * outside);
	return 0;
}

/* The value of rank k, from 0, of `values`, which are reordered: Hoare's selection (CACM 1961, algorithm 65), pivot the
 * median of three. A comparison of many cases spends its time here, and sorting takes five times as long. */
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

int mp_rank_ratio(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		  double alpha, struct mp_rank_ratio *ret_ratio)
{
	size_t pairs = n * m, k, half;
	double *d, level, middle;
	int rc;

	if (!allowed(x, n, true) || !allowed(y, m, true) || !(alpha > 0 && alpha < 1))
		return -EINVAL;
	rc = moses_rank(rank, n, m, alpha, &k, &level);
	if (rc)
		return rc;
	d = calloc(pairs + n, sizeof(*d));
	if (!d)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		d[pairs + i] = log(x[i]);
	for (size_t j = 0; j < m; j++) {
		double log_y = log(y[j]);

		for (size_t i = 0; i < n; i++)
			d[j * n + i] = log_y - d[pairs + i];
	}
	/* Each selection parts the values, so the next one looks at a part: k is at most half of the pairs. */
	half = (pairs - 1) / 2;
	middle = kth(d, pairs, half);
	if (pairs % 2 == 0)
		middle = (middle + kth(d + half + 1, pairs - half - 1, 0)) / 2;
	ret_ratio->ratio = exp(middle);
	ret_ratio->low = exp(k - 1 <= half ? kth(d, half + 1, k - 1) : kth(d, pairs, k - 1));
	ret_ratio->high =
		exp(pairs - k > half ? kth(d + half + 1, pairs - half - 1, pairs - k - half - 1)
				     : kth(d, pairs, pairs - k));
	ret_ratio->level = level;
	free(d);
	return 0;
}

/* `factor` times Benjamini and Hochberg's. */
static int adjust(const double *p, size_t n, double factor, double *ret_adjusted)
{
	struct indexed *sorted = calloc(n + 1, sizeof(*sorted));
	double least = 1;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct indexed){ p[i], i };
	qsort(sorted, n, sizeof(*sorted), by_indexed);
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
