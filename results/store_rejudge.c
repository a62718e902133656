/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What full speed is, is known better at the end of a run than while it goes on: the calm rows of its invocations anew. */
#include "results/store_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"

static int delete_calm(struct mp_store *s, int64_t id, struct mp_err *err)
{
	static const char *const statements[] = {
		"DELETE FROM invocation_stat WHERE invocation_id = :id AND population = 'calm'",
		"DELETE FROM histogram WHERE invocation_id = :id AND population = 'calm'",
	};

	for (size_t i = 0; i < 2; i++) {
		struct mp_query q;
		int rc = mp_query_open(s, &q, statements[i], err);

		if (rc)
			return rc;
		mp_bind_int(&q, ":id", id);
		rc = mp_query_run(&q, "judge calm again", err);
		if (rc)
			return rc;
	}
	return 0;
}

static int set_seat(struct mp_store *s, int64_t id, size_t worker,
		    const struct mp_full_speed *speed, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "UPDATE seat SET mul_reference = :mul, add_reference = :add"
			       " WHERE invocation_id = :id AND worker = :worker",
			       err);

	if (rc)
		return rc;
	mp_bind_reference(&q, speed);
	mp_bind_int(&q, ":id", id);
	mp_bind_int(&q, ":worker", (int64_t)worker);
	return mp_query_run(&q, "judge calm again", err);
}

static int set_references(struct mp_store *s, int64_t id, const struct mp_invocation *inv,
			  struct mp_err *err)
{
	const struct mp_full_speed first = { .mul = inv->mul_reference, .add = inv->add_reference };
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "UPDATE invocation SET mul_reference = :mul, add_reference = :add,"
			       " calm_limit = :limit"
			       " WHERE invocation_id = :id",
			       err);

	if (rc)
		return rc;
	mp_bind_reference(&q, &first);
	mp_bind_real(&q, ":limit", inv->calm_limit);
	mp_bind_int(&q, ":id", id);
	rc = mp_query_run(&q, "judge calm again", err);
	for (size_t i = 1; !rc && i < inv->n_seats; i++)
		if (mp_invocation_other_kind(inv, i))
			rc = set_seat(s, id, i, &inv->seats[i].speed, err);
	return rc;
}

/* One invocation: computes its calm rows again if it was judged by other references. */
static int rejudge(struct mp_store *s, int64_t id, const struct mp_full_speeds *references,
		   double step_ns, struct mp_err *err)
{
	MP_CLEANUP(mp_invocation_numbers_done) struct mp_invocation_numbers numbers = { 0 };
	MP_CLEANUP(mp_invocation_done) struct mp_invocation inv = { 0 };
	struct mp_query q;
	bool other = false;
	int rc = mp_query_open(s, &q,
			       "SELECT clock_ns_per_tick, mul_reference, add_reference, blob"
			       " FROM invocation JOIN raw USING (invocation_id)"
			       " WHERE invocation_id = :id",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", id);
	rc = mp_query_step(&q, "judge calm again", err);
	if (rc > 0) {
		inv.clock_ns_per_tick = mp_column_real(&q, 0);
		inv.mul_reference = mp_column_real(&q, 1);
		inv.add_reference = mp_column_real(&q, 2);
		rc = mp_store_seats_get(s, id, &inv, err);
		other = !rc &&
			mp_invocation_refer(&inv, references, step_ns / inv.clock_ns_per_tick);
		if (other)
			rc = mp_store_raw(s, &q, 3, &inv, err);
	}
	mp_query_close(&q);
	if (rc || !other)
		return rc;
	if (mp_invocation_numbers(&inv, step_ns, &numbers))
		return mp_store_no_memory(s, err);
	rc = delete_calm(s, id, err);
	if (!rc)
		rc = mp_store_numbers_put(s, id, MP_POPULATION_CALM, &numbers, err);
	return rc ? rc : set_references(s, id, &inv, err);
}

/* First, because rows must not change under a statement that walks them. */
static int list_invocations(struct mp_store *s, int64_t run_case, int64_t **ret_ids, size_t *ret_n,
			    struct mp_err *err)
{
	int64_t *ids = NULL, *slot;
	size_t n = 0, cap = 0;
	struct mp_query q;
	int rc = mp_query_open(
		s, &q, "SELECT invocation_id FROM invocation WHERE run_case_id = :run_case", err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	while ((rc = mp_query_step(&q, "judge calm again", err)) > 0) {
		slot = mp_vec_push((void **)&ids, &n, &cap, sizeof(*ids));
		if (!slot) {
			rc = mp_store_no_memory(s, err);
			break;
		}
		*slot = mp_column_int(&q, 0);
	}
	mp_query_close(&q);
	*ret_ids = ids;
	*ret_n = n;
	return rc;
}

int mp_store_rejudge(struct mp_store *s, int64_t run_case, const struct mp_full_speeds *references,
		     double step_ns, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) int64_t *ids = NULL;
	size_t n = 0;
	int rc = list_invocations(s, run_case, &ids, &n, err);

	for (size_t i = 0; !rc && i < n; i++)
		rc = rejudge(s, ids[i], references, step_ns, err);
	return rc;
}
