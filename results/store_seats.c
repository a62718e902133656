/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the workers of an invocation ran and where their memory came from: rows of table seat. */
#include "results/store_internal.h"

#include <math.h>

#include "common/vec.h"

#define SEATS_MAX 4096 /* more workers than a case can have */

static int put_seat(struct mp_store *s, int64_t id, size_t worker, const struct mp_seating *seat,
		    struct mp_err *err)
{
	bool ended = seat->cpu_end >= 0;
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"INSERT INTO seat (invocation_id, worker, cpu, cpu_end, migrated, memory, "
		"per_mapping,"
		" nodes, pages, astray, page_nodes, kind, mul_reference, add_reference)"
		" VALUES (:id, :worker, :cpu, nullif(:end, -1),"
		" nullif(:migrated, -1), :memory, :mapping, :nodes, nullif(:pages, -1),"
		" nullif(:astray, -1), :on, :kind, :mul, :add)",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	mp_bind_int(&q, ":worker", (int64_t)worker);
	mp_bind_int(&q, ":cpu", seat->cpu);
	mp_bind_int(&q, ":end", ended ? seat->cpu_end : -1);
	mp_bind_int(&q, ":migrated", ended ? seat->migrated : -1);
	mp_bind_text(&q, ":memory", seat->memory);
	mp_bind_int(&q, ":mapping", seat->per_mapping);
	mp_bind_text(&q, ":nodes", seat->nodes);
	mp_bind_int(&q, ":pages", seat->looked ? (int64_t)seat->pages : -1);
	mp_bind_int(&q, ":astray", seat->looked ? (int64_t)seat->astray : -1);
	mp_bind_text(&q, ":on", seat->looked ? seat->page_nodes : NULL);
	mp_bind_text(&q, ":kind", seat->speed.kind);
	mp_bind_reference(&q, &seat->speed);
	return mp_query_run(&q, "store a seat", err);
}

int mp_store_seats_put(struct mp_store *s, int64_t id, const struct mp_invocation *inv,
		       struct mp_err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < inv->n_seats; i++)
		rc = put_seat(s, id, i, &inv->seats[i], err);
	return rc;
}

static double zero_unless_known(double value)
{
	return isnan(value) ? 0 : value;
}

static void fill(struct mp_query *q, struct mp_seating *seat)
{
	bool ended = sqlite3_column_type(q->stmt, 1) != SQLITE_NULL;

	seat->cpu = (int32_t)mp_column_int(q, 0);
	seat->cpu_end = ended ? (int32_t)mp_column_int(q, 1) : -1;
	seat->migrated = mp_column_int(q, 2) != 0;
	mp_column_buffer(q, 3, seat->memory, sizeof(seat->memory));
	seat->per_mapping = mp_column_int(q, 4) != 0;
	mp_column_buffer(q, 5, seat->nodes, sizeof(seat->nodes));
	seat->looked = sqlite3_column_type(q->stmt, 6) != SQLITE_NULL;
	seat->pages = (uint32_t)mp_column_int(q, 6);
	seat->astray = (uint32_t)mp_column_int(q, 7);
	mp_column_buffer(q, 8, seat->page_nodes, sizeof(seat->page_nodes));
	mp_column_buffer(q, 9, seat->speed.kind, sizeof(seat->speed.kind));
	seat->speed.mul = zero_unless_known(mp_column_real(q, 10));
	seat->speed.add = zero_unless_known(mp_column_real(q, 11));
}

int mp_store_seats_get(struct mp_store *s, int64_t id, struct mp_invocation *inv,
		       struct mp_err *err)
{
	size_t cap = 0;
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT cpu, cpu_end, migrated, memory, per_mapping, nodes, pages, astray,"
		" page_nodes, kind, mul_reference, add_reference FROM seat WHERE invocation_id = "
		":id ORDER BY worker",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	while ((rc = mp_query_step(&q, "read the seats", err)) > 0) {
		struct mp_seating *seat =
			mp_vec_push((void **)&inv->seats, &inv->n_seats, &cap, sizeof(*seat));

		if (!seat || inv->n_seats > SEATS_MAX) {
			rc = seat ? mp_store_damaged(s, "read the seats", err)
				  : mp_store_no_memory(s, err);
			break;
		}
		fill(&q, seat);
	}
	mp_query_close(&q);
	return rc;
}
