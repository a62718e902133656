/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was counted for a case, over its invocations: see counts.h. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "results/stats.h"
#include "results/store_counts.h"

#define N_TEXTS 11

/* The rows so far, and the values of the newest one's invocations. */
struct gather {
	struct mp_count_row *rows;
	size_t n, cap;
	int64_t counter; /* of the newest row */
	struct series {
		double *of;
		size_t n, cap;
	} per_op, value, region, idle;
};

static int add(struct series *s, double value)
{
	double *slot;

	if (isnan(value))
		return 0;
	slot = mp_vec_push((void **)&s->of, &s->n, &s->cap, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = value;
	return 0;
}

static double median(struct series *s)
{
	double m = s->n ? mp_median(s->of, s->n) : NAN;

	s->n = 0;
	return m;
}

/* The newest row has all its invocations. */
static void close_row(struct gather *g)
{
	struct mp_count_row *row = g->n ? &g->rows[g->n - 1] : NULL;

	if (!row)
		return;
	row->least = row->most = NAN;
	for (size_t i = 0; i < g->per_op.n; i++) {
		row->least = fmin(row->least, g->per_op.of[i]);
		row->most = fmax(row->most, g->per_op.of[i]);
	}
	row->per_op = median(&g->per_op);
	row->value = median(&g->value);
	row->region_ns = median(&g->region);
	row->idle = median(&g->idle);
}

/* The texts of the first columns in one piece of memory, which `what` points into. */
static int copy_texts(struct mp_query *q, struct mp_count_row *row)
{
	const char **to[N_TEXTS] = { &row->what.metric, &row->what.unit,   &row->what.means,
				     &row->what.kind,	&row->what.source, &row->what.encoder,
				     &row->what.event,	&row->what.events, &row->what.scope,
				     &row->what.side,	&row->what.note };
	size_t size = 0, used = 0;

	for (int i = 0; i < N_TEXTS; i++)
		size += strlen(mp_column_text(q, i)) + 1;
	if (size > MP_STORE_TEXT_MAX)
		return -EBADMSG;
	row->text = malloc(size);
	if (!row->text)
		return -ENOMEM;
	for (int i = 0; i < N_TEXTS; i++) {
		const char *text = mp_column_text(q, i);

		*to[i] = strcpy(row->text + used, text);
		used += strlen(text) + 1;
	}
	return 0;
}

static int open_row(struct gather *g, struct mp_query *q)
{
	struct mp_count_row *row;

	close_row(g);
	if (g->n == MP_STORE_ROWS_MAX)
		return -EBADMSG;
	row = mp_vec_push((void **)&g->rows, &g->n, &g->cap, sizeof(*row));
	if (!row)
		return -ENOMEM;
	mp_column_buffer(q, 12, row->pass, sizeof(row->pass));
	row->ratio = NAN;
	return copy_texts(q, row);
}

/* From best to worst; what cannot be read is the worst. */
static int badness(const char *status)
{
	static const char *const order[] = { "measured", "scaled", "estimated", "partial" };
	int i = 0;

	while (i < 4 && strcmp(order[i], status))
		i++;
	return i;
}

static int take_value(struct gather *g, struct mp_query *q)
{
	struct mp_count_row *row = &g->rows[g->n - 1];
	const char *status = mp_column_text(q, 13), *covers = mp_column_text(q, 16);
	double value = mp_column_real(q, 14), operations = mp_column_real(q, 15);
	unsigned instances = (unsigned)mp_column_int(q, 18);
	int rc;

	row->invocations++;
	if (!row->with_number || instances < row->instances) {
		row->instances = instances;
		row->expected = (unsigned)mp_column_int(q, 19);
	}
	if (*mp_column_text(q, 23) && (isnan(value) || !*row->reason || row->with_number))
		mp_column_buffer(q, 23, row->reason, sizeof(row->reason));
	if (isnan(value)) {
		if (!row->with_number)
			snprintf(row->status, sizeof(row->status), "unavailable");
		if (!*row->covers)
			snprintf(row->covers, sizeof(row->covers), "%s", covers);
		return 0;
	}
	if (!row->with_number++ || badness(status) > badness(row->status))
		snprintf(row->status, sizeof(row->status), "%s", status);
	if (strcmp(row->covers, "region"))
		snprintf(row->covers, sizeof(row->covers), "%s",
			 strcmp(row->covers, "blocks") ? covers : "blocks");
	row->operations += (uint64_t)mp_column_int(q, 15);
	row->ratio = fmin(row->ratio, mp_column_real(q, 17));
	rc = add(&g->value, value);
	if (!rc && operations > 0)
		rc = add(&g->per_op, value / operations);
	if (!rc)
		rc = add(&g->region, mp_column_real(q, 20));
	if (!rc)
		rc = add(&g->idle, mp_column_real(q, 21));
	return rc ? rc : add(&g->idle, mp_column_real(q, 22));
}

static int gather_all(struct gather *g, struct mp_query *q, struct mp_err *err)
{
	int rc;

	while ((rc = mp_query_step(q, "read the counters of a case", err)) > 0) {
		int64_t counter = mp_column_int(q, 11);

		rc = 0;
		if (!g->n || counter != g->counter ||
		    strcmp(g->rows[g->n - 1].pass, mp_column_text(q, 12)))
			rc = open_row(g, q);
		g->counter = counter;
		if (!rc)
			rc = take_value(g, q);
		if (rc == -ENOMEM)
			return mp_store_no_memory(q->store, err);
		if (rc)
			return mp_store_damaged(q->store, "read the counters of a case", err);
	}
	close_row(g);
	return rc;
}

int mp_store_counters(struct mp_store *s, int64_t run_case, struct mp_count_row **ret_rows,
		      size_t *ret_count, struct mp_err *err)
{
	struct gather g = { 0 };
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT d.metric, d.unit, d.means, d.kind, d.source, d.encoder, d.event, d.events, "
		"d.scope,"
		" d.side, d.note, counter_id, v.pass, v.status, "
		"v.value,"
		" v.operations, v.covers, v.ratio, v.instances, v.expected, v.region_ns, "
		"v.idle_before,"
		" v.idle_after, v.reason FROM counter_value v JOIN counter d USING (counter_id)"
		" WHERE v.run_case_id = :id ORDER BY v.pass = 'bandwidth', v.pass = 'explain',"
		" d.metric, d.kind, counter_id, v.ordinal",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", run_case);
	rc = gather_all(&g, &q, err);
	mp_query_close(&q);
	free(g.per_op.of);
	free(g.value.of);
	free(g.region.of);
	free(g.idle.of);
	if (rc) {
		mp_count_rows_free(g.rows, g.n);
		return rc;
	}
	*ret_rows = g.rows;
	*ret_count = g.n;
	return 0;
}

void mp_count_rows_free(struct mp_count_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(rows[i].text);
	free(rows);
}

int mp_store_counter_each(struct mp_store *s,
			  int (*each)(void *user, const struct mp_counted *what), void *user,
			  struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q, "SELECT DISTINCT metric, kind FROM counter ORDER BY 1, 2",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the counters", err)) > 0) {
		const struct mp_counted what = { .metric = mp_column_text(&q, 0),
						 .kind = mp_column_text(&q, 1),
						 .unit = "",
						 .means = "",
						 .source = "",
						 .encoder = "",
						 .event = "",
						 .events = "",
						 .scope = "",
						 .side = "",
						 .note = "" };

		rc = each(user, &what);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

/* Counted all the time or for a part of it: both are counts. */
static bool same_class(const char *a, const char *b)
{
	bool counted = badness(a) < 2 && badness(b) < 2;

	return counted || !strcmp(a, b);
}

const char *mp_count_incomparable(const struct mp_count_row *a, const struct mp_count_row *b)
{
	if (!a->with_number || !b->with_number)
		return "one side has no number";
	if (!strcmp(a->status, "partial") || !strcmp(b->status, "partial"))
		return "some instances are missing: there is no total";
	if (strcmp(a->what.unit, b->what.unit))
		return "the units differ";
	if (strcmp(a->what.scope, b->what.scope))
		return "the scopes differ: other tasks are counted on one side only";
	if (strcmp(a->what.side, b->what.side))
		return "the kernel's side is counted on one side only";
	if (!same_class(a->status, b->status))
		return "one is counted, the other is estimated";
	if (strcmp(a->pass, b->pass))
		return "they come from different passes";
	if (strcmp(a->covers, b->covers))
		return "one counts what lies between operations, too";
	return NULL;
}
