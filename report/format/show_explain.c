/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a pair has its verdict: the data, the test, the interval, the threshold, tail and shape, the environment, and
 * the reason in words, for people and as JSON.
 */
#include "report/format/show.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "report/format/show_counters.h"
#include "report/format/show_internal.h"

struct explain {
	const struct mp_comparison *c;
	const struct mp_pair *pair;
	const struct mp_show *show;
	struct mp_doc doc;
	bool failed;
};

void mp_show_why(const struct mp_policy *policy, const struct mp_pair *pair, struct mp_str *out)
{
	const struct mp_change *at = &pair->location;
	char interval[2 * MP_UNITS_LEN], detectable[MP_UNITS_LEN];
	bool selected = at->adjusted <= policy->q, slower = pair->verdict == MP_VERDICT_SLOWER;
	double up = 1 + at->threshold, limit = mp_change_limit(policy, at);
	double far = fmax(limit, 1 + at->moved);

	mp_show_interval(at, interval);
	switch (pair->verdict) {
	case MP_VERDICT_SLOWER:
	case MP_VERDICT_FASTER:
		if (isfinite(at->invocations_low)) {
			mp_str_printf(
				out,
				"%s: the whole interval (%s), of what runs with nothing changed "
				"differ by, lies beyond %s%.3g %%, and the adjusted p of %.2g that "
				"they differ that much is at most %g",
				mp_verdict_name(pair->verdict), interval, slower ? "+" : "-",
				(slower ? limit - 1 : 1 - 1 / limit) * 100, at->joint_adjusted,
				policy->q);
			break;
		}
		mp_str_printf(
			out,
			"%s: the whole interval (%s) lies beyond %s%.3g %%, and the adjusted p "
			"of %.2g is at most %g",
			mp_verdict_name(pair->verdict), interval, slower ? "+" : "-",
			(slower ? limit - 1 : 1 - 1 / limit) * 100, at->adjusted, policy->q);
		if (at->low <= up && at->high >= 1 / up)
			mp_str_printf(out,
				      "; so is that of %.2g for runs with nothing changed to "
				      "differ that much",
				      at->joint_adjusted);
		break;
	case MP_VERDICT_SAME:
		/* By the typical calls (compare/body.c): the interval of the mean is another matter. */
		if (pair->reason) {
			mp_str_printf(out, "same: %s", pair->reason);
			break;
		}
		mp_str_printf(
			out, "same: the whole interval (%s) lies inside %.3g %% of no change%s",
			interval, mp_change_margin(at) * 100,
			selected ? "; a difference is significant, but too small to matter" : "");
		break;
	case MP_VERDICT_UNSURE:
		mp_str_printf(out, "unsure: %s", pair->reason);
		if (!at->tested || at->verdict != MP_VERDICT_UNSURE)
			break;
		mp_show_change(1 + at->detectable, detectable);
		mp_str_printf(out,
			      "; the interval (%s) is %s %.3g %%; this "
			      "comparison would have called %s four times in five",
			      interval,
			      at->low >= 1 / far && at->high <= far ? "inside"
								    : "neither inside nor beyond",
			      (far - 1) * 100,
			      isfinite(at->detectable) ? detectable : "no change at all");
		if (pair->needed)
			mp_str_printf(out,
				      "; %zu invocations a side would find twice the threshold",
				      pair->needed);
		break;
	case MP_VERDICT_ONLY_A:
	case MP_VERDICT_ONLY_B:
		mp_str_printf(out, "%s has the case, so nothing was compared",
			      mp_verdict_name(pair->verdict));
		break;
	default:
		mp_str_printf(out, "%s: %s", mp_verdict_name(pair->verdict),
			      pair->reason ? pair->reason : "");
	}
	if ((pair->verdict == MP_VERDICT_SLOWER || pair->verdict == MP_VERDICT_FASTER) &&
	    pair->mode != MP_MODE_CALL && pair->tail.verdict == MP_ASIDE_SLOWER)
		mp_str_add(out, "; the value is a mean of many calls, and holds the tail of single "
				"calls, which is slower, too");
}

/* How a side scatters, in words; nothing where it has one level or that is unknown. */
static int add_levels(struct mp_store *store, int64_t run_case, struct mp_str *out)
{
	struct mp_spread spread;

	if (!store || !run_case)
		return 0;
	if (mp_store_case_spread(store, run_case, &spread, NULL))
		return -ENOMEM;
	mp_spread_words(&spread, out);
	return out->failed ? -ENOMEM : 0;
}

int mp_show_levels(const struct mp_doc *doc, struct mp_store *const stores[2],
		   const int64_t run_cases[2])
{
	struct mp_str a = MP_STR_INIT, b = MP_STR_INIT;
	int rc = add_levels(stores[0], run_cases[0], &a);

	if (!rc)
		rc = add_levels(stores[1], run_cases[1], &b);
	if (!rc && (a.len || b.len)) {
		mp_doc_heading(doc, "More than one level");
		mp_doc_field(doc, "A", "%s", a.len ? a.text : "one level");
		if (stores[1])
			mp_doc_field(doc, "B", "%s", b.len ? b.text : "one level");
	}
	mp_str_done(&a);
	mp_str_done(&b);
	return rc;
}

static void add_command(const struct mp_comparison *c, const struct mp_pair *pair,
			struct mp_str *out)
{
	mp_show_compare_command(&(struct mp_compare_options){ c->policy, c->filter, c->unit },
				c->a->name, c->b->name, pair->text, out);
}

/* ---- for people ---- */

static void show_values(struct explain *e, bool b)
{
	const struct mp_change *at = &e->pair->location;
	double scale =
		e->c->unit == MP_UNIT_NS || e->c->unit == MP_UNIT_BYTES ? 1 : e->pair->factor_a;
	/* Times, whatever moves in them. */
	enum mp_unit unit = e->c->unit == MP_UNIT_BYTES	      ? MP_UNIT_NS
			    : e->c->unit == MP_UNIT_PER_CYCLE ? MP_UNIT_CYCLES
							      : e->c->unit;
	struct mp_str text = MP_STR_INIT;
	double *values = NULL;
	size_t n = 0;

	if (mp_compare_values(e->c, e->pair, at, b, &values, &n)) {
		e->failed = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		char value[2 * MP_UNITS_LEN];

		mp_show_value(unit, values[i] * scale, value);
		mp_str_printf(&text, "%s%s", i ? ", " : "", value);
	}
	mp_doc_field(&e->doc, b ? "B" : "A", "%zu: %s", n, text.text);
	e->failed = e->failed || text.failed;
	mp_str_done(&text);
	free(values);
}

/* What of the change may be the machine's. */
void mp_show_control(const struct mp_doc *doc, const struct mp_control controls[MP_CONTROL_COUNT],
		     const struct mp_pair *pair)
{
	const struct mp_control *core = &controls[MP_CONTROL_CORE];
	const struct mp_control *memory = &controls[MP_CONTROL_MEMORY];
	bool has_core = core->text && !isnan(core->low);
	bool has_memory = memory->text && !isnan(memory->low);
	char change[MP_UNITS_LEN];

	if (has_core) {
		mp_show_change(core->ratio, change);
		mp_doc_field(doc, "core", "%s moved by %s, perhaps by %.2g %%", core->text, change,
			     expm1(mp_control_shift(core)) * 100);
	}
	if (has_memory) {
		mp_show_change(memory->ratio, change);
		mp_doc_field(doc, "memory",
			     "%s moved by %s, perhaps by %.2g %%; this case scatters %.2g times as "
			     "much",
			     memory->text, change, expm1(mp_control_shift(memory)) * 100,
			     pair->location.deviation / memory->deviation);
	}
	if (has_core || has_memory)
		mp_doc_field(doc, "machine", "up to %.2g %% of the change may be its own",
			     pair->location.moved * 100);
}

static void show_intervals(const struct mp_doc *doc, const struct mp_policy *policy,
			   const struct mp_change *at)
{
	struct mp_change own = *at;
	char interval[2 * MP_UNITS_LEN];

	if (isfinite(at->invocations_low)) {
		mp_show_interval(at, interval);
		mp_doc_field(doc, "interval",
			     "%s at %.3g %% (t with %g degrees of freedom, of what %zu runs with "
			     "nothing changed differ by), wider because it was selected",
			     interval, at->level * 100, at->floor.freedom, at->floor.runs);
		own.low = at->invocations_low;
		own.high = at->invocations_high;
		own.level = at->invocations_level;
	}
	mp_show_interval(&own, interval);
	mp_doc_field(doc, isfinite(at->invocations_low) ? "invocations" : "interval",
		     "%s at %.3g %% (Moses, allowing for drift)%s", interval, own.level * 100,
		     at->adjusted <= policy->q ? ", wider because it was selected" : "");
}

static void show_test(const struct mp_doc *doc, const struct mp_policy *policy,
		      const struct mp_pair *pair, size_t tested)
{
	const struct mp_change *at = &pair->location;
	char change[MP_UNITS_LEN], detectable[MP_UNITS_LEN];
	struct mp_str threshold = MP_STR_INIT;

	mp_show_change(at->ratio, change);
	mp_show_change(1 + at->detectable, detectable);
	mp_show_threshold(at, &threshold);
	mp_doc_field(doc, "ratio", "%s (Hodges-Lehmann: median of all %zu x %zu ratios)", change,
		     at->n_a, at->n_b);
	if (at->tested) {
		show_intervals(doc, policy, at);
		mp_doc_field(doc, "ranks",
			     "U = %g of %zu pairs of values have B above A, Cliff's delta %+.2f",
			     at->u, at->n_a * at->n_b, mp_shown(at->delta, 2));
		mp_doc_field(doc, "test",
			     "Mann-Whitney p = %.3g (%s); adjusted %.3g among %zu tested "
			     "(Benjamini-Hochberg)",
			     at->p, at->exact ? "exact" : "normal approximation", at->adjusted,
			     tested);
		mp_doc_field(doc, "threshold", "%s; the policy %s wants %.3g %%", threshold.text,
			     policy->name, at->wanted * 100);
		if (isfinite(at->floor.value))
			mp_doc_field(doc, "floor",
				     "%.3g %%, by %zu runs with nothing changed; that two of them "
				     "differ as A and B do has p = %.3g, adjusted %.3g",
				     at->floor.value * 100, at->floor.runs,
				     mp_floor_p(&at->floor, at->ratio), at->joint_adjusted);
		else
			mp_doc_field(doc, "floor",
				     "unknown: %zu runs with nothing changed, %d are needed; "
				     "%g %% is assumed",
				     at->floor.runs, MP_FLOOR_LEAST,
				     mp_floor_assumed(pair->population) * 100);
		mp_doc_field(doc, "finds", "%s",
			     isfinite(at->detectable) ? detectable
						      : "no change: too few invocations");
	}
	doc->out->failed = doc->out->failed || threshold.failed;
	mp_str_done(&threshold);
}

static void show_levels(struct explain *e)
{
	const struct mp_pair *pair = e->pair;
	struct mp_store *const stores[2] = { e->c->a->store, e->c->b->store };
	const int64_t run_cases[2] = { pair->a ? pair->a->run_case : 0,
				       pair->b ? pair->b->run_case : 0 };

	e->failed = e->failed || mp_show_levels(&e->doc, stores, run_cases);
}

/* The quantiles of single calls, which are known to a step of the clock. */
static void show_beside(const struct mp_doc *doc, const struct mp_beside *beside, double step_ns,
			const char *title)
{
	static const struct mp_column columns[] = {
		{ .key = "metric", .title = "at" },
		{ .key = "change", .title = "change", .right = true },
		{ .key = "interval", .title = "interval", .right = true },
		{ .key = "a", .title = "A", .right = true },
		{ .key = "b", .title = "B", .right = true },
		{ .key = "p", .title = "p adj", .right = true },
		{ .key = "threshold", .title = "limit", .right = true },
		{ .key = "verdict", .title = "verdict" },
	};
	struct mp_table *table = mp_table_new(columns, sizeof(columns) / sizeof(columns[0]));

	char step[MP_UNITS_LEN];

	mp_doc_heading(doc, "%s: %s", title, mp_aside_name(beside->verdict));
	if (beside->reason)
		mp_doc_line(doc, "%s", beside->reason);
	for (size_t i = 0; i < beside->n_changes; i++) {
		const struct mp_change *at = &beside->changes[i];
		char change[MP_UNITS_LEN], interval[2 * MP_UNITS_LEN], a[MP_UNITS_LEN],
			b[MP_UNITS_LEN], p[MP_UNITS_LEN], threshold[MP_UNITS_LEN];
		enum mp_column_kind kind = at->relative ? MP_COLUMN_NUMBER : MP_COLUMN_DURATION;

		mp_show_change(at->ratio, change);
		mp_show_interval(at, interval);
		snprintf(p, sizeof(p), "%.2g", at->adjusted);
		snprintf(threshold, sizeof(threshold), "%.2g %%", at->threshold * 100);
		mp_table_text(table, at->metric);
		mp_table_text(table, change);
		mp_table_text(table, interval);
		mp_table_text(table, mp_column_format(kind, at->a, a));
		mp_table_text(table, mp_column_format(kind, at->b, b));
		mp_table_text(table, at->tested ? p : NULL);
		mp_table_text(table, at->tested ? threshold : NULL);
		mp_table_text(table, at->tested ? mp_verdict_name(at->verdict) : "too few");
	}
	if (beside->n_changes && step_ns > 0)
		mp_doc_line(doc, "the clock advances in steps of %s",
			    mp_duration_format(step_ns, step));
	if (beside->n_changes)
		mp_doc_table(doc, table);
	doc->out->failed = doc->out->failed || mp_table_failed(table);
	mp_table_free(table);
}

void mp_show_tests(const struct mp_doc *doc, const struct mp_policy *policy,
		   const struct mp_pair *pair, size_t tested, double step_ns)
{
	show_test(doc, policy, pair, tested);
	show_beside(doc, &pair->tail, step_ns, "Tail of single calls");
	show_beside(doc, &pair->shape, step_ns, "Shape of single calls, deciles over the median");
}

static void show_environment(struct explain *e)
{
	const struct mp_comparison *c = e->c;

	mp_doc_heading(&e->doc, "Environment: %zu differences", c->n_differences);
	for (size_t i = 0; i < c->n_differences; i++) {
		const struct mp_difference *d = &c->differences[i];

		if (d->weight && !d->moves)
			mp_doc_line(&e->doc, "%s.%s: %s in A, %s in B (weight %d: %s)", d->group,
				    d->key, d->a ? d->a : "unknown", d->b ? d->b : "unknown",
				    d->weight, d->why);
	}
	for (size_t i = 0; i < c->n_notes; i++)
		mp_doc_field(&e->doc, "note", "%s", c->notes[i]);
}

static double coarser_step(const struct mp_comparison *c, const struct mp_pair *pair)
{
	double coarser = 0;

	for (int b = 0; b < 2; b++) {
		const struct mp_side *side = b ? c->b : c->a;
		int64_t unused;
		size_t run;

		if (mp_pair_run_cases(pair, b, &unused, 1, &run))
			coarser = fmax(coarser, side->runs[run].row.clock_step_ns);
	}
	return coarser;
}

static int people(struct explain *e)
{
	const struct mp_pair *pair = e->pair;
	struct mp_str why = MP_STR_INIT, command = MP_STR_INIT;

	mp_show_why(e->c->policy, pair, &why);
	add_command(e->c, pair, &command);
	mp_doc_title(&e->doc, "%s: %s", pair->text, mp_verdict_name(pair->verdict));
	mp_doc_line(&e->doc, "%s", why.text);
	if (pair->measured) {
		mp_doc_heading(&e->doc,
			       "Location: %s of %s mode, %s samples, one value per invocation",
			       pair->location.metric, mp_mode_name(pair->mode),
			       mp_population_name(pair->population));
		show_values(e, false);
		show_values(e, true);
		if (e->c->scale_a.note)
			mp_doc_field(&e->doc, "unit", "%s; A: %s; B: %s", mp_unit_name(e->c->unit),
				     e->c->scale_a.note, e->c->scale_b.note);
		mp_show_tests(&e->doc, e->c->policy, pair, e->c->tests[MP_ASPECT_LOCATION].tested,
			      coarser_step(e->c, pair));
		mp_show_control(&e->doc, e->c->controls, e->pair);
		show_levels(e);
	}
	e->failed = !mp_show_pair_counters(&e->doc, e->c, pair) || e->failed;
	show_environment(e);
	mp_doc_heading(&e->doc, "Again");
	mp_doc_line(&e->doc, "%s", command.text);
	mp_doc_end(&e->doc);
	e->failed = e->failed || why.failed || command.failed || e->doc.out->failed;
	mp_str_done(&why);
	mp_str_done(&command);
	return e->failed ? -ENOMEM : 0;
}

/* ---- JSON ---- */

static json_t *values_json(const struct explain *e, const struct mp_change *change, bool b)
{
	json_t *array = json_array();
	double *values = NULL;
	size_t n = 0;
	int bad = mp_compare_values(e->c, e->pair, change, b, &values, &n);

	for (size_t i = 0; i < n && !bad; i++)
		bad |= json_array_append_new(array, mp_json_number(values[i]));
	free(values);
	if (!bad)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *change_json(const struct explain *e, const struct mp_change *at)
{
	const struct {
		const char *key;
		double value;
	} numbers[] = {
		{ "a_ns", at->relative ? NAN : at->a },
		{ "b_ns", at->relative ? NAN : at->b },
		{ "a_over_median", at->relative ? at->a : NAN },
		{ "b_over_median", at->relative ? at->b : NAN },
		{ "ratio", at->ratio },
		{ "low", at->low },
		{ "high", at->high },
		{ "level", at->level },
		{ "invocations_low", at->invocations_low },
		{ "invocations_high", at->invocations_high },
		{ "invocations_level", at->invocations_level },
		{ "u", at->u },
		{ "p", at->p },
		{ "p_adjusted", at->adjusted },
		{ "p_floor", at->quantile < 0 ? mp_floor_p(&at->floor, at->ratio) : NAN },
		{ "p_floor_adjusted", at->joint_adjusted },
		{ "cliffs_delta", at->delta },
		{ "threshold", at->threshold },
		{ "policy_threshold", at->wanted },
		{ "moved", at->moved },
		{ "floor", at->floor.value },
		{ "scatter", at->scatter },
		{ "detectable", at->detectable },
	};
	json_t *o = json_object();
	int bad = json_object_set_new(o, "metric", json_string(at->metric));

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		bad |= json_object_set_new(o, numbers[i].key, mp_json_number(numbers[i].value));
	bad |= json_object_set_new(o, "exact", at->tested ? json_boolean(at->exact) : json_null());
	bad |= json_object_set_new(o, "floor_runs", json_integer((json_int_t)at->floor.runs));
	bad |= json_object_set_new(
		o, "verdict", at->tested ? json_string(mp_verdict_name(at->verdict)) : json_null());
	bad |= json_object_set_new(o, "values_a", values_json(e, at, false));
	bad |= json_object_set_new(o, "values_b", values_json(e, at, true));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *beside_json(const struct explain *e, const struct mp_beside *beside)
{
	json_t *o = json_object(), *array = json_array();
	int bad = json_object_set_new(o, "changes", array);

	bad |= json_object_set_new(o, "verdict", json_string(mp_aside_name(beside->verdict)));
	bad |= json_object_set_new(o, "reason", mp_json_text(beside->reason));
	for (size_t i = 0; i < beside->n_changes && !bad; i++)
		bad |= json_array_append_new(array, change_json(e, &beside->changes[i]));
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

static json_t *document(const struct explain *e)
{
	const struct mp_pair *pair = e->pair;
	struct mp_str why = MP_STR_INIT, command = MP_STR_INIT, a = MP_STR_INIT, b = MP_STR_INIT;
	json_t *o = json_object();
	int bad = !o || add_levels(e->c->a->store, pair->a ? pair->a->run_case : 0, &a) ||
		  add_levels(e->c->b->store, pair->b ? pair->b->run_case : 0, &b);

	mp_show_why(e->c->policy, pair, &why);
	add_command(e->c, pair, &command);
	bad |= json_object_set_new(o, "format", json_string("memperf-explain-1"));
	bad |= json_object_set_new(o, "case", mp_json_text(pair->text));
	bad |= json_object_set_new(o, "verdict", json_string(mp_verdict_name(pair->verdict)));
	bad |= json_object_set_new(o, "reason", mp_json_text(pair->reason));
	bad |= json_object_set_new(o, "why", mp_json_text(why.text));
	bad |= json_object_set_new(o, "command", mp_json_text(command.text));
	bad |= json_object_set_new(
		o, "mode", pair->measured ? json_string(mp_mode_name(pair->mode)) : json_null());
	bad |= json_object_set_new(
		o, "population",
		pair->measured ? json_string(mp_population_name(pair->population)) : json_null());
	bad |= json_object_set_new(o, "policy", mp_show_policy_json(e->c->policy));
	bad |= json_object_set_new(o, "unit", mp_show_unit_json(e->c));
	bad |= json_object_set_new(o, "location",
				   pair->measured ? change_json(e, &pair->location) : json_null());
	bad |= json_object_set_new(o, "tail", beside_json(e, &pair->tail));
	bad |= json_object_set_new(o, "shape", beside_json(e, &pair->shape));
	bad |= json_object_set_new(o, "counters", mp_show_pair_counters_json(e->c, pair));
	bad |= json_object_set_new(o, "levels_a", mp_json_text(a.len ? a.text : NULL));
	bad |= json_object_set_new(o, "levels_b", mp_json_text(b.len ? b.text : NULL));
	bad |= json_object_set_new(o, "differences", mp_show_differences_json(e->c));
	bad |= why.failed || command.failed || a.failed || b.failed;
	mp_str_done(&a);
	mp_str_done(&b);
	mp_str_done(&why);
	mp_str_done(&command);
	if (!bad)
		return o;
	json_decref(o);
	return NULL;
}

int mp_show_explanation(const struct mp_comparison *c, const struct mp_pair *pair,
			const struct mp_show *show, struct mp_str *out)
{
	struct explain e = { .c = c,
			     .pair = pair,
			     .show = show,
			     .doc = { .format = show->format, .wide = show->wide, .out = out } };
	struct mp_data data = { .kind = "explain", .name = pair->text };

	if (show->format->prose)
		return people(&e);
	if (show->format != &mp_format_json)
		return -EINVAL;
	data.document = document(&e);
	return show->format->data(&data, out);
}
