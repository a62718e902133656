/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading one case closely: see detail.h. */
#include "results/detail.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "results/store_internal.h"
#include "results/store_points.h"

/* ---- the calls of a case ---- */

int mp_store_case_histogram(struct mp_store *s, int64_t run_case, enum mp_population population,
			    struct mp_histogram *into, unsigned *ret_invocations,
			    struct mp_err *err)
{
	unsigned invocations = 0;
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT h.blob FROM invocation i JOIN histogram h USING"
			       " (invocation_id) WHERE i.run_case_id = :run_case AND"
			       " h.population = :population AND i.outcome IN ('ok', 'invalid')",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_text(&q, ":population", mp_population_name(population));
	while ((rc = mp_query_step(&q, "read a histogram", err)) > 0) {
		MP_CLEANUP(mp_histogram_done) struct mp_histogram h = { 0 };
		const void *blob = sqlite3_column_blob(q.stmt, 0);

		rc = blob ? mp_histogram_decode(blob, (size_t)sqlite3_column_bytes(q.stmt, 0), &h)
			  : -EBADMSG;
		if (!rc)
			rc = mp_histogram_merge(into, &h);
		if (rc)
			break;
		invocations++;
	}
	mp_query_close(&q);
	if (rc == -ENOMEM)
		return mp_store_no_memory(s, err);
	if (rc == -EBADMSG)
		return mp_store_damaged(s, "read a histogram", err);
	if (!rc)
		*ret_invocations = invocations;
	return rc;
}

struct profiles {
	enum mp_population population;
	struct mp_store *store;
	float *rows;
	size_t count;
};

/* The one row of the mode and population that is asked for. */
static int take_profiles(void *user, const struct mp_point_row *row, struct mp_err *err)
{
	struct profiles *p = user;
	size_t size = row->points.n * MP_PROFILE_COUNT * sizeof(float);

	if (row->mode != MP_MODE_CALL || row->population != p->population || !row->points.profile ||
	    p->rows)
		return 0;
	p->rows = malloc(size ? size : 1);
	if (!p->rows)
		return mp_store_no_memory(p->store, err);
	memcpy(p->rows, row->points.profile, size);
	p->count = row->points.n;
	return 0;
}

static int stored_profiles(struct mp_store *s, int64_t run_case, struct profiles *p,
			   struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT run_case_id, mode, population, n, p50, mean, profile FROM"
			       " point WHERE run_case_id = :run_case AND mode = 'call' AND"
			       " population = :population",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_text(&q, ":population", mp_population_name(p->population));
	rc = mp_query_step(&q, "read the quantiles", err);
	if (rc > 0) {
		struct mp_point_row row;

		rc = mp_point_row_read(&q, &row) ? mp_store_damaged(s, "read the quantiles", err)
						 : take_profiles(p, &row, err);
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_case_profiles(struct mp_store *s, int64_t run_case, enum mp_population population,
			   float **ret_rows, size_t *ret_count, struct mp_err *err)
{
	struct profiles p = { .population = population, .store = s };
	bool stored;
	int rc = mp_store_has_points(s, &stored, err);

	if (rc)
		return rc;
	rc = stored ? stored_profiles(s, run_case, &p, err)
		    : mp_points_build(s, run_case, run_case, take_profiles, &p, err);
	if (rc) {
		free(p.rows);
		return rc;
	}
	*ret_rows = p.rows;
	*ret_count = p.count;
	return 0;
}

/* ---- invocations ---- */

static int fill_value(struct mp_query *q, enum mp_mode mode, struct mp_invocation_value *value)
{
	*value = (struct mp_invocation_value){
		.ordinal = (unsigned)mp_column_int(q, 0),
		.reason = mp_column_text(q, 2),
		.started_ns = mp_column_int(q, 3),
		.blocks = (unsigned)mp_column_int(q, 4),
		.flagged_blocks = (unsigned)mp_column_int(q, 5),
		.cpus = mp_column_text(q, 6),
	};
	for (int p = 0; p < 2; p++) {
		value->n[p] = (uint64_t)mp_column_int(q, 7 + 2 * p);
		value->value[p] = mp_store_counts(mode, (enum mp_population)p, value->n[p])
					  ? mp_column_real(q, 8 + 2 * p)
					  : NAN;
	}
	return mp_outcome_parse(mp_column_text(q, 1), &value->outcome);
}

int mp_store_case_each_value(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			     int (*each)(void *user, const struct mp_invocation_value *value),
			     void *user, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT i.ordinal, i.outcome, i.reason, i.started_ns, i.blocks, i.flagged_blocks,"
		" i.cpus, a.n, iif(:mode = 'rate', a.mean, a.p50),"
		" c.n, iif(:mode = 'rate', c.mean, c.p50) FROM invocation i"
		" LEFT JOIN invocation_stat a ON a.invocation_id = i.invocation_id AND"
		" a.mode = :mode AND a.population = 'all'"
		" LEFT JOIN invocation_stat c ON c.invocation_id = i.invocation_id AND"
		" c.mode = :mode AND c.population = 'calm'"
		" WHERE i.run_case_id = :run_case ORDER BY i.ordinal",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_text(&q, ":mode", mp_mode_name(mode));
	while ((rc = mp_query_step(&q, "read the invocations", err)) > 0) {
		struct mp_invocation_value value;

		rc = fill_value(&q, mode, &value) ? mp_store_damaged(s, "read the invocations", err)
						  : each(user, &value);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

/* ---- the cases beside it ---- */

static int add_param(struct mp_query *q, struct mp_params *params)
{
	struct mp_param *p = &params->items[params->count];
	const char *kind = mp_column_text(q, 13);

	if (params->count == MP_PARAMS_MAX)
		return -EBADMSG;
	mp_column_buffer(q, 12, p->axis, sizeof(p->axis));
	mp_column_buffer(q, 14, p->word, sizeof(p->word));
	p->number = (uint64_t)mp_column_int(q, 15);
	for (int k = MP_AXIS_SIZE; k <= MP_AXIS_CHOICE; k++) {
		if (strcmp(mp_axis_kind_name((enum mp_axis_kind)k), kind))
			continue;
		p->kind = (enum mp_axis_kind)k;
		params->count++;
		return 0;
	}
	return -EBADMSG;
}

static int fill_sibling(struct mp_query *q, struct mp_sibling *c)
{
	*c = (struct mp_sibling){ .run_case = mp_column_int(q, 0),
				  .bytes = (uint64_t)mp_column_int(q, 4),
				  .has_value = sqlite3_column_type(q->stmt, 5) != SQLITE_NULL };
	if (mp_outcome_parse(mp_column_text(q, 2), &c->outcome) ||
	    (c->has_value && mp_mode_parse(mp_column_text(q, 5), &c->mode)))
		return -EBADMSG;
	c->population =
		!strcmp(mp_column_text(q, 6), "calm") ? MP_POPULATION_CALM : MP_POPULATION_ALL;
	c->value = mp_estimate_median(NULL, 0);
	if (!c->has_value)
		return 0;
	c->value.n = (uint64_t)mp_column_int(q, 7);
	c->value.value = mp_column_real(q, 8);
	c->value.low = mp_column_real(q, 9);
	c->value.high = mp_column_real(q, 10);
	c->value.level = mp_column_real(q, 11);
	return 0;
}

/* A row per case and axis, those of one case together. */
struct siblings {
	struct mp_sibling at;
	char text[MP_CASE_TEXT_MAX], reason[MP_REASON_TEXT];
	bool open; /* `at` holds a case that was not handed out yet */
	int (*each)(void *user, const struct mp_sibling *sibling);
	void *user;
};

static int hand_out(struct siblings *list)
{
	if (!list->open)
		return 0;
	list->open = false;
	list->at.text = list->text;
	list->at.reason = list->reason;
	return list->each(list->user, &list->at);
}

static int add_row(struct mp_store *s, struct mp_query *q, struct siblings *list,
		   struct mp_err *err)
{
	int rc;

	if (!list->open || list->at.run_case != mp_column_int(q, 0)) {
		rc = hand_out(list);
		if (rc)
			return rc;
		if (fill_sibling(q, &list->at))
			return mp_store_damaged(s, "read the cases", err);
		mp_column_buffer(q, 1, list->text, sizeof(list->text));
		mp_column_buffer(q, 3, list->reason, sizeof(list->reason));
		list->open = true;
	}
	/* A benchmark without axes has one row, and no axis in it. */
	if (sqlite3_column_type(q->stmt, 12) != SQLITE_NULL && add_param(q, &list->at.params))
		return mp_store_damaged(s, "read the cases", err);
	return 0;
}

int mp_store_case_siblings(struct mp_store *s, int64_t run_case,
			   int (*each)(void *user, const struct mp_sibling *sibling), void *user,
			   struct mp_err *err)
{
	struct siblings list = { .each = each, .user = user };
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT c.run_case_id, k.text, c.outcome, c.reason, k.bytes, c.mode, c.population,"
		" c.n, c.value_ns, c.low_ns, c.high_ns, c.level, p.axis, p.kind, p.word, p.number"
		" FROM run_case mine JOIN kase own ON own.case_id = mine.case_id"
		" JOIN kase k ON k.bench_id = own.bench_id"
		" JOIN run_case c ON c.case_id = k.case_id AND c.run_id = mine.run_id"
		" LEFT JOIN case_param p ON p.case_id = k.case_id"
		" WHERE mine.run_case_id = :run_case ORDER BY c.run_case_id, p.axis",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	while ((rc = mp_query_step(&q, "read the cases", err)) > 0) {
		rc = add_row(s, &q, &list, err);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc ? rc : hand_out(&list);
}

/* ---- checks ---- */

int mp_store_case_checks(struct mp_store *s, int64_t run_case,
			 int (*each)(void *user, const struct mp_check_total *check), void *user,
			 struct mp_err *err)
{
	struct mp_query q;
	/* With max() the bare column is that of the row that has it: the detail of a failure where there is one. */
	int rc = mp_query_open(
		s, &q,
		"SELECT r.name, sum(r.passed), sum(r.failed), r.detail, max(r.failed > 0) FROM"
		" invocation i JOIN check_result r USING (invocation_id)"
		" WHERE i.run_case_id = :run_case GROUP BY r.name ORDER BY min(r.position), r.name",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	while ((rc = mp_query_step(&q, "read the checks", err)) > 0) {
		const struct mp_check_total check = { .name = mp_column_text(&q, 0),
						      .passed = (uint64_t)mp_column_int(&q, 1),
						      .failed = (uint64_t)mp_column_int(&q, 2),
						      .detail = mp_column_text(&q, 3) };

		rc = each(user, &check);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}
