/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Families of what a kernel module describes (kmod/memperf_uapi.h, DESCRIBE): one that is newer than this memperf offers allocators
 * that have no file here, or operations that a file here does not have (a second family of that name). They get the hooks, checks and benchmarks of the others, and the axes that their records tell of.
 *
 * The others keep their files, because a record does not say all that these do: `list` knows them where no module is loaded, their
 * representative values were chosen for what they show of that allocator and keep its cases few, and some have rules of their own.
 */
#ifndef BENCHMARKS_SUPPORT_KALLOC_H
#define BENCHMARKS_SUPPORT_KALLOC_H

#include "benchmarks/support/kernel.h"

#define MP_KALLOC_AXES 11

/* One such family; it points into itself. */
struct mp_kalloc {
	struct mp_family family;
	char name[MPK_NAME_MAX]; /* the family's */
	struct mp_bench benches[MPK_PATTERN_COUNT];
	char names[MPK_PATTERN_COUNT][MP_NAME_MAX];
	struct mp_axis axes[MPK_PATTERN_COUNT][MP_KALLOC_AXES];
	struct mp_kalloc_text { /* of an axis */
		char values[MP_KERNEL_GFP_TEXT], matrix[MP_KERNEL_GFP_TEXT];
	} texts[MPK_PATTERN_COUNT][MP_KALLOC_AXES];
	struct mpk_describe record;
};

/* Makes the family NAME with a benchmark for each pattern that the record has and this memperf knows, but those that `known` says it
 * has already. A record NAME.WORD has one pattern and is one benchmark (mp_kernel_pattern()). False: there is none, as this kernel does
 * not have the allocator, or it is told how much in a way that this memperf does not know. */
bool mp_kalloc_make(struct mp_kalloc *ret, const struct mpk_describe *record,
		    bool (*known)(const char *bench));

#endif
