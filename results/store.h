/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The results file: one SQLite database, schema.sql, and the only code that speaks SQL.
 *
 * Writing: one run at a time, one transaction per finished invocation, WAL, full durability: kill -9
 * loses at most the invocation in flight. Reading: read-only connections that never migrate and trust
 * nothing in the file (application_id, user_version, defensive mode, trusted_schema off, bounded blobs).
 * Text handed out is owned by the caller of the function that says so. Errors carry a sentence.
 */
#ifndef RESULTS_STORE_H
#define RESULTS_STORE_H

#include "common/err.h"
#include "common/value.h"
#include "results/invocation.h"
#include "results/stats.h"

#include <stdbool.h>
#include <stdio.h>

struct mp_store; /* an open results file */

enum mp_store_open {
	MP_STORE_READ, /* must exist */
	MP_STORE_READ_NOW, /* the same; a lock is an error at once instead of after some seconds: for what a person waits for */
	MP_STORE_WRITE, /* must exist, or is created; migrates an older schema */
};

/* Opens `path`, a file, or for reading the URL of a server (central.h). An empty file is what an interrupted creation leaves: a writer fills it, for a reader it is an
 * error. Not a results file, damaged, of a newer schema, locked, no permission, disk full: one
 * sentence, and the file is untouched. 0 or negative errno. */
int mp_store_open(const char *path, enum mp_store_open how, struct mp_store **ret_store,
		  struct mp_err *err);
/* Accepts NULL. A writer checkpoints and leaves no -wal or -shm file behind. */
void mp_store_close(struct mp_store *store);
/* The same, of a command that may have failed: a file that this opening created and that got no run is removed. */
void mp_store_close_or_remove(struct mp_store *store);

/* ---- writing a run ----
 *
 * Invocations and the end of a run are on the disk when the call returns. The rows of the plan (run, tags, facts,
 * cases), pins, probes and summaries survive a kill at once and a power failure with the next invocation: a plan of a
 * thousand cases must not cost a thousand syncs, and summaries can be computed again.
 */

/* Texts are borrowed for the call. */
struct mp_run_info {
	char uuid[37]; /* filled in by mp_store_run_begin when empty */
	const char *machine; /* anonymous, stable machine key */
	const char *host; /* label for people */
	const char *label; /* --label or NULL */
	const char *suite; /* names of the suites, "quick" */
	const char *suite_text; /* their full text */
	const char *plan_json; /* JSON object or array, or NULL; the resolved plan */
	const char *
		options_json; /* the effective options of the run, what --resume needs; "counters": the group in prose, or null */
	const char *version, *commit;
	uint64_t seed;
	int64_t started_ns; /* CLOCK_REALTIME */
	double budget_s, estimate_s;
	const char *clock; /* "tsc", "cntvct", "monotonic_raw" */
	const char *clock_why; /* which checks decided it */
	double clock_ns_per_tick, clock_step_ns, clock_pair_ns;
};

/* One line of the machine's description. */
struct mp_fact {
	const char *group, *key;
	const char *value; /* NULL: unknown, and `origin` says why */
	const char *origin; /* file or call it was read from */
	const char *volatility; /* "hardware", "boot" or "now" */
	int weight; /* 0 .. 3: how much a difference moves results */
	const char *why; /* one sentence */
};

/* A benchmark as stored: the definition's own words, so that a reader needs no descriptor. */
struct mp_bench_info {
	const char *name, *family, *summary, *timed, *unit, *bytes_axis;
	unsigned version;
};

int mp_store_run_begin(struct mp_store *s, struct mp_run_info *info, int64_t *ret_run,
		       struct mp_err *err);
int mp_store_run_tag(struct mp_store *s, int64_t run, const char *key, const char *value,
		     struct mp_err *err);
/* *ret_value: heap memory of the caller; NULL when the run has no such tag. */
int mp_store_tag_get(struct mp_store *s, int64_t run, const char *key, char **ret_value,
		     struct mp_err *err);
int mp_store_run_fact(struct mp_store *s, int64_t run, const struct mp_fact *fact,
		      struct mp_err *err);

/* Everything that is stored from here to the end is there or is not: the run with its whole plan, without which it could not
 * be gone on with. `code`: 0, or the failure that takes all of it back and is returned. Not nested. 0 or negative errno. */
int mp_store_together(struct mp_store *s, struct mp_err *err);
int mp_store_together_end(struct mp_store *s, int code, struct mp_err *err);

/* Adds one case of the plan, outcome `pending` (or `skipped` with its reason). `planned`: invocations.
 * Returns the id of the row that joins run and case. */
int mp_store_case_add(struct mp_store *s, int64_t run, const struct mp_bench_info *bench,
		      const char *case_text, const struct mp_params *params, unsigned planned,
		      enum mp_outcome outcome, const char *reason, int64_t *ret_run_case,
		      struct mp_err *err);

/* Stores one finished invocation with raw blob, histograms and statistics, in one transaction. A
 * repeated (run_case, ordinal) is refused with -EEXIST. */
int mp_store_invocation_add(struct mp_store *s, int64_t run_case, const struct mp_invocation *inv,
			    double step_ns, struct mp_err *err);

/* Recomputes the summaries and the outcome of one case from its invocations (at the end of the case, and
 * again at the end of the run), judging calm by the given probe references of each kind of core, in one transaction. Outcome: the
 * worst of its invocations (failed, timed out, invalid, ok) once `why_stopped` is given or all planned ones are
 * there ("planned"); pending before. The rules of the headline stand at the top of store_finish.c.
 * `pair_ns`: median of an empty clock pair, for the resolution class. `why_stopped`: "target", "budget",
 * "cap", "planned" or NULL while unfinished. */
int mp_store_case_finish(struct mp_store *s, int64_t run_case,
			 const struct mp_full_speeds *references, double step_ns, double pair_ns,
			 const char *why_stopped, struct mp_err *err);

/* The topology of the machine as hwloc's XML, which names nobody. Once per run. */
int mp_store_run_topology(struct mp_store *s, int64_t run, const char *xml, struct mp_err *err);

/* How far the clock's calibration was off by the end of the run, ppm; NaN: unknown. Before mp_store_run_end(). */
int mp_store_run_drift(struct mp_store *s, int64_t run, double ppm, struct mp_err *err);

/* status: "complete" or "interrupted". */
int mp_store_run_end(struct mp_store *s, int64_t run, const char *status, int64_t ended_ns,
		     struct mp_err *err);

/* Batch sizes pinned for (machine, case, definition version): the same on every night. *ret_ops is 0 when
 * there is none yet. */
int mp_store_pin_get(struct mp_store *s, const char *machine, const char *case_text,
		     unsigned bench_version, uint64_t *ret_ops, struct mp_err *err);
int mp_store_pin_set(struct mp_store *s, const char *machine, const char *case_text,
		     unsigned bench_version, uint64_t ops, struct mp_err *err);

/* Fastest speed probes ever seen on cores of that kind of the machine (ticks converted to ns); NaN when none. Setting
 * keeps the faster of the stored and the given one, each for itself. */
int mp_store_probe_get(struct mp_store *s, const char *machine, const char *kind,
		       double *ret_mul_ns, double *ret_add_ns, struct mp_err *err);
int mp_store_probe_set(struct mp_store *s, const char *machine, const char *kind, double mul_ns,
		       double add_ns, struct mp_err *err);

/* ---- reading ---- */

/* Resolves a selector to run ids, newest first: NULL or "latest", "#12", "#12,#15", "label:x", "tag:k=v", "last:5".
 * *ret_runs is heap memory of the caller. No match is an error with the remedy. */
int mp_store_select(struct mp_store *s, const char *selector, int64_t **ret_runs, size_t *ret_count,
		    struct mp_err *err);

/* All of them, newest first, as mp_store_select() does it. Of a server (central.h) the rows of their invocations are not brought: these
 * runs can be listed, not shown. */
int mp_store_runs(struct mp_store *s, int64_t **ret_runs, size_t *ret_count, struct mp_err *err);

/* A stored run; texts are owned by the struct (mp_run_row_done). */
struct mp_run_row {
	int64_t id;
	char *uuid, *machine, *host, *label, *suite, *status, *version, *commit, *clock;
	char *options_json, *suite_text;
	uint64_t seed;
	int64_t started_ns, ended_ns; /* ended 0: not ended */
	double budget_s, estimate_s;
	double clock_ns_per_tick, clock_step_ns, clock_pair_ns;
	double clock_drift_ppm; /* of the calibration by the end of the run; NaN: unknown */
	unsigned cases, ok, invalid, failed, skipped, timed_out, pending;
	unsigned invocations;
};
int mp_store_run_get(struct mp_store *s, int64_t run, struct mp_run_row *ret_row,
		     struct mp_err *err);
void mp_run_row_done(struct mp_run_row *row);

/* How long it took, ns. NaN: it has not ended, or by its clock before it started (which was set back). */
double mp_run_row_took_ns(const struct mp_run_row *row);

/* The run's facts, in stored order; the texts live for the call. */
int mp_store_facts(struct mp_store *s, int64_t run,
		   int (*each)(void *user, const struct mp_fact *fact), void *user,
		   struct mp_err *err);

/* The plan of the run as it was stored (mp_run_info): heap text of the caller, NULL when there is none. */
int mp_store_plan(struct mp_store *s, int64_t run, char **ret_json, struct mp_err *err);

/* The topology stored with the run: heap text of the caller, NULL when there is none. */
int mp_store_topology(struct mp_store *s, int64_t run, char **ret_xml, struct mp_err *err);

/* One case of one run with its summaries; texts are owned by the struct (mp_case_row_done). */
struct mp_case_row {
	int64_t run_case;
	char *bench, *family, *text, *unit, *summary, *timed, *bytes_axis;
	unsigned version;
	uint64_t bytes; /* bytes one operation handles; 0: the unit has none */
	enum mp_outcome outcome;
	char *reason; /* empty when ok */
	char kind[MP_KIND_TEXT]; /* of the core of its first worker; empty: alike, or unknown */
	unsigned planned, invocations;
	char *why_stopped; /* "target", "budget", "cap", "planned"; NULL: unfinished */

	/* The headline: the one value that stands for the case, and how it was obtained. */
	bool has_value;
	enum mp_mode mode;
	enum mp_population population;
	enum mp_resolution resolution; /* of call mode; meaningless without call samples */
	struct mp_estimate
		value; /* ns per operation: median of the invocations' p50 (CALL) or p50 of
				     block means (BATCH), or mean (RATE) */

	/* Beside it; n is 0 when there is none. */
	struct mp_estimate call_p50[2], call_p99[2], call_mean[2]; /* [enum mp_population] */
	struct mp_estimate batch_mean[2], batch_p50[2];
	struct mp_estimate rate_mean[2]; /* ns per operation and worker */
	struct mp_estimate rate_ops; /* operations a second, all workers together */
	struct mp_estimate first; /* the very first operation */
	double calm_share; /* of the headline's mode; NaN unknown */
	double observer_effect; /* call mean - batch mean, ns, calm if both have it; NaN */
	unsigned flagged_blocks, blocks; /* over all invocations */
	uint64_t checks_passed, checks_failed;
};

/* Cases of a run in name order. */
int mp_store_cases(struct mp_store *s, int64_t run, struct mp_case_row **ret_rows,
		   size_t *ret_count, struct mp_err *err);
/* The same one by one, with the headline and nothing beside it; the row lives for the call. Stops at the first non-zero return of `each`,
 * and returns it. */
int mp_store_each_case(struct mp_store *s, int64_t run,
		       int (*each)(void *user, struct mp_case_row *row), void *user,
		       struct mp_err *err);
void mp_case_rows_free(struct mp_case_row *rows, size_t count);

/* One of them: *ret_row is an array of one for mp_case_rows_free(). -ENOENT with a sentence when there is none. */
int mp_store_case(struct mp_store *s, int64_t run_case, struct mp_case_row **ret_row,
		  struct mp_err *err);

/* The headline value of each ok or invalid invocation of a case in one mode and population (NaN where it has none:
 * a calm value takes 32 calm samples, or 3 calm blocks): what comparisons test. CALL: p50; BATCH: p50 of block
 * means; RATE: mean. Heap memory of the caller. */
int mp_store_case_values(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			 enum mp_population population, double **ret_values, size_t *ret_count,
			 struct mp_err *err);

/* All invocations of a case in order, with raw data when `raw`; `each` may move the arrays out. Stops at
 * the first non-zero return of `each` and returns it. */
int mp_store_invocations(struct mp_store *s, int64_t run_case, bool raw,
			 int (*each)(void *user, struct mp_invocation *inv), void *user,
			 struct mp_err *err);

/* ---- maintenance ---- */

/* Everything that can be verified: SQLite's integrity check, foreign keys, the schema, application
 * rules (every ok case has invocations and summaries), every blob, and every number that was computed from it.
 * Damage is a finding, not an error. Calls `problem` for each finding. *ret_problems counts
 * them. */
int mp_store_check(struct mp_store *s, void (*problem)(void *user, const char *text), void *user,
		   unsigned *ret_problems, struct mp_err *err);

/* Copies the runs of `from` that `into` does not have (by UUID), and the batch sizes and probe references that it
 * does not have. A run that was unfinished when it was copied before and has gone on since is replaced. A damaged
 * run is left out and the others are copied: then -EBADMSG with the sentence, and the counts are set all the
 * same. */
int mp_store_merge(struct mp_store *into, struct mp_store *from, unsigned *ret_added,
		   unsigned *ret_present, struct mp_err *err);

/* What old runs may lose. Ages are nights of 24 h before the newest run of the same machine. */
struct mp_prune {
	unsigned
		keep_raw; /* complete runs older than this lose raw data and histograms; 0: none does */
	unsigned keep_runs; /* runs older than this go; 0: none does */
	bool dry_run; /* count only: a reader will do */
};
struct mp_pruned {
	unsigned runs, raw; /* that went; that lost their raw data, also of those that went */
};
/* Runs that a baseline or an accepted change names keep everything. Frees the space when it is worth it. */
int mp_store_prune(struct mp_store *s, const struct mp_prune *options, struct mp_pruned *ret_pruned,
		   struct mp_err *err);

/* Counts and sizes for `db info`. */
struct mp_store_info {
	int schema_version;
	unsigned runs, machines, cases, invocations;
	uint64_t file_bytes, raw_bytes, samples;
};
int mp_store_info(struct mp_store *s, struct mp_store_info *ret_info, struct mp_err *err);

#endif
