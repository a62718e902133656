/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Units that make two machines comparable: each side's times on a scale of its own. */
#include "report/compare/internal.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"

#define NULL_CALL "floor.getppid"

const char *mp_unit_name(enum mp_unit unit)
{
	static const char *const names[] = { "ns", "cycles", "null", "bytes" };

	return names[unit];
}

int mp_unit_parse(const char *name, enum mp_unit *ret_unit)
{
	for (int u = MP_UNIT_NS; u <= MP_UNIT_BYTES; u++) {
		if (!strcmp(mp_unit_name((enum mp_unit)u), name)) {
			*ret_unit = (enum mp_unit)u;
			return 0;
		}
	}
	return -EINVAL;
}

__attribute__((format(printf, 2, 3))) static int note(struct mp_unit_scale *scale, const char *fmt, ...)
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

static int null_calls(const struct mp_side_run *run, const char *which, struct mp_unit_scale *scale)
{
	for (size_t i = 0; i < run->points.n_cases; i++) {
		const struct mp_points_case *c = &run->points.cases[i];

		if (strcmp(c->bench, NULL_CALL) || c->outcome != MP_OUTCOME_OK || !(c->value > 0))
			continue;
		scale->factor = 1 / c->value;
		return note(scale, "a null system call (" NULL_CALL ") takes %.4g ns", c->value);
	}
	return note(scale,
		    "run #%lld of %s has no ok result of " NULL_CALL
		    "; run it in the same run, with --bench " NULL_CALL,
		    (long long)run->row.id, which);
}

static int scale_of(const struct mp_comparison *c, const struct mp_side *side, const char *which,
		    struct mp_unit_scale *scale)
{
	scale->factor = NAN;
	switch (c->unit) {
	case MP_UNIT_CYCLES:
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

double mp_compare_shown(const struct mp_comparison *c, const struct mp_pair *pair, bool b)
{
	double ns = b ? pair->location.b : pair->location.a;
	uint64_t bytes = b ? (pair->b ? pair->b->bytes : 0) : (pair->a ? pair->a->bytes : 0);

	if (c->unit == MP_UNIT_BYTES)
		return bytes ? (double)bytes / ns : NAN;
	return ns * (b ? c->scale_b.factor : c->scale_a.factor);
}
