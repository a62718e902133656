/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A side of a comparison: a results file and the runs in it that a selector names, loaded for reading. One run
 * to report is a side too. Values of single invocations stay in the file and are fetched when a pair asks for
 * them. Layer: report.
 */
#ifndef REPORT_COMPARE_SIDE_H
#define REPORT_COMPARE_SIDE_H

#include "results/store.h"

#include <stdbool.h>
#include <stddef.h>

/* A stored fact with its own texts; `value` NULL is unknown. */
struct mp_side_fact {
	char *group, *key, *value, *origin, *volatility, *why;
	int weight;
};

struct mp_side_run {
	struct mp_run_row row;
	struct mp_case_row *cases; /* in name order */
	size_t n_cases;
	struct mp_side_fact *facts; /* in stored order */
	size_t n_facts, cap_facts;
	char *sabotage; /* the planted faults that the run asked for; NULL: an honest run */
};

struct mp_side {
	char *name; /* as the user gave it, "night.db:#12" */
	struct mp_side_run *runs; /* newest first, at least one once opened */
	size_t n_runs;
	/* One value per invocation; the contract is that of mp_store_case_values. */
	int (*values)(void *user, int64_t run_case, enum mp_mode mode,
		      enum mp_population population, double **ret_values, size_t *ret_count,
		      struct mp_err *err);
	void *user;
	struct mp_store *store; /* owned; NULL when the side was made by hand */
};

/*
 * Splits "FILE[:SEL]". A file name may itself contain colons: when the whole text names something that exists it is
 * a file without a selector; otherwise it is split at the first colon behind which a selector stands ("latest", "#12",
 * "label:x", "tag:k=v", "last:5"), since a label may hold colons as well. *ret_path is heap memory of the caller; *ret_selector points into `text` or is
 * NULL. 0, -ENOMEM, or -EINVAL with a sentence when what follows the colon is no selector.
 */
int mp_side_split(const char *text, char **ret_path, const char **ret_selector, struct mp_err *err);

/* Opens the file read-only and loads the runs. `text` is "FILE[:SEL]"; the default is the latest run. With
 * `newest_only` the first of several runs is loaded, and *ret_matches (may be NULL) says how many there were. The
 * caller ends with mp_side_done(). 0 or negative errno. */
int mp_side_open(const char *text, bool newest_only, struct mp_side *ret_side, size_t *ret_matches,
		 struct mp_err *err);
void mp_side_done(struct mp_side *side); /* accepts zeroed */

/* The run's fact of that group and key, or NULL. */
const struct mp_side_fact *mp_side_fact(const struct mp_side_run *run, const char *group,
					const char *key);

/* The base page size as recorded ("4096"), or NULL: unknown. */
const char *mp_side_page_size(const struct mp_side_run *run);

#endif
