/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting the ways to deal tied ranks: see ties.h. */
#include "report/statistics/ties.h"

#include <errno.h>
#include <string.h>

void mp_ties_pool(const double *x, size_t n, const double *y, size_t m, struct mp_ties *ret_ties)
{
	size_t i = 0, k = 0;

	ret_ties->n_groups = 0;
	ret_ties->twice_sum = ret_ties->tie_term = 0;
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
		if (ret_ties->n_groups < 2 * MP_RANK_EXACT_TIES) {
			ret_ties->group[ret_ties->n_groups] = (unsigned)(i + k - start);
			ret_ties->twice_rank[ret_ties->n_groups] = twice_rank;
		}
		ret_ties->n_groups++;
		ret_ties->twice_sum += (double)(k - first_y) * twice_rank;
		ret_ties->tie_term += t * t * t - t;
	}
}

/* How many choices of k values there are, one group after another, by how far (s) the sum of their ranks lies above
 * the smallest sum of k values. */
struct count {
	size_t width; /* s is below; what lies further up cannot come down to the sum asked for */
	double *ways; /* width of them for each k */
	size_t base[MP_RANK_EXACT_TIES + 1]; /* that smallest sum, of each k */
	size_t top[MP_RANK_EXACT_TIES + 1]; /* largest s so far, of each k */
};

/* 0 or -ENOMEM. */
static int count_init(struct mp_rank *rank, const struct mp_ties *ties, size_t m, size_t sum,
		      struct count *c)
{
	size_t cells, k = 0;

	*c = (struct count){ 0 };
	for (size_t g = 0; k < m; g++) {
		for (size_t j = 0; j < ties->group[g] && k < m; j++, k++)
			c->base[k + 1] = c->base[k] + ties->twice_rank[g];
	}
	c->width = sum - c->base[m] + 1;
	cells = (m + 1) * c->width;
	c->ways = mp_rank_room(rank, cells * sizeof(*c->ways));
	if (!c->ways)
		return -ENOMEM;
	memset(c->ways, 0, cells * sizeof(*c->ways));
	c->ways[0] = 1;
	return 0;
}

/* Chooses 1 .. size more of a group of that many, with that (doubled) rank, to make k. */
static void choose(struct count *c, size_t k, size_t size, size_t twice_rank)
{
	double ways = 1;

	for (size_t j = 1; j <= size && j <= k; j++) {
		size_t shift = j * twice_rank - (c->base[k] - c->base[k - j]), end;
		double *into = c->ways + k * c->width + shift;
		const double *from = c->ways + (k - j) * c->width;

		ways = ways * (double)(size - j + 1) / (double)j;
		if (shift >= c->width)
			continue;
		end = c->width - 1 - shift;
		end = c->top[k - j] < end ? c->top[k - j] : end;
		for (size_t s = 0; s <= end; s++)
			into[s] += ways * from[s];
		c->top[k] = c->top[k] > end + shift ? c->top[k] : end + shift;
	}
}

/* How many choices of m of n + m values have a (doubled) rank sum of at most `sum`, and how many exactly that. */
static int count_lower(struct mp_rank *rank, const struct mp_ties *ties, size_t n, size_t m,
		       size_t sum, double *ret_at_most, double *ret_exactly)
{
	struct count c;
	size_t seen = 0;
	int rc = count_init(rank, ties, m, sum, &c);

	if (rc)
		return rc;
	for (size_t g = 0; g < ties->n_groups; g++) {
		size_t fewest;

		seen += ties->group[g];
		/* Those that follow must be enough to make m. */
		fewest = seen > n ? seen - n : 1;
		/* Downwards, so that a row is read before this group is added to it. */
		for (size_t k = seen < m ? seen : m; k >= fewest; k--)
			choose(&c, k, ties->group[g], ties->twice_rank[g]);
	}
	*ret_exactly = c.ways[(m + 1) * c.width - 1];
	*ret_at_most = 0;
	for (size_t s = 0; s < c.width; s++)
		*ret_at_most += c.ways[m * c.width + s];
	return 0;
}

/* The groups from the other end. */
static void reverse(struct mp_ties *ties, size_t n, size_t m)
{
	const unsigned twice_all = (unsigned)(2 * (n + m + 1));

	for (size_t g = 0; g < (ties->n_groups + 1) / 2; g++) {
		size_t last = ties->n_groups - 1 - g;
		unsigned size = ties->group[g], twice_rank = ties->twice_rank[g];

		ties->group[g] = ties->group[last];
		ties->twice_rank[g] = twice_all - ties->twice_rank[last];
		ties->group[last] = size;
		ties->twice_rank[last] = twice_all - twice_rank;
	}
}

/* The smaller tail is counted, the upper one as the lower one of the ranks from the other end; the other is the rest.
 * Counts are whole numbers below 2^53, and so exact. */
int mp_ties_tails(struct mp_rank *rank, struct mp_ties *ties, size_t n, size_t m, double *ret_lower,
		  double *ret_upper)
{
	const size_t sum = (size_t)ties->twice_sum, twice_mean = m * (n + m + 1);
	const bool upper = sum > twice_mean;
	double total = 1, near, exactly, far;
	int rc;

	for (size_t i = 1; i <= m; i++)
		total = total * (double)(n + i) / (double)i;
	if (upper)
		reverse(ties, n, m);
	rc = count_lower(rank, ties, n, m, upper ? 2 * twice_mean - sum : sum, &near, &exactly);
	if (rc)
		return rc;
	far = total - near + exactly;
	*ret_lower = (upper ? far : near) / total;
	*ret_upper = (upper ? near : far) / total;
	return 0;
}
