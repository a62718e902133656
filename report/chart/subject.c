/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which values of a case its charts show: see mp_chart_subject_fill() in kind.h. */
#include "report/chart/kind.h"

#include "results/store.h"

/* Of one side's newest row. */
static void take_row(struct mp_chart_subject *subject, const struct mp_case_row *row, bool first)
{
	enum mp_population calls =
		row->call_p50[MP_POPULATION_CALM].n ? MP_POPULATION_CALM : MP_POPULATION_ALL;
	bool has_calls = row->call_p50[MP_POPULATION_ALL].n > 0;

	/* A side that has no value says nothing about how the other one is shown. */
	if (row->has_value && (first || subject->mode == row->mode)) {
		subject->mode = row->mode;
		/* Calm where both sides are. */
		if (first || row->population == MP_POPULATION_ALL)
			subject->population = row->population;
	}
	if (!has_calls)
		return;
	if (first || calls == MP_POPULATION_ALL)
		subject->calls = calls;
	if (first || row->resolution > subject->resolution)
		subject->resolution = row->resolution;
}

int mp_chart_subject_fill(struct mp_chart_subject *subject, struct mp_err *err)
{
	bool first = true;

	subject->mode = MP_MODE_CALL;
	subject->population = subject->calls = MP_POPULATION_ALL;
	subject->resolution = MP_RESOLUTION_PER_CALL;
	for (size_t s = 0; s < subject->n_sides; s++) {
		struct mp_case_row *row;
		int rc;

		if (!subject->sides[s].store)
			continue;
		rc = mp_store_case(subject->sides[s].store, subject->sides[s].run_cases[0], &row,
				   err);
		if (rc)
			return rc;
		take_row(subject, row, first);
		first = first && !row->has_value;
		mp_case_rows_free(row, 1);
	}
	/* What was compared is what is shown. */
	if (subject->pair && subject->pair->measured) {
		subject->mode = subject->pair->mode;
		subject->population = subject->pair->population;
		subject->calls = subject->pair->calls;
	}
	return 0;
}
