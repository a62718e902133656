/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A comparison in one picture: every case at its ratio, a column per family, in each from fastest to slowest. */
#include "report/chart/kind.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* By family, then by ratio. */
static int by_place(const void *a, const void *b)
{
	const struct mp_pair *const *left = a, *const *right = b;
	int order = strcmp((*left)->family, (*right)->family);
	double l = (*left)->location.ratio, r = (*right)->location.ratio;

	return order ? order : (l > r) - (l < r);
}

/* The verdicts in the order in which they are drawn: what changed lies on top. */
static const struct {
	enum mp_verdict verdict;
	enum mp_chart_role role;
	char letter;
	bool sign, hollow;
} layers[] = {
	{ MP_VERDICT_SAME, MP_CHART_NEUTRAL, 'o', false, false },
	{ MP_VERDICT_UNSURE, MP_CHART_NEUTRAL, '?', false, true },
	{ MP_VERDICT_FASTER, MP_CHART_BETTER, 'F', true, false },
	{ MP_VERDICT_SLOWER, MP_CHART_WORSE, 'S', true, false },
};

static bool is_shown(const struct mp_pair *pair)
{
	return pair->measured && pair->location.tested && pair->location.ratio > 0 &&
	       pair->verdict <= MP_VERDICT_UNSURE;
}

static size_t family_end(const struct mp_pair *const *pairs, size_t n, size_t from)
{
	size_t end = from + 1;

	while (end < n && !strcmp(pairs[end]->family, pairs[from]->family))
		end++;
	return end;
}

static void add_layer(const struct mp_pair *const *pairs, size_t n, size_t layer,
		      struct mp_chart *chart)
{
	struct mp_chart_series *series =
		mp_chart_series(chart, layers[layer].role, layers[layer].letter, MP_CHART_DOTS,
				"%s", mp_verdict_name(layers[layer].verdict));
	double family = 0;

	for (size_t i = 0, end; i < n; i = end, family++) {
		end = family_end(pairs, n, i);
		for (size_t k = i; k < end; k++) {
			const struct mp_change *at = &pairs[k]->location;

			if (pairs[k]->verdict != layers[layer].verdict)
				continue;
			mp_chart_add(
				chart, series,
				(struct mp_chart_point){
					.x = family - 0.4 +
					     0.8 * ((double)(k - i) + 0.5) / (double)(end - i),
					.y = at->ratio,
					.low = at->low,
					.high = at->high,
					.sign = layers[layer].sign ? layers[layer].letter : '\0',
					.hollow = layers[layer].hollow });
		}
	}
}

static void draw(const struct mp_comparison *c, const struct mp_pair *const *pairs, size_t n,
		 struct mp_chart *chart)
{
	double families = 0;

	mp_chart_axis(chart, &chart->x, MP_CHART_LINEAR, MP_CHART_NAMES,
		      "family; in each, its cases from fastest to slowest");
	mp_chart_axis(chart, &chart->y, MP_CHART_LOG10, MP_CHART_CHANGE,
		      "B over A (above 0 is slower)");
	for (size_t i = 0; i < n; i = family_end(pairs, n, i), families++)
		mp_chart_name(chart, &chart->x, pairs[i]->family);
	for (size_t l = 0; l < sizeof(layers) / sizeof(layers[0]); l++) {
		if (c->counts[layers[l].verdict])
			add_layer(pairs, n, l, chart);
	}
	mp_chart_fit(&chart->x, -0.5);
	mp_chart_fit(&chart->x, families - 0.5);
	mp_chart_fit(&chart->y, 1);
	mp_chart_fit_points(chart, 0.05);
	mp_chart_mark(chart, &chart->y, 1, MP_CHART_NEUTRAL, "no change");
	mp_chart_about(chart,
		       "%zu cases in %.0f families: %zu slower, %zu faster, %zu the same, %zu "
		       "unsure.",
		       n, families, c->counts[MP_VERDICT_SLOWER], c->counts[MP_VERDICT_FASTER],
		       c->counts[MP_VERDICT_SAME], c->counts[MP_VERDICT_UNSURE]);
}

int mp_chart_overview(const struct mp_comparison *c, struct mp_chart *ret_chart, struct mp_err *err)
{
	const struct mp_pair **pairs = calloc(c->n_pairs + 1, sizeof(struct mp_pair *));
	struct mp_chart chart = { 0 };
	size_t n = 0;

	for (size_t i = 0; pairs && i < c->n_pairs; i++) {
		if (is_shown(&c->pairs[i]))
			pairs[n++] = &c->pairs[i];
	}
	mp_chart_title(&chart, "Every case: B over A");
	if (n) {
		qsort(pairs, n, sizeof(*pairs), by_place);
		draw(c, pairs, n, &chart);
	} else {
		mp_chart_empty(&chart, "no case was tested on both sides");
	}
	if (!pairs || chart.failed) {
		mp_chart_done(&chart);
		free(pairs);
		return mp_err_env(err, -ENOMEM, "out of memory");
	}
	free(pairs);
	*ret_chart = chart;
	return 0;
}
