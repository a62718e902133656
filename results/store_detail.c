/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading one case closely: see detail.h. */
#include "results/detail.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
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

		rc = mp_histogram_decode(blob, (size_t)sqlite3_column_bytes(q.stmt, 0), &h);
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
		value->value[p] = mp_population_counts((enum mp_population)p, mode, value->n[p])
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
	const char *kind = mp_column_text(q, 1);

	if (params->count == MP_PARAMS_MAX)
		return -EBADMSG;
	mp_column_buffer(q, 0, p->axis, sizeof(p->axis));
	mp_column_buffer(q, 2, p->word, sizeof(p->word));
	p->number = (uint64_t)mp_column_int(q, 3);
	for (int k = MP_AXIS_SIZE; k <= MP_AXIS_CHOICE; k++) {
		if (strcmp(mp_axis_kind_name((enum mp_axis_kind)k), kind))
			continue;
		p->kind = (enum mp_axis_kind)k;
		params->count++;
		return 0;
	}
	return -EBADMSG;
}

int mp_store_case_params(struct mp_store *s, int64_t run_case, struct mp_params *ret_params,
			 struct mp_err *err)
{
	static const char doing[] = "read the parameters of a case";
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT p.axis, p.kind, p.word, p.number FROM run_case c"
			       " JOIN case_param p USING (case_id)"
			       " WHERE c.run_case_id = :run_case ORDER BY p.axis",
			       err);

	if (rc)
		return rc;
	*ret_params = (struct mp_params){ .count = 0 };
	mp_bind_int(&q, ":run_case", run_case);
	while ((rc = mp_query_step(&q, doing, err)) > 0) {
		rc = add_param(&q, ret_params) ? mp_store_damaged(s, doing, err) : 0;
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

static int fill_sibling(struct mp_query *q, struct mp_sibling *c)
{
	*c = (struct mp_sibling){ .run_case = mp_column_int(q, 0),
				  .word = mp_column_text(q, 1),
				  .number = (uint64_t)mp_column_int(q, 2),
				  .bytes = (uint64_t)mp_column_int(q, 4),
				  .has_value = sqlite3_column_type(q->stmt, 5) != SQLITE_NULL };
	if (mp_outcome_parse(mp_column_text(q, 3), &c->outcome) ||
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

/* `before`: "bench/.../axis=" of the text; *ret_behind: what follows the value. false: it has no such axis. */
static bool take_apart(const char *text, const char *axis, char before[MP_CASE_TEXT_MAX],
		       const char **ret_behind)
{
	const size_t len = strlen(axis);

	for (const char *at = strchr(text, '/'); at; at = strchr(at + 1, '/')) {
		if (strncmp(at + 1, axis, len) != 0 || at[1 + len] != '=')
			continue;
		snprintf(before, MP_CASE_TEXT_MAX, "%.*s", (int)(at + len + 2 - text), text);
		*ret_behind = at + 1 + strcspn(at + 1, "/");
		return true;
	}
	return false;
}

int mp_store_case_siblings(struct mp_store *s, int64_t run_case, const char *text, const char *axis,
			   int (*each)(void *user, const struct mp_sibling *sibling), void *user,
			   struct mp_err *err)
{
	static const char doing[] = "read the cases";
	char before[MP_CASE_TEXT_MAX], end[MP_CASE_TEXT_MAX];
	const char *behind;
	struct mp_query q;
	int rc;

	if (!take_apart(text, axis, before, &behind))
		return 0;
	/* No text between the two but those that begin like the first. */
	memcpy(end, before, sizeof(end));
	end[strlen(end) - 1]++;
	/* The crosses keep the order: texts alone are looked at, in their index, until one is on the line. */
	rc = mp_query_open(
		s, &q,
		"SELECT c.run_case_id, p.word, p.number, c.outcome, k.bytes, c.mode, c.population,"
		" c.n, c.value_ns, c.low_ns, c.high_ns, c.level FROM run_case mine"
		" CROSS JOIN kase own ON own.case_id = mine.case_id"
		" CROSS JOIN kase k ON k.bench_id = own.bench_id AND k.text >= :before AND"
		" k.text < :end AND substr(k.text, length(k.text) - length(:behind) + 1) = :behind"
		" CROSS JOIN case_param p ON p.case_id = k.case_id AND p.axis = :axis AND"
		" k.text = :before || p.word || :behind"
		" CROSS JOIN run_case c ON c.case_id = k.case_id AND c.run_id = mine.run_id"
		" WHERE mine.run_case_id = :run_case ORDER BY p.number",
		err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_text(&q, ":before", before);
	mp_bind_text(&q, ":end", end);
	mp_bind_text(&q, ":behind", behind);
	mp_bind_text(&q, ":axis", axis);
	while ((rc = mp_query_step(&q, doing, err)) > 0) {
		struct mp_sibling sibling;

		rc = fill_sibling(&q, &sibling) ? mp_store_damaged(s, doing, err)
						: each(user, &sibling);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
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
