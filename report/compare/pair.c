/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One pair: may it be compared, by which values, and what do they say.
 *
 * A pair whose adjusted p is at most q is selected; its interval is widened to 1 - q R / m (R selected of m
 * tested: Benjamini and Yekutieli 2005, intervals after selection), and only when the whole of that lies beyond the
 * threshold is it called faster or slower. "same" asks that the 95 % interval lies inside the threshold, which is
 * two one-sided tests at 2.5 %. Everything else is unsure, with the reason.
 */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"

static const enum mp_mode modes[MP_MODE_COUNT] = { MP_MODE_CALL, MP_MODE_BATCH, MP_MODE_RATE };

/* Takes the formatted text as the pair's verdict and reason. 0 or -ENOMEM. */
__attribute__((format(printf, 3, 4))) static int rule(struct mp_pair *pair, enum mp_verdict verdict,
						      const char *fmt, ...)
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
static void outcome_text(struct mp_str *out, const struct mp_case_row *row)
{
	mp_str_add(out, row->outcome == MP_OUTCOME_TIMED_OUT ? "timed out"
							     : mp_outcome_name(row->outcome));
	if (row->reason && row->reason[0])
		mp_str_printf(out, ": %s", row->reason);
}

static int not_ok(struct mp_pair *pair, const struct mp_case_row *a, const struct mp_case_row *b)
{
	struct mp_str in_a = MP_STR_INIT, in_b = MP_STR_INIT;
	int rc;

	outcome_text(&in_a, a);
	outcome_text(&in_b, b);
	if (in_a.failed || in_b.failed)
		rc = -ENOMEM;
	else if (!strcmp(in_a.text, in_b.text))
		rc = rule(pair, MP_VERDICT_FAILED, "both %s", in_a.text);
	else
		rc = rule(pair, MP_VERDICT_FAILED, "A %s; B %s", in_a.text, in_b.text);
	mp_str_done(&in_a);
	mp_str_done(&in_b);
	return rc;
}

/* Verdicts that need no values. 0 with `pair->reason` set when there is one; -ENOMEM. */
static int preconditions(struct mp_pair *pair, const struct mp_side_run *run_a,
			 const struct mp_side_run *run_b)
{
	const struct mp_case_row *a = pair->a, *b = pair->b;
	const char *page_a = mp_side_page_size(run_a), *page_b = mp_side_page_size(run_b);

	if (run_a->sabotage || run_b->sabotage)
		return rule(pair, MP_VERDICT_INCOMPARABLE, "%s was run with a planted fault (%s)",
			    run_a->sabotage ? "A" : "B",
			    run_a->sabotage ? run_a->sabotage : run_b->sabotage);
	if (a->outcome != MP_OUTCOME_OK || b->outcome != MP_OUTCOME_OK)
		return not_ok(pair, a, b);
	if (a->version != b->version)
		return rule(pair, MP_VERDICT_INCOMPARABLE,
			    "definition version %u in A, %u in B: not the same measurement",
			    a->version, b->version);
	if (strcmp(a->unit, b->unit))
		return rule(pair, MP_VERDICT_INCOMPARABLE, "unit '%s' in A, '%s' in B", a->unit,
			    b->unit);
	if (page_a && page_b && strcmp(page_a, page_b))
		return rule(pair, MP_VERDICT_INCOMPARABLE, "base page size %s in A, %s in B",
			    page_a, page_b);
	return 0;
}

static uint64_t have(const struct mp_case_row *row, enum mp_mode mode, enum mp_population p)
{
	switch (mode) {
	case MP_MODE_CALL:
		/* Single calls below the clock's resolution are not numbers to compare. */
		return row->resolution == MP_RESOLUTION_BATCH_ONLY ? 0 : row->call_p50[p].n;
	case MP_MODE_BATCH:
		return row->batch_p50[p].n;
	case MP_MODE_RATE:
		return row->rate_mean[p].n;
	}
	return 0;
}

/* A side has a calm population worth comparing when it speaks for the case: at least half of the invocations, and
 * enough to test whenever all of them together are. */
static bool calm_enough(const struct mp_case_row *row, enum mp_mode mode)
{
	uint64_t calm = have(row, mode, MP_POPULATION_CALM);
	uint64_t all = have(row, mode, MP_POPULATION_ALL);

	return calm && 2 * calm >= all && (calm >= MP_COMPARE_LEAST || all < MP_COMPARE_LEAST);
}

/* A's headline mode, else B's, else any that both sides have. */
static bool choose(struct mp_pair *pair)
{
	enum mp_mode wanted[2 + MP_MODE_COUNT] = { pair->a->mode, pair->b->mode };

	memcpy(wanted + 2, modes, sizeof(modes));
	for (size_t i = pair->a->has_value ? 0 : 2; i < 2 + MP_MODE_COUNT; i++) {
		enum mp_mode mode = wanted[i];
		bool calm = calm_enough(pair->a, mode) && calm_enough(pair->b, mode);
		enum mp_population p = calm ? MP_POPULATION_CALM : MP_POPULATION_ALL;

		if (!have(pair->a, mode, p) || !have(pair->b, mode, p))
			continue;
		pair->mode = mode;
		pair->population = p;
		return true;
	}
	return false;
}

/* The finite values of all pooled rows. */
static int gather(const struct mp_side *side, const struct mp_side_case *kase,
		  const struct mp_pair *pair, double **ret_values, size_t *ret_count,
		  struct mp_err *err)
{
	double *all = NULL;
	size_t total = 0;

	for (size_t i = 0; i < kase->n_rows; i++) {
		double *values = NULL, *grown;
		size_t count = 0;
		int rc = side->values(side->user, kase->rows[i]->run_case, pair->mode,
				      pair->population, &values, &count, err);

		if (rc) {
			free(all);
			return rc;
		}
		grown = realloc(all, (total + count + 1) * sizeof(*all));
		if (!grown) {
			free(values);
			free(all);
			return mp_err_env(err, -ENOMEM, "out of memory");
		}
		all = grown;
		for (size_t k = 0; k < count; k++) {
			if (isfinite(values[k]))
				all[total++] = values[k];
		}
		free(values);
	}
	*ret_values = all;
	*ret_count = total;
	return 0;
}

static bool all_positive(const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (values[i] <= 0)
			return false;
	}
	return true;
}

/* Standard deviation of the logs within the two samples, pooled. */
static double scatter(const struct mp_sample *s)
{
	double squares = 0;

	for (int side = 0; side < 2; side++) {
		const double *v = side ? s->y : s->x;
		size_t n = side ? s->m : s->n;
		double mean = 0;

		for (size_t i = 0; i < n; i++)
			mean += log(v[i]) / (double)n;
		for (size_t i = 0; i < n; i++)
			squares += (log(v[i]) - mean) * (log(v[i]) - mean);
	}
	return s->n + s->m > 2 ? sqrt(squares / (double)(s->n + s->m - 2)) : 0;
}

/* Ratio, then the test. The order of the values carries nothing, so the medians may reorder them. */
static int test(struct mp_rank *rank, struct mp_sample *s, struct mp_pair *pair)
{
	struct mp_rank_ratio ratio;
	struct mp_rank_test ranks;
	int rc = mp_rank_ratio(rank, s->x, s->n, s->y, s->m, 0.05, &ratio);

	if (rc)
		return rc;
	pair->median_a = mp_median(s->x, s->n);
	pair->median_b = mp_median(s->y, s->m);
	pair->ratio = ratio.ratio;
	pair->measured = true;
	if (s->n < MP_COMPARE_LEAST || s->m < MP_COMPARE_LEAST)
		return rule(pair, MP_VERDICT_UNSURE,
			    "cannot be tested: %zu and %zu invocations, %d a side needed", s->n,
			    s->m, MP_COMPARE_LEAST);
	rc = mp_rank_test(rank, s->x, s->n, s->y, s->m, &ranks);
	if (rc)
		return rc;
	pair->low = ratio.low;
	pair->high = ratio.high;
	pair->level = ratio.level;
	pair->p = ranks.p;
	pair->delta = ranks.delta;
	pair->tested = true;
	return 0;
}

static int measure(struct mp_rank *rank, const struct mp_side *side_a, const struct mp_side *side_b,
		   const struct mp_side_case *a, const struct mp_side_case *b, struct mp_pair *pair,
		   struct mp_sample *s, struct mp_err *err)
{
	int rc = gather(side_a, a, pair, &s->x, &s->n, err);

	if (!rc)
		rc = gather(side_b, b, pair, &s->y, &s->m, err);
	if (rc)
		return rc;
	pair->n_a = s->n;
	pair->n_b = s->m;
	if (!s->n || !s->m)
		rc = rule(pair, MP_VERDICT_INCOMPARABLE, "no invocation of %s has a value",
			  s->n ? "B" : "A");
	else if (!all_positive(s->x, s->n) || !all_positive(s->y, s->m))
		rc = rule(pair, MP_VERDICT_INCOMPARABLE,
			  "%s has times of zero or below: no ratio can be formed",
			  all_positive(s->x, s->n) ? "B" : "A");
	else
		rc = test(rank, s, pair);
	return rc == -ENOMEM ? mp_err_env(err, rc, "out of memory")
	       : rc	     ? mp_err_internal(err, rc, "case '%s' cannot be tested", pair->text)
			     : 0;
}

int mp_pair_measure(struct mp_rank *rank, const struct mp_side *side_a,
		    const struct mp_side *side_b, const struct mp_side_case *a,
		    const struct mp_side_case *b, struct mp_pair *pair, struct mp_sample *sample,
		    struct mp_err *err)
{
	const struct mp_side_case *any = a ? a : b;

	*sample = (struct mp_sample){ 0 };
	*pair = (struct mp_pair){ .text = any->text,
				  .bench = any->row->bench,
				  .family = any->row->family,
				  .a = a ? a->row : NULL,
				  .b = b ? b->row : NULL,
				  .median_a = NAN,
				  .median_b = NAN,
				  .ratio = NAN,
				  .low = NAN,
				  .high = NAN,
				  .level = NAN,
				  .p = NAN,
				  .adjusted = NAN,
				  .delta = NAN,
				  .detectable = NAN };
	if (!a || !b) {
		pair->verdict = a ? MP_VERDICT_ONLY_A : MP_VERDICT_ONLY_B;
		return 0;
	}
	if (preconditions(pair, &side_a->runs[a->run], &side_b->runs[b->run]))
		return mp_err_env(err, -ENOMEM, "out of memory");
	if (pair->reason)
		return 0;
	if (!choose(pair)) {
		if (rule(pair, MP_VERDICT_INCOMPARABLE,
			 "no mode that both sides measured within the clock's resolution"))
			return mp_err_env(err, -ENOMEM, "out of memory");
		return 0;
	}
	return measure(rank, side_a, side_b, a, b, pair, sample, err);
}

/* Why a tested pair is unsure. */
static int unsure(const struct mp_comparison *c, struct mp_pair *pair)
{
	double up = 1 + c->threshold;
	bool beyond = pair->low > up || pair->high < 1 / up;

	if (pair->adjusted <= c->q)
		return rule(pair, MP_VERDICT_UNSURE,
			    "changed, but perhaps by less than the threshold");
	if (beyond)
		return rule(pair, MP_VERDICT_UNSURE,
			    "beyond the threshold, but not significant among %zu tested",
			    c->tested);
	return rule(pair, MP_VERDICT_UNSURE, "too noisy to tell");
}

int mp_pair_judge(struct mp_rank *rank, const struct mp_comparison *c,
		  const struct mp_sample *sample, struct mp_pair *pair)
{
	double up = 1 + c->threshold, sd = scatter(sample);
	bool inside = pair->low >= 1 / up && pair->high <= up;
	/* The p that one discovery more would have to reach. */
	double alpha = c->q * (double)(c->selected < c->tested ? c->selected + 1 : c->tested) /
		       (double)c->tested;

	pair->detectable = up * exp(mp_power_detectable(rank, sd, alpha, sample->n, sample->m)) - 1;
	if (pair->adjusted <= c->q) {
		struct mp_rank_ratio wide;
		double selected_alpha = c->q * (double)c->selected / (double)c->tested;
		int rc = mp_rank_ratio(rank, sample->x, sample->n, sample->y, sample->m,
				       selected_alpha, &wide);

		if (rc)
			return rc;
		if (wide.low > up || wide.high < 1 / up || !inside) {
			pair->low = wide.low;
			pair->high = wide.high;
			pair->level = wide.level;
		}
		if (wide.low > up || wide.high < 1 / up) {
			pair->verdict = wide.low > up ? MP_VERDICT_SLOWER : MP_VERDICT_FASTER;
			return 0;
		}
	}
	pair->verdict = MP_VERDICT_SAME;
	if (inside)
		return 0;
	pair->needed = mp_power_needed(rank, sd, alpha, log((1 + 2 * c->threshold) / up), 1000);
	return unsure(c, pair);
}
