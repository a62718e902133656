/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Table `point`: a case's values per invocation, ready to be read in one pass; computed from invocation_stat and
 * histogram, so that they can be had again at any time (end of a case, migration, check, files of schema 1).
 */
#include "results/store_points.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "blobs of points are little-endian");

int mp_mode_index(enum mp_mode mode)
{
	return mode == MP_MODE_CALL ? 0 : mode == MP_MODE_BATCH ? 1 : 2;
}

struct item {
	double p50, mean;
	float profile[MP_PROFILE_COUNT];
};

/* The rows of one case while its invocations are read. */
struct group {
	struct item *items;
	size_t n, cap;
};

struct builder {
	struct mp_store *store;
	int64_t run_case;
	struct group groups[MP_MODE_COUNT][2];
	int (*each)(void *user, const struct mp_point_row *row, struct mp_err *err);
	void *user;
};

static void builder_done(struct builder *b)
{
	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++)
			free(b->groups[m][p].items);
	}
}

/* Hands out one row, its columns side by side. */
static int hand_out(const struct builder *b, int m, int p, struct mp_err *err)
{
	const struct group *g = &b->groups[m][p];
	double *values = malloc(2 * g->n * sizeof(*values));
	float *profile = malloc(g->n * sizeof(g->items->profile));
	const bool call = mp_store_modes[m] == MP_MODE_CALL;
	struct mp_point_row row = {
		.run_case = b->run_case,
		.mode = mp_store_modes[m],
		.population = (enum mp_population)p,
		.points = { g->n, values, values + g->n, call ? profile : NULL },
	};
	int rc;

	for (size_t i = 0; values && profile && i < g->n; i++) {
		values[i] = g->items[i].p50;
		values[g->n + i] = g->items[i].mean;
		memcpy(profile + i * MP_PROFILE_COUNT, g->items[i].profile,
		       sizeof(g->items[i].profile));
	}
	rc = values && profile ? b->each(b->user, &row, err) : mp_store_no_memory(b->store, err);
	free(values);
	free(profile);
	return rc;
}

/* Hands out the rows of the case that was read last. */
static int flush(struct builder *b, struct mp_err *err)
{
	int rc = 0;

	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++) {
			if (!rc && b->groups[m][p].n)
				rc = hand_out(b, m, p, err);
			b->groups[m][p].n = 0;
		}
	}
	return rc;
}

/* Columns mode, population, n, p50, mean, histogram, step from 1 on. */
static int add(struct builder *b, struct mp_query *q, struct mp_err *err)
{
	MP_CLEANUP(mp_histogram_done) struct mp_histogram h = { 0 };
	enum mp_population population =
		!strcmp(mp_column_text(q, 2), "calm") ? MP_POPULATION_CALM : MP_POPULATION_ALL;
	enum mp_mode mode;
	const void *blob;
	struct group *g;
	struct item *item;
	int rc;

	if (mp_mode_parse(mp_column_text(q, 1), &mode))
		return mp_store_damaged(b->store, "read the statistics of an invocation", err);
	if (!mp_population_counts(population, mode, (uint64_t)mp_column_int(q, 3)))
		return 0;
	g = &b->groups[mp_mode_index(mode)][population];
	if (g->n >= MP_STORE_ROWS_MAX)
		return mp_store_damaged(b->store, "read the statistics of an invocation", err);
	item = mp_vec_push((void **)&g->items, &g->n, &g->cap, sizeof(*item));
	if (!item)
		return mp_store_no_memory(b->store, err);
	item->p50 = mp_column_real(q, 4);
	item->mean = mp_column_real(q, 5);
	blob = sqlite3_column_blob(q->stmt, 6);
	/* Without its histogram an invocation has no profile: then h is empty. */
	rc = blob ? mp_histogram_decode(blob, (size_t)sqlite3_column_bytes(q->stmt, 6), &h) : 0;
	if (rc == -ENOMEM)
		return mp_store_no_memory(b->store, err);
	if (rc)
		return mp_store_damaged(b->store, "read a histogram", err);
	mp_profile_of(&h, mp_column_real(q, 7), item->profile);
	return 0;
}

int mp_points_build(struct mp_store *s, int64_t first, int64_t last,
		    int (*each)(void *user, const struct mp_point_row *row, struct mp_err *err),
		    void *user, struct mp_err *err)
{
	MP_CLEANUP(builder_done)
	struct builder b = { .store = s, .each = each, .user = user };
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT i.run_case_id, t.mode, t.population, t.n, t.p50, t.mean, h.blob,"
		" r.clock_step_ns FROM invocation i JOIN invocation_stat t USING (invocation_id)"
		" JOIN run_case c USING (run_case_id) JOIN run r USING (run_id)"
		" LEFT JOIN histogram h ON h.invocation_id = t.invocation_id AND"
		" h.population = t.population AND t.mode = 'call'"
		" WHERE i.run_case_id BETWEEN :first AND :last AND i.outcome IN ('ok', 'invalid')"
		" ORDER BY i.run_case_id, i.ordinal",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":first", first);
	mp_bind_int(&q, ":last", last);
	while ((rc = mp_query_step(&q, "read the statistics of invocations", err)) > 0) {
		if (mp_column_int(&q, 0) != b.run_case) {
			rc = flush(&b, err);
			b.run_case = mp_column_int(&q, 0);
		}
		rc = rc < 0 ? rc : add(&b, &q, err);
		if (rc < 0)
			break;
	}
	mp_query_close(&q);
	return rc ? rc : flush(&b, err);
}

int mp_store_has_points(struct mp_store *s, bool *ret_has, struct mp_err *err)
{
	struct mp_query q;
	int64_t tables = 0;
	int rc = mp_query_open(
		s, &q, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'point'",
		err);

	if (!rc)
		rc = mp_query_int(&q, "read the schema", 0, &tables, err);
	if (!rc)
		*ret_has = tables > 0;
	return rc;
}

/* ---- storing ---- */

static int put(void *user, const struct mp_point_row *row, struct mp_err *err)
{
	const struct mp_points *points = &row->points;
	struct mp_store *s = user;
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "INSERT INTO point (run_case_id, mode, population, n, p50, mean,"
			       " profile) VALUES (:run_case, :mode, :population, :n, :p50, :mean,"
			       " :profile)",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", row->run_case);
	mp_bind_text(&q, ":mode", mp_mode_name(row->mode));
	mp_bind_text(&q, ":population", mp_population_name(row->population));
	mp_bind_int(&q, ":n", (int64_t)points->n);
	mp_bind_blob(&q, ":p50", points->p50, points->n * sizeof(double));
	mp_bind_blob(&q, ":mean", points->mean, points->n * sizeof(double));
	if (points->profile)
		mp_bind_blob(&q, ":profile", points->profile,
			     points->n * MP_PROFILE_COUNT * sizeof(float));
	return mp_query_run(&q, "store the values of a case", err);
}

int mp_store_points_put(struct mp_store *s, int64_t run_case, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "DELETE FROM point WHERE run_case_id = :run_case", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	rc = mp_query_run(&q, "store the values of a case", err);
	return rc ? rc : mp_points_build(s, run_case, run_case, put, s, err);
}

int mp_store_points_put_all(struct mp_store *s, struct mp_err *err)
{
	return mp_points_build(s, 0, INT64_MAX, put, s, err);
}

/* ---- reading and verifying rows ---- */

int mp_point_row_read(struct mp_query *q, struct mp_point_row *ret_row)
{
	struct mp_point_row row = { .run_case = mp_column_int(q, 0) };
	int64_t n = mp_column_int(q, 3), values, profile;
	bool call;

	if (mp_mode_parse(mp_column_text(q, 1), &row.mode) || n < 1 || n > MP_STORE_ROWS_MAX)
		return -EBADMSG;
	values = n * (int64_t)sizeof(double);
	profile = n * (int64_t)(MP_PROFILE_COUNT * sizeof(float));
	row.population =
		!strcmp(mp_column_text(q, 2), "calm") ? MP_POPULATION_CALM : MP_POPULATION_ALL;
	row.points.n = (size_t)n;
	row.points.p50 = sqlite3_column_blob(q->stmt, 4);
	row.points.mean = sqlite3_column_blob(q->stmt, 5);
	row.points.profile = sqlite3_column_blob(q->stmt, 6);
	call = row.mode == MP_MODE_CALL;
	if (!row.points.p50 || sqlite3_column_bytes(q->stmt, 4) != values || !row.points.mean ||
	    sqlite3_column_bytes(q->stmt, 5) != values || call != (row.points.profile != NULL) ||
	    (call && sqlite3_column_bytes(q->stmt, 6) != profile))
		return -EBADMSG;
	*ret_row = row;
	return 0;
}

static double real_at(const void *blob, size_t i)
{
	double value;

	memcpy(&value, (const char *)blob + i * sizeof(value), sizeof(value));
	return value;
}

static float float_at(const void *blob, size_t i)
{
	float value;

	memcpy(&value, (const char *)blob + i * sizeof(value), sizeof(value));
	return value;
}

static bool near(double a, double b, double slack)
{
	return isnan(a) || isnan(b) ? isnan(a) && isnan(b) : fabs(a - b) <= slack + 1e-6 * fabs(a);
}

/* Profiles within a clock step: a resumed run has measured its step anew. Where retention has taken the histogram there
 * is nothing to compare with. */
static bool same_row(const struct mp_points *a, const struct mp_points *b, double step)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < b->n; i++) {
		if (!near(real_at(a->p50, i), b->p50[i], 0) ||
		    !near(real_at(a->mean, i), b->mean[i], 0))
			return false;
	}
	for (size_t i = 0; b->profile && i < b->n * MP_PROFILE_COUNT; i++) {
		if (!isnan(b->profile[i]) &&
		    !near((double)float_at(a->profile, i), (double)b->profile[i], step))
			return false;
	}
	return true;
}

struct verify {
	struct mp_store *store;
	void (*problem)(void *user, int64_t run_case, const char *what);
	void *user;
	int64_t rows;
};

static int verify(void *user, const struct mp_point_row *want, struct mp_err *err)
{
	struct verify *v = user;
	struct mp_point_row got;
	struct mp_query q;
	char what[64];
	bool same;
	/* An unfinished case has none yet, or those of before it went on. */
	int rc = mp_query_open(
		v->store, &q,
		"SELECT p.run_case_id, p.mode, p.population, p.n, p.p50, p.mean, p.profile,"
		" r.clock_step_ns FROM run_case c JOIN run r USING (run_id) LEFT JOIN point p ON"
		" p.run_case_id = c.run_case_id AND p.mode = :mode AND p.population = :population"
		" WHERE c.run_case_id = :run_case AND c.outcome <> 'pending'",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", want->run_case);
	mp_bind_text(&q, ":mode", mp_mode_name(want->mode));
	mp_bind_text(&q, ":population", mp_population_name(want->population));
	rc = mp_query_step(&q, "read the values of a case", err);
	same = !rc || (!mp_point_row_read(&q, &got) &&
		       same_row(&got.points, &want->points, mp_column_real(&q, 7)));
	v->rows += rc > 0 && sqlite3_column_type(q.stmt, 0) != SQLITE_NULL;
	snprintf(what, sizeof(what), "%s values of %s samples", mp_mode_name(want->mode),
		 mp_population_name(want->population));
	if (rc >= 0 && !same)
		v->problem(v->user, want->run_case, what);
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}

int mp_store_points_verify(struct mp_store *s,
			   void (*problem)(void *user, int64_t run_case, const char *what),
			   void *user, int64_t *ret_strays, struct mp_err *err)
{
	struct verify v = { .store = s, .problem = problem, .user = user };
	struct mp_query q;
	int64_t rows = 0;
	bool has = false;
	int rc = mp_store_has_points(s, &has, err);

	if (!rc && !has)
		*ret_strays = 0;
	if (rc || !has)
		return rc;
	rc = mp_points_build(s, 0, INT64_MAX, verify, &v, err);
	if (!rc)
		rc = mp_query_open(s, &q,
				   "SELECT count(*) FROM point JOIN run_case c USING (run_case_id)"
				   " WHERE c.outcome <> 'pending'",
				   err);
	if (!rc)
		rc = mp_query_int(&q, "count the values", 0, &rows, err);
	if (!rc)
		*ret_strays = rows - v.rows;
	return rc;
}
