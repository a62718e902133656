/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run stores about its cases that a reader of their values should know: see caveats.h. */
#include "results/caveats.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/store_internal.h"

#define DRIFT_Z	     3.29 /* p < 0.001, two-sided */
#define LEAST_SHARE  0.02 /* of a value: what is smaller is not worth a word */
#define FIRST_RANGES 2
#define COST_SHARE   0.1

static double mean(const double *values, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += values[i];
	return sum / (double)n;
}

bool mp_drifts(const double *values, size_t n)
{
	double m = (double)n, first, last;
	double deviation = sqrt(m * (m - 1) * (2 * m + 5) / 18);
	long s = 0;

	if (n < MP_DRIFT_LEAST)
		return false;
	for (size_t i = 1; i < n; i++) {
		for (size_t k = 0; k < i; k++)
			s += (values[i] > values[k]) - (values[i] < values[k]);
	}
	first = mean(values, n / 3);
	last = mean(values + n - n / 3, n / 3);
	return (double)labs(s) - 1 > DRIFT_Z * deviation &&
	       fabs(last - first) > LEAST_SHARE * first;
}

bool mp_first_differs(const double *values, size_t n)
{
	double low, high, gap;

	if (n < MP_FIRST_LEAST)
		return false;
	low = high = values[1];
	for (size_t i = 2; i < n; i++) {
		low = fmin(low, values[i]);
		high = fmax(high, values[i]);
	}
	gap = values[0] > high ? values[0] - high : low - values[0];
	return gap > FIRST_RANGES * (high - low) && gap > LEAST_SHARE * low;
}

bool mp_timing_costs(double value, double observer_effect, double pair)
{
	double most = COST_SHARE * value;

	return pair > most || fabs(observer_effect) > fmax(2 * pair, most);
}

/* ---- what a row of a statement says: bits 1u << enum mp_caveat, or -ENOMEM ---- */

/* Of values of invocations, which are little-endian doubles, as they are in memory. */
static int judge_values(struct mp_query *q)
{
	size_t size = (size_t)sqlite3_column_bytes(q->stmt, 1), n = size / sizeof(double);
	const void *blob = sqlite3_column_blob(q->stmt, 1);
	double *values = size ? malloc(size) : NULL;
	int bits;

	if (!values)
		return size ? -ENOMEM : 0;
	memcpy(values, blob, size);
	bits = mp_drifts(values, n) ? 1 << MP_CAVEAT_DRIFT : 0;
	bits |= mp_first_differs(values, n) ? 1 << MP_CAVEAT_FIRST : 0;
	free(values);
	return bits;
}

static int judge_cost(struct mp_query *q)
{
	bool costs =
		mp_timing_costs(mp_column_real(q, 1), mp_column_real(q, 2), mp_column_real(q, 3));

	return costs ? 1 << MP_CAVEAT_COST : 0;
}

static int is_modes(struct mp_query *q)
{
	(void)q;
	return 1 << MP_CAVEAT_MODES;
}

static int is_multiplexed(struct mp_query *q)
{
	(void)q;
	return 1 << MP_CAVEAT_MULTIPLEXED;
}

struct asking {
	int64_t run;
	int (*each)(void *user, int64_t run_case, enum mp_caveat caveat);
	void *user;
};

static int tell(const struct asking *a, int64_t run_case, int bits)
{
	int rc = 0;

	for (int i = 0; !rc && i < MP_CAVEAT_COUNT; i++) {
		if (bits >> i & 1)
			rc = a->each(a->user, run_case, (enum mp_caveat)i);
	}
	return rc;
}

/* A statement whose rows begin with run_case_id. */
static int ask(struct mp_store *s, const char *sql, int (*judge)(struct mp_query *q),
	       const struct asking *a, struct mp_err *err)
{
	static const char doing[] = "read what is known about the cases";
	struct mp_query q;
	int rc = mp_query_open(s, &q, sql, err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run", a->run);
	while ((rc = mp_query_step(&q, doing, err)) > 0) {
		int bits = judge(&q);

		rc = bits < 0 ? mp_err_env(err, bits, "out of memory")
			      : tell(a, mp_column_int(&q, 0), bits);
		if (rc)
			break;
	}
	mp_query_close(&q);
	return rc;
}

int mp_store_caveats(struct mp_store *s, int64_t run,
		     int (*each)(void *user, int64_t run_case, enum mp_caveat caveat), void *user,
		     struct mp_err *err)
{
	/* The crosses keep the order of the tables: every other one is a seek for each row of the first. */
	static const struct {
		const char *sql;
		int (*judge)(struct mp_query *q);
	} questions[] = {
		{ "SELECT DISTINCT m.run_case_id FROM modes m"
		  " CROSS JOIN run_case c USING (run_case_id)"
		  " WHERE m.two = 1 AND c.run_id = :run",
		  is_modes },
		{ "SELECT c.run_case_id, CASE c.mode WHEN 'rate' THEN p.mean ELSE p.p50 END"
		  " FROM run_case c CROSS JOIN point p ON p.run_case_id = c.run_case_id"
		  " AND p.mode = c.mode AND p.population = c.population"
		  " WHERE c.run_id = :run",
		  judge_values },
		{ "SELECT c.run_case_id FROM run_case c WHERE c.run_id = :run AND EXISTS"
		  " (SELECT 1 FROM counter_value v WHERE v.run_case_id = c.run_case_id"
		  " AND v.ratio < 1)",
		  is_multiplexed },
		{ "SELECT c.run_case_id, c.value_ns, c.observer_effect_ns, r.clock_pair_ns"
		  " FROM run_case c JOIN run r USING (run_id)"
		  " WHERE c.run_id = :run AND c.value_ns IS NOT NULL AND (c.mode = 'call' OR"
		  " c.resolution IN ('per-call', 'quantised'))",
		  judge_cost },
	};
	const struct asking asking = { run, each, user };
	int rc = 0;

	for (size_t i = 0; !rc && i < sizeof(questions) / sizeof(questions[0]); i++)
		rc = ask(s, questions[i].sql, questions[i].judge, &asking, err);
	return rc;
}
