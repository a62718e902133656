/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of db check share (store_check*.c): where they are, and how they say what they find. */
#ifndef RESULTS_STORE_CHECK_H
#define RESULTS_STORE_CHECK_H

#include "results/store_internal.h"

struct mp_store_checking {
	struct mp_store *store;
	void (*problem)(void *user, const char *text);
	void *user;
	unsigned count; /* of what was found */
};

/* Says it, unless memory ran out: then it may be none, and the check ends with -ENOMEM. */
void mp_store_found(struct mp_store_checking *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What a statement returned: memory running out ends the check (-ENOMEM); any other error is what it looks for, and found (0). */
int mp_store_finding(struct mp_store_checking *c, int rc, const struct mp_err *err);

/* Every blob decodes, and what was computed from it is what is computed now: topologies; raw data, statistics and histograms; points. 0 or
 * -ENOMEM. */
int mp_store_check_topologies(struct mp_store_checking *c, struct mp_err *err);
int mp_store_check_blobs(struct mp_store_checking *c, struct mp_err *err);
int mp_store_check_points(struct mp_store_checking *c, struct mp_err *err);

#endif
