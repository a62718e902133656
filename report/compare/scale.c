/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units that make two machines comparable: each side's times on a scale of its own. */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"

#define NULL_CALL   MP_SIDE_NULL_CALL
#define NULLS_SHOWN 4 /* in the note */

const char *mp_unit_name(enum mp_unit unit)
{
	static const char *const names[] = { "ns", "cycles", "null", "bytes", "bytes/cycle" };

	return names[unit];
}

bool mp_unit_moves(enum mp_unit unit)
{
	return unit == MP_UNIT_BYTES || unit == MP_UNIT_PER_CYCLE;
}

int mp_unit_parse(const char *name, enum mp_unit *ret_unit)
{
	for (int u = 0; u < MP_UNIT_COUNT; u++) {
		if (!strcmp(mp_unit_name((enum mp_unit)u), name)) {
			*ret_unit = (enum mp_unit)u;
			return 0;
		}
	}
	return -EINVAL;
}

__attribute__((format(printf, 2, 3))) static int note(struct mp_unit_scale *scale, const char *fmt,
						      ...)
{
	struct mp_str text = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	scale->note = mp_str_take(&text);
	return scale->note ? 0 : -ENOMEM;
}

static double number_of(const struct mp_side_run *run, const char *group, const char *key)
{
	const struct mp_side_fact *fact = mp_side_fact(run, group, key);
	char *end;
	double value;

	if (!fact || !fact->value)
		return NAN;
	value = strtod(fact->value, &end);
	return end != fact->value && !*end && value > 0 ? value : NAN;
}

static int cycles(const struct mp_side_run *run, struct mp_unit_scale *scale)
{
	double least = number_of(run, "scheduling", "frequency_min_khz");
	double most = number_of(run, "scheduling", "frequency_max_khz");

	if (least > 0 && least == most) {
		scale->factor = most / 1e6;
		return note(scale, "%.4g GHz, the one frequency that the core may have",
			    scale->factor);
	}
	if (!strcmp(run->row.clock, "tsc") && run->row.clock_ns_per_tick > 0) {
		scale->factor = 1 / run->row.clock_ns_per_tick;
		return note(
			scale,
			"reference cycles at %.4g GHz, of the time-stamp counter; the core's own "
			"frequency is not fixed or not known",
			scale->factor);
	}
	return note(scale,
		    "the frequency is unknown: the core's is not fixed, and clock '%s' does "
		    "not count at a core's pace",
		    run->row.clock);
}

static int by_text(const void *left, const void *right)
{
	const struct mp_points_case *const *a = left, *const *b = right;

	return strcmp((*a)->text, (*b)->text);
}

/* Null calls of the run that came out ok: floors are measured at every placement that its cases have. */
static int find_nulls(const struct mp_side_run *run, struct mp_unit_scale *scale)
{
	scale->nulls = calloc(run->points.n_cases + 1, sizeof(const struct mp_points_case *));
	if (!scale->nulls)
		return -ENOMEM;
	for (size_t i = 0; i < run->points.n_cases; i++) {
		const struct mp_points_case *c = &run->points.cases[i];

		if (!strcmp(c->bench, NULL_CALL) && c->outcome == MP_OUTCOME_OK && c->value > 0)
			scale->nulls[scale->n_nulls++] = c;
	}
	/* The default placement has the shortest text of all. */
	qsort((void *)scale->nulls, scale->n_nulls, sizeof(*scale->nulls), by_text);
	return 0;
}

static void add_cores(struct mp_str *out, const char *kind)
{
	if (*kind)
		mp_str_printf(out, " on %s cores", kind);
}

static int null_calls(const struct mp_side_run *run, const char *which, struct mp_unit_scale *scale)
{
	struct mp_str text = MP_STR_INIT;
	int rc = find_nulls(run, scale);

	if (rc)
		return rc;
	if (!scale->n_nulls)
		return note(scale,
			    "run #%lld of %s has no ok result of " NULL_CALL
			    "; run it in the same run, with --bench " NULL_CALL,
			    (long long)run->row.id, which);
	scale->factor = 1 / scale->nulls[0]->value;
	for (size_t i = 0; i < scale->n_nulls && i < NULLS_SHOWN; i++) {
		const struct mp_points_case *c = scale->nulls[i];

		if (i)
			mp_str_printf(&text, ", %s %.4g ns", c->text, c->value);
		else
			mp_str_printf(&text, "a null system call (%s) takes %.4g ns", c->text,
				      c->value);
		add_cores(&text, c->kind);
	}
	if (scale->n_nulls > NULLS_SHOWN)
		mp_str_printf(&text, ", and %zu more", scale->n_nulls - NULLS_SHOWN);
	if (scale->n_nulls > 1)
		mp_str_add(&text, "; each case by the one of its placement, or else of its kind of "
				  "core");
	scale->note = mp_str_take(&text);
	return scale->note ? 0 : -ENOMEM;
}

static int scale_of(const struct mp_comparison *c, const struct mp_side *side, const char *which,
		    struct mp_unit_scale *scale)
{
	scale->factor = NAN;
	switch (c->unit) {
	case MP_UNIT_CYCLES:
	case MP_UNIT_PER_CYCLE:
		return cycles(&side->runs[0], scale);
	case MP_UNIT_NULL:
		return null_calls(&side->runs[0], which, scale);
	default:
		scale->factor = 1;
		return 0;
	}
}

int mp_compare_scales(struct mp_comparison *c)
{
	int rc = scale_of(c, c->a, "A", &c->scale_a);

	return rc ? rc : scale_of(c, c->b, "B", &c->scale_b);
}

void mp_scale_done(struct mp_unit_scale *scale)
{
	free(scale->note);
	free((void *)scale->nulls);
	*scale = (struct mp_unit_scale){ 0 };
}

/* Do both texts have the same value on that axis, or none? */
static bool same_word(const char *a, const char *b, const char *axis)
{
	const char *in_a = strstr(a, axis), *in_b = strstr(b, axis);
	size_t n;

	if (!in_a || !in_b)
		return !in_a && !in_b;
	n = strcspn(in_a + 1, "/");
	return n == strcspn(in_b + 1, "/") && !strncmp(in_a, in_b, n + 1);
}

/* The null call that a case is measured by: on the same kind of core; of these the one at its own placement, with its own
 * memory policy. NULL: none. */
static const struct mp_points_case *null_of(const struct mp_unit_scale *scale,
					    const struct mp_points_case *row)
{
	const struct mp_points_case *best = NULL;
	int most = -1;

	for (size_t i = 0; i < scale->n_nulls; i++) {
		const struct mp_points_case *c = scale->nulls[i];
		int score = 2 * same_word(c->text, row->text, "/place=") +
			    same_word(c->text, row->text, "/mem=");

		if (!strcmp(c->kind, row->kind) && score > most) {
			best = c;
			most = score;
		}
	}
	return best;
}

double mp_compare_factor(const struct mp_comparison *c, const struct mp_points_case *row, bool b)
{
	const struct mp_unit_scale *scale = b ? &c->scale_b : &c->scale_a;
	const struct mp_points_case *null;

	if (c->unit != MP_UNIT_NULL || !scale->n_nulls)
		return scale->factor;
	null = null_of(scale, row);
	return null ? 1 / null->value : NAN;
}

int mp_compare_no_factor(const struct mp_comparison *c, const struct mp_points_case *row, bool b,
			 struct mp_str *ret_why)
{
	const struct mp_unit_scale *scale = b ? &c->scale_b : &c->scale_a;

	if (!scale->n_nulls) {
		mp_str_add(ret_why, scale->note);
	} else {
		mp_str_printf(ret_why,
			      "run #%lld of %s has no ok result of " NULL_CALL " on %s cores, "
			      "where this case ran, but %s",
			      (long long)(b ? c->b : c->a)->runs[0].row.id, b ? "B" : "A",
			      *row->kind ? row->kind : "such", scale->nulls[0]->text);
		add_cores(ret_why, scale->nulls[0]->kind);
		mp_str_add(ret_why, "; run it in the same run, at the same --place");
	}
	return ret_why->failed ? -ENOMEM : 0;
}

double mp_compare_shown(const struct mp_comparison *c, const struct mp_pair *pair, bool b)
{
	double ns = b ? pair->location.b : pair->location.a;
	uint64_t bytes = b ? (pair->b ? pair->b->bytes : 0) : (pair->a ? pair->a->bytes : 0);

	if (mp_unit_moves(c->unit) && !bytes)
		return NAN;
	ns *= b ? pair->factor_b : pair->factor_a;
	return mp_unit_moves(c->unit) ? (double)bytes / ns : ns;
}
