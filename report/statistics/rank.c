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

#include "common/cleanup.h"
#include "common/vec.h"
#include "report/statistics/select.h"
#include "report/statistics/special.h"
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

/* Work space of that size until the next call; NULL when memory ran out. */
static void *room(struct mp_rank *rank, size_t size)
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
	unsigned group[2 * MP_RANK_EXACT_TIES]; /* size of each group of equal values, */
	unsigned
		twice_rank[2 * MP_RANK_EXACT_TIES]; /* twice its midrank: where all groups fit in */
	size_t n_groups;
	double twice_sum; /* twice the rank sum of y */
	double tie_term; /* sum of t^3 - t */
};

/* Both samples in ascending order. */
static void pool(const double *x, size_t n, const double *y, size_t m, struct pooled *p)
{
	size_t i = 0, k = 0;

	while (i < n || k < m) {
		double value = k == m || (i < n && x[i] < y[k]) ? x[i] : y[k], t;
		size_t start = i + k, first_y = k;
		unsigned twice_rank;

		while (i < n && x[i] == value)
			i++;
		while (k < m && y[k] == value)
			k++;
		twice_rank = (unsigned)(start + 1 + i + k);
		t = (double)(i + k - start);
		if (p->n_groups < 2 * MP_RANK_EXACT_TIES) {
			p->group[p->n_groups] = (unsigned)(i + k - start);
			p->twice_rank[p->n_groups] = twice_rank;
		}
		p->n_groups++;
		p->twice_sum += (double)(k - first_y) * twice_rank;
		p->tie_term += t * t * t - t;
	}
}

/*
 * How many choices of m of the pooled values have a sum of (doubled) ranks of at most `sum`, and how many exactly that:
 * ways[k][s] counts the choices of k values, one group after another. `s` is counted from the smallest sum of k values
 * that there is; what lies `width` or more above it cannot come down to `sum` with m - k values that follow.
 */
static int count_lower(struct mp_rank *rank, const struct pooled *p, size_t m, size_t sum,
		       double *ret_at_most, double *ret_exactly)
{
	size_t least = 0, width, *base, *top, seen = 0, all = 0;
	double *ways;

	for (size_t g = 0; g < p->n_groups; g++)
		all += p->group[g];
	for (size_t g = 0, left = m; left; g++) {
		size_t take = p->group[g] < left ? p->group[g] : left;

		least += take * p->twice_rank[g];
		left -= take;
	}
	width = sum - least + 1;
	ways = room(rank, (m + 1) * (width * sizeof(*ways) + 2 * sizeof(*base)));
	if (!ways)
		return -ENOMEM;
	memset(ways, 0, (m + 1) * width * sizeof(*ways));
	base = (size_t *)(ways + (m + 1) * width); /* the smallest sum of k values */
	top = base + m + 1; /* the largest s of k values so far, at most the width */
	memset(base, 0, 2 * (m + 1) * sizeof(*base));
	for (size_t g = 0, k = 0; k < m; g++) {
		for (size_t j = 0; j < p->group[g] && k < m; j++, k++)
			base[k + 1] = base[k] + p->twice_rank[g];
	}
	ways[0] = 1;
	for (size_t g = 0; g < p->n_groups; g++) {
		size_t size = p->group[g], fewest;

		seen += size;
		/* Those that follow must be enough to make m. */
		fewest = m > all - seen ? m - (all - seen) : 1;
		/* Downwards, so that a row is read before this group is added to it. */
		for (size_t k = seen < m ? seen : m; k >= fewest && k > 0; k--) {
			double choose = 1;

			for (size_t j = 1; j <= size && j <= k; j++) {
				size_t shift = j * p->twice_rank[g] - (base[k] - base[k - j]);
				double *into = ways + k * width + shift;
				const double *from = ways + (k - j) * width;
				size_t end;

				choose = choose * (double)(size - j + 1) / (double)j;
				if (shift >= width)
					continue;
				end = top[k - j] < width - 1 - shift ? top[k - j]
								     : width - 1 - shift;
				for (size_t s = 0; s <= end; s++)
					into[s] += choose * from[s];
				top[k] = top[k] > end + shift ? top[k] : end + shift;
			}
		}
	}
	*ret_exactly = ways[(m + 1) * width - 1];
	*ret_at_most = 0;
	for (size_t s = 0; s < width; s++)
		*ret_at_most += ways[m * width + s];
	return 0;
}

/*
 * Both tails of the conditional distribution of twice the rank sum of y, given the groups. The smaller one is counted:
 * the upper one as the lower one of the ranks from the other end. Counts are whole numbers below 2^53, and so exact.
 */
static int exact_tails(struct mp_rank *rank, struct pooled *p, size_t n, size_t m,
		       double *ret_lower, double *ret_upper)
{
	const size_t twice_all = 2 * (n + m + 1), sum = (size_t)p->twice_sum;
	const bool upper = 2 * sum > m * twice_all;
	double total = 1, near, exactly, far;
	int rc;

	for (size_t i = 1; i <= m; i++)
		total = total * (double)(n + i) / (double)i;
	for (size_t g = 0; upper && g < (p->n_groups + 1) / 2; g++) {
		size_t last = p->n_groups - 1 - g;
		unsigned size = p->group[g], twice_rank = p->twice_rank[g];

		p->group[g] = p->group[last];
		p->twice_rank[g] = (unsigned)twice_all - p->twice_rank[last];
		p->group[last] = size;
		p->twice_rank[last] = (unsigned)twice_all - twice_rank;
	}
	rc = count_lower(rank, p, m, upper ? m * twice_all - sum : sum, &near, &exactly);
	if (rc)
		return rc;
	far = total - near + exactly;
	*ret_lower = (upper ? far : near) / total;
	*ret_upper = (upper ? near : far) / total;
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

static int exact_p(struct mp_rank *rank, struct pooled *p, size_t n, size_t m,
		   struct mp_rank_test *test)
{
	int rc;

	if (test->ties) {
		rc = exact_tails(rank, p, n, m, &test->lower, &test->upper);
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
			 struct pooled *p)
{
	double *sorted = room(rank, (n + m) * sizeof(*sorted));

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, x, n * sizeof(*sorted));
	memcpy(sorted + n, y, m * sizeof(*sorted));
	mp_sort(sorted, n);
	mp_sort(sorted + n, m);
	p->n_groups = 0;
	p->twice_sum = p->tie_term = 0;
	pool(sorted, n, sorted + n, m, p);
	return 0;
}

int mp_rank_test(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		 struct mp_rank_test *ret_test)
{
	struct mp_rank_test test = { .lower = NAN, .upper = NAN };
	MP_CLEANUP(mp_rank_done) struct mp_rank none = { 0 };
	struct pooled p;
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

int mp_rank_ratio(struct mp_rank *rank, const double *x, size_t n, const double *y, size_t m,
		  double alpha, struct mp_rank_ratio *ret_ratio)
{
	size_t pairs = n * m, k, half;
	double *d, *log_x, *log_y, level, middle, least_x, most_x, least_y, most_y;
	struct mp_select select;
	int rc;

	if (!allowed(x, n, true) || !allowed(y, m, true) || !(alpha > 0 && alpha < 1))
		return -EINVAL;
	rc = moses_rank(rank, n, m, alpha, &k, &level);
	if (rc)
		return rc;
	d = room(rank, (2 * pairs + n + m) * sizeof(*d) + pairs);
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
	ret_ratio->ratio = exp(middle);
	ret_ratio->low = exp(mp_select_rank(&select, k - 1));
	ret_ratio->high = exp(mp_select_rank(&select, pairs - k));
	ret_ratio->level = level;
	ret_ratio->scatter = scatter(log_x, n, log_y, m);
	return 0;
}

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
static void sort_many(struct indexed *v, struct indexed *other, size_t n)
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
	if (n > RADIX)
		sort_many(sorted, sorted + n, n);
	else
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
