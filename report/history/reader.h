/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reading results files needs on the way: shared by nights.c (runs become nights) and history.c (values become series). */
#ifndef REPORT_HISTORY_READER_H
#define REPORT_HISTORY_READER_H

#include "report/history/internal.h"

/* A run of a file and the night that it is. */
struct located {
	size_t file;
	int64_t id;
	size_t night;
};

struct file_case {
	struct mp_series_case c; /* texts are owned */
	bool wanted, valued, planned;
};

/* A case of a night without a value. */
struct absent {
	size_t night;
	char *text, *reason; /* owned */
	unsigned version;
	enum mp_outcome outcome;
};

/* Runs of a file whose times contradict each other. */
struct strange {
	size_t runs;
	int64_t first; /* its id */
};

struct reader {
	struct mp_history *h;
	const struct mp_history_options *options;
	struct mp_store **stores;
	size_t n_stores, file; /* the one being read */
	const char *path;
	struct located *located;
	size_t n_located, cap_located;
	struct file_case *cases; /* of the file */
	size_t n_cases, cap_cases;
	struct absent *absent;
	size_t n_absent, cap_absent;
	struct mp_facts *facts; /* by night */
	void *tree; /* of struct key */
	int64_t latest_start; /* of the runs of the file so far */
	struct strange ended, late; /* of them: ended before they began; stored after later ones */
	size_t runs; /* so many */
	struct mp_err *err;
};

/* -ENOMEM, with the sentence. */
int mp_reader_no_memory(struct mp_err *err);

/* Adds a run as a night, unless it does not count: for mp_store_series_runs(), with the reader as `user`. */
int mp_reader_run(void *user, const struct mp_series_run *run);
/* What is to be said of the file when all of its runs are there. */
void mp_reader_note(struct reader *r);
/* When all runs of all files are there: sorts the nights, drops doubles and what is older than the last so many, and finds
 * the night of each run again. */
void mp_reader_nights(struct reader *r, const char *const *paths);
/* The night of that run of the current file, or n_nights. */
size_t mp_reader_night(const struct reader *r, int64_t id);
/* Adds a fact to its night: for mp_store_series_facts(). */
int mp_reader_fact(void *user, int64_t run, const struct mp_fact *fact);

#endif
