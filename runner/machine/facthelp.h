/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the collectors in runner/machine/facts/ share: a fact's constant half as a table line, and the few ways to
 * find its value. The rule of all of them: what cannot be read is NULL, and the origin says why; never 0, never "".
 */
#ifndef RUNNER_MACHINE_FACTHELP_H
#define RUNNER_MACHINE_FACTHELP_H

#include "benchmarks/bench.h"
#include "runner/machine/facts.h"
#include "runner/machine/sysfile.h"

#define MP_FACT_HARDWARE "hardware"
#define MP_FACT_BOOT	 "boot"
#define MP_FACT_NOW	 "now"

/* How much a difference moves results: the weights. */
enum { MP_WEIGHT_NONE, MP_WEIGHT_LITTLE, MP_WEIGHT_SOME, MP_WEIGHT_MUCH };

/* Where facts of one group go. */
struct mp_fact_group {
	const char *root, *name;
	const struct mp_fact_sink *sink;
};

/* The constant half of a fact. */
struct mp_fact_line {
	const char *key;
	const char *volatility;
	int weight;
	const char *why;
};

/* `value` NULL: unknown, because of `origin`. */
void mp_fact_put(const struct mp_fact_group *group, const struct mp_fact_line *line,
		 const char *value, const char *origin);

/* `err` 0: the value; else unknown: "<path>: <the error in words>". */
void mp_fact_put_result(const struct mp_fact_group *group, const struct mp_fact_line *line, int err,
			const char *value, const char *path);

/* How the value stands in its file. */
enum mp_fact_form {
	MP_FACT_LINE, /* the whole first line; an empty one is "none" */
	MP_FACT_CHOICE, /* the word in brackets */
};

struct mp_fact_file {
	struct mp_fact_line line;
	enum mp_fact_form form;
	const char *path;
};

/* One fact per file. */
void mp_fact_put_files(const struct mp_fact_group *group, const struct mp_fact_file *files,
		       size_t count);

/* Names in a folder below the root that match a glob(7) pattern, in natural order ("cpu2" before "cpu10"); heap memory of the
 * caller: free each and the array. 0 or negative errno. */
int mp_fact_names(const char *root, const char *folder, const char *glob, char ***ret_names,
		  size_t *ret_count);
void mp_fact_names_free(char **names, size_t count);

/* Distinct texts and how often each was seen, for "powersave (8 CPUs)". */
struct mp_fact_tally {
	struct {
		char text[64];
		unsigned count;
	} items[16];
	size_t n;
	unsigned others; /* that found no room */
};
void mp_fact_tally(struct mp_fact_tally *tally, const char *text);
/* "a" when all agree, else "a (3), b (1), others (2)". */
void mp_fact_tally_text(const struct mp_fact_tally *tally, struct mp_str *out);

#endif
