/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors of the rank tests, the ratio, the adjustment for many tests, and power. */
#include "tests/report/vectors/vectors.h"

#include <errno.h>
#include <math.h>

#include "report/statistics/power.h"
#include "report/statistics/rank.h"

/* The vectors call U what counts x > y; here y > x is counted, so the samples change places. */
static void one_test(struct vectors *s, struct mp_rank *rank, json_t *c)
{
	static struct list x, y;
	struct mp_rank_test t;
	double p, less, greater;
	bool ties, equal;

	vectors_row(s, c, "case");
	vectors_list(s, c, "x", &x);
	vectors_list(s, c, "y", &y);
	vectors_true(s, "the test", mp_rank_test(rank, y.v, y.n, x.v, x.n, &t) == 0);
	ties = vectors_bool(s, c, "ties");
	equal = vectors_bool(s, c, "all_equal");
	p = vectors_number(s, c, "p_exact_two_sided_double");
	less = vectors_number(s, c, "p_exact_less");
	greater = vectors_number(s, c, "p_exact_greater");
	vectors_true(s, "ties", t.ties == ties);
	vectors_true(s, "all_equal", t.all_equal == equal);
	vectors_check(s, "U", t.u, vectors_number(s, c, "U_x"));
	vectors_near(s, "Cliff's delta", t.delta, vectors_number(s, c, "cliffs_delta"), 1e-13);
	vectors_near(s, "A", (t.delta + 1) / 2, vectors_number(s, c, "prob_superiority_A"), 1e-13);
	/* Where R has no exact value, memperf may have one (ties, all equal). */
	if (!isnan(p) || !t.exact) {
		vectors_true(s, "exact", t.exact == !isnan(p));
		vectors_check(s, "p", t.p, isnan(p) ? t.normal : p);
		vectors_check(s, "p, x less", t.lower, less);
		vectors_check(s, "p, x greater", t.upper, greater);
	}
	if (equal)
		vectors_true(s, "p of equal values is 1", t.p == 1);
	p = vectors_number(s, c, "p_exact_no_ties_wilcox");
	if (!isnan(p))
		vectors_check(s, "p without ties", t.p, p);
	p = vectors_number(s, c, "p_asymptotic_cc");
	vectors_check(s, "normal p", t.normal, equal ? 1 : p);
	/* Other definitions of the two-sided p, and one without continuity correction: not memperf's. */
	vectors_skip(s, c, "p_exact_two_sided_abs_coin");
	vectors_skip(s, c, "p_asymptotic_no_cc");
	vectors_end(s, c);
}

void vectors_mannwhitney(struct vectors *s, json_t *doc)
{
	struct mp_rank rank = { 0 };
	json_t *list, *c;
	size_t i;

	vectors_skip(s, doc, "definitions");
	list = vectors_take(s, doc, "cases");
	json_array_foreach(list, i, c) one_test(s, &rank, c);
	mp_rank_done(&rank);
}

static double largest(const struct list *x, const struct list *y)
{
	double most = 0;

	for (size_t i = 0; i < x->n; i++)
		most = fmax(most, fabs(x->v[i]));
	for (size_t i = 0; i < y->n; i++)
		most = fmax(most, fabs(y->v[i]));
	return most;
}

/* Moses' rank, seen through samples of these sizes whose differences are 1 .. n m. */
static void moses_rank(struct vectors *s, struct mp_rank *rank, size_t n, size_t m, double want)
{
	static struct list x, y;
	struct mp_rank_ratio r;

	for (size_t k = 0; k < n; k++)
		x.v[k] = exp(-(double)k * (double)m / 100);
	for (size_t k = 0; k < m; k++)
		y.v[k] = exp((double)(k + 1) / 100);
	vectors_true(s, "the ratio", mp_rank_ratio(rank, x.v, n, y.v, m, 0.05, &r) == 0);
	vectors_near(s, "Moses' rank", log(r.low) * 100, want, 1e-8);
	vectors_near(s, "Moses' upper rank", log(r.high) * 100, (double)(n * m + 1) - want, 1e-8);
}

/* The shift of values is the ratio of their exponentials. */
static void shift(struct vectors *s, struct mp_rank *rank, struct list *x, struct list *y,
		  double want, const struct list *interval)
{
	double scale = fmax(largest(x, y), 1e-300);
	struct mp_rank_ratio r;

	for (size_t k = 0; k < x->n; k++)
		x->v[k] = exp(x->v[k] / scale);
	for (size_t k = 0; k < y->n; k++)
		y->v[k] = exp(y->v[k] / scale);
	vectors_true(s, "the shift", mp_rank_ratio(rank, y->v, y->n, x->v, x->n, 0.05, &r) == 0);
	vectors_near(s, "shift", log(r.ratio) * scale, want, 1e-14 * scale);
	if (interval->n == 2) {
		vectors_near(s, "low", log(r.low) * scale, interval->v[0], 1e-14 * scale);
		vectors_near(s, "high", log(r.high) * scale, interval->v[1], 1e-14 * scale);
	}
}

static void one_ratio(struct vectors *s, struct mp_rank *rank, json_t *c)
{
	static struct list x, y, interval;
	struct mp_rank_ratio r = { .ratio = NAN };
	double want;

	vectors_row(s, c, "case");
	vectors_list(s, c, "x", &x);
	vectors_list(s, c, "y", &y);
	vectors_list(s, c, "moses_ci95_no_ties", &interval);
	want = vectors_number(s, c, "ratio_x_over_y");
	if (isnan(want))
		vectors_true(s, "no ratio of values below 0",
			     mp_rank_ratio(rank, y.v, y.n, x.v, x.n, 0.05, &r) == -EINVAL);
	else
		vectors_true(s, "the ratio",
			     mp_rank_ratio(rank, y.v, y.n, x.v, x.n, 0.05, &r) == 0 &&
				     r.low <= r.ratio && r.ratio <= r.high);
	vectors_check(s, "ratio", r.ratio, want);
	moses_rank(s, rank, x.n, y.n, vectors_number(s, c, "moses_rank_lower"));
	shift(s, rank, &x, &y, vectors_number(s, c, "shift_x_minus_y"), &interval);
	vectors_end(s, c);
}

void vectors_hodges_lehmann(struct vectors *s, json_t *doc)
{
	struct mp_rank rank = { 0 };
	json_t *list, *c;
	size_t i;

	vectors_skip(s, doc, "definitions");
	list = vectors_take(s, doc, "cases");
	json_array_foreach(list, i, c) one_ratio(s, &rank, c);
	mp_rank_done(&rank);
}

void vectors_benjamini_hochberg(struct vectors *s, json_t *doc)
{
	static struct list p, want;
	double got[sizeof(p.v) / sizeof(p.v[0])];
	json_t *list, *c;
	size_t i;

	vectors_skip(s, doc, "definitions");
	vectors_skip(s, doc, "source_of_bh1995");
	list = vectors_take(s, doc, "cases");
	json_array_foreach(list, i, c)
	{
		size_t rejected = 0;

		vectors_row(s, c, "case");
		vectors_list(s, c, "p", &p);
		vectors_list(s, c, "BH", &want);
		vectors_true(s, "BH", mp_rank_adjust(p.v, p.n, p.n, got) == 0 && want.n == p.n);
		for (size_t k = 0; k < p.n; k++) {
			vectors_check(s, "BH", got[k], want.v[k]);
			rejected += got[k] <= 0.05;
		}
		vectors_check(s, "rejected", (double)rejected,
			      vectors_number(s, c, "rejected_BH_q05"));
		vectors_list(s, c, "BH_family_size_300", &want);
		vectors_true(s, "300", mp_rank_adjust(p.v, p.n, 300, got) == 0 && want.n == p.n);
		for (size_t k = 0; k < p.n; k++)
			vectors_check(s, "BH of 300", got[k], want.v[k]);
		vectors_list(s, c, "BY", &want);
		vectors_true(s, "BY",
			     mp_rank_adjust_dependent(p.v, p.n, p.n, got) == 0 && want.n == p.n);
		for (size_t k = 0; k < p.n; k++)
			vectors_check(s, "BY", got[k], want.v[k]);
		/* Family-wise error rates: not memperf's. */
		vectors_skip(s, c, "holm");
		vectors_skip(s, c, "bonferroni");
		vectors_end(s, c);
	}
}

/* The file says 0.05 / 300; its numbers are those of that rounded to 1.7e-4 (0.5 % apart at three a side). */
#define BH300 1.7e-4

void vectors_mde(struct vectors *s, json_t *doc)
{
	struct mp_rank rank = { 0 };
	json_t *list, *c;
	size_t i;

	vectors_skip(s, doc, "definition");
	list = vectors_take(s, doc, "cases");
	json_array_foreach(list, i, c)
	{
		size_t n;
		double cv;

		vectors_row(s, c, "case");
		n = (size_t)vectors_number(s, c, "n_per_side");
		cv = vectors_number(s, c, "cv");
		snprintf(s->row, sizeof(s->row), "n %zu cv %g", n, cv);
		vectors_check(s, "0.05", mp_power_change(&rank, cv, 0.05, n, n),
			      vectors_number(s, c, "mde_rel_alpha05"));
		vectors_check(s, "300", mp_power_change(&rank, cv, BH300, n, n),
			      vectors_number(s, c, "mde_rel_alpha_bh300"));
		vectors_end(s, c);
	}
	mp_rank_done(&rank);
}
