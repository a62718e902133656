/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scatter of a case in the results file: computed from its raw data, stored, read. See spread.h. */
#include "results/spread.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "results/store_internal.h"

/* A case on its way. */
struct gather {
	enum mp_mode mode;
	enum mp_population population;
	double step_ns;
	struct mp_moments *moments; /* owned; one per invocation */
	size_t n, cap;
	double block_ns, start_ns; /* sums */
	double *values; /* owned; headline values */
	size_t n_values, cap_values;
	struct mp_histogram calls;
	int rc;
};

static void gather_done(struct gather *g)
{
	free(g->moments);
	free(g->values);
	mp_histogram_done(&g->calls);
}

static int add_value(struct gather *g, const struct mp_invocation *inv)
{
	struct mp_dist d;
	double *slot;
	int rc = mp_invocation_dist(inv, g->mode, g->population, g->step_ns, &d);

	if (rc || !mp_population_counts(g->population, g->mode, d.n))
		return rc;
	slot = mp_vec_push((void **)&g->values, &g->n_values, &g->cap_values, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = g->mode == MP_MODE_RATE ? d.mean : d.p50;
	return g->mode == MP_MODE_CALL ? mp_invocation_histogram(inv, g->population, &g->calls) : 0;
}

static int add_invocation(void *user, struct mp_invocation *inv)
{
	struct gather *g = user;
	struct mp_block_cost cost = mp_invocation_cost(inv, g->mode);
	struct mp_moments m = { 0 }, *slot;

	if (inv->outcome != MP_OUTCOME_OK && inv->outcome != MP_OUTCOME_INVALID)
		return 0;
	g->rc = add_value(g, inv);
	if (!g->rc)
		g->rc = mp_invocation_moments(inv, g->mode, g->population, &m);
	if (g->rc || m.n < 2 || isnan(cost.block_ns))
		return g->rc;
	slot = mp_vec_push((void **)&g->moments, &g->n, &g->cap, sizeof(*slot));
	if (!slot)
		return g->rc = -ENOMEM;
	*slot = m;
	g->block_ns += cost.block_ns;
	g->start_ns += cost.start_ns;
	return 0;
}

static int clear(struct mp_store *s, int64_t run_case, struct mp_err *err)
{
	static const char *const statements[] = {
		"DELETE FROM variance WHERE run_case_id = :id",
		"DELETE FROM modes WHERE run_case_id = :id",
	};

	for (size_t i = 0; i < 2; i++) {
		struct mp_query q;
		int rc = mp_query_open(s, &q, statements[i], err);

		if (rc)
			return rc;
		mp_bind_int(&q, ":id", run_case);
		rc = mp_query_run(&q, "store the scatter of a case", err);
		if (rc)
			return rc;
	}
	return 0;
}

static int put_variance(struct mp_store *s, int64_t run_case, const struct gather *g,
			struct mp_err *err)
{
	struct mp_variance v = mp_variance(g->moments, g->n);
	struct mp_query q;
	int rc;

	if (v.n < 2)
		return 0;
	rc = mp_query_open(
		s, &q,
		"INSERT INTO variance (run_case_id, n, blocks, s1_within, s2_means, t2_between,"
		" icc, block_ns, start_ns) VALUES (:id, :n, :blocks, :within, :means,"
		" :between, :icc, :block, :start)",
		err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":id", run_case);
	mp_bind_int(&q, ":n", (int64_t)v.n);
	mp_bind_real(&q, ":blocks", v.blocks);
	mp_bind_real(&q, ":within", v.within);
	mp_bind_real(&q, ":means", v.means);
	mp_bind_real(&q, ":between", v.between);
	mp_bind_real(&q, ":icc", v.icc);
	mp_bind_real(&q, ":block", g->block_ns / (double)g->n);
	mp_bind_real(&q, ":start", g->start_ns / (double)g->n);
	return mp_query_run(&q, "store the scatter of a case", err);
}

static int put_modes(struct mp_store *s, int64_t run_case, const char *what,
		     const struct mp_bimodal *b, struct mp_err *err)
{
	struct mp_query q;
	int rc;

	if (!b->known)
		return 0;
	rc = mp_query_open(s, &q,
			   "INSERT INTO modes (run_case_id, what, two, low, low_share, high,"
			   " high_share, separation) VALUES (:id, :what, :two, :low, :low_share,"
			   " :high, :high_share, :separation)",
			   err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":id", run_case);
	mp_bind_text(&q, ":what", what);
	mp_bind_int(&q, ":two", b->two);
	mp_bind_real(&q, ":low", b->low.value);
	mp_bind_real(&q, ":low_share", b->low.share);
	mp_bind_real(&q, ":high", b->high.value);
	mp_bind_real(&q, ":high_share", b->high.share);
	mp_bind_real(&q, ":separation", isfinite(b->separation) ? b->separation : NAN);
	return mp_query_run(&q, "store the modes of a case", err);
}

static int put(struct mp_store *s, int64_t run_case, struct gather *g, struct mp_err *err)
{
	struct mp_bimodal invocations, calls;
	double grain = g->mode == MP_MODE_CALL ? g->step_ns : 0;
	int rc = clear(s, run_case, err);

	if (!rc)
		rc = put_variance(s, run_case, g, err);
	if (!rc && !mp_bimodal_values(g->values, g->n_values, grain, &invocations))
		rc = put_modes(s, run_case, "invocations", &invocations, err);
	if (!rc && g->mode == MP_MODE_CALL && !mp_bimodal_histogram(&g->calls, grain, &calls))
		rc = put_modes(s, run_case, "calls", &calls, err);
	return rc;
}

int mp_store_spread_compute(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			    enum mp_population population, double step_ns, struct mp_err *err)
{
	MP_CLEANUP(gather_done)
	struct gather g = { .mode = mode, .population = population, .step_ns = step_ns };
	int rc = mp_store_invocations(s, run_case, true, add_invocation, &g, err);

	if (g.rc == -ENOMEM)
		return mp_store_no_memory(s, err);
	return rc ? rc : put(s, run_case, &g, err);
}

/* ---- reading ---- */

static int read_variance(struct mp_store *s, int64_t run_case, struct mp_spread *spread,
			 struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT n, blocks, s1_within, s2_means, t2_between, icc, block_ns, start_ns"
		" FROM variance WHERE run_case_id = :id",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", run_case);
	rc = mp_query_step(&q, "read the scatter of a case", err);
	if (rc > 0) {
		spread->variance = (struct mp_variance){
			.n = (size_t)mp_column_int(&q, 0),
			.blocks = mp_column_real(&q, 1),
			.mean = NAN,
			.within = mp_column_real(&q, 2),
			.means = mp_column_real(&q, 3),
			.between = mp_column_real(&q, 4),
			.icc = mp_column_real(&q, 5),
		};
		spread->cost =
			(struct mp_block_cost){ mp_column_real(&q, 6), mp_column_real(&q, 7) };
	}
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}

static int read_modes(struct mp_store *s, int64_t run_case, struct mp_spread *spread,
		      struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT what = 'calls', two, low, low_share, high, high_share,"
			       " separation FROM modes WHERE run_case_id = :id",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", run_case);
	while ((rc = mp_query_step(&q, "read the modes of a case", err)) > 0) {
		struct mp_bimodal *b = mp_column_int(&q, 0) ? &spread->calls : &spread->invocations;

		*b = (struct mp_bimodal){
			.known = true,
			.two = mp_column_int(&q, 1) != 0,
			.low = { mp_column_real(&q, 2), mp_column_real(&q, 3) },
			.high = { mp_column_real(&q, 4), mp_column_real(&q, 5) },
			.separation = mp_column_real(&q, 6),
		};
		if (isnan(b->separation) && !isnan(b->low.value))
			b->separation = INFINITY;
	}
	mp_query_close(&q);
	return rc;
}

static int read_steady(struct mp_store *s, int64_t run_case, struct mp_spread *spread,
		       struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT steady FROM invocation WHERE run_case_id = :id"
			       " AND outcome IN ('ok', 'invalid')",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", run_case);
	while ((rc = mp_query_step(&q, "read the steadiness of a case", err)) > 0) {
		enum mp_steady steady;

		if (mp_steady_parse(mp_column_text(&q, 0), &steady)) {
			rc = mp_store_damaged(s, "read the steadiness of a case", err);
			break;
		}
		spread->steady.of[steady]++;
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_case_spread(struct mp_store *s, int64_t run_case, struct mp_spread *ret_spread,
			 struct mp_err *err)
{
	const struct mp_bimodal none = { .low = { NAN, NAN },
					 .high = { NAN, NAN },
					 .separation = NAN };
	struct mp_spread spread = {
		.variance = { .blocks = NAN,
			      .mean = NAN,
			      .within = NAN,
			      .means = NAN,
			      .between = NAN,
			      .icc = NAN },
		.cost = { NAN, NAN },
		.invocations = none,
		.calls = none,
	};
	int rc = read_variance(s, run_case, &spread, err);

	if (!rc)
		rc = read_modes(s, run_case, &spread, err);
	if (!rc)
		rc = read_steady(s, run_case, &spread, err);
	if (!rc)
		*ret_spread = spread;
	return rc;
}

int mp_store_case_overhead(struct mp_store *s, const char *machine, const char *case_text,
			   unsigned bench_version, double *ret_seconds, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT v.start_ns / 1e9 - ifnull(json_extract(r.plan_json, "
		"'$.schedule.warmup_s'), 0)"
		" FROM kase k JOIN bench b USING (bench_id) JOIN run_case c USING (case_id)"
		" JOIN variance v USING (run_case_id) JOIN run r USING (run_id)"
		" JOIN machine m USING (machine_id) WHERE k.text = :text AND b.version = :version"
		" AND m.key = :key ORDER BY r.started_ns DESC, r.run_id DESC LIMIT 1",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":text", case_text);
	mp_bind_int(&q, ":version", bench_version);
	mp_bind_text(&q, ":key", machine);
	rc = mp_query_step(&q, "read the cost of a case", err);
	if (rc >= 0)
		*ret_seconds = rc ? fmax(0, mp_column_real(&q, 0)) : NAN;
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}
