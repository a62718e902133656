/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cases of a side in a temporary file. Memory holds their texts and where they stand, some 70 bytes a case, and what a
 * case measured is read when it is looked at. They stand there in blocks, each in name order, so that who looks at them in name
 * order reads a few places of the file, each of them forwards. Layer: report.
 */
#ifndef REPORT_COMPARE_SPILL_H
#define REPORT_COMPARE_SPILL_H

#include <stdbool.h>
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

struct mp_spill {
	FILE *out; /* the file; NULL: there is none */
	uint64_t at; /* bytes written */
	char *block; /* what is not written yet, as it came; of the entries from `block_first` on */
	size_t block_used, block_size, block_first;
	struct mp_spill_entry *entries; /* once sorted by name, newest run first */
	size_t n_entries, cap_entries;
	struct mp_arena memory; /* texts */
};

/* What one thread has read around the entries that it looked at. Zeroed is empty. */
#define MP_SPILL_WINDOWS 64
struct mp_spill_reader {
	struct mp_spill_window *windows[MP_SPILL_WINDOWS]; /* owned; NULL: none yet */
};
void mp_spill_reader_done(struct mp_spill_reader *reader);

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

/* The case of an entry, by any thread with a reader of its own (NULL: this one alone is read): what it points to is in `bytes`,
 * which has room for the entry's size and is aligned to 8, but for texts that cases share, which hold as long as the spill. 0 or
 * negative errno. */
int mp_spill_read(const struct mp_spill *spill, const struct mp_spill_entry *entry,
		  struct mp_spill_reader *reader, void *bytes, struct mp_points_case *ret_case);

/* The sentence for a temporary file that cannot be written or read. Returns `rc`. */
int mp_spill_failed(int rc, struct mp_err *err);

#endif
