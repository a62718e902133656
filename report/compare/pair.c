/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pair: may it be compared, by which values, and the verdict about its location with the reason in words. */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
	if (!isfinite(c->scale_a.factor) || !isfinite(c->scale_b.factor))
		return mp_pair_rule(
			pair, MP_VERDICT_INCOMPARABLE, "in %s: %s", mp_unit_name(c->unit),
			isfinite(c->scale_a.factor) ? c->scale_b.note : c->scale_a.note);
	return 0;
}

bool mp_row_calls(const struct mp_points_case *row)
{
	/* Single calls below the clock's resolution are not numbers to compare. */
	return row->resolution != MP_RESOLUTION_BATCH_ONLY;
}

static size_t have(const struct mp_points_case *row, enum mp_mode mode, enum mp_population p)
{
	if (mode == MP_MODE_CALL && !mp_row_calls(row))
		return 0;
	return row->points[mp_mode_index(mode)][p].n;
}

/* A side has a calm population worth comparing when it speaks for the case: at least half of the invocations, and
 * enough to test whenever all of them together are. */
static bool calm_enough(const struct mp_points_case *row, enum mp_mode mode)
{
	size_t calm = have(row, mode, MP_POPULATION_CALM);
	size_t all = have(row, mode, MP_POPULATION_ALL);

	return calm && 2 * calm >= all && (calm >= MP_POLICY_LEAST || all < MP_POLICY_LEAST);
}

/* The population in which both sides have that mode. */
static bool populated(const struct mp_pair *pair, enum mp_mode mode,
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
		if (!wanted[i] || !populated(pair, wanted[i], &pair->population))
			continue;
		pair->mode = wanted[i];
		return true;
	}
	return false;
}

static struct mp_change no_change(void)
{
	return (struct mp_change){ .metric = "p50",
				   .quantile = -1,
				   .a = NAN,
				   .b = NAN,
				   .ratio = NAN,
				   .low = NAN,
				   .high = NAN,
				   .level = NAN,
				   .u = NAN,
				   .p = NAN,
				   .adjusted = NAN,
				   .delta = NAN,
				   .wanted = NAN,
				   .floor = { .value = NAN },
				   .threshold = NAN,
				   .scatter = NAN,
				   .detectable = NAN,
				   .verdict = MP_VERDICT_UNSURE };
}

static int init_judgement(struct mp_beside *j, const char *const *names, const int *quantiles,
			  size_t n, bool relative)
{
	j->changes = malloc(n * sizeof(*j->changes));
	if (!j->changes)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		j->changes[i] = no_change();
		j->changes[i].metric = names[i];
		j->changes[i].quantile = quantiles[i];
		j->changes[i].relative = relative;
	}
	j->n_changes = n;
	return 0;
}

int mp_aside_init(struct mp_pair *pair)
{
	static const char *const tails[] = { "p99", "p99.5", "p99.9" };
	static const int tail_at[] = { 10, 11, 12 };
	static const char *const shapes[] = { "p10/p50", "p20/p50", "p30/p50", "p40/p50",
					      "p60/p50", "p70/p50", "p80/p50", "p90/p50" };
	static const int shape_at[] = { 0, 1, 2, 3, 5, 6, 7, 8 };
	const char *why = NULL;
	int rc;

	if (!pair->a->points[0][MP_POPULATION_ALL].n || !pair->b->points[0][MP_POPULATION_ALL].n)
		why = "single calls were not measured";
	else if (!mp_row_calls(pair->a) || !mp_row_calls(pair->b))
		why = "single calls are below the clock's resolution";
	else if (!populated(pair, MP_MODE_CALL, &pair->calls))
		why = "single calls were not measured";
	pair->tail.reason = pair->shape.reason = why;
	if (why)
		return 0;
	rc = init_judgement(&pair->tail, tails, tail_at, 3, false);
	return rc ? rc : init_judgement(&pair->shape, shapes, shape_at, 8, true);
}

int mp_pair_init(const struct mp_comparison *c, const struct mp_side_case *a,
		 const struct mp_side_case *b, struct mp_pair *pair)
{
	const struct mp_side_case *any = a ? a : b;
	int rc;

	*pair = (struct mp_pair){ .text = any->text,
				  .bench = any->row->bench,
				  .family = any->row->family,
				  .a = a ? a->row : NULL,
				  .b = b ? b->row : NULL,
				  .of_a = a,
				  .of_b = b,
				  .location = no_change() };
	pair->tail.reason = pair->shape.reason = "the case is not compared";
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
	pair->location.metric = pair->mode == MP_MODE_RATE ? "mean" : "p50";
	return mp_aside_init(pair);
}

/* The larger floor of the sides that have one. */
static struct mp_floor floor_of(const struct mp_side_floors *floors, const struct mp_pair *pair,
				const struct mp_change *change)
{
	bool value = change->quantile < 0;
	enum mp_mode mode = value ? pair->mode : MP_MODE_CALL;
	enum mp_population p = value ? pair->population : pair->calls;
	struct mp_floor a = mp_floor_of(floors->a, pair->text, pair->a->version, mode, p,
					change->quantile, change->relative);
	struct mp_floor b = mp_floor_of(floors->b, pair->text, pair->b->version, mode, p,
					change->quantile, change->relative);

	if (isnan(a.value))
		return isnan(b.value) && a.runs > b.runs ? a : b;
	return isnan(b.value) || a.value >= b.value ? a : b;
}

static int measure(struct mp_compare_work *work, const struct mp_comparison *c,
		   const struct mp_side_floors *floors, const struct mp_pair *pair,
		   struct mp_change *change, double wanted)
{
	int rc = mp_change_test(work, c, pair, change);
	double floor;

	if (rc || !change->tested)
		return rc;
	change->wanted = wanted;
	change->floor = floor_of(floors, pair, change);
	floor = change->floor.value;
	if (isnan(floor))
		floor = change->quantile < 0 ? mp_floor_assumed(pair->population) : 0;
	change->threshold = fmax(wanted, floor);
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

int mp_pair_measure(struct mp_compare_work *work, const struct mp_comparison *c,
		    const struct mp_side_floors *floors, struct mp_pair *pair)
{
	struct mp_thresholds at = mp_policy_thresholds(c->policy, pair->bench);
	int rc;

	if (!pair->a || !pair->b || pair->reason)
		return 0;
	rc = measure(work, c, floors, pair, &pair->location, at.location);
	if (!rc && !pair->location.tested)
		rc = untested(c, pair);
	pair->measured = isfinite(pair->location.ratio);
	for (size_t i = 0; !rc && i < pair->tail.n_changes; i++)
		rc = measure(work, c, floors, pair, &pair->tail.changes[i], at.tail);
	for (size_t i = 0; !rc && i < pair->shape.n_changes; i++)
		rc = measure(work, c, floors, pair, &pair->shape.changes[i], at.shape);
	return rc;
}

/* Why a tested pair is unsure. */
static int unsure(const struct mp_comparison *c, struct mp_pair *pair)
{
	const struct mp_change *at = &pair->location;
	double up = 1 + at->threshold;

	if (at->adjusted <= c->policy->q)
		return mp_pair_rule(pair, MP_VERDICT_UNSURE,
				    "changed, but perhaps by less than the threshold");
	if (at->low > up || at->high < 1 / up)
		return mp_pair_rule(pair, MP_VERDICT_UNSURE,
				    "beyond the threshold, but not significant among %zu tested",
				    c->tests[MP_ASPECT_LOCATION].tested);
	return mp_pair_rule(pair, MP_VERDICT_UNSURE, "too noisy to tell");
}

/* What the changes of one aspect say together: any that is slower outweighs the others. */
static enum mp_aside together(const struct mp_beside *j, bool shape)
{
	size_t tested = 0, counts[MP_VERDICT_COUNT] = { 0 };

	for (size_t i = 0; i < j->n_changes; i++) {
		tested += j->changes[i].tested;
		counts[j->changes[i].verdict] += j->changes[i].tested;
	}
	if (!tested)
		return MP_ASIDE_NONE;
	if (shape && counts[MP_VERDICT_SLOWER] + counts[MP_VERDICT_FASTER])
		return MP_ASIDE_CHANGED;
	if (counts[MP_VERDICT_SLOWER])
		return MP_ASIDE_SLOWER;
	if (counts[MP_VERDICT_FASTER])
		return MP_ASIDE_FASTER;
	return counts[MP_VERDICT_SAME] == tested ? MP_ASIDE_SAME : MP_ASIDE_UNSURE;
}

void mp_aside_judge(struct mp_pair *pair)
{
	static const char few[] = "too few invocations with enough calls";

	pair->tail.verdict = together(&pair->tail, false);
	pair->shape.verdict = together(&pair->shape, true);
	if (pair->tail.verdict == MP_ASIDE_NONE && !pair->tail.reason)
		pair->tail.reason = few;
	if (pair->shape.verdict == MP_ASIDE_NONE && !pair->shape.reason)
		pair->shape.reason = few;
}

static int judge_location(struct mp_compare_work *work, const struct mp_comparison *c,
			  struct mp_pair *pair)
{
	struct mp_change *at = &pair->location;
	size_t selected = c->tests[MP_ASPECT_LOCATION].selected;
	size_t tested = c->tests[MP_ASPECT_LOCATION].tested;
	double alpha =
		c->policy->q * (double)(selected < tested ? selected + 1 : tested) / (double)tested;
	int rc = mp_change_judge(work, c, pair, MP_ASPECT_LOCATION, at);

	if (rc)
		return rc;
	pair->verdict = at->verdict;
	if (pair->verdict != MP_VERDICT_UNSURE)
		return 0;
	pair->needed = mp_power_needed(&work->power[MP_ASPECT_LOCATION], at->scatter, alpha,
				       log((1 + 2 * at->threshold) / (1 + at->threshold)), 1000);
	return unsure(c, pair);
}

int mp_pair_judge(struct mp_compare_work *work, const struct mp_comparison *c, struct mp_pair *pair)
{
	int rc = pair->location.tested ? judge_location(work, c, pair) : 0;

	for (size_t i = 0; !rc && i < pair->tail.n_changes; i++) {
		if (pair->tail.changes[i].tested)
			rc = mp_change_judge(work, c, pair, MP_ASPECT_TAIL, &pair->tail.changes[i]);
	}
	for (size_t i = 0; !rc && i < pair->shape.n_changes; i++) {
		if (pair->shape.changes[i].tested)
			rc = mp_change_judge(work, c, pair, MP_ASPECT_SHAPE,
					     &pair->shape.changes[i]);
	}
	mp_aside_judge(pair);
	return rc;
}
