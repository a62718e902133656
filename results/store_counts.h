/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store's other files need of the counters' tables. Internal to results/. */
#ifndef RESULTS_STORE_COUNTS_H
#define RESULTS_STORE_COUNTS_H

#include "results/counts.h"
#include "results/store_internal.h"

/* As mp_store_counters_add(), in the caller's transaction. */
int mp_store_counters_put(struct mp_store *s, int64_t run_case, const char *pass, uint32_t ordinal,
			  const struct mp_count *counts, size_t n, struct mp_err *err);

/* Copies what was counted for a case into another file, in a transaction of `into`. -EBADMSG: a row is refused there. */
int mp_store_counters_copy(struct mp_store *into, struct mp_store *from, int64_t old_case,
			   int64_t new_case, struct mp_err *err);

#endif
