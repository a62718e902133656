/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What software events and tracepoints counted with and without the kernel side. One that counts nothing on the user side
 * alone opens there all the same: its metric has to say that it happens in the kernel only, or it would be 0 for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "runner/counters/counters.h"
#include "tests/runner/counter_vectors/vectors.h"

/* Does the source count that event ("sw:minor-faults", "kmem:mm_page_alloc")? */
static bool counts(const struct mp_counter_source *source, const char *event)
{
	if (source->encoder != MP_ENCODER_KERNEL)
		return false;
	if (!strncmp(event, "sw:", 3))
		return !strncmp(source->event, "software/", 9) &&
		       !strcmp(source->event + 9, event + 3);
	return !strncmp(source->event, "tracepoint/", 11) && !strcmp(source->event + 11, event);
}

static void check_metric(const struct tsv *row, const struct mp_counter_metric *metric,
			 struct tally *tally)
{
	const bool tracepoint = strncmp(row->cells[0], "sw:", 3) != 0;
	const bool user = strtoull(row->cells[2], NULL, 10) > 0;
	/* A tracepoint is never counted on the user side alone (runner/counters/proof.c). */
	const bool refused = metric->kernel_only || tracepoint;

	if (!user && !refused)
		wrong(tally, row, "%s counts 0 for ever on the user side, and is not kernel_only",
		      metric->id);
	if (user && refused)
		wrong(tally, row, "%s counts on the user side, and would be refused there",
		      metric->id);
}

static void check_row(const struct tsv *row, struct tally *tally)
{
	bool checked = false;

	for (size_t f = 0; f < mp_n_counter_families; f++)
		for (size_t m = 0; m < mp_counter_families[f]->n_metrics; m++) {
			const struct mp_counter_metric *metric =
				&mp_counter_families[f]->metrics[m];

			for (size_t i = 0; i < metric->n_sources; i++)
				if (counts(&metric->sources[i], row->cells[0])) {
					check_metric(row, metric, tally);
					checked = true;
				}
		}
	tally->checked += checked;
	tally->other += !checked;
}

void check_observed(const char *folder, const char *file, struct tally *tally)
{
	struct tsv t;

	if (!tsv_open(&t, folder, file))
		return;
	while (tsv_next(&t)) {
		/* Nothing to say of what did not happen at all; and of the heading. */
		if (!strcmp(t.cells[0], "event"))
			continue;
		tally->rows++;
		if (strtoull(t.cells[1], NULL, 10))
			check_row(&t, tally);
		else
			tally->other++;
	}
	tsv_close(&t);
}
