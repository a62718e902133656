/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What people and nights decided about a machine's series, kept in its results file: baselines, accepted changes,
 * suspects and what became of them.
 *
 * Runs are named by their UUID, because they may be in another file. Texts that a callback receives live for the
 * call. All functions that write are durable when they return. Errors carry a sentence.
 */
#ifndef RESULTS_JUDGEMENT_H
#define RESULTS_JUDGEMENT_H

#include "results/store.h"

#define MP_BASELINE_DEFAULT "default"

/* What a value of a series stands for. */
#define MP_METRIC_VALUE	 "value" /* the headline, ns per operation */
#define MP_METRIC_TAIL	 "tail" /* p99 / p50 of single calls */
#define MP_METRIC_SPREAD "spread" /* standard deviation / mean between the run's invocations */

/* ---- baselines ---- */

struct mp_baseline {
	const char *machine, *name;
	const char *run_uuid;
	int64_t made_ns; /* CLOCK_REALTIME */
	const char *author; /* as they call themselves; NULL: not said */
	const char *reason;
};

/* Pins the runs under baseline's machine and name, in place of what was pinned under it; run_uuid of `baseline` is
 * not used. */
int mp_store_baseline_set(struct mp_store *s, const struct mp_baseline *baseline,
			  const char *const *run_uuids, size_t count, struct mp_err *err);
/* *ret_removed: runs that were pinned under the name; `machine` NULL: on any machine. */
int mp_store_baseline_remove(struct mp_store *s, const char *machine, const char *name,
			     unsigned *ret_removed, struct mp_err *err);
/* By machine and name; stops at the first non-zero return of `each` and returns it. */
int mp_store_baselines(struct mp_store *s, int (*each)(void *user, const struct mp_baseline *b),
		       void *user, struct mp_err *err);

/* ---- changes that a person judged ---- */

struct mp_accepted {
	const char *machine, *case_text, *metric;
	unsigned bench_version;
	const char *run_uuid; /* first run of the new level */
	int64_t run_started_ns, made_ns;
	/* "accepted", "wontfix", "environment": the new level is the reference from there on. "fixed": it was a fault
	 * and is gone; "invalid": there was no change: the reference goes on as before. */
	const char *state;
	const char *author; /* as above */
	const char *reason;
	const char *link; /* to an issue or commit; NULL: none */
};

/* A second judgement of the same change replaces the first. */
int mp_store_accept(struct mp_store *s, const struct mp_accepted *accepted, struct mp_err *err);
/* Takes judgements back: those of `run_uuid` (NULL: any) whose case matches the glob. */
int mp_store_accepted_remove(struct mp_store *s, const char *case_glob, const char *run_uuid,
			     unsigned *ret_removed, struct mp_err *err);
int mp_store_accepted(struct mp_store *s, int (*each)(void *user, const struct mp_accepted *a),
		      void *user, struct mp_err *err);

/* ---- suspects of a night ---- */

/* Unknown numbers are NaN, unknown counts 0, unknown texts NULL. */
struct mp_suspect {
	const char *machine, *run_uuid; /* the night */
	int64_t run_started_ns, made_ns;
	const char *case_text, *metric;
	unsigned bench_version;
	enum mp_mode mode;
	const char *state; /* "suspect", "confirmed", "cleared", "unconfirmable" */
	const char *reason; /* of the state, in words; "" for a suspect */
	double value, reference, reference_mad; /* MAD of ln value */
	unsigned reference_runs;
	double deviations; /* |ln value - ln reference| in robust deviations */
	const char *confirm_uuid;
	unsigned confirm_n;
	double confirm_value, confirm_ratio, confirm_p;
};

/* The same (night, case, version, mode, metric) is replaced: a suspect becomes confirmed or cleared. */
int mp_store_suspect_set(struct mp_store *s, const struct mp_suspect *suspect, struct mp_err *err);
/* Oldest night first; `run_uuid` NULL: of all nights. */
int mp_store_suspects(struct mp_store *s, const char *run_uuid,
		      int (*each)(void *user, const struct mp_suspect *suspect), void *user,
		      struct mp_err *err);

#endif
