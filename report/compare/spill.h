/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cases of a side in a temporary file. Memory holds their texts and where they stand, some 70 bytes a case, and what a
 * case measured is read when it is looked at. Layer: report.
 */
#ifndef REPORT_COMPARE_SPILL_H
#define REPORT_COMPARE_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "results/points.h"

/* A case in one run. */
struct mp_spill_entry {
	const char *text;
	uint64_t at; /* in the file */
	uint32_t size; /* there, bytes: a multiple of 8 */
	uint32_t run; /* index in the side */
	unsigned version;
	bool calls; /* single calls were measured */
	bool again; /* the text is that of the entry before */
};

/* A case without its values, as it stands in front of them; texts that cases share are pointers, which hold as long as the
 * spill. Only mp_spill_case() knows what is in it. */
struct mp_spill_record {
	_Alignas(8) char kase[offsetof(struct mp_points_case, points)];
	uint32_t n[MP_MODE_COUNT][2]; /* values of each mode and population */
	uint32_t reason_size; /* behind it: with its NUL, filled up to a multiple of 8 */
};
_Static_assert(sizeof(struct mp_spill_record) % 8 == 0, "what stands behind it is aligned");

struct mp_spill {
	FILE *out; /* the file; NULL: there is none */
	uint64_t at; /* bytes written */
	struct mp_spill_entry *entries; /* once sorted by name, newest run first */
	size_t n_entries, cap_entries;
	struct mp_arena memory; /* texts */
};

/* Zeroed is a spill without a file. Opens it. 0 or negative errno with a sentence. */
int mp_spill_open(struct mp_spill *spill, struct mp_err *err);
void mp_spill_done(struct mp_spill *spill); /* accepts zeroed */

/* Adds the cases of a run, which is number `index` of the side. `null_call`: the benchmark that cases will be measured by.
 * Its cases are kept in *run as well, in the order of their ids, and kinds of cores are read; NULL: none. 0 or negative errno
 * with a sentence. */
int mp_spill_add(struct mp_spill *spill, struct mp_store *store, int64_t run_id, size_t index,
		 const char *null_call, struct mp_points_run *run, struct mp_err *err);
/* Nothing is added from here on: sorts what is there. 0 or negative errno with a sentence. */
int mp_spill_sort(struct mp_spill *spill, struct mp_err *err);

/* The record of an entry and what stands behind it, by any thread, into `bytes`, which has room for the entry's size and is
 * aligned to 8. 0 or negative errno. */
int mp_spill_read(const struct mp_spill *spill, const struct mp_spill_entry *entry, void *bytes);
/* The case of a record. `behind`: its reason and its values are behind it, and in use; else it has no reason, and of its
 * values nothing is known but how many there are. */
void mp_spill_case(const struct mp_spill_entry *entry, const struct mp_spill_record *record,
		   bool behind, struct mp_points_case *ret_case);

/* The sentence for a temporary file that cannot be written or read. Returns `rc`. */
int mp_spill_failed(int rc, struct mp_err *err);

#endif
