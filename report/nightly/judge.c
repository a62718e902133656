/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the parts to the verdict of a night: see nightly.h.
 *
 * The rules, in the order in which they decide: a night on a machine that was not itself is not judged; a regression
 * that fresh processes confirmed, that is open since an earlier night or that stands out of the baseline is a
 * regression; a suspect without an answer, a case that is lost, or too short a history is "could not judge".
 */
#include "report/nightly/nightly.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mp_nightly_result_name(enum mp_nightly_result result)
{
	static const char *const names[] = { "good", "regression", "unjudged" };

	return names[result];
}

const char *mp_nightly_state_name(enum mp_nightly_state state)
{
	static const char *const names[MP_NIGHTLY_STATES] = {
		"normal",	 "suspect",	 "slower",   "faster",	    "cleared",
		"unconfirmable", "still slower", "drift",    "environment", "too few nights",
		"unstable",	 "lost",	 "no value",
	};

	return names[state];
}

/* Before tonight, the newest night that planned the case gave a value. */
static bool had_value(const struct mp_history *history, const struct mp_series *series,
		      const struct mp_night *night)
{
	for (size_t i = series->n_points; i-- > 0;) {
		const struct mp_point *point = &series->points[i];

		if (&history->nights[point->night] < night)
			return isfinite(point->value);
	}
	return false;
}

/* Behind a normal value, or too few nights to judge one by: the level of an earlier night that nobody accepted. */
static void still_state(const struct mp_history *history, struct mp_nightly_case *c, size_t change)
{
	static const char *const came[] = { [MP_STEP_MACHINE] = ", as most cases of the machine",
					    [MP_STEP_ENVIRONMENT] =
						    ", as the machine's description",
					    [MP_STEP_SLOWER] = "" };

	if (change == history->n_changes)
		return;
	c->change = &history->changes[change];
	c->state = c->change->kind == MP_STEP_SLOWER ? MP_NIGHTLY_STILL : MP_NIGHTLY_ENVIRONMENT;
	snprintf(c->reason, sizeof(c->reason), "since run #%lld%s: %+.1f %% (p %.2g)",
		 (long long)history->nights[c->change->night].id, came[c->change->kind],
		 (c->change->ratio - 1) * 100, c->change->adjusted);
}

/* Stands out like a change that is known. */
static void open_state(const struct mp_history *history, struct mp_nightly_case *c)
{
	c->state = MP_NIGHTLY_NORMAL;
	c->reason[0] = '\0';
	if (history->changes[c->tonight->change].ratio > 1)
		still_state(history, c, c->tonight->change);
}

/* A level that is normal by now, or a slow drift away from what somebody pinned, is no good night. */
static void slow_state(const struct mp_history *history, struct mp_nightly_case *c)
{
	const struct mp_tonight *t = c->tonight;

	still_state(history, c,
		    mp_history_still(history, c->series,
				     isfinite(t->reference) ? t->reference : t->value));
	if (c->state == MP_NIGHTLY_NORMAL && c->series->drift_stands_out && c->series->drift > 1) {
		c->state = MP_NIGHTLY_DRIFT;
		snprintf(c->reason, sizeof(c->reason), "%+.1f %% against baseline '%s'",
			 (c->series->drift - 1) * 100, c->series->drift_baseline);
	}
}

static void first_state(const struct mp_nightly_judgement *j,
			const struct mp_nightly_limits *limits, struct mp_nightly_case *c)
{
	const struct mp_tonight *t = c->tonight;

	snprintf(c->reason, sizeof(c->reason), "%s", t->reason);
	switch (t->state) {
	case MP_TONIGHT_NORMAL:
		c->state = MP_NIGHTLY_NORMAL;
		break;
	case MP_TONIGHT_SUSPECT:
		c->state = MP_NIGHTLY_SUSPECT;
		break;
	case MP_TONIGHT_OPEN:
		open_state(&j->history, c);
		break;
	case MP_TONIGHT_ENVIRONMENT:
		c->state = MP_NIGHTLY_ENVIRONMENT;
		break;
	case MP_TONIGHT_SHORT:
		c->state = MP_NIGHTLY_SHORT;
		break;
	case MP_TONIGHT_UNSTABLE:
		c->state = MP_NIGHTLY_UNSTABLE;
		break;
	case MP_TONIGHT_NO_VALUE:
	case MP_TONIGHT_MISSING:
		c->state = had_value(&j->history, c->series, j->night) ? MP_NIGHTLY_LOST
								       : MP_NIGHTLY_NO_VALUE;
		break;
	}
	if ((c->state == MP_NIGHTLY_NORMAL || c->state == MP_NIGHTLY_SUSPECT) && !t->baseline &&
	    t->n_reference < limits->least_nights) {
		c->state = MP_NIGHTLY_SHORT;
		snprintf(c->reason, sizeof(c->reason), "%zu of %u nights to compare with",
			 t->n_reference, limits->least_nights);
	}
	if ((c->state == MP_NIGHTLY_NORMAL || c->state == MP_NIGHTLY_SHORT) && !t->baseline)
		slow_state(&j->history, c);
}

static int stronger(const void *a, const void *b, void *user)
{
	const struct mp_nightly_case *cases = user;
	double x = cases[*(const size_t *)a].tonight->deviations;
	double y = cases[*(const size_t *)b].tonight->deviations;

	return (x < y) - (x > y);
}

/* Who is measured again, if it comes to that. */
static int choose(struct mp_nightly_judgement *j, const struct mp_nightly_limits *limits)
{
	size_t room = j->n_cases + limits->controls + 1;

	j->again = calloc(room, sizeof(*j->again));
	if (!j->again)
		return -ENOMEM;
	for (size_t i = 0; i < j->n_cases; i++)
		if (j->cases[i].state == MP_NIGHTLY_SUSPECT)
			j->again[j->n_suspects++] = i;
	qsort_r(j->again, j->n_suspects, sizeof(*j->again), stronger, j->cases);
	if (j->n_suspects > limits->most_confirm)
		j->n_suspects = limits->most_confirm;
	j->n_controls = mp_tonight_controls(&j->history, j->list, j->n_cases, limits->controls,
					    j->again + j->n_suspects);
	return 0;
}

static const struct mp_case_row *find_row(const struct mp_side *side, const char *text)
{
	for (size_t i = 0; i < side->runs[0].n_cases; i++)
		if (!strcmp(side->runs[0].cases[i].text, text))
			return &side->runs[0].cases[i];
	return NULL;
}

/* Values of the confirm run that are numbers; *ret_count 0 when it has none of the kind that the series has. */
static int fresh_values(const struct mp_side *confirm, const struct mp_series *series,
			double **ret_values, size_t *ret_count, struct mp_err *err)
{
	const struct mp_case_row *row = find_row(confirm, series->case_text);
	size_t n = 0, kept = 0;
	double *values = NULL;
	int rc;

	*ret_values = NULL;
	*ret_count = 0;
	if (!row || row->outcome != MP_OUTCOME_OK || row->version != series->version)
		return 0;
	rc = mp_store_case_values(confirm->store, row->run_case, series->mode, series->population,
				  &values, &n, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++)
		if (isfinite(values[i]) && values[i] > 0)
			values[kept++] = values[i];
	*ret_values = values;
	*ret_count = kept;
	return 0;
}

/* The answer of the fresh values for one case, in the direction of `ratio`. That a control moved is no alarm: it may be by
 * chance more often. */
static int ask(const struct mp_nightly_judgement *j, const struct mp_side *confirm,
	       struct mp_nightly_case *c, double ratio, bool moved, struct mp_err *err)
{
	double *reference = NULL, *fresh = NULL;
	size_t n = 0;
	int rc = fresh_values(confirm, c->series, &fresh, &c->n_confirm, err);

	if (!rc && c->n_confirm)
		rc = mp_tonight_reference(&j->history, c->tonight,
					  (size_t)(j->night - j->history.nights), &reference, &n);
	if (!rc && c->n_confirm)
		rc = mp_tonight_confirm(reference, n, fresh, c->n_confirm,
					c->control ? MP_CONFIRM_P
						   : mp_tonight_level(c->tonight, c->n_confirm),
					ratio, moved, &c->confirm);
	free(reference);
	free(fresh);
	return rc == -ENOMEM ? mp_err_env(err, rc, "out of memory while judging the night") : rc;
}

static int read_controls(struct mp_nightly_judgement *j, const struct mp_side *confirm,
			 struct mp_err *err)
{
	for (size_t i = 0; i < j->n_controls; i++) {
		struct mp_nightly_case *c = &j->cases[j->again[j->n_suspects + i]];

		c->control = true;
		for (int way = 0; way < 2; way++) {
			int rc = ask(j, confirm, c, way ? 0.9 : 1.1, false, err);

			if (rc)
				return rc;
			if (c->n_confirm && c->confirm.state == MP_CONFIRMED)
				j->controls_moved = true;
		}
	}
	return 0;
}

static int read_confirm(struct mp_nightly_judgement *j, const struct mp_side *confirm,
			struct mp_err *err)
{
	int rc = read_controls(j, confirm, err);

	j->confirmed = true;
	for (size_t i = 0; !rc && i < j->n_suspects; i++) {
		struct mp_nightly_case *c = &j->cases[j->again[i]];

		rc = ask(j, confirm, c, c->tonight->ratio, j->controls_moved, err);
		if (rc)
			break;
		c->state = MP_NIGHTLY_UNCONFIRMABLE;
		if (!c->n_confirm) {
			snprintf(c->reason, sizeof(c->reason),
				 "the confirm run has no valid value of it");
			continue;
		}
		if (c->confirm.state == MP_CONFIRMED)
			c->state = c->tonight->ratio > 1 ? MP_NIGHTLY_SLOWER : MP_NIGHTLY_FASTER;
		else if (c->confirm.state == MP_CLEARED)
			c->state = MP_NIGHTLY_CLEARED;
		snprintf(c->reason, sizeof(c->reason), "%s", c->confirm.reason);
	}
	return rc;
}

static double calm_share(const struct mp_side *side)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < side->runs[0].n_cases; i++) {
		const struct mp_case_row *row = &side->runs[0].cases[i];

		if (row->has_value && isfinite(row->calm_share)) {
			sum += row->calm_share;
			n++;
		}
	}
	return n ? sum / (double)n : NAN;
}

static char *sentence(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *sentence(const char *fmt, ...)
{
	struct mp_str text = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	return mp_str_take(&text);
}

/* Fewest cases that are "most". */
#define TOGETHER_FEWEST 3

/* Does the case lie on that side of where it was, tonight or since the night on which most did? */
static bool moves(const struct mp_nightly_case *c, bool up)
{
	if (c->change && c->change->kind != MP_STEP_SLOWER)
		return (c->change->ratio > 1) == up;
	return c->state <= MP_NIGHTLY_ENVIRONMENT && mp_tonight_leans(c->tonight, up);
}

/* What stands out to that side as most cases do has their cause. */
static void join_machine(struct mp_nightly_judgement *j, bool up)
{
	for (size_t i = 0; i < j->n_cases; i++) {
		struct mp_nightly_case *c = &j->cases[i];

		if (c->state != MP_NIGHTLY_SUSPECT || (c->tonight->ratio > 1) != up)
			continue;
		c->state = MP_NIGHTLY_ENVIRONMENT;
		j->counts[MP_NIGHTLY_SUSPECT]--;
		j->counts[MP_NIGHTLY_ENVIRONMENT]++;
	}
}

/* The machine was not itself: why, or NULL. */
static char *machine_moved(struct mp_nightly_judgement *j, const struct mp_nightly_limits *limits)
{
	size_t judged = 0, suspects = 0, way[2] = { 0 };

	for (size_t i = 0; i < j->n_cases; i++) {
		const struct mp_nightly_case *c = &j->cases[i];

		judged += c->state <= MP_NIGHTLY_ENVIRONMENT;
		suspects += c->tonight->state == MP_TONIGHT_SUSPECT && c->state != MP_NIGHTLY_SHORT;
		for (int up = 0; up < 2; up++)
			way[up] += moves(c, up);
	}
	/* Who asks for no calm wants to know nothing of noise. */
	if (j->noisy && limits->least_calm > 0)
		return sentence("the machine was too noisy: %s", j->noisy);
	if (j->calm < limits->least_calm)
		return sentence("the machine was too noisy: its core ran at full speed for %.0f %% "
				"of the samples, %.0f %% are wanted",
				j->calm * 100, limits->least_calm * 100);
	for (int i = 0; i < 2; i++)
		if (suspects + j->counts[MP_NIGHTLY_ENVIRONMENT] && way[i] >= TOGETHER_FEWEST &&
		    (double)way[i] > limits->most_together * (double)judged) {
			join_machine(j, i);
			return sentence("the machine changed: %zu of %zu cases are %s at once",
					way[i], judged, i ? "slower" : "faster");
		}
	if (j->controls_moved)
		return sentence("the machine is not what it was an hour ago: cases that nothing "
				"was wrong with moved in the confirm run");
	return NULL;
}

static void conclude(struct mp_nightly_judgement *j, const struct mp_nightly_limits *limits)
{
	const size_t *n = j->counts;
	size_t bad = n[MP_NIGHTLY_SLOWER] + n[MP_NIGHTLY_STILL] + n[MP_NIGHTLY_DRIFT];
	size_t good = n[MP_NIGHTLY_NORMAL] + n[MP_NIGHTLY_CLEARED] + n[MP_NIGHTLY_FASTER];
	size_t open = n[MP_NIGHTLY_SUSPECT] + n[MP_NIGHTLY_UNCONFIRMABLE];

	j->result = MP_NIGHTLY_UNJUDGED;
	j->why = machine_moved(j, limits);
	j->machine_moved = j->why;
	if (j->why)
		return;
	if (bad) {
		j->result = MP_NIGHTLY_REGRESSION;
		j->why = sentence("slower: %zu of %zu cases; %zu confirmed tonight, %zu since an "
				  "earlier night, %zu drifted from the baseline",
				  bad, j->n_cases, n[MP_NIGHTLY_SLOWER], n[MP_NIGHTLY_STILL],
				  n[MP_NIGHTLY_DRIFT]);
	} else if (n[MP_NIGHTLY_ENVIRONMENT]) {
		j->why = sentence("on another level since the machine changed: %zu of %zu cases; "
				  "if that is as it should be, 'memperf db accept' says so",
				  n[MP_NIGHTLY_ENVIRONMENT], j->n_cases);
	} else if (open) {
		j->why = sentence("standing out, and neither confirmed nor cleared by measuring "
				  "again: %zu of %zu cases",
				  open, j->n_cases);
	} else if (n[MP_NIGHTLY_LOST]) {
		j->why = sentence("without a value, which they had the night before: %zu of %zu "
				  "cases",
				  n[MP_NIGHTLY_LOST], j->n_cases);
	} else if (!good || good < n[MP_NIGHTLY_SHORT]) {
		j->why = sentence("the history is too short: %zu of %zu cases have the %u nights "
				  "that a judgement takes",
				  good, j->n_cases, limits->least_nights);
	} else {
		j->result = MP_NIGHTLY_GOOD;
		j->why = sentence("as before: %zu of %zu cases; %zu stood out and were cleared by "
				  "measuring again",
				  good - n[MP_NIGHTLY_CLEARED], j->n_cases, n[MP_NIGHTLY_CLEARED]);
	}
}

static const struct mp_night *find_night(const struct mp_history *history, const char *uuid)
{
	for (size_t i = 0; uuid && i < history->n_nights; i++)
		if (!strcmp(history->nights[i].uuid, uuid))
			return &history->nights[i];
	return NULL;
}

int mp_nightly_judge(const char *path, const struct mp_side *tonight, const char *good_uuid,
		     const struct mp_side *confirm, const struct mp_nightly_limits *limits,
		     struct mp_nightly_judgement *ret_judgement, struct mp_err *err)
{
	struct mp_nightly_judgement j = { .calm = calm_share(tonight),
					  .noisy = mp_side_noisy(&tonight->runs[0]) };
	struct mp_history_options options = mp_history_defaults;
	int rc;

	options.baseline = limits->baseline;
	rc = mp_history_read(&path, 1, &options, &j.history, err);
	if (rc)
		return rc;
	j.night = find_night(&j.history, tonight->runs[0].row.uuid);
	j.last_good = find_night(&j.history, good_uuid);
	if (!j.night)
		rc = mp_err_env(err, -ENOENT,
				"run #%lld is no night of a history: it was made with a planted "
				"fault, or its date lies before that of the last %zu nights",
				(long long)tonight->runs[0].row.id, options.last);
	if (!rc)
		rc = mp_tonight(&j.history, (size_t)(j.night - j.history.nights), &j.list,
				&j.n_cases);
	if (!rc) {
		j.cases = calloc(j.n_cases + 1, sizeof(*j.cases));
		rc = j.cases ? 0 : -ENOMEM;
	}
	for (size_t i = 0; !rc && i < j.n_cases; i++) {
		j.cases[i].tonight = &j.list[i];
		j.cases[i].series = &j.history.series[j.list[i].series];
		first_state(&j, limits, &j.cases[i]);
	}
	if (!rc)
		rc = choose(&j, limits);
	if (rc == -ENOMEM)
		mp_err_env(err, rc, "out of memory while judging the night");
	if (!rc && confirm)
		rc = read_confirm(&j, confirm, err);
	for (size_t i = 0; !rc && i < j.n_cases; i++)
		j.counts[j.cases[i].state]++;
	if (!rc) {
		j.false_alarms =
			mp_tonight_false_alarms(j.list, j.n_cases, limits->confirm_invocations, 30);
		conclude(&j, limits);
		rc = j.why ? 0 : mp_err_env(err, -ENOMEM, "out of memory while judging the night");
	}
	if (rc) {
		mp_nightly_judgement_done(&j);
		return rc;
	}
	*ret_judgement = j;
	return 0;
}

void mp_nightly_judgement_done(struct mp_nightly_judgement *j)
{
	mp_history_done(&j->history);
	free(j->list);
	free(j->cases);
	free(j->again);
	free(j->why);
	*j = (struct mp_nightly_judgement){ 0 };
}
