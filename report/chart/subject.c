/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What charts of a case are made of: see mp_chart_subject_fill() and mp_chart_pair_subject() in kind.h. */
#include "report/chart/kind.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* The rows of the pair on one side; where it has none, another case of the benchmark. */
static int take_side(const struct mp_comparison *c, const struct mp_pair *pair, bool b,
		     int64_t **ids, struct mp_chart_side *side, struct mp_err *err)
{
	const struct mp_side *from = b ? c->b : c->a;
	size_t run = 0, n = mp_pair_run_cases(pair, b, NULL, 0, &run);

	side->name = from->name;
	side->run = &from->runs[run];
	for (size_t i = 0; !n && !side->beside && i < c->n_pairs; i++) {
		if (!strcmp(c->pairs[i].bench, pair->bench) &&
		    mp_pair_run_cases(&c->pairs[i], b, &side->beside, 1, &run))
			side->beside_store = from->store;
	}
	if (!n)
		return 0;
	*ids = calloc(n, sizeof(**ids));
	if (!*ids)
		return mp_err_env(err, -ENOMEM, "out of memory");
	mp_pair_run_cases(pair, b, *ids, n, &run);
	side->run = &from->runs[run];
	side->store = from->store;
	side->run_cases = *ids;
	side->n_run_cases = n;
	return 0;
}

int mp_chart_pair_subject(const struct mp_comparison *c, const struct mp_pair *pair,
			  struct mp_chart_pair *ret_pair, struct mp_err *err)
{
	struct mp_chart_pair of = { .subject = {
					    .n_sides = 2, .case_text = pair->text, .pair = pair } };
	int rc = 0;

	for (int s = 0; s < 2 && !rc; s++)
		rc = take_side(c, pair, s == 1, &of.ids[s], &of.subject.sides[s], err);
	if (!rc)
		rc = mp_chart_subject_fill(&of.subject, err);
	if (rc)
		mp_chart_pair_done(&of);
	else
		*ret_pair = of;
	return rc;
}

void mp_chart_pair_done(struct mp_chart_pair *pair)
{
	free(pair->ids[0]);
	free(pair->ids[1]);
}
