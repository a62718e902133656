/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Series as data: adding, freeing, and which samples a series is made of.
 *
 * Calm samples and all samples are different numbers, and a night without calm ones falls back to all: a series that
 * mixed them would show steps where the neighbours on a shared machine changed. So each series is of one population.
 */
#include "report/history/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

const struct mp_history_options mp_history_defaults = {
	.last = 400,
	.fdr = 0.01,
	.machine_share = 0.5,
	.detect = MP_DETECT_DEFAULTS,
};

static const char *const metric_names[] = {
	[MP_METRIC_IS_VALUE] = MP_METRIC_VALUE,
	[MP_METRIC_IS_TAIL] = MP_METRIC_TAIL,
	[MP_METRIC_IS_SPREAD] = MP_METRIC_SPREAD,
};

const char *mp_metric_name(enum mp_metric metric)
{
	return metric_names[metric];
}

int mp_metric_parse(const char *name, enum mp_metric *ret_metric)
{
	for (size_t i = 0; i < sizeof(metric_names) / sizeof(metric_names[0]); i++) {
		if (!strcmp(metric_names[i], name)) {
			*ret_metric = (enum mp_metric)i;
			return 0;
		}
	}
	return -EINVAL;
}

struct mp_series *mp_history_series_add(struct mp_history *h, const char *machine,
					const struct mp_series_case *c, enum mp_mode mode,
					enum mp_metric metric)
{
	struct mp_series *s =
		mp_vec_push((void **)&h->series, &h->n_series, &h->cap_series, sizeof(*s));

	if (!s)
		return NULL;
	s->machine = strdup(machine);
	s->case_text = strdup(c->text);
	s->bench = strdup(c->bench);
	s->family = strdup(c->family);
	s->unit = strdup(c->unit);
	s->version = c->version;
	s->mode = mode;
	s->metric = metric;
	s->sigma = s->rho = s->drift = NAN;
	return s->machine && s->case_text && s->bench && s->family && s->unit ? s : NULL;
}

struct mp_point *mp_series_point_add(struct mp_series *s, size_t night, double value)
{
	struct mp_point *p =
		mp_vec_push((void **)&s->points, &s->n_points, &s->cap_points, sizeof(*p));

	if (p) {
		p->night = night;
		p->value = value;
		p->outcome = MP_OUTCOME_OK;
	}
	return p;
}

static void night_done(struct mp_night *n)
{
	free(n->uuid);
	free(n->machine);
	free(n->host);
	free(n->label);
	free(n->file);
	free(n->version);
	free(n->environment);
}

static void series_done(struct mp_series *s)
{
	for (size_t i = 0; i < s->n_points; i++)
		free(s->points[i].reason);
	free(s->points);
	free(s->values);
	free(s->segments);
	free(s->machine);
	free(s->case_text);
	free(s->bench);
	free(s->family);
	free(s->unit);
}

static void judged_done(struct mp_judged *j)
{
	free(j->machine);
	free(j->run_uuid);
	free(j->name);
	free(j->case_text);
	free(j->state);
	free(j->reason);
}

void mp_history_done(struct mp_history *h)
{
	for (size_t i = 0; i < h->n_nights; i++)
		night_done(&h->nights[i]);
	for (size_t i = 0; i < h->n_series; i++)
		series_done(&h->series[i]);
	for (size_t i = 0; i < h->n_judged; i++)
		judged_done(&h->judged[i]);
	free(h->nights);
	free(h->series);
	free(h->judged);
	free(h->changes);
	free(h->alerts);
	if (h->notes.text)
		mp_str_done(&h->notes);
	*h = (struct mp_history){ 0 };
}

size_t mp_history_night(const struct mp_history *h, const char *uuid)
{
	size_t i = 0;

	while (i < h->n_nights && strcmp(h->nights[i].uuid, uuid))
		i++;
	return i;
}

/* ---- populations ---- */

static int make_gap(struct mp_history *h, struct mp_point *p, const char *reason)
{
	p->value = NAN;
	p->reason = strdup(reason);
	h->counts.other_population++;
	return p->reason ? 0 : -ENOMEM;
}

/* The headline's number over all samples. */
static int all_samples(struct mp_history *h, struct mp_store *store, const struct mp_series *s,
		       struct mp_point *p, struct mp_err *err)
{
	const char *metric = s->mode == MP_MODE_RATE ? "mean" : "p50";
	double value = NAN;
	int rc = mp_store_summary_value(store, p->run_case, s->mode, MP_POPULATION_ALL, metric,
					&value, err);

	if (rc)
		return rc;
	p->value = value;
	if (value > 0 && isfinite(value))
		return 0;
	return make_gap(h, p, "no value over all samples, of which the series is")
		       ? mp_err_env(err, -ENOMEM, "out of memory")
		       : 0;
}

static int one_population(struct mp_history *h, struct mp_series *s, struct mp_store *const *stores,
			  struct mp_err *err)
{
	size_t calm = 0, values = 0;
	int rc = 0;

	for (size_t i = 0; i < s->n_points; i++) {
		values += !s->points[i].reason;
		calm += !s->points[i].reason && s->points[i].population == MP_POPULATION_CALM;
	}
	/* Two of three nights: what is left out then is little. */
	s->population = calm && 3 * calm >= 2 * values ? MP_POPULATION_CALM : MP_POPULATION_ALL;
	for (size_t i = 0; !rc && i < s->n_points; i++) {
		struct mp_point *p = &s->points[i];

		if (p->reason || p->population == s->population)
			continue;
		if (s->population == MP_POPULATION_ALL)
			rc = all_samples(h, stores[p->file], s, p, err);
		else if (make_gap(h, p,
				  "too few samples at full speed; the series is of such samples"))
			rc = mp_err_env(err, -ENOMEM, "out of memory");
	}
	return rc;
}

int mp_history_populations(struct mp_history *h, struct mp_store *const *stores, struct mp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < h->n_series; i++)
		if (h->series[i].metric == MP_METRIC_IS_VALUE)
			rc = one_population(h, &h->series[i], stores, err);
	return rc;
}

/* p99 / p50 of single calls on the nights that have a value. */
static int add_tail(struct mp_history *h, size_t of, struct mp_store *const *stores,
		    struct mp_err *err)
{
	const struct mp_series *from = &h->series[of];
	const struct mp_series_case c = { .text = from->case_text,
					  .bench = from->bench,
					  .family = from->family,
					  .unit = from->unit,
					  .version = from->version };
	struct mp_series *s =
		mp_history_series_add(h, from->machine, &c, from->mode, MP_METRIC_IS_TAIL);

	if (!s)
		return mp_err_env(err, -ENOMEM, "out of memory");
	from = &h->series[of];
	s->population = from->population;
	for (size_t i = 0; i < from->n_points; i++) {
		const struct mp_point *p = &from->points[i];
		double p99 = NAN;
		int rc = 0;

		if (!p->reason)
			rc = mp_store_summary_value(stores[p->file], p->run_case, from->mode,
						    from->population, "p99", &p99, err);
		if (rc)
			return rc;
		if (p99 > 0 && isfinite(p99) && !mp_series_point_add(s, p->night, p99 / p->value))
			return mp_err_env(err, -ENOMEM, "out of memory");
	}
	return 0;
}

int mp_history_tails(struct mp_history *h, struct mp_store *const *stores, struct mp_err *err)
{
	size_t count = h->n_series;
	int rc = 0;

	for (size_t i = 0; !rc && i < count; i++)
		if (h->series[i].metric == MP_METRIC_IS_VALUE && h->series[i].mode == MP_MODE_CALL)
			rc = add_tail(h, i, stores, err);
	return rc;
}
