/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The newest value against the nights before it: see tonight.h. What a confirm run says is in confirm.c. */
#include "report/history/tonight.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/history/internal.h"
#include "report/statistics/special.h"
#include "results/stats.h"
#include "results/variance.h"

/* A suspect is this many robust deviations away, of at least so much, and at least so far (as a logarithm). */
#define DEVIATIONS	4.0
#define DEVIATION_LEAST 0.005
#define MAD_TO_SD	1.4826

/* Values that lean to one side together: so many deviations each, of which chance gives 2 % on each side. */
#define LEANS 2.0

/*
 * Few runs of a baseline: out of the prediction interval for one more run, x +- t(1 - p, n - 1) s sqrt(1 + 1/n) (Hahn and
 * Meeker, "Statistical Intervals", 1991), false suspects 2 p, as with 30 nights. Below five runs the exact test
 * cannot give p 0.001 against ten fresh processes.
 */
#define BASELINE_FEWEST 5
#define BASELINE_P	0.001

/* A reference of which more than one value in so many would itself have been a suspect proves nothing. */
#define UNSTABLE_SHARE 10

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

/* ---- judging ---- */

static double scale(double mad)
{
	return fmax(MAD_TO_SD * mad, DEVIATION_LEAST);
}

static bool stands_out(double value, double reference, double mad)
{
	double away = fabs(log(value / reference));

	return away > DEVIATIONS * scale(mad) && away >= MP_TONIGHT_LEAST;
}

/* Would more than a few values of the reference have been suspects themselves? */
static bool wanders(const struct mp_series *s, const struct mp_reference *r, double reference,
		    double mad, size_t *ret_outside)
{
	size_t outside = 0;

	for (size_t k = r->first; k < r->end; k++)
		outside += stands_out(mp_series_value(s, k), reference, mad);
	*ret_outside = outside;
	return outside * UNSTABLE_SHARE > r->end - r->first;
}

/* Has the machine's description changed inside the reference or tonight, and have all values since then leant to the
 * same side? A change of a few deviations does not make every one of them stand out. */
static bool since_event(const struct mp_history *h, const struct mp_series *s,
			const struct mp_reference *r, size_t night, size_t at,
			const struct mp_tonight *t)
{
	size_t from = mp_series_night(s, r->first), event = h->n_nights;

	for (size_t n = night; n > from && event == h->n_nights; n--)
		if (h->nights[n].event)
			event = n;
	if (event == h->n_nights)
		return false;
	for (size_t k = r->first; k < at; k++) {
		double away = log(mp_series_value(s, k) / t->reference);

		if (mp_series_night(s, k) >= event &&
		    (fabs(away) < LEANS * scale(t->mad) || (away > 0) != (t->ratio > 1)))
			return false;
	}
	return true;
}

static void judge_outlier(const struct mp_history *h, const struct mp_series *s,
			  const struct mp_reference *r, size_t night, size_t at,
			  struct mp_tonight *t)
{
	if (r->change < h->n_changes && mp_step_sure(&h->changes[r->change]) &&
	    (h->changes[r->change].ratio > 1) == (t->ratio > 1)) {
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
	struct mp_reference r = mp_reference_of(h, s, at);
	size_t outside;

	t->value = mp_series_value(s, at);
	t->n_reference = r.end - r.first;
	if (t->n_reference < MP_REFERENCE_FEWEST) {
		t->state = MP_TONIGHT_SHORT;
		snprintf(t->reason, sizeof(t->reason), "%zu of %d nights that a reference needs",
			 t->n_reference, MP_REFERENCE_FEWEST);
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

/*
 * The history has too few nights, or says no more than that the machine's description changed: a baseline of enough runs
 * judges tonight by itself, since that is what it was pinned for. False: there is none.
 */
static bool judge_by_baseline(const struct mp_history *h, const struct mp_series *s, size_t night,
			      struct mp_tonight *t)
{
	double *values = calloc(s->n_values + 1, sizeof(*values)), away, reach, t_quantile;
	struct mp_moments moments;
	const char *name = NULL;
	size_t n = values ? mp_history_pinned(h, s, night, values, &name) : 0;

	for (size_t i = 0; i < n; i++)
		values[i] = log(values[i]);
	moments = mp_moments(values, n);
	if (n < BASELINE_FEWEST) {
		free(values);
		return false;
	}
	t->baseline = name;
	t->n_reference = n;
	t->reference = exp(moments.mean);
	t->ratio = t->value / t->reference;
	away = fabs(log(t->ratio));
	reach = fmax(sqrt(moments.variance * (1 + 1 / (double)n)), DEVIATION_LEAST);
	t->deviations = away / reach;
	for (size_t i = 0; i < n; i++)
		values[i] = fabs(values[i] - moments.mean);
	t->mad = mp_median(values, n);
	free(values);
	t_quantile = mp_special_t_quantile(BASELINE_P, (double)(n - 1));
	t->state = t->deviations > t_quantile && away >= MP_TONIGHT_LEAST ? MP_TONIGHT_SUSPECT
									  : MP_TONIGHT_NORMAL;
	t->reason[0] = '\0';
	if (t->state == MP_TONIGHT_SUSPECT)
		snprintf(t->reason, sizeof(t->reason),
			 "%+.1f %%, %.1f deviations from the %zu runs of baseline '%s'",
			 100 * (t->ratio - 1), t->deviations, n, name);
	return true;
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
	size_t at = mp_series_value_on(s, night);

	*t = (struct mp_tonight){ .series = index,
				  .value = NAN,
				  .ratio = NAN,
				  .reference = NAN,
				  .mad = NAN,
				  .deviations = NAN,
				  .change = h->n_changes };
	if (at < s->n_values) {
		judge_value(h, s, night, at, t);
		if (t->state == MP_TONIGHT_SHORT || t->state == MP_TONIGHT_ENVIRONMENT)
			judge_by_baseline(h, s, night, t);
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

/* A change of the series that begins near its value of that night. */
static bool changes_near(const struct mp_history *h, const struct mp_series *s, size_t night)
{
	size_t at = 0;

	while (at < s->n_values && mp_series_night(s, at) < night)
		at++;
	for (size_t k = s->first_change; k < s->first_change + s->n_changes; k++)
		if (h->changes[k].point.at + MP_HISTORY_NEAR >= at &&
		    h->changes[k].point.at <= at + MP_HISTORY_NEAR)
			return true;
	return false;
}

int mp_tonight_noticed(const struct mp_history *history, size_t night, bool **ret_noticed)
{
	struct mp_tonight *list;
	bool *noticed;
	size_t count;
	int rc = mp_tonight(history, night, &list, &count);

	if (rc)
		return rc;
	noticed = calloc(history->n_series + 1, sizeof(*noticed));
	for (size_t i = 0; noticed && i < history->n_series; i++)
		noticed[i] = changes_near(history, &history->series[i], night) ||
			     history->series[i].drift_stands_out;
	for (size_t i = 0; noticed && i < count; i++)
		noticed[list[i].series] |= list[i].state == MP_TONIGHT_SUSPECT ||
					   list[i].state == MP_TONIGHT_OPEN ||
					   list[i].state == MP_TONIGHT_ENVIRONMENT;
	free(list);
	*ret_noticed = noticed;
	return noticed ? 0 : -ENOMEM;
}

bool mp_tonight_leans(const struct mp_tonight *tonight, bool up)
{
	return tonight->deviations > LEANS && fabs(log(tonight->ratio)) >= MP_TONIGHT_LEAST &&
	       (tonight->ratio > 1) == up;
}

int mp_tonight_reference(const struct mp_history *history, const struct mp_tonight *tonight,
			 size_t night, double **ret_values, size_t *ret_count)
{
	const struct mp_series *s = &history->series[tonight->series];
	struct mp_reference r = mp_reference_of(history, s, mp_series_value_on(s, night));
	double *values = calloc(s->n_values + 1, sizeof(*values));
	const char *name;

	if (!values)
		return -ENOMEM;
	*ret_values = values;
	if (tonight->baseline) {
		*ret_count = mp_history_pinned(history, s, night, values, &name);
		return 0;
	}
	for (size_t k = r.first; k < r.end; k++)
		values[k - r.first] = mp_series_value(s, k);
	*ret_count = r.end - r.first;
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

/* P(suspect | null) of an entry; 0: it can be none. */
static double suspect_by_chance(const struct mp_tonight *t)
{
	if (t->baseline)
		return 2 * BASELINE_P;
	if (t->n_reference < MP_REFERENCE_FEWEST || t->state == MP_TONIGHT_UNSTABLE)
		return 0;
	return false_suspect(t->n_reference);
}

double mp_tonight_level(const struct mp_tonight *tonight, size_t n_fresh)
{
	double level = MP_TONIGHT_FALSE_ALARM / suspect_by_chance(tonight);

	return fmin(MP_CONFIRM_P, fmax(level, mp_rank_smallest_p(tonight->n_reference, n_fresh)));
}

double mp_tonight_false_alarms(const struct mp_tonight *list, size_t count, size_t n_fresh,
			       unsigned nights)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += suspect_by_chance(&list[i]) * mp_tonight_level(&list[i], n_fresh);
	return sum * nights;
}
