/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of charts in the unit of the comparison: see struct mp_chart_times in kind.h. */
#include "report/chart/kind.h"

#include <math.h>

#include "report/format/show_internal.h"

/* Nanoseconds where a side has no scale: two units beside each other mislead. */
static enum mp_unit unit_of(const struct mp_chart_subject *subject)
{
	const struct mp_chart_times *t = &subject->times;

	if (t->unit != MP_UNIT_CYCLES && t->unit != MP_UNIT_NULL)
		return MP_UNIT_NS;
	for (size_t s = 0; s < subject->n_sides; s++) {
		if (!isfinite(t->factor[s]))
			return MP_UNIT_NS;
	}
	return t->unit;
}

double mp_chart_time(const struct mp_chart_subject *subject, size_t s, double ns)
{
	return unit_of(subject) == MP_UNIT_NS ? ns : ns * subject->times.factor[s];
}

char *mp_chart_time_text(const struct mp_chart_subject *subject, size_t s, double ns,
			 char buf[2 * MP_UNITS_LEN])
{
	mp_show_value(unit_of(subject), mp_chart_time(subject, s, ns), buf);
	return buf;
}

enum mp_chart_unit mp_chart_time_unit(const struct mp_chart_subject *subject)
{
	enum mp_unit unit = unit_of(subject);

	return unit == MP_UNIT_CYCLES ? MP_CHART_CYCLES
	       : unit == MP_UNIT_NULL ? MP_CHART_NULLS
				      : MP_CHART_DURATION;
}

struct mp_table *mp_chart_table(const struct mp_chart_subject *subject,
				const struct mp_column *columns, size_t count)
{
	struct mp_table *table = mp_table_new(columns, count);
	enum mp_unit unit = unit_of(subject);

	if (unit != MP_UNIT_NS)
		mp_table_times(table, unit == MP_UNIT_CYCLES ? "cycles" : "null calls");
	return table;
}
