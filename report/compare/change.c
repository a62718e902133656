/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One change: the values of both sides, what they say, and the verdict among all that were tested.
 *
 * A change whose adjusted p is at most q is selected; its interval is widened to 1 - q R / m (R selected of m
 * tested: Benjamini and Yekutieli 2005, intervals after selection), and only when the whole of that lies beyond the
 * limit is it called faster or slower. "same" asks that the 95 % interval lies inside the threshold, which is
 * two one-sided tests at 2.5 %, and inside what can be called the same at all (mp_change_margin()). Everything else is unsure. What could have been found goes by the widened interval,
 * too, which for a change that is not selected is the one that it would have as one more (R + 1 of m). The threshold
 * is the larger of the policy's and of the noise floor: what runs with nothing changed differ by is no change.
 *
 * There are three ways to be beyond the noise floor. The limit is the threshold, which the interval passes where runs are precise and the
 * floor is what the machine does between them. But what runs differ by is to a part how well each of them is known, the same that
 * makes the interval wide, and then a change must pay for it twice. So the limit is the policy's threshold alone where runs with nothing
 * changed differ that much too seldom: by mp_floor_p(), adjusted over every value that has a floor.
 * And the medians of runs may agree within 1 % though a few of their invocations lie 20 % apart (a neighbour on the core, an unlucky layout):
 * no test of the invocations finds 5 % there, but the runs do. So a change is called, too, where that is selected
 * and the interval of its t lies beyond the limit. It then is the change's interval, whatever that of the invocations is.
 * On a shared machine that was calm for a tenth of the time this finds 844 of 854 planted changes of 5 % in cases with a floor below
 * 2 % (692 without), and calls none of 8,190 pairs of runs with nothing changed, as without.
 *
 * In another unit than ns the values of B are multiplied by scale B / scale A, so that the ratio is one in the unit.
 */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "report/statistics/special.h"

#define MAD_TO_SD 1.4826 /* of a normal distribution */

struct mp_change mp_change_none(const char *metric, int quantile, bool relative)
{
	return (struct mp_change){ .metric = metric,
				   .quantile = quantile,
				   .relative = relative,
				   .a = NAN,
				   .b = NAN,
				   .ratio = NAN,
				   .low = NAN,
				   .high = NAN,
				   .level = NAN,
				   .u = NAN,
				   .p = NAN,
				   .adjusted = NAN,
				   .joint = NAN,
				   .joint_adjusted = NAN,
				   .invocations_low = NAN,
				   .invocations_high = NAN,
				   .invocations_level = NAN,
				   .delta = NAN,
				   .wanted = NAN,
				   .floor = { .value = NAN, .deviation = NAN, .freedom = NAN },
				   .threshold = NAN,
				   .scatter = NAN,
				   .deviation = NAN,
				   .detectable = NAN,
				   .verdict = MP_VERDICT_UNSURE };
}

void mp_compare_work_done(struct mp_compare_work *work)
{
	mp_rank_done(&work->rank);
	for (int i = 0; i < MP_ASPECT_COUNT; i++) {
		mp_rank_done(&work->power[i][0]);
		mp_rank_done(&work->power[i][1]);
	}
	free(work->x);
	free(work->y);
	mp_spill_reader_done(&work->readers[0]);
	mp_spill_reader_done(&work->readers[1]);
}

/* The finite values of all pooled rows, times `scale`. */
static int gather(const struct mp_side_case *kase, enum mp_mode mode, enum mp_population population,
		  const struct mp_change *change, double scale, double **values, size_t *cap,
		  size_t *ret_count)
{
	size_t total = 0, n = 0;

	for (size_t i = 0; i < kase->n_rows; i++)
		total += kase->rows[i]->points[mp_mode_index(mode)][population].n;
	if (total > *cap) {
		double *grown = realloc(*values, total * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		*values = grown;
		*cap = total;
	}
	for (size_t i = 0; i < kase->n_rows; i++) {
		const struct mp_points *points =
			&kase->rows[i]->points[mp_mode_index(mode)][population];

		for (size_t k = 0; k < points->n; k++) {
			double value = mp_points_metric(points, mode, k, change->quantile,
							change->relative);

			if (isfinite(value))
				(*values)[n++] = value * scale;
		}
	}
	*ret_count = n;
	return 0;
}

/* From ns of B to the scale of A; quantiles over a median have none. */
static double rescale(const struct mp_comparison *c, const struct mp_pair *pair,
		      const struct mp_change *change)
{
	if (change->relative || c->unit == MP_UNIT_NS || c->unit == MP_UNIT_BYTES)
		return 1;
	return pair->factor_b / pair->factor_a;
}

static int gather_both(struct mp_compare_work *work, const struct mp_comparison *c,
		       const struct mp_pair *pair, struct mp_change *change)
{
	bool value = change->quantile < 0;
	enum mp_mode mode = value ? pair->mode : MP_MODE_CALL;
	enum mp_population population = value ? pair->population : pair->calls;
	int rc = gather(pair->of_a, mode, population, change, 1, &work->x, &work->cap_x,
			&change->n_a);

	return rc ? rc
		  : gather(pair->of_b, mode, population, change, rescale(c, pair, change), &work->y,
			   &work->cap_y, &change->n_b);
}

int mp_compare_values(const struct mp_comparison *c, const struct mp_pair *pair,
		      const struct mp_change *change, bool b, double **ret_values,
		      size_t *ret_count)
{
	struct mp_compare_work work = { 0 };
	struct mp_change copy = *change;
	int rc = gather_both(&work, c, pair, &copy);

	if (rc) {
		mp_compare_work_done(&work);
		return rc;
	}
	*ret_values = b ? work.y : work.x;
	*ret_count = b ? copy.n_b : copy.n_a;
	free(b ? work.x : work.y);
	mp_sort(*ret_values, *ret_count);
	return 0;
}

static bool all_positive(const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i] <= 0)
			return false;
	}
	return n > 0;
}

/* Overwrites the values with their distances from the median of their side, on logs. */
static double deviation(struct mp_compare_work *work, size_t n, double a, size_t m, double b)
{
	for (size_t i = 0; i < n; i++)
		work->x[i] = fabs(log(work->x[i] / a));
	for (size_t i = 0; i < m; i++)
		work->y[i] = fabs(log(work->y[i] / b));
	return MAD_TO_SD *
	       sqrt((pow(mp_median(work->x, n), 2) + pow(mp_median(work->y, m), 2)) / 2);
}

int mp_change_test(struct mp_compare_work *work, const struct mp_comparison *c,
		   const struct mp_pair *pair, struct mp_change *change)
{
	struct mp_rank_ratio ratio;
	struct mp_rank_test ranks;
	size_t n, m;
	int rc = gather_both(work, c, pair, change);

	n = change->n_a;
	m = change->n_b;
	if (rc || !all_positive(work->x, n) || !all_positive(work->y, m))
		return rc;
	rc = mp_rank_ratio_invocations(&work->rank, work->x, n, work->y, m, 0.05, &ratio);
	if (rc)
		return rc;
	change->ratio = ratio.ratio;
	/* The medians sort the values, which the test then finds in order. */
	change->a = mp_median(work->x, n);
	change->b = mp_median(work->y, m);
	if (n >= c->policy->least && m >= c->policy->least) {
		rc = mp_rank_test(&work->rank, work->x, n, work->y, m, &ranks);
		if (rc)
			return rc;
		change->low = ratio.low;
		change->high = ratio.high;
		change->level = ratio.level;
		change->u = ranks.u;
		change->p = ranks.p;
		change->exact = ranks.exact;
		change->delta = ranks.delta;
		change->scatter = ratio.scatter;
		change->deviation = deviation(work, n, change->a, m, change->b);
		change->tested = true;
	}
	change->b /= rescale(c, pair, change);
	return 0;
}

/* The larger of two floors; one that is not known is none. */
static struct mp_floor larger(struct mp_floor a, struct mp_floor b)
{
	if (isnan(a.value))
		return isnan(b.value) && a.runs > b.runs ? a : b;
	return isnan(b.value) || a.value >= b.value ? a : b;
}

/* The larger floor of the sides that have one. */
static struct mp_floor floor_of(const struct mp_comparison *c, const struct mp_pair *pair,
				int quantile, bool relative)
{
	bool value = quantile < 0;
	enum mp_mode mode = value ? pair->mode : MP_MODE_CALL;
	enum mp_population p = value ? pair->population : pair->calls;

	return larger(
		mp_floor_of(c->floors_a, pair->text, pair->a->version, mode, p, quantile, relative),
		mp_floor_of(c->floors_b, pair->text, pair->b->version, mode, p, quantile,
			    relative));
}

/* Is it known by how much runs with nothing changed differ? Values in steps may not differ at all, until they do by a step. */
static bool has_runs(const struct mp_change *change)
{
	return change->quantile < 0 && change->floor.deviation > 0;
}

int mp_change_measure(struct mp_compare_work *work, const struct mp_comparison *c,
		      const struct mp_pair *pair, double wanted, struct mp_change *change)
{
	int rc = mp_change_test(work, c, pair, change);
	double floor;

	if (rc || !change->tested)
		return rc;
	change->wanted = wanted;
	change->floor = floor_of(c, pair, change->quantile, change->relative);
	/* What moves the whole distribution moves its tail: that may differ by no less than the value does. */
	if (change->quantile >= 0 && !change->relative)
		change->floor = larger(change->floor, floor_of(c, pair, -1, false));
	floor = change->floor.value;
	if (change->quantile < 0 && isfinite(floor))
		change->joint =
			has_runs(change) ? mp_floor_p(&change->floor, change->ratio) : change->p;
	if (isnan(floor))
		floor = change->quantile < 0 ? mp_floor_assumed(pair->population) : 0;
	change->threshold = fmax(wanted, floor);
	change->moved = mp_control_reach(c, change);
	return 0;
}

/* Is the change one of those selected? */
static bool is_selected(const struct mp_comparison *c, enum mp_aspect aspect,
			const struct mp_change *change)
{
	double p = aspect == MP_ASPECT_FLOOR ? change->joint_adjusted : change->adjusted;

	return p <= c->policy->q;
}

/* The level, as 1 - alpha, of the interval after selection; of a change that is not, as if it were. */
static double alpha_of(const struct mp_comparison *c, enum mp_aspect aspect,
		       const struct mp_change *change)
{
	size_t tested = c->tests[aspect].tested, selected = c->tests[aspect].selected;

	if (!is_selected(c, aspect, change) && selected < tested)
		selected++;
	return c->policy->q * (double)selected / (double)tested;
}

double mp_change_p(const struct mp_change *change)
{
	return isfinite(change->invocations_low) ? change->joint_adjusted : change->adjusted;
}

double mp_change_margin(const struct mp_change *change)
{
	return fmin(change->threshold, fmax(change->wanted, MP_CHANGE_SAME_MOST));
}

double mp_change_limit(const struct mp_policy *policy, const struct mp_change *change)
{
	return 1 + (change->joint_adjusted <= policy->q ? change->wanted : change->threshold);
}

/* What the machine may have done itself is neither called a change nor counts as none. */
static double far_of(const struct mp_comparison *c, const struct mp_change *change)
{
	return fmax(mp_change_limit(c->policy, change), 1 + change->moved);
}

/* The interval after selection. */
static int widen(struct mp_compare_work *work, const struct mp_comparison *c,
		 const struct mp_pair *pair, enum mp_aspect aspect, struct mp_change *change,
		 struct mp_rank_ratio *ret_wide)
{
	int rc = gather_both(work, c, pair, change);

	return rc ? rc
		  : mp_rank_ratio_invocations(&work->rank, work->x, change->n_a, work->y,
					      change->n_b, alpha_of(c, aspect, change), ret_wide);
}

static struct mp_rank *power_of(struct mp_compare_work *work, const struct mp_comparison *c,
				enum mp_aspect aspect, const struct mp_change *change)
{
	return &work->power[aspect][is_selected(c, aspect, change)];
}

size_t mp_change_needed(struct mp_compare_work *work, const struct mp_comparison *c,
			enum mp_aspect aspect, const struct mp_change *change)
{
	double beyond = log((1 + 2 * change->threshold) / far_of(c, change));

	return mp_power_needed(power_of(work, c, aspect, change), change->scatter,
			       alpha_of(c, aspect, change), beyond, 1000);
}

static double detectable(struct mp_compare_work *work, const struct mp_comparison *c,
			 enum mp_aspect aspect, const struct mp_change *change)
{
	double spread =
		exp(mp_power_detectable(power_of(work, c, aspect, change), change->scatter,
					alpha_of(c, aspect, change), change->n_a, change->n_b));
	double beyond = (1 + fmax(change->threshold, change->moved)) * spread - 1;

	if (isnan(change->joint))
		return beyond;
	return fmin(beyond, mp_floor_called(&change->floor, alpha_of(c, MP_ASPECT_FLOOR, change),
					    fmax(change->wanted, change->moved), spread));
}

/* By the invocations: beyond the limit with the whole interval after selection. */
static int judge_invocations(struct mp_compare_work *work, const struct mp_comparison *c,
			     const struct mp_pair *pair, enum mp_aspect aspect,
			     struct mp_change *change)
{
	const double far = far_of(c, change);
	struct mp_rank_ratio wide;
	int rc = widen(work, c, pair, aspect, change, &wide);
	double low, high;
	bool beyond;

	if (rc)
		return rc;
	/* Never narrower: levels come in steps, and what drift adds shrinks where one is passed. */
	low = fmin(change->low, wide.low);
	high = fmax(change->high, wide.high);
	beyond = low > far || high < 1 / far;
	if (beyond || change->verdict != MP_VERDICT_SAME) {
		change->low = low;
		change->high = high;
		change->level = wide.level;
	}
	if (beyond)
		change->verdict = low > far ? MP_VERDICT_SLOWER : MP_VERDICT_FASTER;
	return 0;
}

/* By what runs differ by: the interval of mp_floor_p(), after selection. */
static void judge_runs(const struct mp_comparison *c, struct mp_change *change)
{
	const double far = far_of(c, change), alpha = alpha_of(c, MP_ASPECT_FLOOR, change);
	double reach = exp(mp_special_t_quantile(alpha / 2, change->floor.freedom) *
			   change->floor.deviation);
	double low = change->ratio / reach, high = change->ratio * reach;

	if (low <= far && high >= 1 / far)
		return;
	change->invocations_low = change->low;
	change->invocations_high = change->high;
	change->invocations_level = change->level;
	change->low = low;
	change->high = high;
	change->level = 1 - alpha;
	change->verdict = low > far ? MP_VERDICT_SLOWER : MP_VERDICT_FASTER;
}

static bool is_called(const struct mp_change *change)
{
	return change->verdict == MP_VERDICT_SLOWER || change->verdict == MP_VERDICT_FASTER;
}

int mp_change_judge(struct mp_compare_work *work, const struct mp_comparison *c,
		    const struct mp_pair *pair, enum mp_aspect aspect, struct mp_change *change)
{
	const double up = 1 + mp_change_margin(change);
	bool inside = change->low >= 1 / up && change->high <= up;

	change->detectable = detectable(work, c, aspect, change);
	change->verdict = inside ? MP_VERDICT_SAME : MP_VERDICT_UNSURE;
	if (is_selected(c, aspect, change)) {
		int rc = judge_invocations(work, c, pair, aspect, change);

		if (rc)
			return rc;
	}
	if (!is_called(change) && has_runs(change) && is_selected(c, MP_ASPECT_FLOOR, change))
		judge_runs(c, change);
	return 0;
}
