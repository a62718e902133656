/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A benchmark along one of its axes, the others held at the values of the case: the cases' headlines with their
 * intervals, at the places that sizes have in the machine. Points are not joined: nothing was measured between them.
 */
#include "report/chart/kind.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "report/format/table.h"
#include "report/statistics/rank.h"
#include "results/detail.h"

/* One case of one side, on the line along the axis. */
struct entry {
	int64_t run_case;
	char word[MP_WORD_MAX];
	uint64_t number;
	enum mp_outcome outcome;
	uint64_t bytes;
	bool has_value;
	enum mp_mode mode;
	enum mp_population population;
	struct mp_estimate value;
};

/* Those of each side in order of their numbers. */
struct cases {
	struct entry *items[2]; /* owned */
	size_t n[2], cap[2], side;
};

static void cases_done(struct cases *c)
{
	free(c->items[0]);
	free(c->items[1]);
}

static int take(void *user, const struct mp_sibling *s)
{
	struct cases *c = user;
	struct entry *e = mp_vec_push((void **)&c->items[c->side], &c->n[c->side], &c->cap[c->side],
				      sizeof(*e));

	if (!e)
		return -ENOMEM;
	*e = (struct entry){ .run_case = s->run_case,
			     .number = s->number,
			     .outcome = s->outcome,
			     .bytes = s->bytes,
			     .has_value = s->has_value,
			     .mode = s->mode,
			     .population = s->population,
			     .value = s->value };
	snprintf(e->word, sizeof(e->word), "%s", s->word);
	return 0;
}

/* The file of a side that has the case, or another one of its benchmark. */
static struct mp_store *store_of(const struct mp_chart_side *side)
{
	return side->store ? side->store : side->beside_store;
}

static int read_line(const struct mp_chart_subject *subject, const char *axis, struct cases *c,
		     struct mp_err *err)
{
	for (c->side = 0; c->side < subject->n_sides; c->side++) {
		const struct mp_chart_side *side = &subject->sides[c->side];
		int rc;

		if (!store_of(side))
			continue;
		rc = mp_store_case_siblings(store_of(side),
					    side->store ? side->run_cases[0] : side->beside,
					    subject->case_text, axis, take, c, err);
		if (rc == -ENOMEM)
			return mp_err_env(err, rc, "out of memory");
		if (rc)
			return rc;
	}
	return 0;
}

/* ---- the axis ---- */

/* Those of the case, from a side that has it. */
static int read_params(const struct mp_chart_subject *subject, struct mp_params *ret_params,
		       struct mp_err *err)
{
	*ret_params = (struct mp_params){ .count = 0 };
	for (size_t s = 0; s < subject->n_sides; s++) {
		const struct mp_chart_side *side = &subject->sides[s];

		if (side->store)
			return mp_store_case_params(side->store, side->run_cases[0], ret_params,
						    err);
	}
	return 0;
}

static bool is_numeric(const struct mp_param *p)
{
	return p->kind == MP_AXIS_SIZE || p->kind == MP_AXIS_COUNT;
}

/* How many values the axis has, on either side. */
static size_t values_of(const struct cases *c)
{
	size_t n = 0, at[2] = { 0 };

	while (at[0] < c->n[0] || at[1] < c->n[1]) {
		uint64_t least = UINT64_MAX;

		for (size_t s = 0; s < 2; s++) {
			if (at[s] < c->n[s] && c->items[s][at[s]].number < least)
				least = c->items[s][at[s]].number;
		}
		for (size_t s = 0; s < 2; s++) {
			while (at[s] < c->n[s] && c->items[s][at[s]].number == least)
				at[s]++;
		}
		n++;
	}
	return n;
}

int mp_chart_scaling_axes(const struct mp_chart_subject *subject, struct mp_str *out,
			  struct mp_err *err)
{
	struct mp_params own;
	int rc = read_params(subject, &own, err);

	for (size_t i = 0; !rc && i < own.count; i++) {
		MP_CLEANUP(cases_done) struct cases c = { 0 };

		if (!is_numeric(&own.items[i]))
			continue;
		rc = read_line(subject, own.items[i].axis, &c, err);
		if (!rc && values_of(&c) > 1)
			mp_str_printf(out, "%s\n", own.items[i].axis);
	}
	return rc ? rc : out->failed ? mp_err_env(err, -ENOMEM, "out of memory") : 0;
}

/* Why there is none. */
static void no_axis(const struct mp_chart_subject *subject, const struct mp_params *own,
		    const char *wanted, struct mp_chart *chart)
{
	const struct mp_param *p = wanted ? mp_params_find(own, wanted) : NULL;

	if (!wanted)
		mp_chart_empty(chart,
			       "no numeric axis of '%s' was measured at more than one value; "
			       "--suite scaling or --set AXIS=VALUES does",
			       subject->case_text);
	else if (!p || !is_numeric(p))
		mp_chart_empty(chart, "'%s' has no numeric axis '%s'", subject->case_text, wanted);
	else
		mp_chart_empty(chart, "only one value of '%s' was measured with these other values",
			       wanted);
}

/* The axis that is asked for, or the numeric one with the most values, and the cases along it; NULL, and the chart says why. */
static int choose_axis(const struct mp_chart_subject *subject, const struct mp_params *own,
		       const char *wanted, struct mp_chart *chart, struct cases *ret_cases,
		       const struct mp_param **ret_axis, struct mp_err *err)
{
	size_t most = 1;

	*ret_axis = NULL;
	for (size_t i = 0; i < own->count; i++) {
		const struct mp_param *p = &own->items[i];
		MP_CLEANUP(cases_done) struct cases c = { 0 };
		int rc;

		if (!is_numeric(p) || (wanted && strcmp(p->axis, wanted) != 0))
			continue;
		rc = read_line(subject, p->axis, &c, err);
		if (rc)
			return rc;
		if (values_of(&c) > most) {
			struct cases before = *ret_cases;

			most = values_of(&c);
			*ret_axis = p;
			*ret_cases = c;
			c = before;
		}
	}
	if (!*ret_axis)
		no_axis(subject, own, wanted, chart);
	return 0;
}

/* ---- values ---- */

struct value {
	double x, y, low, high;
	const char *word;
	enum mp_outcome outcome;
};

struct line {
	const struct mp_chart_subject *subject;
	const struct cases *cases;
	enum mp_chart_quantity quantity;
	size_t without; /* cases without a value */
	bool no_size; /* the quantity needs bytes, and there are none */
};

static struct value value_of(struct line *l, size_t s, const struct entry *e)
{
	double ns = e->value.value, low = e->value.low, high = e->value.high;
	struct value v = { (double)e->number, NAN, NAN, NAN, e->word, e->outcome };

	if (!e->has_value || e->outcome != MP_OUTCOME_OK) {
		l->without++;
		return v;
	}
	if (!isfinite(low) || !isfinite(high))
		low = high = NAN;
	if (l->quantity != MP_CHART_RATE) {
		ns = mp_chart_time(l->subject, s, ns);
		low = mp_chart_time(l->subject, s, low);
		high = mp_chart_time(l->subject, s, high);
	}
	switch (l->quantity) {
	case MP_CHART_PER_BYTE:
		l->no_size |= !e->bytes;
		v.y = ns / (double)e->bytes;
		v.low = low / (double)e->bytes;
		v.high = high / (double)e->bytes;
		break;
	case MP_CHART_RATE:
		/* More time is less rate: the ends change places. */
		v.y = 1e9 * (e->bytes ? (double)e->bytes : 1) / ns;
		v.low = 1e9 * (e->bytes ? (double)e->bytes : 1) / high;
		v.high = 1e9 * (e->bytes ? (double)e->bytes : 1) / low;
		break;
	default:
		v.y = ns;
		v.low = low;
		v.high = high;
	}
	return v;
}

static void add_values(struct mp_chart *chart, struct mp_chart_series *series,
		       const struct value *values, size_t n)
{
	for (size_t i = 0; i < n; i++)
		mp_chart_add(chart, series,
			     (struct mp_chart_point){ .x = values[i].x,
						      .y = values[i].y,
						      .low = values[i].low,
						      .high = values[i].high });
}

/* `from`: what is taken off, 1 of a ratio. */
static void table_rows(struct mp_table *t, const char *side, const struct value *values, size_t n,
		       double from)
{
	for (size_t i = 0; i < n; i++) {
		mp_table_text(t, values[i].word);
		mp_table_text(t, side);
		mp_table_number(t, values[i].y - from);
		mp_table_number(t, values[i].low - from);
		mp_table_number(t, values[i].high - from);
		mp_table_text(t, mp_outcome_name(values[i].outcome));
	}
}

static int draw_sides(struct line *l, struct mp_chart *chart, struct mp_err *err)
{
	for (size_t s = 0; s < l->subject->n_sides; s++) {
		const struct cases *c = l->cases;
		char letter[2] = { mp_chart_side_letter(s), '\0' };
		size_t n = 0;

		MP_CLEANUP(mp_free_ptr)
		struct value *values = malloc((c->n[s] + 1) * sizeof(*values));

		if (!values)
			return mp_err_env(err, -ENOMEM, "out of memory");
		for (; n < c->n[s]; n++)
			values[n] = value_of(l, s, &c->items[s][n]);
		add_values(chart,
			   mp_chart_series(
				   chart, mp_chart_side_role(s), letter[0], MP_CHART_DOTS, "%s",
				   l->subject->sides[s].name ? l->subject->sides[s].name : ""),
			   values, n);
		table_rows(chart->table, letter, values, n, 0);
	}
	return 0;
}

/* B over A of one place, by the values of the invocations: those of the headline where both sides have the same, else of
 * all samples. */
static int ratio_at(struct line *l, const struct entry *a, const struct entry *b,
		    struct mp_rank *rank, struct value *v, struct mp_err *err)
{
	const struct mp_chart_side *sides = l->subject->sides;
	enum mp_population population =
		a->population == b->population ? a->population : MP_POPULATION_ALL;
	MP_CLEANUP(mp_free_ptr) double *x = NULL;
	MP_CLEANUP(mp_free_ptr) double *y = NULL;
	size_t n[2] = { 0 }, kept[2] = { 0 };
	struct mp_rank_ratio ratio;
	int rc = mp_store_case_values(store_of(&sides[0]), a->run_case, a->mode, population, &x,
				      &n[0], err);

	if (!rc)
		rc = mp_store_case_values(store_of(&sides[1]), b->run_case, a->mode, population, &y,
					  &n[1], err);
	for (size_t s = 0; s < 2 && !rc; s++) {
		double *values = s ? y : x;

		for (size_t i = 0; i < n[s]; i++) {
			if (values[i] > 0)
				values[kept[s]++] = values[i];
		}
	}
	if (rc || !kept[0] || !kept[1])
		return rc;
	rc = mp_rank_ratio_invocations(rank, x, kept[0], y, kept[1], 0.05, &ratio);
	if (rc)
		return mp_err_env(err, rc, "out of memory");
	v->y = ratio.ratio;
	if (kept[0] > 1 && kept[1] > 1) {
		v->low = ratio.low;
		v->high = ratio.high;
	}
	return 0;
}

/* The case of B with that value, from *at on, which goes on to it. */
static const struct entry *partner(const struct cases *c, const struct entry *a, size_t *at)
{
	while (*at < c->n[1] && c->items[1][*at].number < a->number)
		++*at;
	return *at < c->n[1] && c->items[1][*at].number == a->number ? &c->items[1][*at] : NULL;
}

static int draw_ratio(struct line *l, struct mp_chart *chart, struct mp_err *err)
{
	MP_CLEANUP(mp_rank_done) struct mp_rank rank = { 0 };
	const struct cases *c = l->cases;
	size_t at = 0;

	MP_CLEANUP(mp_free_ptr) struct value *values = malloc((c->n[0] + 1) * sizeof(*values));

	if (!values)
		return mp_err_env(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < c->n[0]; i++) {
		const struct entry *a = &c->items[0][i], *b = partner(c, a, &at);
		struct value *v = &values[i];
		int rc = 0;

		*v = (struct value){ (double)a->number, NAN, NAN, NAN, a->word, a->outcome };
		if (b && a->has_value && b->has_value && a->mode == b->mode &&
		    a->outcome == MP_OUTCOME_OK && b->outcome == MP_OUTCOME_OK)
			rc = ratio_at(l, a, b, &rank, v, err);
		else
			l->without++;
		if (rc)
			return rc;
	}
	add_values(chart,
		   mp_chart_series(chart, MP_CHART_NEUTRAL, 'o', MP_CHART_DOTS,
				   "B over A with its 95 %% interval"),
		   values, c->n[0]);
	table_rows(chart->table, "B over A", values, c->n[0], 1);
	mp_chart_mark(chart, &chart->y, 1, MP_CHART_NEUTRAL, "no change");
	mp_chart_fit(&chart->y, 0.99);
	mp_chart_fit(&chart->y, 1.01);
	return 0;
}

/* ---- the chart ---- */

static void y_axis(const struct mp_chart_subject *subject, const struct cases *c,
		   const struct mp_chart_options *options, struct mp_chart *chart)
{
	bool bytes = (c->n[0] && c->items[0][0].bytes) || (c->n[1] && c->items[1][0].bytes);
	enum mp_chart_unit unit = options->quantity == MP_CHART_RATE ? MP_CHART_NUMBER
				  : options->quantity == MP_CHART_RATIO
					  ? MP_CHART_CHANGE
					  : mp_chart_time_unit(subject);
	const char *title = "";

	switch (options->quantity) {
	case MP_CHART_PER_OPERATION:
		title = "time per operation";
		break;
	case MP_CHART_PER_BYTE:
		title = "time per byte";
		break;
	case MP_CHART_RATE:
		title = bytes ? "bytes a second" : "operations a second";
		break;
	case MP_CHART_RATIO:
		title = "B over A (above 0 is slower)";
	}
	mp_chart_axis(chart, &chart->y, options->other_scale ? MP_CHART_LINEAR : MP_CHART_LOG10,
		      unit, title);
}

static void x_axis(const struct cases *c, const struct mp_param *axis, struct mp_chart *chart)
{
	double least = INFINITY, most = 0;

	for (size_t s = 0; s < 2; s++) {
		if (!c->n[s])
			continue;
		least = fmin(least, (double)c->items[s][0].number);
		most = fmax(most, (double)c->items[s][c->n[s] - 1].number);
	}
	mp_chart_axis(chart, &chart->x,
		      least > 0 && most / least >= 4 ? MP_CHART_LOG2 : MP_CHART_LINEAR,
		      axis->kind == MP_AXIS_SIZE ? MP_CHART_SIZE : MP_CHART_COUNT, axis->axis);
	/* Points on the very edge are hard to see; where nothing may be measured, nothing is drawn. */
	mp_chart_fit(&chart->x, least);
	mp_chart_fit(&chart->x, most);
	mp_chart_fit_done(&chart->x, 0.03);
}

static void notes(const struct line *l, const struct mp_params *own, const char *axis,
		  struct mp_chart *chart)
{
	struct mp_str held = MP_STR_INIT;
	size_t n = 0;

	for (size_t i = 0; i < own->count; i++) {
		if (strcmp(own->items[i].axis, axis))
			mp_str_printf(&held, "%s%s=%s", held.len ? " " : "", own->items[i].axis,
				      own->items[i].word);
	}
	if (held.len)
		mp_chart_note(chart, "held: %s", held.text);
	mp_str_done(&held);
	for (size_t s = 0; s < chart->n_series; s++)
		n += chart->series[s].n_points;
	if (l->without)
		mp_chart_note(chart, "%zu of %zu points have no value: see the table", l->without,
			      n);
	mp_chart_about(chart, "%zu points along %s.", n, axis);
}

static int build(const struct mp_chart_subject *subject, const struct mp_chart_options *options,
		 struct mp_chart *chart, struct mp_err *err)
{
	static const struct mp_column columns[] = {
		{ .key = "at", .title = "at", .right = true },
		{ .key = "side", .title = "side" },
		{ .key = "value", .title = "value", .kind = MP_COLUMN_NUMBER },
		{ .key = "low", .title = "from", .kind = MP_COLUMN_NUMBER },
		{ .key = "high", .title = "to", .kind = MP_COLUMN_NUMBER },
		{ .key = "outcome", .title = "outcome" },
	};
	static const struct mp_column timed[] = {
		{ .key = "at", .title = "at", .right = true },
		{ .key = "side", .title = "side" },
		{ .key = "value_ns", .title = "value", .kind = MP_COLUMN_DURATION },
		{ .key = "low_ns", .title = "from", .kind = MP_COLUMN_DURATION },
		{ .key = "high_ns", .title = "to", .kind = MP_COLUMN_DURATION },
		{ .key = "outcome", .title = "outcome" },
	};
	static const struct mp_column ratios[] = {
		{ .key = "at", .title = "at", .right = true },
		{ .key = "side", .title = "side" },
		{ .key = "change", .title = "change", .kind = MP_COLUMN_PERCENT },
		{ .key = "low", .title = "from", .kind = MP_COLUMN_PERCENT },
		{ .key = "high", .title = "to", .kind = MP_COLUMN_PERCENT },
		{ .key = "outcome", .title = "outcome" },
	};
	bool times = options->quantity == MP_CHART_PER_OPERATION ||
		     options->quantity == MP_CHART_PER_BYTE;
	MP_CLEANUP(cases_done) struct cases c = { 0 };
	struct line l = { .subject = subject, .cases = &c, .quantity = options->quantity };
	const struct mp_param *axis;
	struct mp_params own;
	int rc = read_params(subject, &own, err);

	if (!rc)
		rc = choose_axis(subject, &own, options->axis, chart, &c, &axis, err);
	if (rc)
		return rc;
	mp_chart_title(chart, "%.*s along %s", (int)strcspn(subject->case_text, "/"),
		       subject->case_text, axis ? axis->axis : "an axis");
	if (!axis)
		return 0;
	if (l.quantity == MP_CHART_RATIO &&
	    (subject->n_sides < 2 || !store_of(&subject->sides[0]) ||
	     !store_of(&subject->sides[1]))) {
		mp_chart_empty(chart, "a ratio needs two sides that have the benchmark");
		return 0;
	}
	x_axis(&c, axis, chart);
	y_axis(subject, &c, options, chart);
	chart->table = mp_chart_table(subject,
				      times			     ? timed
				      : l.quantity == MP_CHART_RATIO ? ratios
								     : columns,
				      6);
	rc = l.quantity == MP_CHART_RATIO ? draw_ratio(&l, chart, err) : draw_sides(&l, chart, err);
	if (rc)
		return rc;
	if (l.no_size)
		mp_chart_empty(chart, "the benchmark's operation has no size in bytes");
	if (axis->kind == MP_AXIS_SIZE)
		mp_chart_size_marks(subject, chart, &chart->x);
	else
		mp_chart_count_marks(subject, chart, &chart->x);
	mp_chart_fit_points(chart, 0.06);
	notes(&l, &own, axis->axis, chart);
	return 0;
}

const struct mp_chart_kind mp_chart_kind_scaling = {
	.name = "scaling",
	.title = "Scaling",
	.summary = "the benchmark along one of its axes, the others held",
	.build = build,
};
