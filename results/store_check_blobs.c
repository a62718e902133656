/* SPDX-License-Identifier: GPL-3.0-or-later */
/* db check: every blob is decoded, and every number that was computed from it computed again. */
#include "results/store_check.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "results/store_points.h"

/* The invocation that is being looked at. */
struct subject {
	char name[MP_CASE_TEXT_MAX + 64];
	int64_t id;
	double step_ns;
};

static bool near(double a, double b, double slack)
{
	if (isnan(a) || isnan(b))
		return isnan(a) && isnan(b);
	return fabs(a - b) <= slack + 1e-9 * fabs(a);
}

static int check_stat(struct mp_store_checking *c, const struct subject *at, enum mp_mode mode,
		      enum mp_population population, const struct mp_dist *d, struct mp_err *err)
{
	const char *mode_name = mp_mode_name(mode), *name = mp_population_name(population);
	struct mp_query q;
	int rc = mp_query_open(
		c->store, &q,
		"SELECT n, blocks, mean, min, max, p50, p90, p99, p999 FROM invocation_stat"
		" WHERE invocation_id = :id AND mode = :mode AND population = :population",
		err);

	if (rc)
		return mp_store_finding(c, rc, err);
	mp_bind_int(&q, ":id", at->id);
	mp_bind_text(&q, ":mode", mode_name);
	mp_bind_text(&q, ":population", name);
	rc = mp_query_step(&q, "read statistics", err);
	if (rc == 1) {
		/* Numbers of one clock step: a resumed run has measured its step anew. */
		bool same = (uint64_t)mp_column_int(&q, 0) == d->n &&
			    (uint64_t)mp_column_int(&q, 1) == d->blocks &&
			    near(mp_column_real(&q, 2), d->mean, 0) &&
			    near(mp_column_real(&q, 3), d->min, 0) &&
			    near(mp_column_real(&q, 4), d->max, 0) &&
			    near(mp_column_real(&q, 5), d->p50, at->step_ns) &&
			    near(mp_column_real(&q, 6), d->p90, 0) &&
			    near(mp_column_real(&q, 7), d->p99, 0) &&
			    near(mp_column_real(&q, 8), d->p999, 0);

		if (!same)
			mp_store_found(
				c,
				"%s: the %s statistics of %s samples are not those of its raw data",
				at->name, mode_name, name);
	} else if (!rc && d->n) {
		mp_store_found(c, "%s: no %s statistics of %s samples", at->name, mode_name, name);
	}
	mp_query_close(&q);
	return mp_store_finding(c, rc < 0 ? rc : 0, err);
}

static int check_histogram(struct mp_store_checking *c, const struct subject *at,
			   enum mp_population population, const struct mp_histogram *want,
			   struct mp_err *err)
{
	MP_CLEANUP(mp_histogram_done) struct mp_histogram got = { 0 };
	const char *name = mp_population_name(population);
	struct mp_query q;
	int rc = mp_query_open(c->store, &q,
			       "SELECT blob FROM histogram WHERE invocation_id = :id AND"
			       " population = :population",
			       err);

	if (rc)
		return mp_store_finding(c, rc, err);
	mp_bind_int(&q, ":id", at->id);
	mp_bind_text(&q, ":population", name);
	rc = mp_query_step(&q, "read a histogram", err);
	if (rc == 1) {
		const void *blob = sqlite3_column_blob(q.stmt, 0);

		rc = mp_histogram_decode(blob, (size_t)sqlite3_column_bytes(q.stmt, 0), &got);
		if (rc == -EBADMSG) {
			mp_store_found(c, "%s: the histogram of %s samples cannot be decoded",
				       at->name, name);
			rc = 0;
		} else if (!rc &&
			   (got.n != want->n || got.min != want->min || got.max != want->max)) {
			mp_store_found(
				c, "%s: the histogram of %s samples is not that of its raw data",
				at->name, name);
		}
	} else if (!rc && want->n) {
		mp_store_found(c, "%s: no histogram of %s samples", at->name, name);
	}
	mp_query_close(&q);
	return rc == -ENOMEM ? mp_store_no_memory(c->store, err) : mp_store_finding(c, rc, err);
}

static int check_numbers(struct mp_store_checking *c, const struct subject *at,
			 const struct mp_invocation *inv, int64_t blocks, int64_t flagged,
			 struct mp_err *err)
{
	MP_CLEANUP(mp_invocation_numbers_done) struct mp_invocation_numbers n = { 0 };
	int rc = 0;

	if (mp_invocation_numbers(inv, at->step_ns, &n))
		return mp_store_no_memory(c->store, err);
	if (n.blocks != blocks || n.flagged != flagged)
		mp_store_found(c, "%s: %lld blocks, %lld flagged; its raw data has %u and %u",
			       at->name, (long long)blocks, (long long)flagged, n.blocks,
			       n.flagged);
	for (int p = 0; !rc && p < 2; p++) {
		for (int m = 0; !rc && m < MP_MODE_COUNT; m++)
			rc = check_stat(c, at, mp_store_modes[m], (enum mp_population)p,
					&n.dist[m][p], err);
		if (!rc)
			rc = check_histogram(c, at, (enum mp_population)p, &n.histogram[p], err);
	}
	return rc;
}

static int check_blob(struct mp_store_checking *c, struct mp_query *q, struct mp_err *err)
{
	MP_CLEANUP(mp_invocation_done) struct mp_invocation inv = { 0 };
	struct subject at = { .id = mp_column_int(q, 0), .step_ns = mp_column_real(q, 4) };
	const void *blob = sqlite3_column_blob(q->stmt, 12);
	int rc;

	snprintf(at.name, sizeof(at.name), "run #%lld, %s, invocation %lld",
		 (long long)mp_column_int(q, 1), mp_column_text(q, 2),
		 (long long)mp_column_int(q, 3));
	inv.clock_ns_per_tick = mp_column_real(q, 5);
	inv.mul_reference = mp_column_real(q, 6);
	inv.add_reference = mp_column_real(q, 7);
	inv.calm_limit = mp_column_real(q, 13);
	rc = mp_store_seats_get(c->store, at.id, &inv, err);
	if (rc)
		return rc;
	rc = mp_raw_decode(blob, (size_t)sqlite3_column_bytes(q->stmt, 12), &inv);
	if (rc == -ENOMEM)
		return mp_store_no_memory(c->store, err);
	if (rc) {
		mp_store_found(c, "%s: its raw data cannot be decoded", at.name);
		return 0;
	}
	if ((int64_t)inv.n_blocks != mp_column_int(q, 10) ||
	    (int64_t)inv.n_samples != mp_column_int(q, 11))
		mp_store_found(
			c, "%s: its raw data has %zu blocks and %zu samples, not what its row says",
			at.name, inv.n_blocks, inv.n_samples);
	return check_numbers(c, &at, &inv, mp_column_int(q, 8), mp_column_int(q, 9), err);
}

int mp_store_check_topologies(struct mp_store_checking *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(c->store, &q, "SELECT hash, bytes, blob FROM topology", err);

	if (rc)
		return mp_store_finding(c, rc, err);
	while ((rc = mp_query_step(&q, "read the topologies", err)) > 0) {
		MP_CLEANUP(mp_free_ptr) char *text = NULL;

		rc = mp_topology_decode(
			sqlite3_column_blob(q.stmt, 2), (size_t)sqlite3_column_bytes(q.stmt, 2),
			(uint64_t)mp_column_int(&q, 1), mp_column_text(&q, 0), &text);
		if (rc == -ENOMEM)
			break;
		if (rc)
			mp_store_found(
				c,
				"topology %.12s: it cannot be decoded, or is not the text of that "
				"hash",
				mp_column_text(&q, 0));
	}
	mp_query_close(&q);
	return rc == -ENOMEM ? mp_store_no_memory(c->store, err)
			     : mp_store_finding(c, rc < 0 ? rc : 0, err);
}

int mp_store_check_blobs(struct mp_store_checking *c, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		c->store, &q,
		"SELECT i.invocation_id, c.run_id, k.text, i.ordinal, r.clock_step_ns,"
		" i.clock_ns_per_tick, i.mul_reference, i.add_reference, i.blocks, "
		"i.flagged_blocks,"
		" w.blocks, w.samples, w.blob, i.calm_limit FROM raw w JOIN invocation i USING "
		"(invocation_id)"
		" JOIN run_case c USING (run_case_id) JOIN kase k USING (case_id) JOIN run r USING "
		"(run_id)",
		err);

	if (rc)
		return mp_store_finding(c, rc, err);
	while ((rc = mp_query_step(&q, "read raw data", err)) > 0) {
		rc = check_blob(c, &q, err);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return mp_store_finding(c, rc, err);
}

static void found_point(void *user, int64_t run_case, const char *what)
{
	struct mp_store_checking *c = user;

	mp_store_found(c, "case %lld of a run: its %s are not those of its invocations",
		       (long long)run_case, what);
}

int mp_store_check_points(struct mp_store_checking *c, struct mp_err *err)
{
	int64_t strays = 0;
	int rc = mp_store_points_verify(c->store, found_point, c, &strays, err);

	if (!rc && strays)
		mp_store_found(c, "%lld rows of table 'point' belong to no invocation",
			       (long long)strays);
	return mp_store_finding(c, rc, err);
}
