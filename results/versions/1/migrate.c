/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From schema version 1 to 2, what SQL cannot compute: the values of every case and how they scatter, from its raw data,
 * statistics and histograms. */
#include <string.h>

#include "results/store_internal.h"
#include "results/store_points.h"

int mp_schema_migrate_1(struct mp_store *s, struct mp_err *err);

/* The scatter of one case, as mp_store_case_finish() would have stored it. */
static int spread(struct mp_store *s, struct mp_query *q, struct mp_err *err)
{
	enum mp_population population =
		strcmp(mp_column_text(q, 2), "calm") ? MP_POPULATION_ALL : MP_POPULATION_CALM;
	enum mp_mode mode;

	if (mp_mode_parse(mp_column_text(q, 1), &mode))
		return mp_store_damaged(s, "read the mode of a case", err);
	return mp_store_spread_compute(s, mp_column_int(q, 0), mode, population,
				       mp_column_real(q, 3), err);
}

static int spreads(struct mp_store *s, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT run_case_id, mode, population, clock_step_ns FROM run_case"
			       " JOIN run USING (run_id) WHERE value_ns IS NOT NULL",
			       err);

	if (rc)
		return rc;
	while ((rc = mp_query_step(&q, "read the cases", err)) > 0) {
		rc = spread(s, &q, err);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

int mp_schema_migrate_1(struct mp_store *s, struct mp_err *err)
{
	int rc = mp_store_points_put_all(s, err);

	return rc ? rc : spreads(s, err);
}
