/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One cause, one alert: changes of one machine that overlap in time and are of one kind; regressions and improvements
 * are split by family, what the machine did is not.
 */
#include "report/history/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

const char *mp_step_kind_name(enum mp_step_kind kind)
{
	switch (kind) {
	case MP_STEP_ACCEPTED:
		return "accepted";
	case MP_STEP_ENVIRONMENT:
		return "environment";
	case MP_STEP_MACHINE:
		return "machine";
	case MP_STEP_SLOWER:
		return "slower";
	case MP_STEP_FASTER:
		return "faster";
	}
	return "?";
}

/* A change with what it is sorted by. */
struct sorted {
	const struct mp_history *h;
	size_t index;
};

static bool by_families(enum mp_step_kind kind)
{
	return kind == MP_STEP_SLOWER || kind == MP_STEP_FASTER || kind == MP_STEP_ACCEPTED;
}

/* Machine, kind, direction of what the machine did, family: changes that may share an alert are neighbours. */
static int class_order(const struct mp_history *h, const struct mp_step *a, const struct mp_step *b)
{
	const struct mp_series *x = &h->series[a->series], *y = &h->series[b->series];
	int order = strcmp(x->machine, y->machine);

	if (!order)
		order = (int)a->kind - (int)b->kind;
	if (!order && a->kind == MP_STEP_MACHINE)
		order = (a->ratio > 1) - (b->ratio > 1);
	if (!order && by_families(a->kind))
		order = strcmp(x->family, y->family);
	return order;
}

static int by_class(const void *left, const void *right)
{
	const struct sorted *l = left, *r = right;
	const struct mp_step *a = &l->h->changes[l->index], *b = &l->h->changes[r->index];
	int order = class_order(l->h, a, b);

	if (!order)
		order = (a->before > b->before) - (a->before < b->before);
	return order ? order : (l->index > r->index) - (l->index < r->index);
}

static int begin_alert(struct mp_history *h, const struct mp_step *c)
{
	struct mp_alert *a =
		mp_vec_push((void **)&h->alerts, &h->n_alerts, &h->cap_alerts, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->machine = h->series[c->series].machine;
	a->kind = c->kind;
	a->family = by_families(c->kind) ? h->series[c->series].family : NULL;
	a->before = c->before;
	a->night = c->night;
	a->worst = (size_t)(c - h->changes);
	a->open = c->kind == MP_STEP_SLOWER || (c->kind == MP_STEP_MACHINE && c->ratio > 1);
	return 0;
}

static void join_alert(struct mp_history *h, struct mp_step *c)
{
	struct mp_alert *a = &h->alerts[h->n_alerts - 1];

	c->alert = h->n_alerts - 1;
	a->n_series++;
	if (c->night > a->night)
		a->night = c->night;
	if (fabs(log(c->ratio)) > fabs(log(h->changes[a->worst].ratio)))
		a->worst = (size_t)(c - h->changes);
}

static int by_number(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

/* Median ratio of each alert's changes. */
static int ratios(struct mp_history *h)
{
	double *r = calloc(h->n_changes + 1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	for (size_t a = 0; a < h->n_alerts; a++) {
		size_t n = 0;

		for (size_t i = 0; i < h->n_changes; i++)
			if (h->changes[i].alert == a)
				r[n++] = h->changes[i].ratio;
		qsort(r, n, sizeof(*r), by_number);
		h->alerts[a].ratio = sqrt(r[(n - 1) / 2] * r[n / 2]);
	}
	free(r);
	return 0;
}

/* Open ones first, then the newest. */
static int by_urgency(const void *left, const void *right)
{
	const struct mp_alert *a = left, *b = right;

	if (a->open != b->open)
		return a->open ? -1 : 1;
	if (a->night != b->night)
		return a->night < b->night ? 1 : -1;
	if (a->n_series != b->n_series)
		return a->n_series < b->n_series ? 1 : -1;
	return (a->worst > b->worst) - (a->worst < b->worst);
}

/* An alert is known by its worst change; its members point to the place where it was before sorting. */
static int renumber(struct mp_history *h)
{
	size_t *alert_of_worst = calloc(h->n_alerts + 1, sizeof(*alert_of_worst));

	if (!alert_of_worst)
		return -ENOMEM;
	qsort(h->alerts, h->n_alerts, sizeof(*h->alerts), by_urgency);
	for (size_t a = 0; a < h->n_alerts; a++)
		alert_of_worst[h->changes[h->alerts[a].worst].alert] = a;
	for (size_t i = 0; i < h->n_changes; i++)
		h->changes[i].alert = alert_of_worst[h->changes[i].alert];
	free(alert_of_worst);
	return 0;
}

int mp_history_alerts(struct mp_history *h)
{
	struct sorted *order = calloc(h->n_changes + 1, sizeof(*order));
	int rc = order ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < h->n_changes; i++)
		order[i] = (struct sorted){ h, i };
	if (!rc && h->n_changes)
		qsort(order, h->n_changes, sizeof(*order), by_class);
	for (size_t i = 0; !rc && i < h->n_changes; i++) {
		struct mp_step *c = &h->changes[order[i].index];
		bool same = i && !class_order(h, &h->changes[order[i - 1].index], c) &&
			    c->before < h->alerts[h->n_alerts - 1].night + 1;

		if (!same)
			rc = begin_alert(h, c);
		if (!rc)
			join_alert(h, c);
	}
	free(order);
	if (!rc)
		rc = ratios(h);
	if (!rc && h->n_alerts)
		rc = renumber(h);
	return rc;
}

size_t mp_history_open(const struct mp_history *history)
{
	size_t count = 0;

	for (size_t i = 0; i < history->n_alerts; i++)
		count += history->alerts[i].open;
	return count;
}
