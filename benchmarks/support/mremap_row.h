/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One mremap(2) over several mappings: possible from Linux 6.17 on, when they move as they are (MREMAP_FIXED, no resize). */
#ifndef BENCHMARKS_SUPPORT_MREMAP_ROW_H
#define BENCHMARKS_SUPPORT_MREMAP_ROW_H

#include <stdbool.h>

/* Asks the running kernel, with two pages of its own. */
bool mp_mremap_row_possible(void);

#endif
