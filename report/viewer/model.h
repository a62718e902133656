/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is viewed: one or two sides, their comparison as rows (rows.h), and which of the rows are listed in what order.
 *
 * Everything that reads a file and may take long happens in a job; the descriptions of the runs and of the machine are
 * read at once. No results file stays open: mp_model_store_open() gives one for the moment. Layer: report.
 */
#ifndef REPORT_VIEWER_MODEL_H
#define REPORT_VIEWER_MODEL_H

#include "report/viewer/index.h"
#include "report/viewer/job.h"
#include "report/viewer/rows.h"

struct mp_model_side {
	char *name; /* as given, "night.db:#12" */
	char *path; /* of the file */
	struct mp_side
		side; /* the selected runs with their facts, newest first; no results, store NULL */
};

/* How a file looked when it was read: size and time of change. */
struct mp_model_stamp {
	int64_t size, changed_ns;
};

enum mp_model_state {
	MP_MODEL_JUDGING, /* the first rows are on their way */
	MP_MODEL_READY,
	MP_MODEL_FAILED, /* there are none: `why` says why */
};

struct mp_model {
	struct mp_compare_options options; /* policy, unit; borrowed */
	size_t n_sides; /* 1 or 2 */
	struct mp_model_side sides[2];
	/* The sides' machines and runs compared, without cases: differences, notes. Two sides only. */
	struct mp_comparison environment;

	enum mp_model_state state;
	bool busy; /* a job is judging; with state READY: again */
	struct mp_err why; /* of FAILED, and of the last attempt to judge again */
	struct mp_rows *rows; /* NULL unless READY */
	struct mp_index index; /* rows listed on Results, filtered and sorted; empty unless READY */
	unsigned generation; /* grows with every new set of rows */
	bool live; /* the newest run of a side has not ended */
	struct mp_job *job; /* NULL: none */
	uint64_t started_ns,
		took_ns; /* when judging began, how long it took last (monotonic clock) */
	struct mp_model_stamp stamps[2][2]; /* of each side's file and its write-ahead log */
};

/* Reads the descriptions and starts judging. `texts`: one or two "FILE[:SEL]". 0 or negative errno with a sentence. */
int mp_model_open(const char *const *texts, size_t n, const struct mp_compare_options *options,
		  struct mp_model *ret_model, struct mp_err *err);
void mp_model_done(struct mp_model *model); /* accepts zeroed */

/* Other sides, or the same ones again (live; texts may be the model's own). The rows stay until the new ones are there. On
 * failure everything stays as it was. 0 or negative errno with a sentence. */
int mp_model_sides(struct mp_model *model, const char *const *texts, size_t n, struct mp_err *err);
/* A and B change places. */
int mp_model_swap(struct mp_model *model, struct mp_err *err);

/* Takes over what a job has finished. true: the rows or the state changed. Never waits. */
bool mp_model_poll(struct mp_model *model);
/* Are the rows the verdicts of a job that still judges tail and shape of their single calls? */
bool mp_model_first(const struct mp_model *model);
/* Descriptor to poll for it; -1: none. */
int mp_model_fd(const struct mp_model *model);
/* Looks whether a file changed since it was judged, and judges again (live mode). true: it started. Cheap. */
bool mp_model_follow(struct mp_model *model);

/* The results file of a side (0: A, 1: B), for reading; the caller closes it before it returns to the event loop. 0 or
 * negative errno with a sentence. */
int mp_model_store_open(const struct mp_model *model, size_t side, struct mp_store **ret_store,
			struct mp_err *err);

#endif
