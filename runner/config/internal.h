/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files of runner/config share and nobody else sees. Memory running out is -ENOMEM without a
 * sentence unless a function takes `err`.
 */
#ifndef RUNNER_CONFIG_INTERNAL_H
#define RUNNER_CONFIG_INTERNAL_H

#include "common/str.h"
#include "runner/config/suite.h"

/* The sentence for running out of memory; returns -ENOMEM. */
int mp_config_no_memory(struct mp_err *err);

/* Appends to heap text (*text may be NULL), with `separator` in between when there is text already. */
int mp_config_append(char **text, const char *separator, const char *more);

/* A zeroed entry at the end, or NULL when memory ran out. */
struct mp_suite_entry *mp_suite_new_entry(struct mp_suite *suite);

/* Adds copies of the three texts to an array of axes. */
int mp_suite_push_axis(struct mp_suite_axis **axes, size_t *count, size_t *cap, const char *axis,
		       const char *values, const char *where);

/* One file being read, and the files that led to it. */
struct stat;

struct mp_config_file {
	const char *path; /* as errors show it */
	const char *folder; /* where its relative includes start */
	const char *key; /* canonical path; NULL for text from memory */
	const struct mp_config_file *parent;
	unsigned depth;
};

/* Appends the text of a configuration file, which must be a plain text file of a sensible size whose quotes and
 * comments end, and which includes no other; `what` it is ("policy") stands in the sentence. `ret_st`, or NULL: whose
 * the file is that was read. */
int mp_config_read(const char *path, const char *what, struct mp_str *text, struct stat *ret_st,
		   struct mp_err *err);

/* Reads the settings of `text` into the suite (parse.c). */
int mp_config_parse(struct mp_suite *suite, const struct mp_config_file *file, const char *text,
		    struct mp_err *err);

/* Loads what an `include` of that file names, for parse.c. */
int mp_config_load(struct mp_suite *suite, const char *name_or_file,
		   const struct mp_config_file *parent, struct mp_err *err);

#endif
