/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plans of the madvise family: from which state into which every advice takes its memory. */
#ifndef BENCHMARKS_SUPPORT_MADVISE_PLAN_H
#define BENCHMARKS_SUPPORT_MADVISE_PLAN_H

#include "benchmarks/support/subject.h"

extern const struct mp_subject_plan mp_madvise_plans[];
extern const size_t mp_n_madvise_plans;

#endif
