/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the workers of a plan would sit, for `memperf plan`. */
#ifndef CLI_PLAN_WHERE_H
#define CLI_PLAN_WHERE_H

#include <jansson.h>

#include "common/str.h"
#include "runner/machine/machine.h"
#include "runner/plan/plan.h"

/* A line for each number of workers with a placement or memory policy; for another machine's topology for all of them,
 * and that nothing can be bound there. Nothing for a plan of defaults on this machine. 0 or -ENOMEM. */
int mp_plan_where_people(struct mp_str *out, const struct mp_machine *machine,
			 const struct mp_plan *plan);

/* "seats" of a case's object, if it runs: cpu, kind of core, node, memory mode and nodes of each worker; of the object beside the
 * cases (`c` NULL) "bindable". 0 or -1. */
int mp_plan_where_json(json_t *one, const struct mp_machine *machine, const struct mp_planned *c);

#endif
