/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of results files become series: see history.h. Runs become nights in nights.c. */
#include "report/history/history.h"

#include <errno.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/history/reader.h"

/* Where a series stands, by what identifies it. The texts are borrowed from the series. */
struct key {
	const char *machine, *text;
	unsigned version;
	enum mp_mode mode;
	enum mp_metric metric;
	size_t index;
};

/* ---- cases and values ---- */

static int add_case(void *user, const struct mp_series_case *c)
{
	struct reader *r = user;
	const struct mp_history_options *o = r->options;
	struct file_case *mine =
		mp_vec_push((void **)&r->cases, &r->n_cases, &r->cap_cases, sizeof(*mine));

	if (!mine)
		return mp_reader_no_memory(r->err);
	mine->c.id = c->id;
	mine->c.version = c->version;
	mine->c.text = strdup(c->text);
	mine->c.bench = strdup(c->bench);
	mine->c.family = strdup(c->family);
	mine->c.unit = strdup(c->unit);
	if (!mine->c.text || !mine->c.bench || !mine->c.family || !mine->c.unit)
		return mp_reader_no_memory(r->err);
	mine->wanted = (!o->case_glob || mp_str_glob(o->case_glob, c->text)) &&
		       (!o->filter || mp_filter_match(o->filter, c->text));
	r->h->counts.filtered += !mine->wanted;
	return 0;
}

static int by_id(const void *left, const void *right)
{
	int64_t a = ((const struct file_case *)left)->c.id,
		b = ((const struct file_case *)right)->c.id;

	return (a > b) - (a < b);
}

static int by_key(const void *left, const void *right)
{
	const struct key *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	if (!order)
		order = (a->version > b->version) - (a->version < b->version);
	if (!order)
		order = (int)a->mode - (int)b->mode;
	if (!order)
		order = (int)a->metric - (int)b->metric;
	return order ? order : strcmp(a->machine, b->machine);
}

/* The series of that key, or n_series. */
static size_t find_series(const struct reader *r, const struct key *key)
{
	struct key *const *found = tfind(key, &r->tree, by_key);

	return found ? (*found)->index : r->h->n_series;
}

static struct mp_series *series_of(struct reader *r, const char *machine,
				   const struct mp_series_case *c, enum mp_mode mode,
				   enum mp_metric metric)
{
	struct key key = { machine, c->text, c->version, mode, metric, 0 }, *kept;
	struct mp_series *s;

	key.index = find_series(r, &key);
	if (key.index < r->h->n_series)
		return &r->h->series[key.index];
	s = mp_history_series_add(r->h, machine, c, mode, metric);
	kept = s ? malloc(sizeof(*kept)) : NULL;
	if (!kept)
		return NULL;
	key.machine = s->machine;
	key.text = s->case_text;
	*kept = key;
	if (!tsearch(kept, &r->tree, by_key)) {
		free(kept);
		return NULL;
	}
	return s;
}

static int add_absent(struct reader *r, size_t night, const struct mp_series_case *c,
		      const struct mp_series_value *v)
{
	struct absent *a =
		mp_vec_push((void **)&r->absent, &r->n_absent, &r->cap_absent, sizeof(*a));

	if (!a)
		return mp_reader_no_memory(r->err);
	a->night = night;
	a->version = c->version;
	a->outcome = v->outcome;
	a->text = strdup(c->text);
	a->reason = strdup(*v->reason			      ? v->reason
			   : v->outcome == MP_OUTCOME_PENDING ? "not measured: the run was "
								"interrupted"
							      : "no finite value above 0");
	return a->text && a->reason ? 0 : mp_reader_no_memory(r->err);
}

static int add_value(void *user, const struct mp_series_value *v)
{
	struct reader *r = user;
	size_t night = mp_reader_night(r, v->run);
	const struct file_case wanted = { .c.id = v->kase };
	struct file_case *c =
		r->n_cases ? bsearch(&wanted, r->cases, r->n_cases, sizeof(*c), by_id) : NULL;
	struct mp_series *s;
	struct mp_point *p;

	if (night == r->h->n_nights || !c || !c->wanted)
		return 0;
	c->planned = true;
	if (v->outcome != MP_OUTCOME_OK || !v->has_value || !(v->value > 0) || isinf(v->value))
		return add_absent(r, night, &c->c, v);
	c->valued = true;
	s = series_of(r, r->h->nights[night].machine, &c->c, v->mode, MP_METRIC_IS_VALUE);
	p = s ? mp_series_point_add(s, night, v->value) : NULL;
	if (!p)
		return mp_reader_no_memory(r->err);
	p->file = r->file;
	p->run_case = v->run_case;
	p->population = v->population;
	if (!r->options->spread || !(v->cv > 0) || isinf(v->cv))
		return 0;
	s = series_of(r, r->h->nights[night].machine, &c->c, v->mode, MP_METRIC_IS_SPREAD);
	if (!s || !mp_series_point_add(s, night, v->cv))
		return mp_reader_no_memory(r->err);
	s->population = v->population;
	return 0;
}

/* Gaps go into every series of the case. */
static int attach_absent(struct reader *r)
{
	static const enum mp_mode modes[] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };
	struct mp_history *h = r->h;

	for (size_t i = 0; i < r->n_absent; i++) {
		const struct absent *a = &r->absent[i];

		for (size_t m = 0; m < sizeof(modes) / sizeof(modes[0]); m++) {
			const struct key key = {
				h->nights[a->night].machine, a->text, a->version, modes[m],
				MP_METRIC_IS_VALUE,	     0
			};
			size_t index = find_series(r, &key);
			struct mp_point *p;

			if (index == h->n_series)
				continue;
			p = mp_series_point_add(&h->series[index], a->night, NAN);
			if (!p)
				return mp_reader_no_memory(r->err);
			p->outcome = a->outcome;
			p->reason = strdup(a->reason);
			if (!p->reason)
				return mp_reader_no_memory(r->err);
		}
	}
	return 0;
}

static void forget_cases(struct reader *r)
{
	for (size_t i = 0; i < r->n_cases; i++) {
		free((char *)r->cases[i].c.text);
		free((char *)r->cases[i].c.bench);
		free((char *)r->cases[i].c.family);
		free((char *)r->cases[i].c.unit);
	}
	r->n_cases = 0;
}

static int read_values(struct reader *r)
{
	struct mp_store *s = r->stores[r->file];
	int rc;

	forget_cases(r);
	rc = mp_store_series_cases(s, add_case, r, r->err);
	if (rc)
		return rc;
	if (r->n_cases)
		qsort(r->cases, r->n_cases, sizeof(*r->cases), by_id);
	rc = mp_store_series_facts(s, mp_reader_fact, r, r->err);
	if (!rc)
		rc = mp_store_series_values(s, add_value, r, r->err);
	for (size_t i = 0; i < r->n_cases; i++)
		r->h->counts.valueless += r->cases[i].planned && !r->cases[i].valued;
	return rc;
}

/* Machine by machine, in the order of the nights; within one, in the order of the first values. */
static int sort_series(struct mp_history *h)
{
	struct mp_series *sorted = calloc(h->n_series + 1, sizeof(*sorted));
	size_t n = 0;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < h->n_nights; i++) {
		const char *machine = h->nights[i].machine;

		if (i && !strcmp(h->nights[i - 1].machine, machine))
			continue;
		for (size_t k = 0; k < h->n_series; k++)
			if (!strcmp(h->series[k].machine, machine))
				sorted[n++] = h->series[k];
	}
	free(h->series);
	h->series = sorted;
	h->cap_series = h->n_series + 1;
	return 0;
}

/* ---- judgements ---- */

static int add_judged(struct reader *r, const struct mp_judged *judged)
{
	struct mp_judged *mine = mp_vec_push((void **)&r->h->judged, &r->h->n_judged,
					     &r->h->cap_judged, sizeof(*mine));

	if (!mine)
		return mp_reader_no_memory(r->err);
	*mine = *judged;
	mine->machine = strdup(judged->machine);
	mine->run_uuid = strdup(judged->run_uuid);
	mine->name = judged->name ? strdup(judged->name) : NULL;
	mine->case_text = judged->case_text ? strdup(judged->case_text) : NULL;
	mine->state = judged->state ? strdup(judged->state) : NULL;
	mine->reason = strdup(judged->reason);
	return mine->machine && mine->run_uuid && mine->reason ? 0 : mp_reader_no_memory(r->err);
}

static int add_accepted(void *user, const struct mp_accepted *a)
{
	struct mp_judged j = { .machine = (char *)a->machine,
			       .run_uuid = (char *)a->run_uuid,
			       .case_text = (char *)a->case_text,
			       .state = (char *)a->state,
			       .reason = (char *)a->reason,
			       .version = a->bench_version,
			       .started_ns = a->run_started_ns,
			       .made_ns = a->made_ns };

	return mp_metric_parse(a->metric, &j.metric) ? 0 : add_judged(user, &j);
}

static int add_baseline(void *user, const struct mp_baseline *b)
{
	const struct mp_judged j = { .baseline = true,
				     .machine = (char *)b->machine,
				     .run_uuid = (char *)b->run_uuid,
				     .name = (char *)b->name,
				     .reason = (char *)b->reason,
				     .made_ns = b->made_ns };

	return add_judged(user, &j);
}

/* ---- all of it ---- */

static int open_files(struct reader *r, const char *const *paths, size_t n_paths)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < n_paths; i++) {
		rc = mp_store_open(paths[i], MP_STORE_READ, &r->stores[i], r->err);
		if (rc)
			break;
		r->n_stores++;
		r->file = i;
		r->path = paths[i];
		r->latest_start = INT64_MIN;
		r->ended = r->late = (struct strange){ 0 };
		r->runs = 0;
		rc = mp_store_series_runs(r->stores[i], mp_reader_run, r, r->err);
		mp_reader_note(r);
		if (!rc)
			rc = mp_store_accepted(r->stores[i], add_accepted, r, r->err);
		if (!rc)
			rc = mp_store_baselines(r->stores[i], add_baseline, r, r->err);
	}
	r->h->counts.files = r->n_stores;
	return rc;
}

static int read_files(struct reader *r, const char *const *paths, size_t n_paths)
{
	struct mp_history *h = r->h;
	int rc = open_files(r, paths, n_paths);

	if (rc)
		return rc;
	mp_reader_nights(r, paths);
	r->facts = calloc(h->n_nights + 1, sizeof(*r->facts));
	if (!r->facts)
		return mp_reader_no_memory(r->err);
	for (r->file = 0; !rc && r->file < n_paths; r->file++)
		rc = read_values(r);
	if (!rc)
		rc = attach_absent(r);
	if (!rc && (sort_series(h) || mp_history_environment(h, r->facts)))
		rc = mp_reader_no_memory(r->err);
	if (!rc)
		rc = mp_history_populations(h, r->stores, r->err);
	if (!rc && r->options->tail)
		rc = mp_history_tails(h, r->stores, r->err);
	if (!rc) {
		rc = mp_history_judge(h, r->options);
		if (rc)
			rc = rc == -ENOMEM
				     ? mp_reader_no_memory(r->err)
				     : mp_err_internal(r->err, rc, "a value that is not finite");
	}
	return rc;
}

static void reader_done(struct reader *r)
{
	forget_cases(r);
	free(r->cases);
	for (size_t i = 0; i < r->n_absent; i++) {
		free(r->absent[i].text);
		free(r->absent[i].reason);
	}
	free(r->absent);
	free(r->located);
	mp_facts_free(r->facts, r->facts ? r->h->n_nights : 0);
	tdestroy(r->tree, free);
	for (size_t i = 0; i < r->n_stores; i++)
		mp_store_close(r->stores[i]);
	free(r->stores);
}

int mp_history_read(const char *const *paths, size_t n_paths,
		    const struct mp_history_options *options, struct mp_history *ret_history,
		    struct mp_err *err)
{
	struct mp_history h = { .notes = MP_STR_INIT };
	struct reader r = { .h = &h, .options = options, .err = err };
	int rc;

	r.stores = calloc(n_paths + 1, sizeof(struct mp_store *));
	rc = r.stores ? read_files(&r, paths, n_paths) : mp_reader_no_memory(err);
	reader_done(&r);
	if (rc) {
		mp_history_done(&h);
		return rc;
	}
	*ret_history = h;
	return 0;
}
