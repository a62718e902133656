/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine's description, one line (fact) each with origin, volatility, weight and the reason why it
 * matters. Collectors are one file each, runner/machine/facts/<name>.c exporting mp_facts_<name>; the build
 * writes the list. They take a root folder, so a captured machine works as well as the live one. Serial
 * numbers, UUIDs, MAC addresses and user names are never read.
 */
#ifndef RUNNER_MACHINE_FACTS_H
#define RUNNER_MACHINE_FACTS_H

#include "results/store.h"

#include <stdarg.h>

/* Where a collector puts its facts. */
struct mp_fact_sink {
	void (*fact)(void *user, const struct mp_fact *fact);
	void *user;
};

struct mp_fact_collector {
	const char *name; /* the facts' group */
	/* `root` is "" on the live machine, or the folder of a captured one. */
	void (*collect)(const char *root, const struct mp_fact_sink *sink);
};

extern const struct mp_fact_collector *const mp_fact_collectors[];
extern const size_t mp_n_fact_collectors;

struct mp_clocksource; /* clocksource.h */

/* What the clock of a run is worth, as facts of the group "clock" beside the collector's: step, pair_p50, pair_p99. */
void mp_facts_clocksource(const struct mp_clocksource *source, const struct mp_fact_sink *sink);

void mp_facts_collect(const char *root, const struct mp_fact_sink *sink);

#endif
