/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which nights tonight's value is compared with. */
#include "report/history/internal.h"

#define REFERENCE_MOST 60

/* A level that is this far above the one before a change has not come back to it: the least effect of a change. */
#define STILL 1.02

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

bool mp_step_sure(const struct mp_step *step)
{
	return (step->kind != MP_STEP_SLOWER && step->kind != MP_STEP_FASTER) ||
	       step->adjusted <= MP_ALARM_Q;
}

struct mp_reference mp_reference_of(const struct mp_history *h, const struct mp_series *s,
				    size_t at)
{
	size_t c = last_change(h, s, at);
	struct mp_reference r = { .first = s->reference_first < at ? s->reference_first : at,
				  .end = at,
				  .change = h->n_changes };

	if (c < h->n_changes && h->changes[c].point.at > r.first) {
		const struct mp_step *change = &h->changes[c];
		bool unjudged = change->kind == MP_STEP_SLOWER || change->kind == MP_STEP_FASTER;

		size_t before = level_before(h, s, c);
		bool enough = at - change->point.at >= MP_REFERENCE_FEWEST;
		bool doubtful =
			!mp_step_sure(change) && change->point.at - before >= MP_REFERENCE_FEWEST;

		if (!unjudged || (enough && !doubtful)) {
			r.first = change->point.at;
		} else {
			r.first = before;
			r.end = change->point.at;
			r.change = c;
		}
	}
	if (r.end - r.first > REFERENCE_MOST)
		r.first = r.end - REFERENCE_MOST;
	return r;
}

size_t mp_series_value_on(const struct mp_series *s, size_t night)
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

/* Is the change for the worse, beyond doubt, and nobody's decision? One that came with a change of the machine is for as long as the
 * nights since are too few to judge by. */
static bool is_open(const struct mp_series *s, const struct mp_step *c)
{
	if (c->kind == MP_STEP_ENVIRONMENT && s->n_values - c->point.at >= MP_REFERENCE_FEWEST)
		return false;
	return c->ratio > 1 && c->kind != MP_STEP_ACCEPTED && c->kind != MP_STEP_FASTER &&
	       mp_step_sure(c);
}

size_t mp_history_still(const struct mp_history *h, const struct mp_series *s, double level)
{
	for (size_t k = s->first_change; k < s->first_change + s->n_changes; k++) {
		const struct mp_step *c = &h->changes[k];

		if (is_open(s, c) && c->point.at >= s->accepted_first &&
		    level > STILL * c->value_before)
			return k;
	}
	return h->n_changes;
}
