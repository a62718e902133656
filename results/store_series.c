/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a history: see series.h. */
#include "results/series.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "results/store_internal.h"

int mp_store_series_runs(struct mp_store *s, int (*each)(void *user, const struct mp_series_run *r),
			 void *user, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		s, &q,
		"SELECT run_id, started_ns, ended_ns, uuid, m.key, host, label, status, version,"
		" source_commit, ifnull(json_extract(iif(json_valid(options_json), options_json,"
		" '{}'), '$.sabotage'), '') NOT IN ('', 0, '[]'), EXISTS (SELECT 1 FROM run_tag t"
		" WHERE t.run_id = r.run_id AND t.key IN ('confirms', 'bisect')) FROM run r JOIN "
		"machine m"
		" USING (machine_id)"
		" ORDER BY run_id",
		err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the runs", err)) > 0) {
		const struct mp_series_run r = { .id = mp_column_int(&q, 0),
						 .started_ns = mp_column_int(&q, 1),
						 .ended_ns = mp_column_int(&q, 2),
						 .uuid = mp_column_text(&q, 3),
						 .machine = mp_column_text(&q, 4),
						 .host = mp_column_text(&q, 5),
						 .label = mp_column_text(&q, 6),
						 .status = mp_column_text(&q, 7),
						 .version = mp_column_text(&q, 8),
						 .commit = mp_column_text(&q, 9),
						 .sabotaged = mp_column_int(&q, 10) != 0,
						 .confirms = mp_column_int(&q, 11) != 0 };

		rc = each(user, &r);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_series_facts(struct mp_store *s,
			  int (*each)(void *user, int64_t run, const struct mp_fact *fact),
			  void *user, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT run_id, fact_group, key, value, volatility, weight FROM fact"
			       " WHERE weight >= 2 AND volatility IN ('boot', 'hardware')"
			       " ORDER BY run_id, position",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the facts", err)) > 0) {
		bool known = sqlite3_column_type(q.stmt, 3) != SQLITE_NULL;
		const struct mp_fact fact = { .group = mp_column_text(&q, 1),
					      .key = mp_column_text(&q, 2),
					      .value = known ? mp_column_text(&q, 3) : NULL,
					      .origin = "",
					      .volatility = mp_column_text(&q, 4),
					      .weight = (int)mp_column_int(&q, 5),
					      .why = "" };

		rc = each(user, mp_column_int(&q, 0), &fact);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_series_cases(struct mp_store *s,
			  int (*each)(void *user, const struct mp_series_case *c), void *user,
			  struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT case_id, text, name, family, unit, version FROM kase"
			       " JOIN bench USING (bench_id)",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the cases", err)) > 0) {
		const struct mp_series_case c = { .id = mp_column_int(&q, 0),
						  .text = mp_column_text(&q, 1),
						  .bench = mp_column_text(&q, 2),
						  .family = mp_column_text(&q, 3),
						  .unit = mp_column_text(&q, 4),
						  .version = (unsigned)mp_column_int(&q, 5) };

		rc = each(user, &c);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

static int value_of(struct mp_query *q, struct mp_series_value *v, struct mp_err *err)
{
	*v = (struct mp_series_value){ .run = mp_column_int(q, 0),
				       .kase = mp_column_int(q, 1),
				       .run_case = mp_column_int(q, 2),
				       .reason = mp_column_text(q, 4),
				       .has_value = sqlite3_column_type(q->stmt, 7) != SQLITE_NULL,
				       .value = mp_column_real(q, 7),
				       .cv = mp_column_real(q, 8) };
	v->population =
		strcmp(mp_column_text(q, 6), "calm") ? MP_POPULATION_ALL : MP_POPULATION_CALM;
	if (mp_outcome_parse(mp_column_text(q, 3), &v->outcome) ||
	    (v->has_value && mp_mode_parse(mp_column_text(q, 5), &v->mode)))
		return mp_store_damaged(q->store, "read the results", err);
	return 0;
}

int mp_store_series_values(struct mp_store *s,
			   int (*each)(void *user, const struct mp_series_value *v), void *user,
			   struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT run_id, case_id, run_case_id, outcome, reason, mode, "
			       "population, value_ns, cv FROM run_case",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the results", err)) > 0) {
		struct mp_series_value v;

		rc = value_of(&q, &v, err);
		if (!rc)
			rc = each(user, &v);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_summary_value(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			   enum mp_population population, const char *metric, double *ret_value,
			   struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT value FROM summary WHERE run_case_id = :id AND mode = :mode"
			       " AND population = :population AND metric = :metric",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":id", run_case);
	mp_bind_text(&q, ":mode", mp_mode_name(mode));
	mp_bind_text(&q, ":population", mp_population_name(population));
	mp_bind_text(&q, ":metric", metric);
	rc = mp_query_step(&q, "read a summary", err);
	if (rc >= 0)
		*ret_value = rc ? mp_column_real(&q, 0) : NAN;
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}
