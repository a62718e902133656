/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Results files in which somebody has put something else: in their rows by valid SQL, of any type and length, or in their bytes.
 * Files lie in the folder of this process (fuzz_path()).
 */
#ifndef TESTS_FUZZ_HOSTILE_H
#define TESTS_FUZZ_HOSTILE_H

#include "tests/fuzz/fuzz.h"

/* Runs make_db FILE ARGUMENTS; several calls add runs. The path, as of fuzz_path(). */
const char *hostile_make(const char *name, const char *arguments);

struct hostile_column {
	char table[48], name[48];
};
struct hostile {
	uint8_t *bytes; /* of the honest file; its tables take any type */
	size_t size;
	struct hostile_column *columns;
	size_t n_columns;
};

/* Loads a results file; tables lose the word STRICT. */
void hostile_load(const char *path, struct hostile *ret_base);

/* Writes the file anew and changes its rows as the input says. A change is: a column, a row, a kind of value, the value. */
const char *hostile_rows(const struct hostile *base, const char *name, struct fuzz_bytes *in);
/* The same for bytes: an offset of three bytes, and a piece that is put there. */
const char *hostile_bytes(const struct hostile *base, const char *name, struct fuzz_bytes *in);

/* The index'th seed of hostile_rows(), behind `head`: a value that a column has, as a change. 0 at the end. */
size_t hostile_seed(const struct hostile *base, unsigned index, const uint8_t *head,
		    size_t head_size, uint8_t **ret_data);

/* Through every function that reads a results file; checks it; copies its runs to another file; opens it for writing, which
 * brings it to the current version. */
void hostile_read(const char *path);

#endif
