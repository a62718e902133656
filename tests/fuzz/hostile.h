/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results files in which somebody has put something else: in their rows by valid SQL, of any type and length, or in their bytes.
 * Files lie in the folder of this process (fuzz_path()).
 *
 * A file is loaded once. Its tables then have no constraint, key or index, so that an input may put anything anywhere; every
 * input finds it as it was loaded.
 */
#ifndef TESTS_FUZZ_HOSTILE_H
#define TESTS_FUZZ_HOSTILE_H

#include <sqlite3.h>

#include "results/store.h"
#include "tests/fuzz/fuzz.h"

/* Runs make_db FILE ARGUMENTS; several calls add runs. The path, as of fuzz_path(). */
const char *hostile_make(const char *name, const char *arguments);

struct hostile_column {
	char table[48], name[48];
	sqlite3_stmt *statements[3]; /* compiled when first used: changes, deletes, repeats a row */
};
struct hostile {
	char path[256]; /* of the file that inputs change */
	uint8_t *bytes; /* as it was loaded */
	size_t size;
	struct hostile_column *columns;
	size_t n_columns;
	sqlite3 *db; /* by which rows are changed */
};

/* Copies the tables of a results file into one of its own. */
void hostile_load(const char *path, struct hostile *ret_base);

/* Changes rows of the file as the input says. A change is: a column (2 bytes), a row (1), a kind of value (1), the value. */
const char *hostile_rows(struct hostile *base, struct fuzz_bytes *in);
/* Other bytes in an honest file, which is written anew: an offset of three bytes, and a piece that is put there. */
const char *hostile_bytes(const uint8_t *bytes, size_t size, const char *name,
			  struct fuzz_bytes *in);

/* The index'th seed of hostile_rows(), behind `head`: values that columns have, as changes. 0 at the end. */
size_t hostile_seed(struct hostile *base, unsigned index, const uint8_t *head, size_t head_size,
		    uint8_t **ret_data);

/* Mutates an input of hostile_rows() change by change, behind `head` bytes of another meaning. As LLVMFuzzerCustomMutator(). */
size_t hostile_mutate(uint8_t *data, size_t size, size_t room, unsigned seed, size_t head);
/* Puts changes of both one after the other. As LLVMFuzzerCustomCrossOver(). */
size_t hostile_cross(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
		     size_t room, unsigned seed, size_t head);

/* The open store through every function that reads, which answer or refuse with a sentence; `whole`: none refuses. */
void hostile_read(struct mp_store *s, bool whole);
/* db check; it ends with an answer. */
void hostile_check(struct mp_store *s);
/* Its runs to an empty file; what arrives is sound and can be read. */
void hostile_merge(struct mp_store *from);
/* Opens the file for writing, which brings it to the current version, and removes what is old. */
void hostile_write(const char *path);
/* All of them, one after the other. */
void hostile_all(const char *path);

#endif
