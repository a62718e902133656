/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Guard markers: page-table entries that raise SIGSEGV in a mapping that may be touched (Linux 6.13, madvise(2)). */
#ifndef BENCHMARKS_SUPPORT_GUARD_H
#define BENCHMARKS_SUPPORT_GUARD_H

#include "benchmarks/support/advice.h"
#include "common/err.h"

#include <stddef.h>

/* Maps one page at `page`, readable and writable, over what is there, and puts a guard on it. 0, or a negative errno with a
 * sentence. */
int mp_guard_map(char *page, size_t page_size, struct mp_err *err);

#endif
