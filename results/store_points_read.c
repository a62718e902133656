/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A run with one value per invocation in memory: see points.h.
 *
 * Two statements whatever the number of cases, in one read transaction: the cases, then the values, which are
 * matched by the id of the case. Ids of a run are dense, so the values are a range of the table; a stray row of
 * another run inside it is passed over. Texts and values live in chunks, because a million small allocations cost
 * more than reading them.
 */
#include "results/store_points.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"

#define CHUNK (1 << 20)

struct mp_points_chunk {
	struct mp_points_chunk *next;
	size_t used, size;
	_Alignas(16) char data[];
};

void mp_points_run_done(struct mp_points_run *run)
{
	while (run->chunks) {
		struct mp_points_chunk *next = run->chunks->next;

		free(run->chunks);
		run->chunks = next;
	}
	free(run->cases);
	*run = (struct mp_points_run){ 0 };
}

/* Room for `size` bytes that lives as long as the run; NULL when memory ran out. */
static void *take(struct mp_points_run *run, size_t size, size_t align)
{
	struct mp_points_chunk *chunk = run->chunks;
	size_t at = chunk ? (chunk->used + align - 1) / align * align : 0;

	if (!chunk || at + size > chunk->size) {
		size_t room = size > CHUNK ? size : CHUNK;

		chunk = malloc(sizeof(*chunk) + room);
		if (!chunk)
			return NULL;
		*chunk = (struct mp_points_chunk){ .next = run->chunks, .size = room };
		run->chunks = chunk;
		at = 0;
	}
	chunk->used = at + size;
	return chunk->data + at;
}

static const void *keep(struct mp_points_run *run, const void *data, size_t size, size_t align)
{
	void *copy = take(run, size, align);

	return copy ? memcpy(copy, data, size) : NULL;
}

struct reader {
	struct mp_store *store;
	struct mp_points_run run;
	size_t cap;
	size_t at; /* the case of the last row */
};

static void reader_done(struct reader *r)
{
	mp_points_run_done(&r->run);
}

/* A text of the file; the same as the neighbour's where they are equal, as names of benchmarks mostly are. */
static int text(struct reader *r, struct mp_query *q, int column, const char *neighbour,
		const char **ret_text)
{
	const char *value = mp_column_text(q, column);

	if (neighbour && !strcmp(value, neighbour))
		*ret_text = neighbour;
	else
		*ret_text = keep(&r->run, value, strlen(value) + 1, 1);
	return *ret_text ? 0 : -ENOMEM;
}

static int parse_resolution(struct mp_query *q, int column, enum mp_resolution *ret_resolution)
{
	*ret_resolution = MP_RESOLUTION_BATCH_ONLY;
	if (sqlite3_column_type(q->stmt, column) == SQLITE_NULL)
		return 0;
	for (int i = MP_RESOLUTION_PER_CALL; i <= MP_RESOLUTION_BATCH_ONLY; i++) {
		if (!strcmp(mp_resolution_name((enum mp_resolution)i), mp_column_text(q, column))) {
			*ret_resolution = (enum mp_resolution)i;
			return 0;
		}
	}
	return -EBADMSG;
}

static int add_case(struct reader *r, struct mp_query *q)
{
	struct mp_points_case *c =
		mp_vec_push((void **)&r->run.cases, &r->run.n_cases, &r->cap, sizeof(*c));
	const struct mp_points_case none = { 0 };
	const struct mp_points_case *last = c && r->run.n_cases > 1 ? c - 1 : &none;

	if (!c)
		return -ENOMEM;
	if (r->run.n_cases > MP_STORE_ROWS_MAX)
		return -EBADMSG;
	if (text(r, q, 1, NULL, &c->text) || text(r, q, 2, last->bench, &c->bench) ||
	    text(r, q, 3, last->family, &c->family) || text(r, q, 4, last->unit, &c->unit) ||
	    text(r, q, 5, last->reason, &c->reason) || text(r, q, 14, last->kind, &c->kind))
		return -ENOMEM;
	c->run_case = mp_column_int(q, 0);
	c->version = (unsigned)mp_column_int(q, 6);
	c->bytes = (uint64_t)mp_column_int(q, 7);
	if (mp_outcome_parse(mp_column_text(q, 8), &c->outcome) ||
	    parse_resolution(q, 9, &c->resolution))
		return -EBADMSG;
	c->has_value = sqlite3_column_type(q->stmt, 10) != SQLITE_NULL;
	c->value = mp_column_real(q, 12);
	c->cv = mp_column_real(q, 13);
	c->within = mp_column_real(q, 15);
	c->between = mp_column_real(q, 16);
	c->block_ns = mp_column_real(q, 17);
	if (c->has_value && mp_mode_parse(mp_column_text(q, 10), &c->mode))
		return -EBADMSG;
	c->population =
		!strcmp(mp_column_text(q, 11), "calm") ? MP_POPULATION_CALM : MP_POPULATION_ALL;
	return 0;
}

static int by_text(const void *left, const void *right)
{
	const struct mp_points_case *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : (a->run_case > b->run_case) - (a->run_case < b->run_case);
}

static int by_run_case(const void *left, const void *right)
{
	const struct mp_points_case *a = left, *b = right;

	return (a->run_case > b->run_case) - (a->run_case < b->run_case);
}

/* Cases come in the order in which the run began them, mostly; sorting what is sorted takes its time, too. */
static void sort_by_run_case(struct mp_points_case *cases, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (cases[i - 1].run_case > cases[i].run_case) {
			qsort(cases, n, sizeof(*cases), by_run_case);
			return;
		}
	}
}

/* In the order of run_case. */
static int read_cases(struct reader *r, int64_t run, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		r->store, &q,
		"SELECT c.run_case_id, k.text, b.name, b.family, b.unit, c.reason, b.version,"
		" k.bytes, c.outcome, c.resolution, c.mode, c.population, c.value_ns, "
		"c.cv, " MP_KIND_OF_CASE ", v.s1_within, v.t2_between, v.block_ns"
		" FROM run_case c JOIN kase k USING (case_id) JOIN bench b USING (bench_id)"
		" LEFT JOIN variance v USING (run_case_id) WHERE c.run_id = :run",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	while ((rc = mp_query_step(&q, "read the cases", err)) > 0) {
		rc = add_case(r, &q);
		if (rc == -ENOMEM)
			mp_store_no_memory(r->store, err);
		else if (rc)
			mp_store_damaged(r->store, "read the cases", err);
		if (rc)
			break;
	}
	mp_query_close(&q);
	if (!rc)
		sort_by_run_case(r->run.cases, r->run.n_cases);
	return rc;
}

/* Rows come in the order of their cases. */
static int add_row(void *user, const struct mp_point_row *row, struct mp_err *err)
{
	struct reader *r = user;
	struct mp_points *points;
	const size_t n = row->points.n;

	while (r->at < r->run.n_cases && r->run.cases[r->at].run_case < row->run_case)
		r->at++;
	if (r->at == r->run.n_cases || r->run.cases[r->at].run_case != row->run_case)
		return 0;
	points = &r->run.cases[r->at].points[mp_mode_index(row->mode)][row->population];
	points->n = n;
	*(row->mode == MP_MODE_RATE ? &points->mean : &points->p50) =
		keep(&r->run, mp_points_values(&row->points, row->mode), n * sizeof(double),
		     sizeof(double));
	if (row->mode == MP_MODE_CALL)
		points->mean = keep(&r->run, row->points.mean, n * sizeof(double), sizeof(double));
	if (row->points.profile)
		points->profile = keep(&r->run, row->points.profile,
				       n * MP_PROFILE_COUNT * sizeof(float), sizeof(float));
	if (!mp_points_values(points, row->mode) || (row->mode == MP_MODE_CALL && !points->mean) ||
	    (row->points.profile && !points->profile))
		return mp_store_no_memory(r->store, err);
	return 0;
}

static int read_points(struct reader *r, int64_t first, int64_t last, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(r->store, &q,
			       "SELECT run_case_id, mode, population, n, p50, mean, profile FROM"
			       " point WHERE run_case_id BETWEEN :first AND :last"
			       " ORDER BY run_case_id",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":first", first);
	mp_bind_int(&q, ":last", last);
	while ((rc = mp_query_step(&q, "read the values", err)) > 0) {
		struct mp_point_row row;

		rc = mp_point_row_read(&q, &row)
			     ? mp_store_damaged(r->store, "read the values", err)
			     : add_row(r, &row, err);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

static int read_run(struct reader *r, int64_t run, struct mp_err *err)
{
	int64_t first, last;
	bool stored;
	int rc = read_cases(r, run, err);

	if (rc || !r->run.n_cases)
		return rc;
	first = r->run.cases[0].run_case;
	last = r->run.cases[r->run.n_cases - 1].run_case;
	rc = mp_store_has_points(r->store, &stored, err);
	if (rc)
		return rc;
	rc = stored ? read_points(r, first, last, err)
		    : mp_points_build(r->store, first, last, add_row, r, err);
	if (!rc)
		qsort(r->run.cases, r->run.n_cases, sizeof(*r->run.cases), by_text);
	return rc;
}

int mp_store_points(struct mp_store *s, int64_t run, struct mp_points_run *ret_run,
		    struct mp_err *err)
{
	MP_CLEANUP(reader_done) struct reader r = { .store = s };
	bool own = sqlite3_get_autocommit(s->db);
	int rc = own ? mp_sql_exec(s, "BEGIN", "read the run", err) : 0;

	if (rc)
		return rc;
	rc = read_run(&r, run, err);
	if (own) {
		int ended = mp_sql_exec(s, "COMMIT", "read the run", rc ? NULL : err);

		rc = rc ? rc : ended;
	}
	if (rc)
		return rc;
	*ret_run = r.run;
	r.run = (struct mp_points_run){ 0 };
	return 0;
}

int mp_store_machine_runs(struct mp_store *s, const char *machine, int64_t **ret_runs,
			  size_t *ret_count, struct mp_err *err)
{
	int64_t *runs = NULL;
	size_t count = 0, cap = 0;
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT run_id FROM run r JOIN machine m USING (machine_id) WHERE m.key = :key AND"
		" status <> 'running' AND NOT EXISTS (SELECT 1 FROM"
		" run_tag t WHERE t.run_id = r.run_id AND t.key IN ('confirms', 'bisect'))"
		" ORDER BY started_ns DESC, run_id DESC",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":key", machine);
	while ((rc = mp_query_step(&q, "read the runs", err)) > 0) {
		int64_t *slot = mp_vec_push((void **)&runs, &count, &cap, sizeof(*slot));

		if (!slot || count > MP_STORE_ROWS_MAX) {
			rc = slot ? mp_store_damaged(s, "read the runs", err)
				  : mp_store_no_memory(s, err);
			break;
		}
		*slot = mp_column_int(&q, 0);
	}
	mp_query_close(&q);
	if (rc) {
		free(runs);
		return rc;
	}
	*ret_runs = runs;
	*ret_count = count;
	return 0;
}
