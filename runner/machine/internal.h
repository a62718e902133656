/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of runner/machine share, and what their tests reach: the same machinery on a captured machine
 * (a root folder, an hwloc description) instead of the live one.
 */
#ifndef RUNNER_MACHINE_INTERNAL_H
#define RUNNER_MACHINE_INTERNAL_H

#include "common/str.h"
#include "runner/machine/clocksource.h"
#include "runner/machine/machine.h"
#include "runner/machine/nodes.h"

/* Where to look. All texts are copied. */
struct mp_machine_source {
	const char *root; /* "": the live machine; else the folder that holds its proc and sys */
	const char *synthetic; /* hwloc synthetic description ("pack:2 core:4 pu:2"), or NULL */
	const char *xml; /* hwloc XML file, or NULL */
	const struct mp_str *text; /* what was read of that file; NULL: hwloc reads it */
};

/* mp_machine_open() on that source; with a synthetic or XML topology, every processing unit in it is usable and
 * the node memory is what the topology says. -EINVAL for a description that hwloc refuses. */
int mp_machine_open_from(const struct mp_machine_source *source, struct mp_machine **ret_machine,
			 struct mp_err *err);

/* What placement goes by. */
struct mp_machine_map {
	hwloc_topology_t topology;
	struct mp_place_at *places; /* in the order of the policy auto; owned */
	size_t n_places;
	struct mp_nodes nodes;
};
const struct mp_machine_map *mp_machine_map(const struct mp_machine *machine);

const char *mp_machine_root(const struct mp_machine *machine);

/* mp_machine_key() of the machine at that root. */
void mp_machine_key_from(const char *root, char buf[33]);

/* mp_clocksource_choose() with the kernel's opinion read below that root. */
int mp_clocksource_choose_from(const char *root, const char *force,
			       struct mp_clocksource *ret_source, struct mp_err *err);

/*
 * The step of a clock, ticks, from sorted differences of back-to-back ordered reads: the smallest distance between
 * differences that at least one pair in a thousand shows. (Not the smallest difference itself: that is the cost of
 * a read where reads are slower than the step, and 1 on CPUs that add one tick to keep reads in a row rising.) Two
 * neighbouring values are one, because a step need not be a whole number of ticks; three are a step of one tick.
 * A single value is its own upper bound. 0: the clock did not move.
 */
double mp_clocksource_step(const uint64_t *sorted, size_t n);

#endif
