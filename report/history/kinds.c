/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each change is, and where the reference of the newest values begins. */
#include "report/history/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The value of the series with which the judged level begins: the first that is not older than the run. */
static size_t value_at(const struct mp_history *h, const struct mp_series *s,
		       const struct mp_judged *j)
{
	size_t k = 0;

	while (k < s->n_values && h->nights[mp_series_night(s, k)].started_ns < j->started_ns)
		k++;
	return k;
}

static bool starts_reference(const char *state)
{
	return strcmp(state, "fixed") && strcmp(state, "invalid");
}

static bool is_of(const struct mp_judged *j, const struct mp_series *s)
{
	return !j->baseline && j->version == s->version && j->metric == s->metric &&
	       !strcmp(j->case_text, s->case_text) && !strcmp(j->machine, s->machine);
}

/* Changes that a person judged. */
static void accept_changes(struct mp_history *h, struct mp_series *s, const struct mp_judged *j)
{
	size_t at = value_at(h, s, j);

	for (size_t k = 0; k < s->n_changes; k++) {
		struct mp_step *c = &h->changes[s->first_change + k];
		size_t away = at > c->point.at ? at - c->point.at : c->point.at - at;

		if (away > MP_HISTORY_NEAR)
			continue;
		c->kind = MP_STEP_ACCEPTED;
		c->state = j->state;
		c->reason = j->reason;
	}
	if (!starts_reference(j->state) || at >= s->n_values)
		return;
	if (at > s->accepted_first)
		s->accepted_first = at;
	if (at > s->reference_first)
		s->reference_first = at;
}

/* Did the machine's description change between the last value before the change and the first after it? Or a night
 * beside: noise may place a change one off. */
static bool has_event(const struct mp_history *h, const struct mp_step *c)
{
	const char *machine = h->nights[c->night].machine;

	for (size_t n = c->before; n <= c->night + 1 && n < h->n_nights; n++)
		if (h->nights[n].event && !strcmp(h->nights[n].machine, machine))
			return true;
	return false;
}

static void environment_changes(struct mp_history *h)
{
	for (size_t i = 0; i < h->n_changes; i++)
		if (h->changes[i].kind != MP_STEP_ACCEPTED && has_event(h, &h->changes[i]))
			h->changes[i].kind = MP_STEP_ENVIRONMENT;
}

/* Has the series values on both sides of the night, so that it could have changed there? */
static bool spans(const struct mp_series *s, size_t night)
{
	return s->n_values >= MP_HISTORY_FEWEST && mp_series_night(s, 0) < night &&
	       mp_series_night(s, s->n_values - 1) >= night;
}

/* Changes that begin within a night of `night` and point in that direction. */
static bool moves_at(const struct mp_step *c, size_t night, bool up)
{
	return c->night + 1 >= night && c->night <= night + 1 && (c->ratio > 1) == up;
}

/* Nights on both sides that show a level, and how far apart two levels are that differ: in deviations of the noise, and
 * at least (ln 1.02). The median of three values deviates by 0.67 of one value's deviation. */
#define LEVEL_BEFORE 20
#define LEVEL_AFTER  10
#define LEVEL_NOISE  2
#define LEVEL_LEAST  0.019802627296179712

/*
 * Does the level of the series change in that direction on that night? The detector finds a step of some deviations on
 * its third night in half of the series that have it: what is to be counted is how many have it.
 */
static bool level_moves(const struct mp_history *h, const struct mp_series *s, size_t night,
			bool up)
{
	size_t at = 0, first, end;
	double away;

	while (at < s->n_values && mp_series_night(s, at) < night)
		at++;
	for (size_t k = 0; k < s->n_changes; k++)
		if (moves_at(&h->changes[s->first_change + k], night, up))
			return true;
	if (!at || at == s->n_values)
		return false;
	first = at > LEVEL_BEFORE ? at - LEVEL_BEFORE : 0;
	end = s->n_values - at > LEVEL_AFTER ? at + LEVEL_AFTER : s->n_values;
	away = log(mp_series_median(s, at, end, NULL) / mp_series_median(s, first, at, NULL));
	return (away > 0) == up && fabs(away) > fmax(LEVEL_NOISE * s->sigma, LEVEL_LEAST);
}

/* Fewest series that are "most": two of three series prove nothing about a machine. */
#define FEWEST_OF_MACHINE 5

static size_t detected_at(const struct mp_history *h, const char *machine, size_t night, bool up)
{
	size_t count = 0, last = h->n_series;

	for (size_t i = 0; i < h->n_changes; i++) {
		const struct mp_step *c = &h->changes[i];

		if (c->series == last || !moves_at(c, night, up) ||
		    strcmp(h->series[c->series].machine, machine))
			continue;
		last = c->series;
		count++;
	}
	return count;
}

static void machine_change(struct mp_history *h, size_t night, bool up, double share)
{
	const char *machine = h->nights[night].machine;
	size_t judged = 0, moving = 0;

	if (detected_at(h, machine, night, up) < FEWEST_OF_MACHINE)
		return;
	for (size_t i = 0; i < h->n_series; i++) {
		const struct mp_series *s = &h->series[i];

		if (strcmp(s->machine, machine) || !spans(s, night))
			continue;
		judged++;
		moving += level_moves(h, s, night, up);
	}
	if ((double)moving <= share * (double)judged)
		return;
	for (size_t i = 0; i < h->n_changes; i++) {
		struct mp_step *c = &h->changes[i];

		if (moves_at(c, night, up) && !strcmp(h->series[c->series].machine, machine) &&
		    (c->kind == MP_STEP_SLOWER || c->kind == MP_STEP_FASTER))
			c->kind = MP_STEP_MACHINE;
	}
}

static int machine_changes(struct mp_history *h, double share)
{
	bool *seen = calloc(2 * h->n_nights + 1, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	for (size_t i = 0; i < h->n_changes; i++) {
		bool up = h->changes[i].ratio > 1;
		size_t night = h->changes[i].night;

		if (seen[2 * night + up])
			continue;
		seen[2 * night + up] = true;
		machine_change(h, night, up, share);
	}
	free(seen);
	return 0;
}

static void references(struct mp_history *h)
{
	for (size_t i = 0; i < h->n_changes; i++) {
		const struct mp_step *c = &h->changes[i];
		struct mp_series *s = &h->series[c->series];
		bool starts = c->kind == MP_STEP_ENVIRONMENT || c->kind == MP_STEP_MACHINE ||
			      (c->kind == MP_STEP_ACCEPTED && starts_reference(c->state));

		if (starts && c->point.at > s->reference_first)
			s->reference_first = c->point.at;
	}
}

int mp_history_kinds(struct mp_history *h, double machine_share)
{
	int rc;

	for (size_t i = 0; i < h->n_series; i++)
		for (size_t k = 0; k < h->n_judged; k++)
			if (is_of(&h->judged[k], &h->series[i]))
				accept_changes(h, &h->series[i], &h->judged[k]);
	environment_changes(h);
	rc = machine_changes(h, machine_share);
	if (!rc)
		references(h);
	return rc;
}
