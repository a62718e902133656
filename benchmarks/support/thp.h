/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Transparent huge pages on or off by force, for a worker whose case says so: "none" is never "whatever the
 * system's default is".
 */
#ifndef BENCHMARKS_SUPPORT_THP_H
#define BENCHMARKS_SUPPORT_THP_H

#include "benchmarks/bench.h"

/* No huge pages for this process from now on, in mappings that are made by the timed call itself and so
 * cannot be advised. 0, or a negative errno with a sentence; a kernel without them is as good. */
int mp_thp_forbid(struct mp_err *err);
void mp_thp_permit(void);

/* Are they given without advice? 0, or -EOPNOTSUPP with the setting and the remedy. */
int mp_thp_unasked(const struct mp_host *host, struct mp_err *err);

#endif
