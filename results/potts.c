/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact L1 Potts segmentation: see potts.h.
 *
 * best[i] = min over j of best[j] + gamma + cost(j, i), where cost(j, i) is sum |z - median| of z[j .. i). All costs
 * with one start j come from one sweep that begins with the whole rest of the series, sorted, as a linked list and
 * takes the values out again from the last one on: the median moves by at most one place, so that a cost takes
 * constant time and the whole O(n^2).
 */
#include "results/potts.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "results/stats.h"

#define MAD_TO_SD 1.4826

struct sweep {
	const double *
		z; /* moved so that its own median is 0: sums stay small, and exact where z is a multiple of 1/2^k */
	size_t n;
	size_t *next, *prev; /* of the sorted list over z[j ..]; index n is both ends */
	size_t *master_next, *master_prev;
};

struct keyed {
	double value;
	size_t index;
};

static int by_value(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;

	if (x->value != y->value)
		return x->value > y->value ? 1 : -1;
	return (x->index > y->index) - (x->index < y->index);
}

static void take_out(size_t *next, size_t *prev, size_t i)
{
	next[prev[i]] = next[i];
	prev[next[i]] = prev[i];
}

/* Is i before k in the sorted order? */
static bool before(const double *z, size_t i, size_t k)
{
	return z[i] == z[k] ? i < k : z[i] < z[k];
}

/*
 * costs[end] for all ends of segments that start at `start`. The list is split into the `half` smallest, whose sum is
 * `lower`, and the rest; `middle` is the first of the rest.
 */
static void costs_from(struct sweep *s, size_t start, double *costs)
{
	size_t count = s->n - start, half = count / 2, middle = s->n, at = 0;
	double lower = 0, upper = 0;

	for (size_t i = start; i < s->n; i++) {
		s->next[i] = s->master_next[i];
		s->prev[i] = s->master_prev[i];
	}
	s->next[s->n] = s->master_next[s->n];
	s->prev[s->n] = s->master_prev[s->n];
	for (size_t i = s->next[s->n]; i < s->n; i = s->next[i], at++) {
		if (at == half)
			middle = i;
		if (at < half)
			lower += s->z[i];
		else
			upper += s->z[i];
	}
	for (size_t last = s->n - 1;; last--) {
		/* sum |z - m| = (sum above - sum below), and m itself once more when there is one in the middle */
		costs[last + 1] = upper - lower - (count % 2 ? s->z[middle] : 0);
		if (last == start)
			return;
		if (before(s->z, last, middle)) {
			lower -= s->z[last];
			half--;
		} else {
			upper -= s->z[last];
			if (last == middle)
				middle = s->next[last];
		}
		take_out(s->next, s->prev, last);
		count--;
		if (half > count / 2) {
			middle = s->prev[middle];
			lower -= s->z[middle];
			upper += s->z[middle];
			half--;
		} else if (half < count / 2) {
			lower += s->z[middle];
			upper -= s->z[middle];
			middle = s->next[middle];
			half++;
		}
	}
}

static int sweep_init(struct sweep *s, const double *z, size_t n)
{
	struct keyed *sorted = calloc(n, sizeof(*sorted));
	double *moved = calloc(n, sizeof(*moved));
	size_t *links = calloc(4 * (n + 1), sizeof(*links)), at;

	if (!sorted || !moved || !links) {
		free(sorted);
		free(moved);
		free(links);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = (struct keyed){ z[i], i };
	qsort(sorted, n, sizeof(*sorted), by_value);
	for (size_t i = 0; i < n; i++)
		moved[i] = z[i] - sorted[n / 2].value;
	*s = (struct sweep){ .z = moved,
			     .n = n,
			     .next = links,
			     .prev = links + n + 1,
			     .master_next = links + 2 * (n + 1),
			     .master_prev = links + 3 * (n + 1) };
	at = n;
	for (size_t i = 0; i < n; i++) {
		s->master_next[at] = sorted[i].index;
		s->master_prev[sorted[i].index] = at;
		at = sorted[i].index;
	}
	s->master_next[at] = n;
	s->master_prev[n] = at;
	free(sorted);
	return 0;
}

/* Starts of the segments behind the first, from the last one back. */
static int collect(const size_t *from, size_t n, size_t **ret_starts, size_t *ret_count)
{
	size_t count = 0, *starts;

	for (size_t end = n; from[end]; end = from[end])
		count++;
	starts = calloc(count + 1, sizeof(*starts));
	if (!starts)
		return -ENOMEM;
	*ret_count = count;
	for (size_t end = n; from[end]; end = from[end])
		starts[--count] = from[end];
	*ret_starts = starts;
	return 0;
}

int mp_potts(const double *z, size_t n, size_t min_segment, double gamma, size_t **ret_starts,
	     size_t *ret_count, double *ret_objective)
{
	double *best, *costs;
	struct sweep s;
	size_t *from;
	int rc;

	if (!n || !min_segment || n < min_segment || !(gamma >= 0))
		return -EINVAL;
	rc = sweep_init(&s, z, n);
	if (rc)
		return rc;
	best = calloc(n + 1, sizeof(*best));
	costs = calloc(n + 1, sizeof(*costs));
	from = calloc(n + 1, sizeof(*from));
	rc = best && costs && from ? 0 : -ENOMEM;
	for (size_t i = 1; !rc && i <= n; i++)
		best[i] = INFINITY;
	for (size_t start = 0; !rc && start + min_segment <= n; start++) {
		double base = start ? best[start] + gamma : 0;

		if (isfinite(base))
			costs_from(&s, start, costs);
		for (size_t end = start + min_segment; isfinite(base) && end <= n; end++) {
			if (base + costs[end] < best[end]) {
				best[end] = base + costs[end];
				from[end] = start;
			}
		}
		take_out(s.master_next, s.master_prev, start);
	}
	if (!rc)
		rc = collect(from, n, ret_starts, ret_count);
	if (!rc)
		*ret_objective = best[n];
	free(best);
	free(costs);
	free(from);
	free(s.next);
	free((double *)s.z);
	return rc;
}

double mp_potts_sigma(const double *z, size_t n)
{
	double *step, sum = 0, sigma;

	if (n < 2)
		return NAN;
	step = calloc(n, sizeof(*step));
	if (!step)
		return NAN;
	for (size_t i = 0; i + 1 < n; i++) {
		step[i] = fabs(z[i + 1] - z[i]);
		sum += step[i];
	}
	sigma = MAD_TO_SD * mp_median(step, n - 1) / M_SQRT2;
	/* Ties: half the neighbours are equal, as on a coarse clock. Mean of a half-normal is sigma sqrt(2 / pi). */
	if (sigma == 0)
		sigma = sqrt(M_PI) / 2 * sum / (double)(n - 1);
	free(step);
	return sigma;
}
