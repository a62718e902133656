/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The tables of schema.sql as data: columns, types, what refers to what. Read from SQLite's own catalogue, so that pushing and
 * pulling copy every column without a list of their own. Internal to results/central.
 */
#ifndef RESULTS_CENTRAL_SHAPE_H
#define RESULTS_CENTRAL_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/err.h"

#define MP_SHAPE_NAME	 32
#define MP_SHAPE_COLUMNS 40
#define MP_SHAPE_TABLES	 40

struct mp_str;

struct mp_shape_column {
	char name[MP_SHAPE_NAME];
	char type; /* of SQLite's, its first letter: I, R, T or B */
	bool key; /* of the primary key */
	bool natural; /* of a UNIQUE constraint: what a row is known by in another database */
	int parent; /* index of the table whose id it holds; -1: none */
};

struct mp_shape_table {
	char name[MP_SHAPE_NAME];
	struct mp_shape_column columns[MP_SHAPE_COLUMNS];
	size_t n_columns;
	int id; /* column of its own id, which other databases do not share; -1: none */
	int owner; /* column that refers to the row it goes with (ON DELETE CASCADE); -1: none */
	bool of_run; /* goes with a run, by whatever steps */
	bool of_machine; /* is `machine`, or what was decided about one */
	bool detail; /* rows of single invocations: most of a file */
};

struct mp_shape {
	struct mp_shape_table tables[MP_SHAPE_TABLES]; /* parents before children */
	size_t n_tables;
};

/* *ret_shape: for free(). 0 or negative errno. */
int mp_shape_read(struct mp_shape **ret_shape, struct mp_err *err);

/* Appends the columns' names with commas between, each quoted and behind `prefix`, without column `but` (-1: all). */
void mp_shape_columns(const struct mp_shape_table *t, const char *prefix, int but,
		      struct mp_str *sql);

#endif
