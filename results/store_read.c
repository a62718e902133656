/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading runs and what belongs to them: selectors, descriptions, facts. */
#include "results/store_internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "results/central/pull.h"

/* ---- selectors ---- */

struct ids {
	int64_t *items;
	size_t count, cap;
};

static void ids_done(struct ids *ids)
{
	free(ids->items);
}

/* Ids in the first column, one per row; closes the statement. */
static int collect(struct mp_store *s, struct mp_query *q, struct ids *ids, struct mp_err *err)
{
	int rc;

	while ((rc = mp_query_step(q, "read the runs", err)) > 0) {
		int64_t *slot =
			mp_vec_push((void **)&ids->items, &ids->count, &ids->cap, sizeof(*slot));

		if (!slot || ids->count > MP_STORE_ROWS_MAX) {
			rc = slot ? mp_store_damaged(s, "read the runs", err)
				  : mp_store_no_memory(s, err);
			break;
		}
		*slot = mp_column_int(q, 0);
	}
	mp_query_close(q);
	return rc;
}

/* "12" to a number of at least 1. */
static int parse_number(const char *text, int64_t *ret_number)
{
	char *end;
	long long number;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno || *end || number < 1)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

#define NEWEST_FIRST " ORDER BY started_ns DESC, run_id DESC"

static int select_newest(struct mp_store *s, int64_t count, struct ids *ids, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "SELECT run_id FROM run" NEWEST_FIRST " LIMIT :count", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":count", count);
	return collect(s, &q, ids, err);
}

/* "#3,#5" as "[3,5]". -EINVAL: it is something else. */
static int parse_ids(const char *text, struct mp_str *list, size_t *ret_count)
{
	*ret_count = 0;
	for (;; text++) {
		char digits[24];
		int64_t number;

		if (*text++ != '#')
			return -EINVAL;
		snprintf(digits, sizeof(digits), "%.*s", (int)strcspn(text, ","), text);
		if (parse_number(digits, &number))
			return -EINVAL;
		mp_str_printf(list, "%s%lld", *ret_count ? "," : "[", (long long)number);
		(*ret_count)++;
		text += strcspn(text, ",");
		if (!*text)
			break;
	}
	mp_str_addc(list, ']');
	return 0;
}

/* All of them, or none with a sentence. */
static int select_ids(struct mp_store *s, const char *selector, const char *list, size_t wanted,
		      struct ids *ids, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT run_id FROM run WHERE run_id IN (SELECT value FROM"
			       " json_each(:list))" NEWEST_FIRST,
			       err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":list", list);
	rc = collect(s, &q, ids, err);
	if (!rc && ids->count && ids->count < wanted)
		rc = mp_err_usage(
			err, -ENOENT,
			"'%s' names %zu runs, of which '%s' has %zu; 'memperf db runs %s' "
			"lists them",
			selector, wanted, s->path, ids->count, s->path);
	return rc;
}

static int select_label(struct mp_store *s, const char *label, struct ids *ids, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "SELECT run_id FROM run WHERE label = :label" NEWEST_FIRST,
			       err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":label", label);
	return collect(s, &q, ids, err);
}

static int select_tag(struct mp_store *s, const char *key, const char *value, struct ids *ids,
		      struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT run_id FROM run WHERE run_id IN (SELECT run_id FROM run_tag WHERE"
		" key = :key AND value = :value)" NEWEST_FIRST,
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":key", key);
	mp_bind_text(&q, ":value", value);
	return collect(s, &q, ids, err);
}

/* Splits "k=v" and asks for it. */
static int select_pair(struct mp_store *s, const char *selector, const char *pair, struct ids *ids,
		       struct mp_err *err)
{
	const char *equals = strchr(pair, '=');
	char *key;
	int rc;

	if (!equals || equals == pair)
		return mp_err_usage(err, -EINVAL,
				    "selector '%s' needs a key and a value: 'tag:key=value'",
				    selector);
	key = strndup(pair, (size_t)(equals - pair));
	if (!key)
		return mp_store_no_memory(s, err);
	rc = select_tag(s, key, equals + 1, ids, err);
	free(key);
	return rc;
}

static int resolve(struct mp_store *s, const char *selector, struct ids *ids, struct mp_err *err)
{
	MP_CLEANUP(mp_str_done) struct mp_str list = MP_STR_INIT;
	int64_t number;
	size_t wanted;

	if (!strcmp(selector, "latest"))
		return select_newest(s, 1, ids, err);
	if (!parse_ids(selector, &list, &wanted))
		return select_ids(s, selector, list.text, wanted, ids, err);
	if (!strncmp(selector, "last:", 5) && !parse_number(selector + 5, &number))
		return select_newest(s, number, ids, err);
	if (!strncmp(selector, "label:", 6) && selector[6])
		return select_label(s, selector + 6, ids, err);
	if (!strncmp(selector, "tag:", 4))
		return select_pair(s, selector, selector + 4, ids, err);
	return mp_err_usage(
		err, -EINVAL,
		"'%s' selects no runs: use 'latest', '#12', '#12,#15', 'label:x', 'tag:key=value' "
		"or 'last:5'",
		selector);
}

static int no_runs(struct mp_store *s, struct mp_err *err)
{
	return mp_err_env(err, -ENOENT,
			  s->pulled
				  ? "'%s' holds no run yet; 'memperf db push %s FILE.db' adds some"
				  : "'%s' holds no run yet; 'memperf run --db %s' adds one",
			  s->path, s->path);
}

int mp_store_select(struct mp_store *s, const char *selector, int64_t **ret_runs, size_t *ret_count,
		    struct mp_err *err)
{
	MP_CLEANUP(ids_done) struct ids ids = { 0 };
	int rc = resolve(s, selector ? selector : "latest", &ids, err);

	if (rc)
		return rc;
	if (!ids.count &&
	    (!selector || !strcmp(selector, "latest") || !strncmp(selector, "last:", 5)))
		return no_runs(s, err);
	if (!ids.count)
		return mp_err_usage(
			err, -ENOENT,
			"no run in '%s' is selected by '%s'; 'memperf db runs %s' lists them",
			s->path, selector, s->path);
	if (s->pulled)
		rc = mp_central_details(s, ids.items, ids.count, err);
	if (rc)
		return rc;
	*ret_runs = ids.items;
	*ret_count = ids.count;
	ids.items = NULL;
	return 0;
}

int mp_store_runs(struct mp_store *s, int64_t **ret_runs, size_t *ret_count, struct mp_err *err)
{
	MP_CLEANUP(ids_done) struct ids ids = { 0 };
	int rc = select_newest(s, MP_STORE_ROWS_MAX, &ids, err);

	if (rc)
		return rc;
	if (!ids.count)
		return no_runs(s, err);
	*ret_runs = ids.items;
	*ret_count = ids.count;
	ids.items = NULL;
	return 0;
}

/* ---- a run ---- */

/* The one text that a bound query gives; NULL: it gives none. Closes the query. */
static int read_text(struct mp_store *s, struct mp_query *q, const char *what, char **ret_text,
		     struct mp_err *err)
{
	char *text = NULL;
	int rc = mp_query_step(q, what, err);

	if (rc == 1)
		rc = mp_column_copy(q, 0, &text);
	if (rc == -ENOMEM)
		rc = mp_store_no_memory(s, err);
	else if (rc == -EBADMSG)
		rc = mp_store_damaged(s, what, err);
	mp_query_close(q);
	if (!rc)
		*ret_text = text;
	return rc;
}

int mp_store_tag_get(struct mp_store *s, int64_t run, const char *key, char **ret_value,
		     struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT value FROM run_tag WHERE run_id = :run AND key = :key", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	mp_bind_text(&q, ":key", key);
	return read_text(s, &q, "read a tag", ret_value, err);
}

int mp_store_plan(struct mp_store *s, int64_t run, char **ret_json, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "SELECT plan_json FROM run WHERE run_id = :run", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	return read_text(s, &q, "read the plan of a run", ret_json, err);
}

double mp_run_row_took_ns(const struct mp_run_row *row)
{
	if (!row->ended_ns || row->ended_ns < row->started_ns)
		return NAN;
	return (double)row->ended_ns - (double)row->started_ns;
}

void mp_run_row_done(struct mp_run_row *row)
{
	char **const texts[] = { &row->uuid,  &row->machine,	  &row->host,	   &row->label,
				 &row->suite, &row->status,	  &row->version,   &row->commit,
				 &row->clock, &row->options_json, &row->suite_text };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		free(*texts[i]);
		*texts[i] = NULL;
	}
}

/* Columns in the order of the query in read_run(). */
static int fill_run(struct mp_query *q, struct mp_run_row *row)
{
	char **const texts[] = { &row->uuid,  &row->machine,	  &row->host,	   &row->label,
				 &row->suite, &row->status,	  &row->version,   &row->commit,
				 &row->clock, &row->options_json, &row->suite_text };
	const int n_texts = (int)(sizeof(texts) / sizeof(texts[0]));

	for (int i = 0; i < n_texts; i++) {
		bool may_lack = texts[i] == &row->label || texts[i] == &row->options_json;
		int rc = (may_lack ? mp_column_copy : mp_column_copy_set)(q, i, texts[i]);

		if (rc)
			return rc;
	}
	row->seed = (uint64_t)mp_column_int(q, n_texts);
	row->started_ns = mp_column_int(q, n_texts + 1);
	row->ended_ns = mp_column_int(q, n_texts + 2);
	row->budget_s = mp_column_real(q, n_texts + 3);
	row->estimate_s = mp_column_real(q, n_texts + 4);
	row->clock_ns_per_tick = mp_column_real(q, n_texts + 5);
	row->clock_step_ns = mp_column_real(q, n_texts + 6);
	row->clock_pair_ns = mp_column_real(q, n_texts + 7);
	row->clock_drift_ppm = mp_column_real(q, n_texts + 8);
	row->invocations = (unsigned)mp_column_int(q, n_texts + 9);
	return 0;
}

static int read_run(struct mp_store *s, int64_t run, struct mp_run_row *row, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT r.uuid, m.key, r.host, r.label, r.suite, r.status, r.version, "
		"r.source_commit,"
		" r.clock, r.options_json, r.suite_text, r.seed, r.started_ns, r.ended_ns, "
		"r.budget_s,"
		" r.estimate_s, r.clock_ns_per_tick, r.clock_step_ns, r.clock_pair_ns,"
		" r.clock_drift_ppm, (SELECT count(*) FROM run_case c JOIN invocation USING "
		"(run_case_id)"
		" WHERE c.run_id = r.run_id)"
		" FROM run r JOIN machine m USING (machine_id) WHERE r.run_id = :run",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	rc = mp_query_step(&q, "read the run", err);
	if (!rc)
		rc = mp_err_usage(err, -ENOENT, "'%s' has no run #%lld", s->path, (long long)run);
	else if (rc > 0)
		rc = fill_run(&q, row);
	mp_query_close(&q);
	if (rc == -ENOMEM)
		return mp_store_no_memory(s, err);
	return rc == -EBADMSG ? mp_store_damaged(s, "read the run", err) : rc;
}

static int count_outcomes(struct mp_store *s, int64_t run, struct mp_run_row *row,
			  struct mp_err *err)
{
	unsigned *const counts[] = {
		[MP_OUTCOME_PENDING] = &row->pending, [MP_OUTCOME_OK] = &row->ok,
		[MP_OUTCOME_INVALID] = &row->invalid, [MP_OUTCOME_FAILED] = &row->failed,
		[MP_OUTCOME_SKIPPED] = &row->skipped, [MP_OUTCOME_TIMED_OUT] = &row->timed_out,
	};
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT outcome, count(*) FROM run_case WHERE run_id = :run GROUP BY outcome", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	while ((rc = mp_query_step(&q, "count the cases", err)) > 0) {
		enum mp_outcome outcome;

		if (mp_outcome_parse(mp_column_text(&q, 0), &outcome)) {
			rc = mp_store_damaged(s, "read the outcome of a case", err);
			break;
		}
		*counts[outcome] = (unsigned)mp_column_int(&q, 1);
		row->cases += *counts[outcome];
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_run_get(struct mp_store *s, int64_t run, struct mp_run_row *ret_row,
		     struct mp_err *err)
{
	struct mp_run_row row = { .id = run };
	int rc = read_run(s, run, &row, err);

	if (!rc)
		rc = count_outcomes(s, run, &row, err);
	if (rc) {
		mp_run_row_done(&row);
		return rc;
	}
	*ret_row = row;
	return 0;
}

int mp_store_facts(struct mp_store *s, int64_t run,
		   int (*each)(void *user, const struct mp_fact *fact), void *user,
		   struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT fact_group, key, value, origin, volatility, weight, why FROM fact"
		" WHERE run_id = :run ORDER BY position",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	while ((rc = mp_query_step(&q, "read the facts", err)) > 0) {
		struct mp_fact fact = {
			.group = mp_column_text(&q, 0),
			.key = mp_column_text(&q, 1),
			.value = sqlite3_column_type(q.stmt, 2) == SQLITE_NULL
					 ? NULL
					 : mp_column_text(&q, 2),
			.origin = mp_column_text(&q, 3),
			.volatility = mp_column_text(&q, 4),
			.weight = (int)mp_column_int(&q, 5),
			.why = mp_column_text(&q, 6),
		};

		rc = each(user, &fact);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

/* ---- about the file ---- */

static int count_row(struct mp_store *s, const char *sql, int64_t *ret_value, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, sql, err);

	return rc ? rc : mp_query_int(&q, "count", 0, ret_value, err);
}

int mp_store_info(struct mp_store *s, struct mp_store_info *ret_info, struct mp_err *err)
{
	/* length() of a stored blob reads its header, not its pages. */
	static const char *const questions[] = {
		"PRAGMA user_version",
		"SELECT count(*) FROM run",
		"SELECT count(*) FROM machine",
		"SELECT count(*) FROM run_case",
		"SELECT count(*) FROM invocation",
		"PRAGMA page_count",
		"PRAGMA page_size",
		"SELECT ifnull(sum(length(blob)), 0) FROM raw",
		"SELECT ifnull(sum(samples), 0) FROM raw",
	};
	int64_t answers[sizeof(questions) / sizeof(questions[0])];

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		int rc = count_row(s, questions[i], &answers[i], err);

		if (rc)
			return rc;
	}
	*ret_info = (struct mp_store_info){
		.schema_version = (int)answers[0],
		.runs = (unsigned)answers[1],
		.machines = (unsigned)answers[2],
		.cases = (unsigned)answers[3],
		.invocations = (unsigned)answers[4],
		.file_bytes = (uint64_t)answers[5] * (uint64_t)answers[6],
		.raw_bytes = (uint64_t)answers[7],
		.samples = (uint64_t)answers[8],
	};
	return 0;
}
