/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A side of a comparison: a results file and the runs in it that a selector names, loaded for reading. One run
 * to report is a side too. Layer: report.
 */
#ifndef REPORT_COMPARE_SIDE_H
#define REPORT_COMPARE_SIDE_H

#include "report/compare/spill.h"
#include "results/points.h"
#include "results/spread.h"

#include <stdbool.h>
#include <stddef.h>

/* A stored fact with its own texts; `value` NULL is unknown. */
struct mp_side_fact {
	char *group, *key, *value, *origin, *volatility, *why;
	int weight;
};

struct mp_side_run {
	struct mp_run_row row;
	struct mp_case_row *cases; /* in name order; MP_SIDE_REPORT only */
	size_t n_cases;
	struct mp_spread *spreads; /* of each case; MP_SIDE_REPORT only */
	struct mp_points_run
		points; /* MP_SIDE_COMPARE; of MP_SIDE_STREAM_NULL the null calls alone */
	struct mp_side_fact *facts; /* in stored order */
	size_t n_facts, cap_facts;
	const struct mp_side_fact *page_size; /* of them, as every pair asks for it; NULL: look */
	char *sabotage; /* what the run was spoilt with on purpose; NULL: an honest run */
	bool slowed; /* and it is a slow-down: its results are true, and there to be compared */
};

struct mp_side {
	char *name; /* as the user gave it, "night.db:#12" */
	struct mp_side_run *runs; /* newest first, at least one once opened */
	size_t n_runs;
	struct mp_spill spill; /* the cases of all runs; to be streamed */
	struct mp_store *store; /* owned; NULL when the side was made by hand */
};

/*
 * Splits "FILE[:SEL]". A file name may itself contain colons: when the whole text names something that exists it is
 * a file without a selector; otherwise it is split at the first colon behind which a selector stands ("latest", "#12",
 * "label:x", "tag:k=v", "last:5"), since a label may hold colons as well. *ret_path is heap memory of the caller; *ret_selector points into `text` or is
 * NULL. 0, -ENOMEM, or -EINVAL with a sentence when what follows the colon is no selector.
 */
int mp_side_split(const char *text, char **ret_path, const char **ret_selector, struct mp_err *err);

enum mp_side_for {
	MP_SIDE_REPORT, /* the newest of the runs, with its summaries */
	MP_SIDE_COMPARE, /* all of them, with one value per invocation */
	/* The same, but in a temporary file: to be compared without holding them (stream.h), in null calls or not. */
	MP_SIDE_STREAM_NULL,
	MP_SIDE_STREAM,
};

/* The benchmark whose cases are the unit of MP_UNIT_NULL. */
#define MP_SIDE_NULL_CALL "floor.getppid"

/* Opens the file read-only and loads the runs. `text` is "FILE[:SEL]"; the default is the latest run. *ret_matches
 * (may be NULL) says how many runs are selected. The caller ends with mp_side_done(). 0 or negative errno. */
int mp_side_open(const char *text, enum mp_side_for what, struct mp_side *ret_side,
		 size_t *ret_matches, struct mp_err *err);
void mp_side_done(struct mp_side *side); /* accepts zeroed */

/* Several sides, each on a thread of its own; none is left open on failure, and the sentence is that of the
 * first that failed. 0 or negative errno. */
int mp_side_open_all(const char *const *texts, size_t n, enum mp_side_for what,
		     struct mp_side *ret_sides, struct mp_err *err);

/* The run itself, its facts and its planted faults, without results; ended with mp_side_run_done(). 0 or negative
 * errno. */
int mp_side_run_describe(struct mp_store *store, int64_t id, struct mp_side_run *run,
			 struct mp_err *err);
void mp_side_run_done(struct mp_side_run *run); /* accepts zeroed */

/* The run's fact of that group and key, or NULL. */
const struct mp_side_fact *mp_side_fact(const struct mp_side_run *run, const char *group,
					const char *key);

/* Why the doctor called the run noisy ("others used 30 % of the CPUs"), or NULL: it was quiet, or nobody looked. */
const char *mp_side_noisy(const struct mp_side_run *run);

/* Was the processor of `memperf vm` emulated, so that times mean little? */
bool mp_side_emulated(const struct mp_side_run *run);

/* The base page size as recorded ("4096"), or NULL: unknown. */
const char *mp_side_page_size(const struct mp_side_run *run);

#endif
