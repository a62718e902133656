/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cases of a run with one value per invocation: see points.h.
 *
 * Two statements whatever the number of cases, in one read transaction: the cases and the values, both in the order of
 * the ids of cases, so that one pass goes along both. Ids of a run are dense, so they are a range of either table; a stray
 * row of another run inside it is passed over.
 */
#include "results/store_points.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

/* ---- values in one piece: of each mode and population the values, of single calls their means and profiles, too ---- */

static size_t size_of(size_t n, int mode)
{
	size_t calls = n * (sizeof(double) + MP_PROFILE_COUNT * sizeof(float));

	return n * sizeof(double) + (mode == 0 ? (calls + 7) / 8 * 8 : 0);
}

/* Tells the points where their values are. */
static void lie_at(struct mp_points *points, int mode, const void *values)
{
	const double *numbers = values;

	*(mode == 2 ? &points->mean : &points->p50) = numbers;
	if (mode == 0) {
		points->mean = numbers + points->n;
		points->profile = (const void *)(numbers + 2 * points->n);
	}
}

/* The inverse: `points` may be aligned for nothing. */
static void gather(const struct mp_points *points, int mode, void *ret_values)
{
	char *at = ret_values;
	const size_t size = points->n * sizeof(double);

	memcpy(at, mode == 2 ? points->mean : points->p50, size);
	if (mode == 0) {
		memcpy(at + size, points->mean, size);
		memcpy(at + 2 * size, points->profile,
		       points->n * MP_PROFILE_COUNT * sizeof(float));
	}
}

size_t mp_points_size(const struct mp_points_case *c)
{
	size_t size = 0;

	for (int m = 0; m < MP_MODE_COUNT; m++)
		size += size_of(c->points[m][0].n, m) + size_of(c->points[m][1].n, m);
	return size;
}

void mp_points_pack(const struct mp_points_case *c, void *ret_values)
{
	char *at = ret_values;

	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++) {
			if (!c->points[m][p].n)
				continue;
			gather(&c->points[m][p], m, at);
			at += size_of(c->points[m][p].n, m);
		}
	}
}

void mp_points_unpack(struct mp_points_case *c, const void *values)
{
	const char *at = values;

	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++) {
			if (!c->points[m][p].n)
				continue;
			lie_at(&c->points[m][p], m, at);
			at += size_of(c->points[m][p].n, m);
		}
	}
}

/* ---- a run in memory ---- */

void mp_points_run_done(struct mp_points_run *run)
{
	mp_arena_done(&run->memory);
	free(run->cases);
	*run = (struct mp_points_run){ 0 };
}

int mp_points_keep(struct mp_points_run *run, const struct mp_points_case *c)
{
	struct mp_points_case *mine =
		mp_vec_push((void **)&run->cases, &run->n_cases, &run->cap_cases, sizeof(*mine));
	const char *near = mine && run->n_cases > 1 ? mine[-1].reason : NULL;
	void *values;

	if (!mine)
		return -ENOMEM;
	*mine = *c;
	mine->text = mp_arena_text(&run->memory, c->text);
	/* Most cases have the reason of their neighbour, or none. */
	mine->reason =
		near && !strcmp(near, c->reason) ? near : mp_arena_text(&run->memory, c->reason);
	values = mp_arena_take(&run->memory, mp_points_size(c), sizeof(double));
	if (!mine->text || !mine->reason || !values) {
		run->n_cases--;
		return -ENOMEM;
	}
	mp_points_pack(c, values);
	mp_points_unpack(mine, values);
	return 0;
}

/* ---- reading ---- */

struct bench {
	int64_t id;
	const char *name, *family, *unit;
	unsigned version;
};

struct reader {
	struct mp_store *store;
	bool whole;
	struct mp_arena *memory;
	struct bench *benches; /* of the file, by id */
	size_t n_benches, cap_benches;
	const struct bench *bench; /* of the case that is there; NULL at first */
	struct mp_query cases;
	bool there; /* `kase` is one, not handed out yet */
	struct mp_points_case kase;
	size_t count; /* cases that were there */
	struct {
		void *values;
		size_t size;
	} rooms[MP_MODE_COUNT][2]; /* of the case that is there */
	int (*each)(void *user, const struct mp_points_case *c, struct mp_err *err);
	void *user;
};

static void reader_done(struct reader *r)
{
	for (int m = 0; m < MP_MODE_COUNT; m++) {
		free(r->rooms[m][0].values);
		free(r->rooms[m][1].values);
	}
	free(r->benches);
	mp_query_close(&r->cases);
}

/* A text in the memory: the last one again where they are equal. NULL: none left. */
static const char *shared(struct reader *r, const char *text, const char *last)
{
	return last && !strcmp(text, last) ? last : mp_arena_text(r->memory, text);
}

static int read_benches(struct reader *r, struct mp_err *err)
{
	const char *family = NULL, *unit = NULL;
	struct mp_query q;
	int rc = mp_query_open(r->store, &q,
			       "SELECT bench_id, name, family, unit, version FROM bench"
			       " ORDER BY bench_id",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the benchmarks", err)) > 0) {
		struct bench *b = mp_vec_push((void **)&r->benches, &r->n_benches, &r->cap_benches,
					      sizeof(*b));

		if (b) {
			b->id = mp_column_int(&q, 0);
			b->name = mp_arena_text(r->memory, mp_column_text(&q, 1));
			b->family = family = shared(r, mp_column_text(&q, 2), family);
			b->unit = unit = shared(r, mp_column_text(&q, 3), unit);
			b->version = (unsigned)mp_column_int(&q, 4);
		}
		if (!b || !b->name || !family || !unit || r->n_benches > MP_STORE_ROWS_MAX) {
			rc = r->n_benches > MP_STORE_ROWS_MAX
				     ? mp_store_damaged(r->store, "read the benchmarks", err)
				     : mp_store_no_memory(r->store, err);
			break;
		}
	}
	mp_query_close(&q);
	return rc;
}

static int by_id(const void *key, const void *element)
{
	const int64_t *id = key;
	const struct bench *b = element;

	return (*id > b->id) - (*id < b->id);
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

/* The case of the current row, without values. */
static int fill_case(struct reader *r, struct mp_query *q)
{
	const char *kind = shared(r, mp_column_text(q, 11), r->kase.kind);
	struct mp_points_case *c = &r->kase;

	*c = (struct mp_points_case){
		.run_case = mp_column_int(q, 0),
		.text = mp_column_text(q, 1),
		.bench = r->bench->name,
		.family = r->bench->family,
		.unit = r->bench->unit,
		.version = r->bench->version,
		.reason = mp_column_text(q, 3),
		.kind = kind,
		.bytes = (uint64_t)mp_column_int(q, 4),
		.has_value = sqlite3_column_type(q->stmt, 7) != SQLITE_NULL,
		.population = !strcmp(mp_column_text(q, 8), "calm") ? MP_POPULATION_CALM
								    : MP_POPULATION_ALL,
		.value = mp_column_real(q, 9),
		.cv = mp_column_real(q, 10),
		.within = mp_column_real(q, 12),
		.between = mp_column_real(q, 13),
		.block_ns = mp_column_real(q, 14),
	};
	if (!kind)
		return -ENOMEM;
	if (mp_outcome_parse(mp_column_text(q, 5), &c->outcome) ||
	    parse_resolution(q, 6, &c->resolution) ||
	    (c->has_value && mp_mode_parse(mp_column_text(q, 7), &c->mode)))
		return -EBADMSG;
	return ++r->count > MP_STORE_ROWS_MAX ? -EBADMSG : 0;
}

/* Goes to the next case, if there is one. */
static int next_case(struct reader *r, struct mp_err *err)
{
	int rc = 0;

	r->there = false;
	while (!r->there && (rc = mp_query_step(&r->cases, "read the cases", err)) > 0) {
		const int64_t id = mp_column_int(&r->cases, 2);

		if (!r->bench || r->bench->id != id)
			r->bench = r->n_benches ? bsearch(&id, r->benches, r->n_benches,
							  sizeof(*r->benches), by_id)
						: NULL;
		if (!r->bench)
			continue;
		rc = fill_case(r, &r->cases);
		if (rc)
			return rc == -ENOMEM ? mp_store_no_memory(r->store, err)
					     : mp_store_damaged(r->store, "read the cases", err);
		r->there = true;
	}
	return r->there ? 0 : rc;
}

/* Hands out the case that is there, and goes to the next. */
static int hand_out(struct reader *r, struct mp_err *err)
{
	int rc = r->each(r->user, &r->kase, err);

	return rc ? rc : next_case(r, err);
}

/* From the table itself and in its order: the plus keeps the index of runs out. */
#define CASES(more, join)                                                                          \
	"SELECT c.run_case_id, k.text, k.bench_id, c.reason, k.bytes, c.outcome, c.resolution,"    \
	" c.mode, c.population, c.value_ns, c.cv, " more " FROM run_case c CROSS JOIN kase k"      \
	" USING (case_id) " join " WHERE c.run_case_id BETWEEN :first AND :last"                   \
	" AND +c.run_id = :run ORDER BY c.run_case_id"
#define WHOLE                                                                                      \
	CASES(MP_KIND_OF_CASE ", v.s1_within, v.t2_between, v.block_ns",                           \
	      "LEFT JOIN variance v USING (run_case_id)")
#define LEAN CASES("'', NULL, NULL, NULL", "")

static int open_cases(struct reader *r, int64_t run, int64_t first, int64_t last,
		      struct mp_err *err)
{
	int rc = r->whole ? mp_query_open(r->store, &r->cases, WHOLE, err)
			  : mp_query_open(r->store, &r->cases, LEAN, err);

	if (rc)
		return rc;
	mp_bind_int(&r->cases, ":first", first);
	mp_bind_int(&r->cases, ":last", last);
	mp_bind_int(&r->cases, ":run", run);
	return next_case(r, err);
}

/* Rows come in the order of their cases. */
static int add_row(void *user, const struct mp_point_row *row, struct mp_err *err)
{
	struct reader *r = user;
	const int m = mp_mode_index(row->mode);
	struct mp_points *points;
	void **values;
	size_t size;

	while (r->there && r->kase.run_case < row->run_case) {
		int rc = hand_out(r, err);

		if (rc)
			return rc;
	}
	if (!r->there || r->kase.run_case != row->run_case)
		return 0;
	points = &r->kase.points[m][row->population];
	values = &r->rooms[m][row->population].values;
	size = size_of(row->points.n, m);
	if (size > r->rooms[m][row->population].size) {
		free(*values);
		*values = malloc(size);
		r->rooms[m][row->population].size = *values ? size : 0;
		if (!*values)
			return mp_store_no_memory(r->store, err);
	}
	gather(&row->points, m, *values);
	points->n = row->points.n;
	lie_at(points, m, *values);
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

/* The first and the last id of the run's cases; 0: it has none. */
static int find_range(struct mp_store *s, int64_t run, int64_t *ret_first, int64_t *ret_last,
		      struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT min(run_case_id), max(run_case_id) FROM run_case"
			       " WHERE run_id = :run",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", run);
	rc = mp_query_step(&q, "read the cases", err);
	*ret_first = rc > 0 ? mp_column_int(&q, 0) : 0;
	*ret_last = rc > 0 ? mp_column_int(&q, 1) : 0;
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}

static int read_run(struct reader *r, int64_t run, struct mp_err *err)
{
	int64_t first, last;
	bool stored;
	int rc = find_range(r->store, run, &first, &last, err);

	if (rc || !last)
		return rc;
	rc = read_benches(r, err);
	if (!rc)
		rc = open_cases(r, run, first, last, err);
	if (!rc)
		rc = mp_store_has_points(r->store, &stored, err);
	if (rc)
		return rc;
	rc = stored ? read_points(r, first, last, err)
		    : mp_points_build(r->store, first, last, add_row, r, err);
	while (!rc && r->there)
		rc = hand_out(r, err);
	return rc;
}

int mp_store_points_each(struct mp_store *s, int64_t run, bool whole, struct mp_arena *memory,
			 int (*each)(void *user, const struct mp_points_case *c,
				     struct mp_err *err),
			 void *user, struct mp_err *err)
{
	struct reader r = {
		.store = s, .whole = whole, .memory = memory, .each = each, .user = user
	};
	bool own = sqlite3_get_autocommit(s->db);
	int rc = own ? mp_sql_exec(s, "BEGIN", "read the run", err) : 0;

	if (rc)
		return rc;
	rc = read_run(&r, run, err);
	reader_done(&r);
	if (own) {
		int ended = mp_sql_exec(s, "COMMIT", "read the run", rc ? NULL : err);

		rc = rc ? rc : ended;
	}
	return rc;
}

static int by_text(const void *left, const void *right)
{
	const struct mp_points_case *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	return order ? order : (a->run_case > b->run_case) - (a->run_case < b->run_case);
}

struct keeper {
	struct mp_store *store;
	struct mp_points_run run;
};

static int keep(void *user, const struct mp_points_case *c, struct mp_err *err)
{
	struct keeper *k = user;

	return mp_points_keep(&k->run, c) ? mp_store_no_memory(k->store, err) : 0;
}

int mp_store_points(struct mp_store *s, int64_t run, struct mp_points_run *ret_run,
		    struct mp_err *err)
{
	struct keeper k = { .store = s };
	int rc = mp_store_points_each(s, run, true, &k.run.memory, keep, &k, err);

	if (rc) {
		mp_points_run_done(&k.run);
		return rc;
	}
	if (k.run.n_cases)
		qsort(k.run.cases, k.run.n_cases, sizeof(*k.run.cases), by_text);
	*ret_run = k.run;
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
