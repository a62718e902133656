/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The newest value against the nights before it, and what a confirm run says: see tonight.h. */
#include "report/history/tonight.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/history/internal.h"

#define REFERENCE_FEWEST 10
#define REFERENCE_MOST	 60

/* A suspect is this many robust deviations away, of at least so much, and at least so far (as a logarithm). */
#define DEVIATIONS	4.0
#define DEVIATION_LEAST 0.005
#define LEAST		0.029558802241544391 /* ln 1.03 */
#define MAD_TO_SD	1.4826

/* A reference of which more than one value in so many would itself have been a suspect proves nothing. */
#define UNSTABLE_SHARE 10

#define CONFIRM_P 0.001

const char *mp_tonight_state_name(enum mp_tonight_state state)
{
	static const char *const names[] = {
		[MP_TONIGHT_NORMAL] = "normal",	    [MP_TONIGHT_SUSPECT] = "suspect",
		[MP_TONIGHT_OPEN] = "open",	    [MP_TONIGHT_ENVIRONMENT] = "environment",
		[MP_TONIGHT_SHORT] = "short",	    [MP_TONIGHT_UNSTABLE] = "unstable",
		[MP_TONIGHT_NO_VALUE] = "no value", [MP_TONIGHT_MISSING] = "missing",
	};

	return names[state];
}

const char *mp_confirm_state_name(enum mp_confirm_state state)
{
	static const char *const names[] = { [MP_CONFIRMED] = "confirmed",
					     [MP_CLEARED] = "cleared",
					     [MP_UNCONFIRMABLE] = "unconfirmable" };

	return names[state];
}

/* ---- the reference ---- */

/* Values [first, end) of the series. */
struct range {
	size_t first, end;
	size_t change; /* unjudged change behind the range; n_changes: none */
};

/* The last change that lies before value `at` with its new level, or n_changes. */
static size_t last_change(const struct mp_history *h, const struct mp_series *s, size_t at)
{
	size_t found = h->n_changes;

	for (size_t k = 0; k < s->n_changes; k++)
		if (h->changes[s->first_change + k].point.at < at)
			found = s->first_change + k;
	return found;
}

/* First value of the level that ends where change `c` begins. */
static size_t level_before(const struct mp_history *h, const struct mp_series *s, size_t c)
{
	size_t first = c > s->first_change ? h->changes[c - 1].point.at : 0;

	return first > s->reference_first ? first : s->reference_first;
}

/*
 * What the value number `at` is compared with: the level that holds since the last change; while that is younger than
 * 10 nights and nobody judged the change, the level before it.
 */
static struct range reference_of(const struct mp_history *h, const struct mp_series *s, size_t at)
{
	size_t c = last_change(h, s, at);
	struct range r = { .first = s->reference_first < at ? s->reference_first : at,
			   .end = at,
			   .change = h->n_changes };

	if (c < h->n_changes && h->changes[c].point.at > r.first) {
		const struct mp_step *change = &h->changes[c];
		bool unjudged = change->kind == MP_STEP_SLOWER || change->kind == MP_STEP_FASTER;

		if (at - change->point.at >= REFERENCE_FEWEST || !unjudged) {
			r.first = change->point.at;
		} else {
			r.first = level_before(h, s, c);
			r.end = change->point.at;
			r.change = c;
		}
	}
	if (r.end - r.first > REFERENCE_MOST)
		r.first = r.end - REFERENCE_MOST;
	return r;
}

/* The value of the series on that night, or n_values. */
static size_t value_on(const struct mp_series *s, size_t night)
{
	size_t low = 0, high = s->n_values;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mp_series_night(s, middle) < night)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->n_values && mp_series_night(s, low) == night ? low : s->n_values;
}

/* ---- judging ---- */

static double scale(double mad)
{
	return fmax(MAD_TO_SD * mad, DEVIATION_LEAST);
}

static bool stands_out(double value, double reference, double mad)
{
	double away = fabs(log(value / reference));

	return away > DEVIATIONS * scale(mad) && away >= LEAST;
}

/* Would more than a few values of the reference have been suspects themselves? */
static bool wanders(const struct mp_series *s, const struct range *r, double reference, double mad,
		    size_t *ret_outside)
{
	size_t outside = 0;

	for (size_t k = r->first; k < r->end; k++)
		outside += stands_out(mp_series_value(s, k), reference, mad);
	*ret_outside = outside;
	return outside * UNSTABLE_SHARE > r->end - r->first;
}

/* Has the machine's description changed inside the reference or tonight, and have all values since then stood out in
 * the same direction? */
static bool since_event(const struct mp_history *h, const struct mp_series *s,
			const struct range *r, size_t night, size_t at, const struct mp_tonight *t)
{
	size_t from = mp_series_night(s, r->first), event = h->n_nights;

	for (size_t n = night; n > from && event == h->n_nights; n--)
		if (h->nights[n].event)
			event = n;
	if (event == h->n_nights)
		return false;
	for (size_t k = r->first; k < at; k++) {
		double value = mp_series_value(s, k);

		if (mp_series_night(s, k) >= event &&
		    (!stands_out(value, t->reference, t->mad) ||
		     (value > t->reference) != (t->value > t->reference)))
			return false;
	}
	return true;
}

static void judge_outlier(const struct mp_history *h, const struct mp_series *s,
			  const struct range *r, size_t night, size_t at, struct mp_tonight *t)
{
	if (r->change < h->n_changes && (h->changes[r->change].ratio > 1) == (t->ratio > 1)) {
		t->state = MP_TONIGHT_OPEN;
		t->change = r->change;
		snprintf(t->reason, sizeof(t->reason), "since the change of run #%lld",
			 (long long)h->nights[h->changes[r->change].night].id);
	} else if (since_event(h, s, r, night, at, t)) {
		t->state = MP_TONIGHT_ENVIRONMENT;
		snprintf(
			t->reason, sizeof(t->reason),
			"since the machine's description changed, and on every night from then on");
	} else {
		t->state = MP_TONIGHT_SUSPECT;
		snprintf(t->reason, sizeof(t->reason),
			 "%+.1f %%, %.1f deviations from the median of %zu nights",
			 100 * (t->ratio - 1), t->deviations, t->n_reference);
	}
}

static void judge_value(const struct mp_history *h, const struct mp_series *s, size_t night,
			size_t at, struct mp_tonight *t)
{
	struct range r = reference_of(h, s, at);
	size_t outside;

	t->value = mp_series_value(s, at);
	t->n_reference = r.end - r.first;
	if (t->n_reference < REFERENCE_FEWEST) {
		t->state = MP_TONIGHT_SHORT;
		snprintf(t->reason, sizeof(t->reason), "%zu of %d nights that a reference needs",
			 t->n_reference, REFERENCE_FEWEST);
		return;
	}
	t->reference = mp_series_median(s, r.first, r.end, &t->mad);
	t->ratio = t->value / t->reference;
	t->deviations = fabs(log(t->ratio)) / scale(t->mad);
	if (wanders(s, &r, t->reference, t->mad, &outside)) {
		t->state = MP_TONIGHT_UNSTABLE;
		snprintf(t->reason, sizeof(t->reason),
			 "%zu of the %zu nights of its reference stand out themselves", outside,
			 t->n_reference);
	} else if (s->bimodal) {
		t->state = MP_TONIGHT_UNSTABLE;
		snprintf(t->reason, sizeof(t->reason), "its nights jump between two levels");
	} else if (stands_out(t->value, t->reference, t->mad)) {
		judge_outlier(h, s, &r, night, at, t);
	}
}

/* The point of the series on that night, or NULL. */
static const struct mp_point *point_on(const struct mp_series *s, size_t night)
{
	for (size_t i = s->n_points; i-- > 0 && s->points[i].night >= night;)
		if (s->points[i].night == night)
			return &s->points[i];
	return NULL;
}

/* False: neither this night nor the one before knows the series. */
static bool judge_series(const struct mp_history *h, size_t index, size_t night,
			 struct mp_tonight *t)
{
	const struct mp_series *s = &h->series[index];
	const struct mp_point *p = point_on(s, night);
	size_t at = value_on(s, night);

	*t = (struct mp_tonight){ .series = index,
				  .value = NAN,
				  .ratio = NAN,
				  .reference = NAN,
				  .mad = NAN,
				  .deviations = NAN,
				  .change = h->n_changes };
	if (at < s->n_values) {
		judge_value(h, s, night, at, t);
	} else if (p) {
		t->state = MP_TONIGHT_NO_VALUE;
		snprintf(t->reason, sizeof(t->reason), "%s", p->reason);
	} else if (night && !strcmp(h->nights[night - 1].machine, h->nights[night].machine) &&
		   point_on(s, night - 1)) {
		t->state = MP_TONIGHT_MISSING;
		snprintf(t->reason, sizeof(t->reason), "measured in run #%lld, not planned tonight",
			 (long long)h->nights[night - 1].id);
	} else {
		return false;
	}
	return true;
}

int mp_tonight(const struct mp_history *history, size_t night, struct mp_tonight **ret_list,
	       size_t *ret_count)
{
	struct mp_tonight *list;
	size_t count = 0;

	if (night >= history->n_nights)
		return -EINVAL;
	list = calloc(history->n_series + 1, sizeof(*list));
	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < history->n_series; i++)
		if (!strcmp(history->series[i].machine, history->nights[night].machine) &&
		    judge_series(history, i, night, &list[count]))
			count++;
	*ret_list = list;
	*ret_count = count;
	return 0;
}

int mp_tonight_reference(const struct mp_history *history, const struct mp_tonight *tonight,
			 size_t night, double **ret_values, size_t *ret_count)
{
	const struct mp_series *s = &history->series[tonight->series];
	size_t at = value_on(s, night);
	struct range r = reference_of(history, s, at);
	double *values = calloc(r.end - r.first + 1, sizeof(*values));

	if (!values)
		return -ENOMEM;
	for (size_t k = r.first; k < r.end; k++)
		values[k - r.first] = mp_series_value(s, k);
	*ret_values = values;
	*ret_count = r.end - r.first;
	return 0;
}

/* ---- confirming ---- */

static int by_number(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static int test_fresh(const double *reference, size_t n_reference, const double *fresh,
		      size_t n_fresh, struct mp_confirm *c)
{
	double *sorted = calloc(n_fresh, sizeof(*sorted));
	struct mp_rank rank = { 0 };
	struct mp_rank_ratio ratio;
	struct mp_rank_test test;
	int rc;

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, fresh, n_fresh * sizeof(*sorted));
	qsort(sorted, n_fresh, sizeof(*sorted), by_number);
	c->value = (sorted[(n_fresh - 1) / 2] + sorted[n_fresh / 2]) / 2;
	free(sorted);
	rc = mp_rank_test(&rank, reference, n_reference, fresh, n_fresh, &test);
	if (!rc)
		rc = mp_rank_ratio(&rank, reference, n_reference, fresh, n_fresh, 0.05, &ratio);
	mp_rank_done(&rank);
	if (rc)
		return rc;
	c->p = test.p;
	c->ratio = ratio.ratio;
	return 0;
}

int mp_tonight_confirm(const double *reference, size_t n_reference, const double *fresh,
		       size_t n_fresh, double suspected_ratio, bool controls_moved,
		       struct mp_confirm *ret_confirm)
{
	struct mp_confirm c = { .value = NAN, .ratio = NAN, .p = NAN };
	double persists;
	int rc = 0;

	if (n_fresh && n_reference)
		rc = test_fresh(reference, n_reference, fresh, n_fresh, &c);
	if (rc)
		return rc;
	persists = suspected_ratio > 1 ? log(c.ratio) : -log(c.ratio);
	if (!n_fresh || mp_rank_smallest_p(n_reference, n_fresh) > CONFIRM_P) {
		c.state = MP_UNCONFIRMABLE;
		snprintf(c.reason, sizeof(c.reason),
			 "%zu fresh values against %zu nights cannot show p %g", n_fresh,
			 n_reference, CONFIRM_P);
	} else if (controls_moved) {
		c.state = MP_UNCONFIRMABLE;
		snprintf(c.reason, sizeof(c.reason),
			 "cases that were normal moved as well: the machine is not what it was");
	} else if (c.p <= CONFIRM_P && persists >= LEAST) {
		c.state = MP_CONFIRMED;
		snprintf(c.reason, sizeof(c.reason),
			 "%+.1f %% in %zu fresh processes, p %.2g against %zu nights",
			 100 * (c.ratio - 1), n_fresh, c.p, n_reference);
	} else {
		c.state = MP_CLEARED;
		snprintf(c.reason, sizeof(c.reason),
			 "%+.1f %% in %zu fresh processes, p %.2g: it did not stay",
			 100 * (c.ratio - 1), n_fresh, c.p);
	}
	*ret_confirm = c;
	return 0;
}

/* ---- controls, and what to expect of chance ---- */

static bool suspected_family(const struct mp_history *h, const struct mp_tonight *list,
			     size_t count, const char *family)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].state == MP_TONIGHT_SUSPECT &&
		    !strcmp(h->series[list[i].series].family, family))
			return true;
	return false;
}

/* Of the normal series that are not chosen yet, the one with the least noise. */
static size_t quietest(const struct mp_history *h, const struct mp_tonight *list, size_t count,
		       bool any_family, const size_t *chosen, size_t n_chosen)
{
	size_t best = count;

	for (size_t i = 0; i < count; i++) {
		const struct mp_series *s = &h->series[list[i].series];
		bool used = false;

		for (size_t k = 0; k < n_chosen; k++)
			used |= chosen[k] == i ||
				!strcmp(h->series[list[chosen[k]].series].case_text, s->case_text);
		if (used || list[i].state != MP_TONIGHT_NORMAL || s->metric != MP_METRIC_IS_VALUE ||
		    (!any_family && suspected_family(h, list, count, s->family)))
			continue;
		if (best == count || list[i].mad < list[best].mad)
			best = i;
	}
	return best;
}

size_t mp_tonight_controls(const struct mp_history *history, const struct mp_tonight *list,
			   size_t count, size_t wanted, size_t *ret_indices)
{
	size_t n = 0;

	for (int any_family = 0; any_family <= 1; any_family++) {
		while (n < wanted) {
			size_t i = quietest(history, list, count, any_family, ret_indices, n);

			if (i == count)
				break;
			ret_indices[n++] = i;
		}
	}
	return n;
}

/*
 * P(|value - median| > 4 * 1.4826 MAD) of normal values with so many nights: simulated, STATISTICS 5.4; between the
 * points a straight line in the logarithms.
 */
static double false_suspect(size_t nights)
{
	static const struct {
		double nights, p;
	} at[] = { { 10, 0.020 }, { 20, 0.005 }, { 30, 0.002 }, { 60, 0.0008 } };
	double n = fmin(fmax((double)nights, 10), 60);
	size_t i = 0;

	while (i + 2 < sizeof(at) / sizeof(at[0]) && n > at[i + 1].nights)
		i++;
	return at[i].p * pow(at[i + 1].p / at[i].p,
			     log(n / at[i].nights) / log(at[i + 1].nights / at[i].nights));
}

double mp_tonight_false_alarms(const struct mp_tonight *list, size_t count, unsigned nights)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		if (list[i].n_reference >= REFERENCE_FEWEST && list[i].state != MP_TONIGHT_UNSTABLE)
			sum += false_suspect(list[i].n_reference);
	return sum * nights * CONFIRM_P;
}
