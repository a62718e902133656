/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Did the typical call change, or only the slowest ones? A value that stands for many calls (the mean of a batch, of a rate
 * block) moves with both: one call in a hundred that takes ten times as long makes it 9 % larger, and the median call
 * is what it was.
 *
 * Single calls of the same invocations say how much of a mean is tail: their mean less the mean of their deciles, the excess.
 * What the timer adds to every call is in both and falls out. A change that is mostly excess is judged by the deciles, the
 * typical calls: less the timer's part (what their median has above that of A's values) they are on the scale of the values,
 * and the mean of nine deciles of calls that are quantised moves by much less than a step of the clock. Seen: of a tail of
 * 1 % x10 the excess was 76 to 125 % of what the batch means of seven system calls moved by, and of a spin of 5 % less
 * than 6 %.
 *
 * That each value less the excess of its invocation says it as well was tried: what is rare scatters, so that the interval is
 * 0.9 to 13 times as wide (five system calls, on a busy machine). What the deciles leave unsure is so: of single
 * getppid calls some take 138 ns and some 170, and how many are which differs from one invocation to the next.
 */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/units.h"

#define DECILES 9
#define MOSTLY	0.5 /* of the change */

/* Of the calls of invocation i: mean of the deciles. */
static double typical(const struct mp_points *calls, size_t i)
{
	double sum = 0;

	for (int q = 0; q < DECILES; q++)
		sum += (double)calls->profile[i * MP_PROFILE_COUNT + (size_t)q];
	return sum / DECILES;
}

static const struct mp_points *calls_of(const struct mp_pair *pair, bool b)
{
	const struct mp_points_case *row = b ? pair->b : pair->a;
	const struct mp_points *calls = &row->points[0][pair->population];

	return mp_row_calls(row) && calls->n && calls->mean && calls->profile ? calls : NULL;
}

/* The calls of one side's newest run. */
struct body {
	double *typical; /* of each invocation; owned */
	size_t n;
	double median; /* of these */
	double excess; /* median */
};

static int body_of(const struct mp_points *calls, double scale, struct body *ret)
{
	double *tails = malloc((calls->n + 1) * sizeof(*tails));

	*ret = (struct body){ .typical = malloc((calls->n + 1) * sizeof(double)) };
	for (size_t i = 0; tails && ret->typical && i < calls->n; i++) {
		double value = typical(calls, i);

		if (!isfinite(value) || !isfinite(calls->mean[i]))
			continue;
		tails[ret->n] = (calls->mean[i] - value) * scale;
		ret->typical[ret->n++] = value * scale;
	}
	if (tails && ret->n) {
		ret->excess = mp_median(tails, ret->n);
		ret->median = mp_median(ret->typical, ret->n);
	}
	free(tails);
	return tails && ret->typical ? 0 : -ENOMEM;
}

/* On the scale of the values; false: that is not above zero. */
static bool less(struct body *body, double timer)
{
	for (size_t i = 0; i < body->n; i++) {
		body->typical[i] -= timer;
		if (body->typical[i] <= 0)
			return false;
	}
	return true;
}

static double median_quantile(const struct mp_points *calls, int q)
{
	double *values = malloc((calls->n + 1) * sizeof(*values)), median = NAN;
	size_t n = 0;

	for (size_t i = 0; values && i < calls->n; i++) {
		double value = mp_points_metric(calls, MP_MODE_CALL, i, q, false);

		if (isfinite(value))
			values[n++] = value;
	}
	if (n)
		median = mp_median(values, n);
	free(values);
	return median;
}

/* Did a quantile that the tail is judged by move that way, too? What no quantile shows is not left to the tail. */
static bool tail_moved(const struct mp_comparison *c, const struct mp_pair *pair)
{
	double far = 1 + mp_policy_thresholds(c->policy, pair->bench).tail;
	bool up = pair->location.ratio > 1;
	const struct mp_points *a = calls_of(pair, false), *b = calls_of(pair, true);

	for (int q = MP_PROFILE_TAIL; q < MP_PROFILE_COUNT; q++) {
		double ratio = median_quantile(b, q) / median_quantile(a, q);

		if (up ? ratio > far : ratio < 1 / far)
			return true;
	}
	return false;
}

/* The verdict by the typical calls. */
static int rule(struct mp_compare_work *work, struct mp_pair *pair, const struct body *a,
		const struct body *b)
{
	const struct mp_change *at = &pair->location;
	double up = 1 + at->threshold, most = 1 + mp_change_margin(at);
	struct mp_rank_ratio body;
	int rc = mp_rank_ratio_invocations(&work->rank, a->typical, a->n, b->typical, b->n, 0.05,
					   &body);
	bool same;

	if (rc)
		return rc;
	same = body.low >= 1 / most && body.high <= most;
	if (body.low > up || body.high < 1 / up)
		return 0;
	return mp_pair_rule(pair, same ? MP_VERDICT_SAME : MP_VERDICT_UNSURE,
			    "the mean moved by %+.1f %%, %s by its slowest calls: the others by "
			    "%+.2f .. %+.2f %%; see the tail",
			    (at->ratio - 1) * 100, same ? "all" : "mostly",
			    mp_shown((body.low - 1) * 100, 2), mp_shown((body.high - 1) * 100, 2));
}

int mp_body_judge(struct mp_compare_work *work, const struct mp_comparison *c, struct mp_pair *pair)
{
	double scale = pair->factor_b / pair->factor_a;
	const struct mp_points *of_a = calls_of(pair, false), *of_b = calls_of(pair, true);
	struct body a = { 0 }, b = { 0 };
	int rc;

	if (pair->mode == MP_MODE_CALL || !of_a || !of_b || !tail_moved(c, pair))
		return 0;
	rc = body_of(of_a, 1, &a);
	if (!rc)
		rc = body_of(of_b, scale, &b);
	if (!rc && a.n >= c->policy->least && b.n >= c->policy->least &&
	    (b.excess - a.excess) / (pair->location.b * scale - pair->location.a) >= MOSTLY) {
		double timer = a.median - pair->location.a;

		if (less(&a, timer) && less(&b, timer))
			rc = rule(work, pair, &a, &b);
	}
	free(a.typical);
	free(b.typical);
	return rc;
}
