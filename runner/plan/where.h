/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Placement and memory policies as axes that every benchmark has: place and mem (runner/machine/policy.h is their
 * grammar). They are written where axes are (suite files, --set, and --place and --mem for short), and a case's text
 * has them when they are not the default.
 */
#ifndef RUNNER_PLAN_WHERE_H
#define RUNNER_PLAN_WHERE_H

#include <stdbool.h>

#include "runner/plan/internal.h"

#define MP_WHERE_AXES 2

/* The axes themselves, sorted by name. */
extern const struct mp_axis mp_where_axes[MP_WHERE_AXES];

/* The benchmark's axis of that name, or one of these, or NULL. */
const struct mp_axis *mp_where_axis(const struct mp_bench *bench, const char *name);

/* A set of values as mp_plan_each_item() takes it: for these axes with lists rewritten. Heap text or NULL. */
char *mp_where_set(const struct mp_axis *axis, const char *values);

/* mp_valueset_expand() for any axis. The default of these axes is a parameter with an empty word. */
int mp_where_expand(const char *item, const struct mp_axis *axis, const struct mp_host *host,
		    void (*drop)(void *user, const char *value, const char *reason), void *user,
		    struct mp_param **ret_items, size_t *ret_count, struct mp_err *err);

/* Does the case name a placement or a memory policy? */
bool mp_where_said(const struct mp_params *params);

/* Remembers the placement of a selected case, so that the floor is measured there, too. 0 or -ENOMEM. */
int mp_where_note(struct mp_plan_maker *m, const struct mp_params *params);

/* Appends why the case's policies cannot be had: the benchmark maps in many places, or the machine says so. */
void mp_where_unmet(const struct mp_plan_maker *m, const struct mp_bench *bench,
		    const struct mp_params *params, struct mp_str *ret);

#endif
