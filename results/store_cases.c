/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the cases of a run, and their invocations.
 *
 * A listing takes two statements whatever the number of cases: one row per case, then all summaries of the run, in
 * the same order, so that they are merged in one pass.
 */
#include "results/store_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"

struct rows {
	struct mp_case_row *items;
	size_t count, cap;
};

static void case_row_done(struct mp_case_row *row)
{
	free(row->bench);
	free(row->family);
	free(row->text);
	free(row->unit);
	free(row->summary);
	free(row->timed);
	free(row->bytes_axis);
	free(row->reason);
	free(row->why_stopped);
}

void mp_case_rows_free(struct mp_case_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		case_row_done(&rows[i]);
	free(rows);
}

static void rows_done(struct rows *rows)
{
	mp_case_rows_free(rows->items, rows->count);
}

/* Spellings that the file may use; anything else is damage. */
static int parse_population(const char *name, enum mp_population *ret_population)
{
	for (int p = MP_POPULATION_ALL; p <= MP_POPULATION_CALM; p++) {
		if (!strcmp(mp_population_name((enum mp_population)p), name)) {
			*ret_population = (enum mp_population)p;
			return 0;
		}
	}
	return -EBADMSG;
}

static int parse_resolution(const char *name, enum mp_resolution *ret_resolution)
{
	for (int r = MP_RESOLUTION_PER_CALL; r <= MP_RESOLUTION_BATCH_ONLY; r++) {
		if (!strcmp(mp_resolution_name((enum mp_resolution)r), name)) {
			*ret_resolution = (enum mp_resolution)r;
			return 0;
		}
	}
	return -EBADMSG;
}

/* Columns n, value, low, high, level, cv from `first` on. */
static struct mp_estimate get_estimate(struct mp_query *q, int first)
{
	struct mp_estimate e = {
		.n = (uint64_t)mp_column_int(q, first),
		.value = mp_column_real(q, first + 1),
		.low = mp_column_real(q, first + 2),
		.high = mp_column_real(q, first + 3),
		.level = mp_column_real(q, first + 4),
		.cv = mp_column_real(q, first + 5),
	};

	/* One invocation has no interval: stored as NULL, infinite by contract. */
	if (e.n == 1) {
		e.low = -INFINITY;
		e.high = INFINITY;
	}
	return e;
}

static struct mp_estimate no_estimate(void)
{
	return mp_estimate_median(NULL, 0);
}

static void clear_estimates(struct mp_case_row *row)
{
	for (int p = 0; p < 2; p++) {
		row->call_p50[p] = row->call_p99[p] = row->call_mean[p] = no_estimate();
		row->batch_mean[p] = row->batch_p50[p] = row->rate_mean[p] = no_estimate();
	}
	row->rate_ops = row->first = row->value = no_estimate();
}

static int fill_headline(struct mp_query *q, int column, struct mp_case_row *row)
{
	/* Call samples may be there without a headline, and the other way round. */
	if (sqlite3_column_type(q->stmt, column + 2) != SQLITE_NULL &&
	    parse_resolution(mp_column_text(q, column + 2), &row->resolution))
		return -EBADMSG;
	row->has_value = sqlite3_column_type(q->stmt, column + 4) != SQLITE_NULL;
	if (!row->has_value)
		return 0;
	if (mp_mode_parse(mp_column_text(q, column), &row->mode) ||
	    parse_population(mp_column_text(q, column + 1), &row->population))
		return -EBADMSG;
	row->value = get_estimate(q, column + 3);
	return 0;
}

/* Columns in the order of the query in CASES. */
static int fill_case(struct mp_query *q, struct mp_case_row *row)
{
	char **const texts[] = { &row->bench,	   &row->family,  &row->text,
				 &row->unit,	   &row->summary, &row->timed,
				 &row->bytes_axis, &row->reason,  &row->why_stopped };

	clear_estimates(row);
	row->resolution = MP_RESOLUTION_BATCH_ONLY;
	row->run_case = mp_column_int(q, 0);
	for (int i = 0; i < 9; i++) {
		bool may_lack = texts[i] == &row->why_stopped;
		int rc = (may_lack ? mp_column_copy : mp_column_copy_set)(q, 1 + i, texts[i]);

		if (rc)
			return rc;
	}
	row->version = (unsigned)mp_column_int(q, 10);
	row->bytes = (uint64_t)mp_column_int(q, 11);
	if (mp_outcome_parse(mp_column_text(q, 12), &row->outcome))
		return -EBADMSG;
	row->planned = (unsigned)mp_column_int(q, 13);
	row->calm_share = mp_column_real(q, 14);
	row->observer_effect = mp_column_real(q, 15);
	row->blocks = (unsigned)mp_column_int(q, 16);
	row->flagged_blocks = (unsigned)mp_column_int(q, 17);
	row->checks_passed = (uint64_t)mp_column_int(q, 18);
	row->checks_failed = (uint64_t)mp_column_int(q, 19);
	row->invocations = (unsigned)mp_column_int(q, 20);
	mp_column_buffer(q, 30, row->kind, sizeof(row->kind));
	return fill_headline(q, 21, row);
}

/* Which cases a statement is about; each is a statement of its own, because a compiled one is kept by its address. */
struct which {
	const char *cases, *summaries; /* SQL */
	const char *name; /* of its one parameter */
};

#define CASES                                                                                      \
	"SELECT c.run_case_id, b.name, b.family, k.text, b.unit, b.summary, b.timed, "             \
	"b.bytes_axis, c.reason, c.why_stopped, b.version, k.bytes, c.outcome, c.planned,"         \
	" c.calm_share, c.observer_effect_ns, c.blocks, c.flagged_blocks, c.checks_passed,"        \
	" c.checks_failed,"                                                                        \
	" (SELECT count(*) FROM invocation i WHERE i.run_case_id = c.run_case_id),"                \
	" c.mode, c.population, c.resolution, c.n, c.value_ns, c.low_ns, c.high_ns, "              \
	"c.level, c.cv, " MP_KIND_OF_CASE                                                          \
	" FROM run_case c JOIN kase k USING (case_id) JOIN bench b USING (bench_id)"
#define SUMMARIES                                                                                  \
	"SELECT run_case_id, mode, population, metric, n, value, low, high, level, s.cv"           \
	" FROM summary s"

static const struct which of_run = {
	CASES " WHERE c.run_id = :run ORDER BY k.text, c.run_case_id",
	SUMMARIES " WHERE run_case_id IN (SELECT run_case_id FROM run_case WHERE run_id = :run)",
	":run"
};
static const struct which single = { CASES " WHERE c.run_case_id = :run_case",
				     SUMMARIES " WHERE run_case_id = :run_case", ":run_case" };

static int each_case(struct mp_store *s, const struct which *which, int64_t id,
		     int (*each)(void *user, struct mp_case_row *row), void *user,
		     struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, which->cases, err);

	if (rc)
		return rc;
	mp_bind_int(&q, which->name, id);
	while ((rc = mp_query_step(&q, "read the cases", err)) > 0) {
		struct mp_case_row row = { 0 };

		rc = fill_case(&q, &row);
		if (rc == -ENOMEM)
			mp_store_no_memory(s, err);
		else if (rc)
			mp_store_damaged(s, "read the cases", err);
		else
			rc = each(user, &row);
		case_row_done(&row);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_each_case(struct mp_store *s, int64_t run,
		       int (*each)(void *user, struct mp_case_row *row), void *user,
		       struct mp_err *err)
{
	return each_case(s, &of_run, run, each, user, err);
}

static int take_case(void *user, struct mp_case_row *row)
{
	struct rows *rows = user;
	struct mp_case_row *slot =
		mp_vec_push((void **)&rows->items, &rows->count, &rows->cap, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	*slot = *row;
	*row = (struct mp_case_row){ 0 };
	return rows->count > MP_STORE_ROWS_MAX ? -EBADMSG : 0;
}

/* Where a summary row belongs; NULL: nothing that this struct shows. */
static struct mp_estimate *summary_slot(struct mp_case_row *row, const char *mode,
					const char *population, const char *metric)
{
	const struct {
		const char *mode, *metric;
		struct mp_estimate *slots;
		int count; /* 2: by population */
	} places[] = {
		{ "call", "p50", row->call_p50, 2 },	 { "call", "p99", row->call_p99, 2 },
		{ "call", "mean", row->call_mean, 2 },	 { "call", "first", &row->first, 1 },
		{ "batch", "mean", row->batch_mean, 2 }, { "batch", "p50", row->batch_p50, 2 },
		{ "rate", "mean", row->rate_mean, 2 },	 { "rate", "ops_per_s", &row->rate_ops, 1 },
	};
	enum mp_population p;

	if (parse_population(population, &p))
		return NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (!strcmp(places[i].mode, mode) && !strcmp(places[i].metric, metric) &&
		    (int)p < places[i].count)
			return &places[i].slots[p];
	return NULL;
}

static int by_run_case(const void *a, const void *b)
{
	int64_t x = (*(struct mp_case_row *const *)a)->run_case;
	int64_t y = (*(struct mp_case_row *const *)b)->run_case;

	return (x > y) - (x < y);
}

static int find_run_case(const void *key, const void *element)
{
	int64_t x = *(const int64_t *)key;
	int64_t y = (*(struct mp_case_row *const *)element)->run_case;

	return (x > y) - (x < y);
}

static int read_summaries(struct mp_store *s, const struct which *which, int64_t of,
			  struct rows *rows, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr)
	struct mp_case_row **order = malloc((rows->count + 1) * sizeof(struct mp_case_row *));
	struct mp_case_row **row = NULL;
	struct mp_query q;
	int rc;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++)
		order[i] = &rows->items[i];
	qsort(order, rows->count, sizeof(struct mp_case_row *), by_run_case);
	rc = mp_query_open(s, &q, which->summaries, err);
	if (rc)
		return rc;
	mp_bind_int(&q, which->name, of);
	while ((rc = mp_query_step(&q, "read the summaries", err)) > 0) {
		int64_t id = mp_column_int(&q, 0);
		struct mp_estimate *slot;

		if (!row || (*row)->run_case != id)
			row = bsearch(&id, order, rows->count, sizeof(struct mp_case_row *),
				      find_run_case);
		if (!row)
			continue;
		slot = summary_slot(*row, mp_column_text(&q, 1), mp_column_text(&q, 2),
				    mp_column_text(&q, 3));
		if (slot)
			*slot = get_estimate(&q, 4);
	}
	mp_query_close(&q);
	return rc;
}

static int read_rows(struct mp_store *s, const struct which *which, int64_t id,
		     struct mp_case_row **ret_rows, size_t *ret_count, struct mp_err *err)
{
	MP_CLEANUP(rows_done) struct rows rows = { 0 };
	int rc = each_case(s, which, id, take_case, &rows, err);

	if (!rc)
		rc = read_summaries(s, which, id, &rows, err);
	if (rc == -ENOMEM)
		return mp_store_no_memory(s, err);
	if (rc == -EBADMSG)
		return mp_store_damaged(s, "read the cases", err);
	if (rc)
		return rc;
	*ret_rows = rows.items;
	*ret_count = rows.count;
	rows.items = NULL;
	rows.count = 0;
	return 0;
}

int mp_store_cases(struct mp_store *s, int64_t run, struct mp_case_row **ret_rows,
		   size_t *ret_count, struct mp_err *err)
{
	return read_rows(s, &of_run, run, ret_rows, ret_count, err);
}

int mp_store_case(struct mp_store *s, int64_t run_case, struct mp_case_row **ret_row,
		  struct mp_err *err)
{
	struct mp_case_row *rows = NULL;
	size_t count = 0;
	int rc = read_rows(s, &single, run_case, &rows, &count, err);

	if (rc)
		return rc;
	if (count != 1) {
		mp_case_rows_free(rows, count);
		return count ? mp_store_damaged(s, "read a case", err)
			     : mp_err_env(err, -ENOENT, "'%s' has no case with row %lld", s->path,
					  (long long)run_case);
	}
	*ret_row = rows;
	return 0;
}

struct values {
	double *items;
	size_t count, cap;
};

static void values_done(struct values *values)
{
	free(values->items);
}

int mp_store_case_values(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			 enum mp_population population, double **ret_values, size_t *ret_count,
			 struct mp_err *err)
{
	MP_CLEANUP(values_done) struct values values = { 0 };
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT s.n, s.p50, s.mean FROM invocation i LEFT JOIN invocation_stat s ON"
		" s.invocation_id = i.invocation_id AND s.mode = :mode AND"
		" s.population = :population WHERE i.run_case_id = :run_case AND"
		" i.outcome IN ('ok', 'invalid') ORDER BY i.ordinal",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	mp_bind_text(&q, ":mode", mp_mode_name(mode));
	mp_bind_text(&q, ":population", mp_population_name(population));
	while ((rc = mp_query_step(&q, "read the values of a case", err)) > 0) {
		double *slot = mp_vec_push((void **)&values.items, &values.count, &values.cap,
					   sizeof(*slot));

		if (!slot || values.count > MP_STORE_ROWS_MAX) {
			rc = slot ? mp_store_damaged(s, "read the values of a case", err)
				  : mp_store_no_memory(s, err);
			break;
		}
		*slot = NAN;
		if (mp_population_counts(population, mode, (uint64_t)mp_column_int(&q, 0)))
			*slot = mp_column_real(&q, mode == MP_MODE_RATE ? 2 : 1);
	}
	mp_query_close(&q);
	if (rc)
		return rc;
	*ret_values = values.items;
	*ret_count = values.count;
	values.items = NULL;
	return 0;
}

/* ---- invocations ---- */

static double zero_unless_known(double value)
{
	return isnan(value) ? 0 : value;
}

static int fill_invocation(struct mp_query *q, struct mp_invocation *inv)
{
	inv->ordinal = (uint32_t)mp_column_int(q, 1);
	if (mp_outcome_parse(mp_column_text(q, 2), &inv->outcome))
		return -EBADMSG;
	mp_column_buffer(q, 3, inv->reason, sizeof(inv->reason));
	inv->seed = (uint64_t)mp_column_int(q, 4);
	inv->started_ns = mp_column_int(q, 5);
	inv->duration_ns = (uint64_t)mp_column_int(q, 6);
	mp_column_buffer(q, 7, inv->layout, sizeof(inv->layout));
	mp_column_buffer(q, 8, inv->cpus, sizeof(inv->cpus));
	mp_column_buffer(q, 9, inv->nodes, sizeof(inv->nodes));
	inv->vma_count = (uint32_t)mp_column_int(q, 10);
	inv->batch_ops = (uint64_t)mp_column_int(q, 11);
	inv->clock_ns_per_tick = zero_unless_known(mp_column_real(q, 12));
	inv->mul_reference = zero_unless_known(mp_column_real(q, 13));
	inv->add_reference = zero_unless_known(mp_column_real(q, 14));
	inv->steal_ns = (uint64_t)mp_column_int(q, 15);
	if (mp_steady_parse(mp_column_text(q, 16), &inv->steady))
		return -EBADMSG;
	inv->calm_limit = zero_unless_known(mp_column_real(q, 17));
	return 0;
}

static int read_checks(struct mp_store *s, int64_t id, struct mp_invocation *inv,
		       struct mp_err *err)
{
	size_t cap = 0;
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT name, passed, failed, detail FROM check_result"
			       " WHERE invocation_id = :id ORDER BY position",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	while ((rc = mp_query_step(&q, "read the checks", err)) > 0) {
		struct mp_check_result *c =
			mp_vec_push((void **)&inv->checks, &inv->n_checks, &cap, sizeof(*c));

		if (!c || inv->n_checks > 4096) {
			rc = c ? mp_store_damaged(s, "read the checks", err)
			       : mp_store_no_memory(s, err);
			break;
		}
		mp_column_buffer(&q, 0, c->name, sizeof(c->name));
		c->passed = (uint32_t)mp_column_int(&q, 1);
		c->failed = (uint32_t)mp_column_int(&q, 2);
		mp_column_buffer(&q, 3, c->detail, sizeof(c->detail));
	}
	mp_query_close(&q);
	return rc;
}

static int read_raw(struct mp_store *s, int64_t id, struct mp_invocation *inv, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "SELECT blob FROM raw WHERE invocation_id = :id", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	rc = mp_query_step(&q, "read raw data", err);
	if (rc > 0)
		rc = mp_store_raw(s, &q, 0, inv, err);
	mp_query_close(&q);
	return rc;
}

int mp_store_invocations(struct mp_store *s, int64_t run_case, bool raw,
			 int (*each)(void *user, struct mp_invocation *inv), void *user,
			 struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT invocation_id, ordinal, outcome, reason, seed, started_ns, "
			       "duration_ns, layout,"
			       " cpus, nodes, vma_count, batch_ops, clock_ns_per_tick, "
			       "mul_reference, add_reference,"
			       " steal_ns, steady, calm_limit FROM invocation WHERE run_case_id = "
			       ":run_case ORDER BY ordinal",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	while ((rc = mp_query_step(&q, "read the invocations", err)) > 0) {
		MP_CLEANUP(mp_invocation_done) struct mp_invocation inv = { 0 };
		int64_t id = mp_column_int(&q, 0);

		rc = fill_invocation(&q, &inv);
		if (rc)
			rc = mp_store_damaged(s, "read an invocation", err);
		if (!rc)
			rc = read_checks(s, id, &inv, err);
		if (!rc)
			rc = mp_store_seats_get(s, id, &inv, err);
		if (!rc && raw)
			rc = read_raw(s, id, &inv, err);
		if (!rc)
			rc = each(user, &inv);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}
