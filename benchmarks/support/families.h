/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The families that are compiled in; whoever looks at families asks mp_family_at() (benchmarks/bench.h), which knows more. */
#ifndef BENCHMARKS_SUPPORT_FAMILIES_H
#define BENCHMARKS_SUPPORT_FAMILIES_H

#include "benchmarks/bench.h"

/* In name order (generated from the file names). */
extern const struct mp_family *const mp_families[];
extern const size_t mp_n_families;

#endif
