/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sinks of a run: the results file, and a log of JSON lines. */
#ifndef RUNNER_EXEC_RECORD_H
#define RUNNER_EXEC_RECORD_H

#include "results/store.h"
#include "runner/exec/run.h"
#include "runner/machine/watch.h"

#include <stdio.h>

/* Writes a run into an open store. */
struct mp_recorder {
	struct mp_store *store;
	char machine[33]; /* anonymous key */
	int64_t run;
	int64_t *run_cases; /* owned; per plan case */
	struct mp_watch watch; /* the doctor's looks before and after */
	unsigned part; /* 0, or how often the run was interrupted before */
};

/* Begins a new run: its row, tags ("k=v", n_tags), facts, every case of the plan (skipped ones with their
 * reason). Fills the pinned batch sizes of run->cases from the store. */
int mp_recorder_begin(struct mp_recorder *rec, struct mp_store *store, struct mp_run *run,
		      struct mp_run_info *info, const char *const *tags, size_t n_tags,
		      struct mp_err *err);

/* Goes on with an interrupted run: its cases, speeds and pool are as the stored invocations left them. The plan must hold the
 * very cases of the stored run, and the kernel be the one that it was begun on, else -EINVAL. */
int mp_recorder_resume(struct mp_recorder *rec, struct mp_store *store, int64_t run_id,
		       struct mp_run *run, struct mp_err *err);

/* Is the kernel, release and build (uname(2)), another than the one whose facts the run has? Such a run cannot go on. */
int mp_recorder_other_kernel(struct mp_store *store, int64_t run_id, bool *ret_other,
			     struct mp_err *err);

/* The sink. */
struct mp_sink mp_recorder_sink(struct mp_recorder *rec);

/* Judges every case once more by the final probe references, stores what the doctor saw, and closes the run: "complete"
 * or "interrupted". */
int mp_recorder_end(struct mp_recorder *rec, const struct mp_run *run, const char *status,
		    struct mp_err *err);
void mp_recorder_done(struct mp_recorder *rec);

/* One JSON object per event and line; `file` is borrowed. */
struct mp_sink mp_json_log_sink(FILE *file);

#endif
