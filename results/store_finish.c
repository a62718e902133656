/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the invocations of a case to its outcome, its summaries and its headline.
 */
#include "results/store_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "results/headline.h"
#include "results/points.h"
#include "results/store_points.h"

enum { CALL, BATCH, RATE }; /* indices of mp_store_modes */

struct numbers {
	uint64_t n;
	double mean, p50, p99;
};

/* One invocation as it was stored. */
struct part {
	int64_t id;
	enum mp_outcome outcome;
	double first_ns, ops_per_s;
	struct numbers dist[MP_MODE_COUNT][2]; /* [enum mp_population] */
};

struct finish {
	struct mp_store *store;
	int64_t run_case;
	double step_ns, pair_ns;
	bool judged; /* the probe references of every usable invocation are known */

	struct part *parts;
	size_t n_parts, cap_parts;
	size_t usable;
	double *values; /* room for one per part */
	struct mp_said *said; /* of each usable part */
	char reason[MP_REASON_TEXT]; /* of the first invocation with the worst outcome */
	enum mp_outcome worst;
	unsigned worst_count;
	int64_t blocks, flagged;

	/* result */
	enum mp_outcome outcome;
	const char *why_stopped;
	struct mp_headline headline;
	double calm_share, observer_effect;
	int64_t checks_passed, checks_failed;
};

static void finish_done(struct finish *f)
{
	free(f->parts);
	free(f->values);
	free(f->said);
}

static int severity(enum mp_outcome outcome)
{
	switch (outcome) {
	case MP_OUTCOME_FAILED:
		return 3;
	case MP_OUTCOME_TIMED_OUT:
		return 2;
	case MP_OUTCOME_INVALID:
		return 1;
	default:
		return 0;
	}
}

/* ---- loading ---- */

static int mode_index(const char *name)
{
	for (int m = 0; m < MP_MODE_COUNT; m++)
		if (!strcmp(mp_mode_name(mp_store_modes[m]), name))
			return m;
	return -1;
}

static int load_part(struct finish *f, struct mp_query *q, struct mp_err *err)
{
	struct part *part =
		mp_vec_push((void **)&f->parts, &f->n_parts, &f->cap_parts, sizeof(*part));

	if (!part)
		return mp_store_no_memory(f->store, err);
	part->id = mp_column_int(q, 0);
	if (mp_outcome_parse(mp_column_text(q, 1), &part->outcome))
		return mp_store_damaged(f->store, "read the outcome of an invocation", err);
	part->first_ns = mp_column_real(q, 3);
	part->ops_per_s = mp_column_real(q, 4);
	if (severity(part->outcome) > severity(f->worst)) {
		f->worst = part->outcome;
		f->worst_count = 0;
		mp_column_buffer(q, 2, f->reason, sizeof(f->reason));
	}
	f->worst_count += part->outcome == f->worst;
	if (severity(part->outcome) > 1)
		return 0;
	f->usable++;
	f->judged &= mp_column_int(q, 13) != 0;
	f->blocks += mp_column_int(q, 5);
	f->flagged += mp_column_int(q, 6);
	return 0;
}

static int load(struct finish *f, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(
		f->store, &q,
		"SELECT i.invocation_id, i.outcome, i.reason, i.first_ns, i.ops_per_s,"
		" i.blocks, i.flagged_blocks, s.mode, s.population, s.n, s.mean, s.p50, s.p99,"
		" i.mul_reference IS NOT NULL"
		" FROM invocation i LEFT JOIN invocation_stat s USING (invocation_id)"
		" WHERE i.run_case_id = :run_case ORDER BY i.ordinal",
		err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", f->run_case);
	while ((rc = mp_query_step(&q, "read the invocations", err)) > 0) {
		struct part *last = f->n_parts ? &f->parts[f->n_parts - 1] : NULL;
		struct numbers *n;
		int mode;

		if (!last || last->id != mp_column_int(&q, 0)) {
			rc = load_part(f, &q, err);
			if (rc)
				break;
			last = &f->parts[f->n_parts - 1];
		}
		mode = mode_index(mp_column_text(&q, 7));
		if (mode < 0)
			continue;
		n = &last->dist[mode][strcmp(mp_column_text(&q, 8), "calm") == 0];
		n->n = (uint64_t)mp_column_int(&q, 9);
		n->mean = mp_column_real(&q, 10);
		n->p50 = mp_column_real(&q, 11);
		n->p99 = mp_column_real(&q, 12);
	}
	mp_query_close(&q);
	if (rc)
		return rc;
	f->values = calloc(f->n_parts + 1, sizeof(*f->values));
	f->said = calloc(f->n_parts + 1, sizeof(*f->said));
	return f->values && f->said ? 0 : mp_store_no_memory(f->store, err);
}

static int load_checks(struct finish *f, struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(f->store, &q,
			       "SELECT ifnull(sum(c.passed), 0), ifnull(sum(c.failed), 0)"
			       " FROM check_result c JOIN invocation USING (invocation_id)"
			       " WHERE run_case_id = :run_case",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", f->run_case);
	rc = mp_query_step(&q, "read the checks", err);
	if (rc > 0) {
		f->checks_passed = mp_column_int(&q, 0);
		f->checks_failed = mp_column_int(&q, 1);
	}
	mp_query_close(&q);
	return rc < 0 ? rc : 0;
}

/* ---- estimates ---- */

enum metric { MEAN, P50, P99 };

static double metric_of(const struct numbers *n, enum metric metric)
{
	switch (metric) {
	case MEAN:
		return n->mean;
	case P50:
		return n->p50;
	default:
		return n->p99;
	}
}

static double value_of(const struct part *part, int mode, enum mp_population p, enum metric metric)
{
	const struct numbers *n = &part->dist[mode][p];
	bool counts =
		severity(part->outcome) <= 1 && mp_population_counts(p, mp_store_modes[mode], n->n);

	return counts ? metric_of(n, metric) : NAN;
}

static struct mp_estimate estimate(struct finish *f, int mode, enum mp_population p,
				   enum metric metric)
{
	for (size_t i = 0; i < f->n_parts; i++)
		f->values[i] = value_of(&f->parts[i], mode, p, metric);
	return mp_estimate_invocations(f->values, f->n_parts);
}

static void choose_headline(struct finish *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_parts; i++) {
		if (severity(f->parts[i].outcome) > 1)
			continue;
		for (int m = 0; m < MP_MODE_COUNT; m++)
			for (int p = 0; p < 2; p++)
				f->said[n].ns[m][p] =
					value_of(&f->parts[i], m, (enum mp_population)p,
						 m == RATE ? MEAN : P50);
		n++;
	}
	f->headline = mp_headline_choose(f->said, n, f->pair_ns, f->step_ns);
}

static bool calm(const struct finish *f, enum mp_mode mode)
{
	return mp_headline_population(f->said, f->usable, mode) == MP_POPULATION_CALM;
}

static void compare_modes(struct finish *f)
{
	enum mp_population p = calm(f, MP_MODE_CALL) && calm(f, MP_MODE_BATCH) ? MP_POPULATION_CALM
									       : MP_POPULATION_ALL;
	int mode = mp_mode_index(f->headline.mode);
	uint64_t n_calm = 0, all = 0;

	f->observer_effect = estimate(f, CALL, p, MEAN).value - estimate(f, BATCH, p, MEAN).value;
	for (size_t i = 0; i < f->n_parts; i++) {
		if (severity(f->parts[i].outcome) > 1)
			continue;
		all += f->parts[i].dist[mode][MP_POPULATION_ALL].n;
		n_calm += f->parts[i].dist[mode][MP_POPULATION_CALM].n;
	}
	f->calm_share = all && f->judged ? (double)n_calm / (double)all : NAN;
}

static void judge(struct finish *f, int64_t planned, const char *why_stopped)
{
	if (!why_stopped && f->n_parts && (int64_t)f->n_parts >= planned)
		why_stopped = "planned";
	f->why_stopped = why_stopped;
	if (!why_stopped || !f->n_parts) {
		f->outcome = MP_OUTCOME_PENDING;
		snprintf(f->reason, sizeof(f->reason), "%s",
			 why_stopped ? "the run ended before its first invocation" : "");
		return;
	}
	if (severity(f->worst)) {
		char reason[sizeof(f->reason)];

		f->outcome = f->worst;
		memcpy(reason, f->reason, sizeof(reason));
		/* The count goes last and must survive: a long reason is cut. */
		snprintf(f->reason, sizeof(f->reason), "%.*s (%u of %zu invocations)",
			 (int)sizeof(reason) - 48, reason, f->worst_count, f->n_parts);
		return;
	}
	f->outcome = f->headline.value.n ? MP_OUTCOME_OK : MP_OUTCOME_FAILED;
	snprintf(f->reason, sizeof(f->reason), "%s",
		 f->headline.value.n
			 ? ""
			 : "no invocation has a measured block without failed operations");
}

/* ---- storing ---- */

static int put_summary(struct finish *f, int mode, enum mp_population p, const char *metric,
		       const struct mp_estimate *e, struct mp_err *err)
{
	struct mp_query q;
	int rc;

	if (!e->n)
		return 0;
	rc = mp_query_open(
		f->store, &q,
		"INSERT INTO summary (run_case_id, mode, population, metric, n, value, low,"
		" high, level, cv) VALUES (:run_case, :mode, :population, :metric, :n, :value,"
		" :low, :high, :level, :cv)",
		err);
	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", f->run_case);
	mp_bind_text(&q, ":mode", mp_mode_name(mp_store_modes[mode]));
	mp_bind_text(&q, ":population", mp_population_name(p));
	mp_bind_text(&q, ":metric", metric);
	mp_bind_int(&q, ":n", (int64_t)e->n);
	mp_bind_real(&q, ":value", e->value);
	mp_bind_real(&q, ":low", e->low);
	mp_bind_real(&q, ":high", e->high);
	mp_bind_real(&q, ":level", e->level);
	mp_bind_real(&q, ":cv", e->cv);
	return mp_query_run(&q, "store the summary", err);
}

/* A metric of the invocation itself rather than of a mode's samples. */
static int put_scalar(struct finish *f, int mode, const char *metric, size_t offset,
		      struct mp_err *err)
{
	struct mp_estimate e;

	for (size_t i = 0; i < f->n_parts; i++)
		f->values[i] =
			severity(f->parts[i].outcome) > 1
				? NAN
				: *(const double *)(const void *)((const char *)&f->parts[i] +
								  offset);
	e = mp_estimate_invocations(f->values, f->n_parts);
	return put_summary(f, mode, MP_POPULATION_ALL, metric, &e, err);
}

static int put_summaries(struct finish *f, struct mp_err *err)
{
	static const struct {
		int mode;
		enum metric metric;
		const char *name;
	} rows[] = {
		{ CALL, MEAN, "mean" },	 { CALL, P50, "p50" },	{ CALL, P99, "p99" },
		{ BATCH, MEAN, "mean" }, { BATCH, P50, "p50" }, { RATE, MEAN, "mean" },
	};
	struct mp_query q;
	int rc = mp_query_open(f->store, &q, "DELETE FROM summary WHERE run_case_id = :run_case",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", f->run_case);
	rc = mp_query_run(&q, "store the summary", err);
	for (int p = 0; p < 2; p++) {
		for (size_t i = 0; !rc && i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct mp_estimate e =
				estimate(f, rows[i].mode, (enum mp_population)p, rows[i].metric);

			rc = put_summary(f, rows[i].mode, (enum mp_population)p, rows[i].name, &e,
					 err);
		}
	}
	if (!rc)
		rc = put_scalar(f, CALL, "first", offsetof(struct part, first_ns), err);
	return rc ? rc : put_scalar(f, RATE, "ops_per_s", offsetof(struct part, ops_per_s), err);
}

static int update_run_case(struct finish *f, struct mp_err *err)
{
	const struct mp_headline *h = &f->headline;
	const bool has_value = h->value.n;
	struct mp_query q;
	int rc = mp_query_open(
		f->store, &q,
		"UPDATE run_case SET outcome = :outcome, reason = :reason, why_stopped = :why, "
		"mode = :mode,"
		" population = :population, resolution = :resolution, n = nullif(:n, 0), value_ns "
		"= :value,"
		" low_ns = :low, high_ns = :high, level = :level, cv = :cv, calm_share = "
		":calm_share,"
		" observer_effect_ns = :observer, blocks = :blocks, flagged_blocks = :flagged,"
		" checks_passed = :passed, checks_failed = :failed WHERE run_case_id = :run_case",
		err);

	if (rc)
		return rc;
	mp_bind_text(&q, ":outcome", mp_outcome_name(f->outcome));
	mp_bind_text(&q, ":reason", f->reason);
	mp_bind_text(&q, ":why", f->why_stopped);
	mp_bind_text(&q, ":mode", has_value ? mp_mode_name(h->mode) : NULL);
	mp_bind_text(&q, ":population", has_value ? mp_population_name(h->population) : NULL);
	mp_bind_text(&q, ":resolution", h->has_call ? mp_resolution_name(h->resolution) : NULL);
	mp_bind_int(&q, ":n", (int64_t)h->value.n);
	mp_bind_real(&q, ":value", h->value.value);
	mp_bind_real(&q, ":low", h->value.low);
	mp_bind_real(&q, ":high", h->value.high);
	mp_bind_real(&q, ":level", h->value.level);
	mp_bind_real(&q, ":cv", h->value.cv);
	mp_bind_real(&q, ":calm_share", f->calm_share);
	mp_bind_real(&q, ":observer", f->observer_effect);
	mp_bind_int(&q, ":blocks", f->blocks);
	mp_bind_int(&q, ":flagged", f->flagged);
	mp_bind_int(&q, ":passed", f->checks_passed);
	mp_bind_int(&q, ":failed", f->checks_failed);
	mp_bind_int(&q, ":run_case", f->run_case);
	return mp_query_run(&q, "store the result of a case", err);
}

static int get_planned(struct mp_store *s, int64_t run_case, int64_t *ret_planned,
		       struct mp_err *err)
{
	struct mp_query q;
	int rc = mp_query_open(s, &q,
			       "SELECT planned FROM run_case WHERE run_case_id = :run_case AND"
			       " outcome <> 'skipped'",
			       err);

	if (rc)
		return rc;
	mp_bind_int(&q, ":run_case", run_case);
	rc = mp_query_int(&q, "read the case", -1, ret_planned, err);
	if (!rc && *ret_planned < 0)
		return mp_err_internal(err, -ENOENT, "no case %lld to finish in '%s'",
				       (long long)run_case, s->path);
	return rc;
}

int mp_store_case_finish(struct mp_store *s, int64_t run_case,
			 const struct mp_full_speeds *references, double step_ns, double pair_ns,
			 const char *why_stopped, struct mp_err *err)
{
	MP_CLEANUP(finish_done)
	struct finish f = {
		.store = s,
		.run_case = run_case,
		.step_ns = step_ns,
		.pair_ns = pair_ns,
		.judged = true,
		.worst = MP_OUTCOME_OK,
	};
	int64_t planned = 0;
	/* Everything here can be computed again from the invocations, which are on the disk already. */
	int rc = mp_tx_begin(s, MP_TX_SOON, err);

	if (rc)
		return rc;
	rc = get_planned(s, run_case, &planned, err);
	if (!rc)
		rc = mp_store_rejudge(s, run_case, references, step_ns, err);
	if (!rc)
		rc = load(&f, err);
	if (!rc)
		rc = load_checks(&f, err);
	if (!rc) {
		choose_headline(&f);
		compare_modes(&f);
		judge(&f, planned, why_stopped);
		rc = put_summaries(&f, err);
	}
	if (!rc)
		rc = update_run_case(&f, err);
	if (!rc)
		rc = mp_store_points_put(s, run_case, err);
	if (!rc && f.headline.value.n)
		rc = mp_store_spread_compute(s, run_case, f.headline.mode, f.headline.population,
					     step_ns, err);
	return mp_tx_end(s, rc, "store the result of a case", err);
}
