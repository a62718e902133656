/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pair: may it be compared, by which values, and the verdict about its location with the reason in words. */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"

static const enum mp_mode modes[MP_MODE_COUNT] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };

size_t mp_pair_run_cases(const struct mp_pair *pair, bool b, int64_t *ret_ids, size_t room,
			 size_t *ret_run)
{
	const struct mp_side_case *kase = b ? pair->of_b : pair->of_a;

	if (!kase)
		return 0;
	for (size_t i = 0; i < kase->n_rows && i < room; i++)
		ret_ids[i] = kase->rows[i]->run_case;
	*ret_run = kase->run;
	return kase->n_rows;
}

int mp_pair_rule(struct mp_pair *pair, enum mp_verdict verdict, const char *fmt, ...)
{
	struct mp_str text = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	free(pair->reason);
	pair->verdict = verdict;
	pair->reason = mp_str_take(&text);
	return pair->reason ? 0 : -ENOMEM;
}

/* "skipped: needs 8 huge pages", or just the outcome. */
static void outcome_text(struct mp_str *out, const struct mp_points_case *row)
{
	mp_str_add(out, row->outcome == MP_OUTCOME_TIMED_OUT ? "timed out"
							     : mp_outcome_name(row->outcome));
	if (row->reason && row->reason[0])
		mp_str_printf(out, ": %s", row->reason);
}

static int not_ok(struct mp_pair *pair)
{
	struct mp_str in_a = MP_STR_INIT, in_b = MP_STR_INIT;
	int rc;

	outcome_text(&in_a, pair->a);
	outcome_text(&in_b, pair->b);
	if (in_a.failed || in_b.failed)
		rc = -ENOMEM;
	else if (!strcmp(in_a.text, in_b.text))
		rc = mp_pair_rule(pair, MP_VERDICT_FAILED, "both %s", in_a.text);
	else
		rc = mp_pair_rule(pair, MP_VERDICT_FAILED, "A %s; B %s", in_a.text, in_b.text);
	mp_str_done(&in_a);
	mp_str_done(&in_b);
	return rc;
}

/* With a fault that makes its results untrue? */
static bool is_spoilt(const struct mp_side_run *run)
{
	return run->sabotage && !run->slowed;
}

/* The factors of the pair, or the verdict when one is unknown. */
static int in_unit(const struct mp_comparison *c, struct mp_pair *pair)
{
	MP_CLEANUP(mp_str_done) struct mp_str why = MP_STR_INIT;
	bool known_a;
	int rc;

	pair->factor_a = mp_compare_factor(c, pair->a, false);
	pair->factor_b = mp_compare_factor(c, pair->b, true);
	known_a = isfinite(pair->factor_a);
	if (known_a && isfinite(pair->factor_b))
		return 0;
	rc = mp_compare_no_factor(c, known_a ? pair->b : pair->a, known_a, &why);
	return rc ? rc
		  : mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE, "in %s: %s", mp_unit_name(c->unit),
				 why.text);
}

/* Verdicts that need no values. 0 with `pair->reason` set when there is one; -ENOMEM. */
static int preconditions(const struct mp_comparison *c, struct mp_pair *pair)
{
	const struct mp_side_run *run_a = &c->a->runs[pair->of_a->run];
	const struct mp_side_run *run_b = &c->b->runs[pair->of_b->run];
	const struct mp_points_case *a = pair->a, *b = pair->b;
	const char *page_a = mp_side_page_size(run_a), *page_b = mp_side_page_size(run_b);

	if (is_spoilt(run_a) || is_spoilt(run_b))
		return mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE,
				    "%s was run with a planted fault (%s)",
				    is_spoilt(run_a) ? "A" : "B",
				    is_spoilt(run_a) ? run_a->sabotage : run_b->sabotage);
	if (a->outcome != MP_OUTCOME_OK || b->outcome != MP_OUTCOME_OK)
		return not_ok(pair);
	if (a->version != b->version)
		return mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE,
				    "definition version %u in A, %u in B: not the same measurement",
				    a->version, b->version);
	if (strcmp(a->unit, b->unit))
		return mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE, "unit '%s' in A, '%s' in B",
				    a->unit, b->unit);
	if (page_a && page_b && strcmp(page_a, page_b))
		return mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE,
				    "base page size %s in A, %s in B", page_a, page_b);
	return in_unit(c, pair);
}

bool mp_row_calls(const struct mp_points_case *row)
{
	/* Below the clock's resolution they are not numbers to compare. */
	return row->resolution != MP_RESOLUTION_BATCH_ONLY;
}

static size_t have(const struct mp_points_case *row, enum mp_mode mode, enum mp_population p)
{
	if (mode == MP_MODE_CALL && !mp_row_calls(row))
		return 0;
	return row->points[mp_mode_index(mode)][p].n;
}

/* A side has a calm population worth comparing when it can be tested, or when it is all there is. (That it speaks for half
 * of the invocations was asked once: a run that another process disturbed was then judged by its disturbed values, and
 * faults of two threads came out 2.2 times as slow, where its seven calm invocations of thirty said 1.02.) */
static bool calm_enough(const struct mp_points_case *row, enum mp_mode mode)
{
	size_t calm = have(row, mode, MP_POPULATION_CALM);
	size_t all = have(row, mode, MP_POPULATION_ALL);

	return calm >= MP_POLICY_LEAST || (calm && calm == all);
}

bool mp_pair_populated(const struct mp_pair *pair, enum mp_mode mode,
		       enum mp_population *ret_population)
{
	bool calm = calm_enough(pair->a, mode) && calm_enough(pair->b, mode);
	enum mp_population p = calm ? MP_POPULATION_CALM : MP_POPULATION_ALL;

	*ret_population = p;
	return have(pair->a, mode, p) && have(pair->b, mode, p);
}

/* A's headline mode, else B's, else any that both sides have. */
static bool choose(struct mp_pair *pair)
{
	enum mp_mode wanted[2 + MP_MODE_COUNT] = { pair->a->mode, pair->b->mode };

	memcpy(wanted + 2, modes, sizeof(modes));
	for (size_t i = pair->a->has_value ? 0 : 2; i < 2 + MP_MODE_COUNT; i++) {
		if (!wanted[i] || !mp_pair_populated(pair, wanted[i], &pair->population))
			continue;
		mp_pair_choose(pair, wanted[i], pair->population);
		return true;
	}
	return false;
}

void mp_pair_begin(const struct mp_side_case *a, const struct mp_side_case *b, struct mp_pair *pair)
{
	const struct mp_side_case *any = a ? a : b;

	*pair = (struct mp_pair){ .text = any->text,
				  .bench = any->row->bench,
				  .family = any->row->family,
				  .a = a ? a->row : NULL,
				  .b = b ? b->row : NULL,
				  .of_a = a,
				  .of_b = b,
				  .factor_a = NAN,
				  .factor_b = NAN,
				  .location = mp_change_none("p50", -1, false) };
	pair->tail.reason = pair->shape.reason = "the case is not compared";
}

void mp_pair_choose(struct mp_pair *pair, enum mp_mode mode, enum mp_population population)
{
	pair->mode = mode;
	pair->population = population;
	pair->location.metric = mode == MP_MODE_RATE ? "mean" : "p50";
	pair->tail.reason = pair->shape.reason = "not judged yet";
}

int mp_pair_init(const struct mp_comparison *c, const struct mp_side_case *a,
		 const struct mp_side_case *b, struct mp_pair *pair)
{
	int rc;

	mp_pair_begin(a, b, pair);
	if (!a || !b) {
		pair->verdict = a ? MP_VERDICT_ONLY_A : MP_VERDICT_ONLY_B;
		return 0;
	}
	rc = preconditions(c, pair);
	if (rc || pair->reason)
		return rc;
	if (!choose(pair))
		return mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE,
				    "no mode that both sides measured within the clock's "
				    "resolution");
	return 0;
}

/* What stands in the way of a test of the location. 0 or -ENOMEM. */
static int untested(const struct mp_comparison *c, struct mp_pair *pair)
{
	const struct mp_change *at = &pair->location;

	if (!at->n_a || !at->n_b)
		return mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE,
				    "no invocation of %s has a value", at->n_a ? "B" : "A");
	if (isnan(at->ratio))
		return mp_pair_rule(pair, MP_VERDICT_INCOMPARABLE,
				    "a side has times of zero or below: no ratio can be formed");
	return mp_pair_rule(pair, MP_VERDICT_UNSURE,
			    "cannot be tested: %zu and %zu invocations, %u a side needed", at->n_a,
			    at->n_b, c->policy->least);
}

int mp_pair_measured(const struct mp_comparison *c, struct mp_pair *pair)
{
	pair->measured = isfinite(pair->location.ratio);
	return pair->mode && !pair->location.tested ? untested(c, pair) : 0;
}

int mp_pair_measure(struct mp_compare_work *work, struct mp_comparison *c, struct mp_pair *pair)
{
	int rc;

	if (!pair->mode)
		return 0;
	rc = mp_change_measure(work, c, pair, mp_policy_thresholds(c->policy, pair->bench).location,
			       &pair->location);
	return rc ? rc : mp_pair_measured(c, pair);
}

/* Why a tested pair is unsure. */
static int unsure(const struct mp_comparison *c, struct mp_pair *pair)
{
	const struct mp_change *at = &pair->location;
	double up = 1 + at->threshold, limit = mp_change_limit(c->policy, at);

	if (at->adjusted <= c->policy->q && 1 + at->moved > limit &&
	    (at->low > limit || at->high < 1 / limit))
		return mp_pair_rule(pair, MP_VERDICT_UNSURE,
				    "changed, but the machine itself moved and may explain it");
	if (at->low >= 1 / up && at->high <= up)
		return mp_pair_rule(pair, MP_VERDICT_UNSURE,
				    "inside the noise floor, but beyond the %.3g %% that may be "
				    "called the same",
				    mp_change_margin(at) * 100);
	if (at->adjusted <= c->policy->q)
		return mp_pair_rule(pair, MP_VERDICT_UNSURE,
				    "changed, but perhaps by less than the threshold");
	if (at->low > up || at->high < 1 / up)
		return mp_pair_rule(pair, MP_VERDICT_UNSURE,
				    "beyond the threshold, but not significant among %zu tested",
				    c->tests[MP_ASPECT_LOCATION].tested);
	return mp_pair_rule(pair, MP_VERDICT_UNSURE, "too noisy to tell");
}

int mp_pair_judge(struct mp_compare_work *work, struct mp_comparison *c, struct mp_pair *pair)
{
	struct mp_change *at = &pair->location;
	int rc;

	if (!at->tested)
		return 0;
	rc = mp_change_judge(work, c, pair, MP_ASPECT_LOCATION, at);
	if (rc)
		return rc;
	pair->verdict = at->verdict;
	if (pair->verdict == MP_VERDICT_FASTER || pair->verdict == MP_VERDICT_SLOWER)
		return mp_body_judge(work, c, pair);
	if (pair->verdict != MP_VERDICT_UNSURE)
		return 0;
	pair->needed = mp_change_needed(work, c, MP_ASPECT_LOCATION, at);
	return unsure(c, pair);
}
