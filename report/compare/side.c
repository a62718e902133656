/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loading the runs of one side: see side.h. */
#include "report/compare/side.h"

#include <errno.h>
#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/str.h"
#include "common/vec.h"

static bool is_selector(const char *text)
{
	return text[0] == '#' || !strcmp(text, "latest") || !strncmp(text, "label:", 6) ||
	       !strncmp(text, "tag:", 4) || !strncmp(text, "last:", 5);
}

/* The last colon when a file stands before it: then what follows was meant as a selector. */
static const char *misspelt(const char *text)
{
	const char *last = strrchr(text, ':');
	char *head = last && last > text ? strndup(text, (size_t)(last - text)) : NULL;
	bool exists = head && !access(head, F_OK);

	free(head);
	return exists ? last + 1 : NULL;
}

int mp_side_split(const char *text, char **ret_path, const char **ret_selector, struct mp_err *err)
{
	const char *colon = NULL, *wrong;
	char *path;

	if (access(text, F_OK)) {
		for (const char *c = strchr(text, ':'); c && !colon; c = strchr(c + 1, ':')) {
			if (c > text && is_selector(c + 1))
				colon = c;
		}
		wrong = colon ? NULL : misspelt(text);
		if (wrong)
			return mp_err_usage(err, -EINVAL,
					    "'%s' is no selector; give latest, #N, label:NAME, "
					    "tag:KEY=VALUE or last:N",
					    wrong);
	}
	path = colon ? strndup(text, (size_t)(colon - text)) : strdup(text);
	if (!path)
		return mp_err_env(err, -ENOMEM, "out of memory");
	*ret_path = path;
	*ret_selector = colon ? colon + 1 : NULL;
	return 0;
}

/* "thp,touch" of a run whose options name planted faults; NULL for an honest one. -ENOMEM or 0. */
static int planted(const char *options_json, char **ret_text)
{
	json_t *options = options_json ? json_loads(options_json, 0, NULL) : NULL;
	json_t *value = json_object_get(options, "sabotage");
	bool none = !value || json_is_null(value) || json_is_false(value) ||
		    (json_is_integer(value) && !json_integer_value(value)) ||
		    (json_is_string(value) && !json_string_length(value)) ||
		    (json_is_array(value) && !json_array_size(value));
	int rc = 0;

	*ret_text = NULL;
	if (!none) {
		*ret_text = json_is_string(value) ? strdup(json_string_value(value))
						  : json_dumps(value, JSON_ENCODE_ANY);
		rc = *ret_text ? 0 : -ENOMEM;
	}
	json_decref(options);
	return rc;
}

static void fact_done(struct mp_side_fact *fact)
{
	free(fact->group);
	free(fact->key);
	free(fact->value);
	free(fact->origin);
	free(fact->volatility);
	free(fact->why);
}

static bool copy(const char *text, char **ret)
{
	*ret = text ? strdup(text) : NULL;
	return !text || *ret;
}

static int add_fact(void *user, const struct mp_fact *fact)
{
	struct mp_side_run *run = user;
	struct mp_side_fact *mine =
		mp_vec_push((void **)&run->facts, &run->n_facts, &run->cap_facts, sizeof(*mine));
	bool fine;

	if (!mine)
		return -ENOMEM;
	mine->weight = fact->weight;
	fine = copy(fact->group, &mine->group);
	fine = copy(fact->key, &mine->key) && fine;
	fine = copy(fact->value, &mine->value) && fine;
	fine = copy(fact->origin, &mine->origin) && fine;
	fine = copy(fact->volatility, &mine->volatility) && fine;
	fine = copy(fact->why, &mine->why) && fine;
	return fine ? 0 : -ENOMEM;
}

int mp_side_run_describe(struct mp_store *store, int64_t id, struct mp_side_run *run,
			 struct mp_err *err)
{
	int rc = mp_store_run_get(store, id, &run->row, err);

	if (rc)
		return rc;
	if (planted(run->row.options_json, &run->sabotage))
		return mp_err_env(err, -ENOMEM, "out of memory");
	run->slowed = run->sabotage &&
		      (!strncmp(run->sabotage, "spin=", 5) || !strncmp(run->sabotage, "tail=", 5));
	rc = mp_store_facts(store, id, add_fact, run, err);
	if (rc)
		return rc == -ENOMEM ? mp_err_env(err, rc, "out of memory") : rc;
	run->page_size = mp_side_fact(run, "kernel", "page_size");
	return 0;
}

static int load_cases(struct mp_store *store, int64_t id, struct mp_side_run *run,
		      struct mp_err *err)
{
	int rc = mp_store_cases(store, id, &run->cases, &run->n_cases, err);

	if (rc)
		return rc;
	run->spreads = calloc(run->n_cases + 1, sizeof(*run->spreads));
	if (!run->spreads)
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < run->n_cases && !rc; i++)
		rc = mp_store_case_spread(store, run->cases[i].run_case, &run->spreads[i], err);
	return rc;
}

/* The next run of the side, counted before it is loaded, so that what a failed load left is freed with the rest. */
static int load_run(struct mp_side *side, int64_t id, enum mp_side_for what, struct mp_err *err)
{
	size_t index = side->n_runs++;
	struct mp_side_run *run = &side->runs[index];
	int rc = mp_side_run_describe(side->store, id, run, err);

	if (rc)
		return rc;
	switch (what) {
	case MP_SIDE_REPORT:
		return load_cases(side->store, id, run, err);
	case MP_SIDE_COMPARE:
		return mp_store_points(side->store, id, &run->points, err);
	default:
		return mp_spill_add(&side->spill, side->store, id, index,
				    what == MP_SIDE_STREAM_NULL ? MP_SIDE_NULL_CALL : NULL,
				    &run->points, err);
	}
}

int mp_side_open(const char *text, enum mp_side_for what, struct mp_side *ret_side,
		 size_t *ret_matches, struct mp_err *err)
{
	struct mp_side side = { 0 };
	const char *selector = NULL;
	char *path = NULL;
	int64_t *ids = NULL;
	size_t count = 0, wanted;
	int rc = mp_side_split(text, &path, &selector, err);

	if (!rc)
		rc = mp_store_open(path, MP_STORE_READ, &side.store, err);
	if (!rc)
		rc = mp_store_select(side.store, selector, &ids, &count, err);
	if (rc)
		goto out;
	side.name = strdup(text);
	wanted = what == MP_SIDE_REPORT && count ? 1 : count;
	side.runs = calloc(wanted + 1, sizeof(*side.runs));
	if (!side.name || !side.runs)
		rc = mp_err_env(err, -ENOMEM, "out of memory");
	if (!rc && what >= MP_SIDE_STREAM_NULL)
		rc = mp_spill_open(&side.spill, err);
	while (!rc && side.n_runs < wanted)
		rc = load_run(&side, ids[side.n_runs], what, err);
	if (!rc && what >= MP_SIDE_STREAM_NULL)
		rc = mp_spill_sort(&side.spill, err);
	if (!rc && !side.n_runs)
		rc = mp_err_env(err, -ENOENT, "'%s' holds no run; see 'memperf db runs %s'", path,
				path);
out:
	free(ids);
	free(path);
	if (rc) {
		mp_side_done(&side);
		return rc;
	}
	*ret_side = side;
	if (ret_matches)
		*ret_matches = count;
	return 0;
}

void mp_side_run_done(struct mp_side_run *run)
{
	mp_run_row_done(&run->row);
	mp_case_rows_free(run->cases, run->n_cases);
	free(run->spreads);
	mp_points_run_done(&run->points);
	for (size_t k = 0; k < run->n_facts; k++)
		fact_done(&run->facts[k]);
	free(run->facts);
	free(run->sabotage);
	*run = (struct mp_side_run){ 0 };
}

void mp_side_done(struct mp_side *side)
{
	for (size_t i = 0; i < side->n_runs; i++)
		mp_side_run_done(&side->runs[i]);
	free(side->runs);
	free(side->name);
	mp_spill_done(&side->spill);
	mp_store_close(side->store);
	*side = (struct mp_side){ 0 };
}

const struct mp_side_fact *mp_side_fact(const struct mp_side_run *run, const char *group,
					const char *key)
{
	for (size_t i = 0; i < run->n_facts; i++) {
		if (!strcmp(run->facts[i].key, key) && !strcmp(run->facts[i].group, group))
			return &run->facts[i];
	}
	return NULL;
}

const char *mp_side_noisy(const struct mp_side_run *run)
{
	/* One fact for each part of a run that was interrupted. */
	for (size_t i = 0; i < run->n_facts; i++) {
		const struct mp_side_fact *fact = &run->facts[i];

		if (!strcmp(fact->group, "doctor") && !strncmp(fact->key, "noisy", 5) &&
		    fact->value && !strncmp(fact->value, "yes: ", 5))
			return fact->value + 5;
	}
	return NULL;
}

bool mp_side_emulated(const struct mp_side_run *run)
{
	const struct mp_side_fact *fact = mp_side_fact(run, "guest", "accelerator");

	return fact && fact->value && !strcmp(fact->value, "tcg");
}

const char *mp_side_page_size(const struct mp_side_run *run)
{
	const struct mp_side_fact *fact =
		run->page_size ? run->page_size : mp_side_fact(run, "kernel", "page_size");

	return fact ? fact->value : NULL;
}

struct opening {
	const char *text;
	enum mp_side_for what;
	struct mp_side *side;
	struct mp_err err;
	int rc;
	bool threaded;
	pthread_t thread;
};

static void *open_one(void *argument)
{
	struct opening *o = argument;

	o->rc = mp_side_open(o->text, o->what, o->side, NULL, &o->err);
	return NULL;
}

int mp_side_open_all(const char *const *texts, size_t n, enum mp_side_for what,
		     struct mp_side *ret_sides, struct mp_err *err)
{
	struct opening *all = calloc(n, sizeof(*all));
	int rc = 0;

	if (!all)
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		ret_sides[i] = (struct mp_side){ 0 };
		all[i].text = texts[i];
		all[i].what = what;
		all[i].side = &ret_sides[i];
		/* The last one is this thread's, and those that no thread could be had for. */
		all[i].threaded =
			i + 1 < n && !pthread_create(&all[i].thread, NULL, open_one, &all[i]);
		if (!all[i].threaded)
			open_one(&all[i]);
	}
	for (size_t i = 0; i < n; i++) {
		if (all[i].threaded)
			pthread_join(all[i].thread, NULL);
		if (all[i].rc && !rc) {
			rc = all[i].rc;
			if (err)
				*err = all[i].err;
		}
	}
	for (size_t i = 0; rc && i < n; i++)
		mp_side_done(&ret_sides[i]);
	free(all);
	return rc;
}
