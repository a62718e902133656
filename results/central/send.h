/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rows of a results file on their way to the central database. Internal to results/central.
 *
 * All of it happens in the caller's transaction on the server. -EBADMSG: a row is refused there, or damaged here.
 */
#ifndef RESULTS_CENTRAL_SEND_H
#define RESULTS_CENTRAL_SEND_H

#include "results/central/shape.h"
#include "results/store_internal.h"

struct mp_push {
	struct mp_pg *pg;
	const struct mp_shape *shape;
	struct mp_store *from;
};

/* What runs share; not `all`: only the machines and what was decided about them. Before the first run. */
int mp_push_shared(struct mp_push *p, bool all, struct mp_err *err);

/* All rows of one run. */
int mp_push_run(struct mp_push *p, int64_t run, struct mp_err *err);

#endif
