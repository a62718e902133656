/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kinds of charts have in common: see kind.h. */
#include "report/chart/kind.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "results/detail.h"

const struct mp_chart_kind *mp_chart_kind_find(const char *name)
{
	for (size_t i = 0; i < mp_n_chart_kinds; i++) {
		if (!strcmp(mp_chart_kinds[i]->name, name))
			return mp_chart_kinds[i];
	}
	return NULL;
}

const char *mp_chart_quantity_name(enum mp_chart_quantity quantity)
{
	static const char *const names[] = { "per operation", "per byte", "rate", "B over A" };

	return names[quantity];
}

int mp_chart_make(const struct mp_chart_kind *kind, const struct mp_chart_subject *subject,
		  const struct mp_chart_options *options, struct mp_chart *ret_chart,
		  struct mp_err *err)
{
	static const struct mp_chart_options defaults;
	struct mp_chart chart = { 0 };
	int rc = kind->build(subject, options ? options : &defaults, &chart, err);

	if (!rc && chart.failed)
		rc = mp_err_env(err, -ENOMEM, "out of memory");
	if (rc)
		mp_chart_done(&chart);
	else
		*ret_chart = chart;
	return rc;
}

/* ---- single calls ---- */

void mp_chart_calls_done(struct mp_chart_calls *calls)
{
	mp_histogram_done(&calls->of[0]);
	mp_histogram_done(&calls->of[1]);
}

/* Why there are no single calls of the case. */
static void no_calls(const struct mp_chart_subject *subject, struct mp_chart *chart)
{
	if (subject->mode != MP_MODE_CALL)
		mp_chart_empty(
			chart,
			"no single call was timed: the case runs in %s mode, whose values are "
			"means of many calls",
			mp_mode_name(subject->mode));
	else
		mp_chart_empty(
			chart,
			"no histogram of %s calls is stored: every invocation failed or had too "
			"few, or 'memperf db prune' has taken them",
			mp_population_name(subject->calls));
}

double mp_chart_step(const struct mp_chart_subject *subject)
{
	double step_ns = 0;

	for (size_t s = 0; s < subject->n_sides; s++) {
		const struct mp_side_run *run = subject->sides[s].run;

		if (run && run->row.clock_step_ns > step_ns)
			step_ns = run->row.clock_step_ns;
	}
	return step_ns;
}

int mp_chart_calls_read(const struct mp_chart_subject *subject, struct mp_chart *chart,
			struct mp_chart_calls *ret_calls, struct mp_err *err)
{
	MP_CLEANUP(mp_chart_calls_done) struct mp_chart_calls calls = { 0 };

	for (size_t s = 0; s < subject->n_sides; s++) {
		const struct mp_chart_side *side = &subject->sides[s];

		for (size_t i = 0; side->store && i < side->n_run_cases; i++) {
			unsigned n;
			int rc = mp_store_case_histogram(side->store, side->run_cases[i],
							 subject->calls, &calls.of[s], &n, err);

			if (rc)
				return rc;
			calls.invocations[s] += n;
		}
	}
	calls.step_ns = mp_chart_step(subject);
	if (!calls.of[0].n && !calls.of[1].n)
		no_calls(subject, chart);
	*ret_calls = calls;
	calls = (struct mp_chart_calls){ 0 };
	return 0;
}

void mp_chart_profiles_done(struct mp_chart_profiles *profiles)
{
	free(profiles->rows[0]);
	free(profiles->rows[1]);
}

/* Appends the invocations of one row of the file. */
static int add_profiles(const struct mp_chart_subject *subject, size_t s, int64_t run_case,
			struct mp_chart_profiles *profiles, struct mp_err *err)
{
	MP_CLEANUP(mp_free_ptr) float *own = NULL;
	size_t count = 0, n = profiles->n[s];
	float *grown;
	int rc = mp_store_case_profiles(subject->sides[s].store, run_case, subject->calls, &own,
					&count, err);

	if (rc || !count)
		return rc;
	grown = realloc(profiles->rows[s], (n + count) * MP_PROFILE_COUNT * sizeof(*grown));
	if (!grown)
		return mp_err_env(err, -ENOMEM, "out of memory");
	memcpy(grown + n * MP_PROFILE_COUNT, own, count * MP_PROFILE_COUNT * sizeof(*own));
	profiles->rows[s] = grown;
	profiles->n[s] += count;
	return 0;
}

int mp_chart_profiles_read(const struct mp_chart_subject *subject, struct mp_chart *chart,
			   struct mp_chart_profiles *ret_profiles, struct mp_err *err)
{
	MP_CLEANUP(mp_chart_profiles_done) struct mp_chart_profiles profiles = { 0 };

	for (size_t s = 0; s < subject->n_sides; s++) {
		for (size_t i = 0; subject->sides[s].store && i < subject->sides[s].n_run_cases;
		     i++) {
			int rc = add_profiles(subject, s, subject->sides[s].run_cases[i], &profiles,
					      err);

			if (rc)
				return rc;
		}
	}
	if (!profiles.n[0] && !profiles.n[1])
		no_calls(subject, chart);
	*ret_profiles = profiles;
	profiles = (struct mp_chart_profiles){ 0 };
	return 0;
}

void mp_chart_step_note(const struct mp_chart_subject *subject, struct mp_chart *chart)
{
	double step_ns = mp_chart_step(subject);
	char step[MP_UNITS_LEN];

	if (step_ns > 0)
		mp_chart_note(chart, "the clock advances in steps of %s",
			      mp_duration_format(step_ns, step));
}

void mp_chart_calls_notes(const struct mp_chart_subject *subject,
			  const struct mp_chart_calls *calls, struct mp_chart *chart)
{
	for (size_t s = 0; s < subject->n_sides; s++) {
		if (!subject->sides[s].store)
			mp_chart_note(chart, "%c does not have the case", mp_chart_side_letter(s));
		else
			mp_chart_note(chart, "%c: %llu %s calls of %u invocations",
				      mp_chart_side_letter(s), (unsigned long long)calls->of[s].n,
				      subject->calls == MP_POPULATION_CALM ? "calm" : "timed",
				      calls->invocations[s]);
	}
	mp_chart_step_note(subject, chart);
	if (subject->resolution == MP_RESOLUTION_BATCH_ONLY)
		mp_chart_note(chart,
			      "a call takes hardly longer than reading the clock: the places of "
			      "single calls are not those of the call alone");
}

/* ---- places ---- */

/* One number that a fact tells of each side. */
static void add_mark(const struct mp_chart_subject *subject, struct mp_chart *chart,
		     struct mp_chart_axis *axis, const char *name, const double values[2])
{
	char label[MP_CHART_LABEL];

	if (subject->n_sides < 2 || values[0] == values[1] || isnan(values[0]) ||
	    isnan(values[1])) {
		double one = isnan(values[0]) ? values[1] : values[0];

		if (!isnan(one))
			mp_chart_mark(chart, axis, one, MP_CHART_NEUTRAL, "%s %s", name,
				      mp_chart_label(axis, one, 3, label));
		return;
	}
	for (size_t s = 0; s < 2; s++)
		mp_chart_mark(chart, axis, values[s], mp_chart_side_role(s), "%c: %s %s",
			      mp_chart_side_letter(s), name,
			      mp_chart_label(axis, values[s], 3, label));
}

static const char *fact_of(const struct mp_chart_subject *subject, size_t side, const char *group,
			   const char *key)
{
	const struct mp_side_run *run = side < subject->n_sides ? subject->sides[side].run : NULL;
	const struct mp_side_fact *fact = run ? mp_side_fact(run, group, key) : NULL;

	return fact ? fact->value : NULL;
}

/* "2097152", "4 kB" or "1024K" in bytes; NaN. */
static double bytes_of(const char *text)
{
	char *end;
	double value;

	if (!text)
		return NAN;
	value = strtod(text, &end);
	if (end == text || !(value > 0))
		return NAN;
	end += *end == ' ';
	return value * (*end == 'k' || *end == 'K' ? 1024 : *end == 'M' ? 1048576 : 1);
}

/* "0-3,8" is five CPUs; NaN. */
static double cpus_of(const char *text)
{
	double n = 0;

	for (const char *at = text; at && *at; at += *at == ',') {
		char *end;
		long first = strtol(at, &end, 10), last = first;

		if (end == at)
			return NAN;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		n += (double)(last - first + 1);
		at = end;
		if (*at && *at != ',')
			return NAN;
	}
	return n > 0 ? n : NAN;
}

/* Of "L1d 32K line 64 of CPUs 0; L2 1024K ..." the data cache of that level. */
static double cache_of(const char *caches, int level)
{
	for (const char *at = caches; at && *at; at = strstr(at, "; ")) {
		int found = 0, len = 0;
		char kind[8] = "";

		at += *at == ';' ? 2 : 0;
		if (sscanf(at, "L%d%n", &found, &len) != 1 || found != level)
			continue;
		sscanf(at + len, "%7[a-z]", kind);
		if (strcmp(kind, "i"))
			return bytes_of(at + len + strlen(kind) + 1);
	}
	return NAN;
}

void mp_chart_size_marks(const struct mp_chart_subject *subject, struct mp_chart *chart,
			 struct mp_chart_axis *axis)
{
	double bytes[2];

	for (size_t s = 0; s < 2; s++)
		bytes[s] = bytes_of(fact_of(subject, s, "kernel", "page_size"));
	add_mark(subject, chart, axis, "page", bytes);
	for (size_t s = 0; s < 2; s++)
		bytes[s] = bytes_of(fact_of(subject, s, "memory", "thp_size"));
	add_mark(subject, chart, axis, "huge page", bytes);
	for (int level = 1; level <= 4; level++) {
		char name[8];

		for (size_t s = 0; s < 2; s++)
			bytes[s] = cache_of(fact_of(subject, s, "cpu", "caches"), level);
		snprintf(name, sizeof(name), "L%d", level);
		add_mark(subject, chart, axis, name, bytes);
	}
}

void mp_chart_count_marks(const struct mp_chart_subject *subject, struct mp_chart *chart,
			  struct mp_chart_axis *axis)
{
	double cores[2], cpus[2];

	for (size_t s = 0; s < 2; s++) {
		const char *text = fact_of(subject, s, "cpu", "cores");

		cores[s] = text && strtod(text, NULL) > 0 ? strtod(text, NULL) : NAN;
		cpus[s] = cpus_of(fact_of(subject, s, "cpu", "online"));
	}
	add_mark(subject, chart, axis, "cores", cores);
	if (cpus[0] != cores[0] || cpus[1] != cores[1])
		add_mark(subject, chart, axis, "CPUs", cpus);
}
