/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Everything that a history needs of a results file, each kind of row in one pass: hundreds of runs of hundreds of
 * cases are read in a fraction of a second.
 *
 * Texts that a callback receives live for the call; a callback that returns non-zero ends the pass with that value.
 * Unknown numbers are NaN. Errors carry a sentence.
 */
#ifndef RESULTS_SERIES_H
#define RESULTS_SERIES_H

#include "results/store.h"

struct mp_series_run {
	int64_t id, started_ns, ended_ns; /* ended 0: it has no end */
	const char *uuid, *machine, *host;
	const char *label; /* "": none */
	const char *status, *version, *commit;
	bool sabotaged; /* with planted faults: no honest value */
	bool confirms; /* tag confirms=... or bisect=...: no night of its own */
};
int mp_store_series_runs(struct mp_store *s, int (*each)(void *user, const struct mp_series_run *r),
			 void *user, struct mp_err *err);

/* Facts that matter (weight 2 and 3) and hold until the next boot or longer; runs in order of their ids. */
int mp_store_series_facts(struct mp_store *s,
			  int (*each)(void *user, int64_t run, const struct mp_fact *fact),
			  void *user, struct mp_err *err);

struct mp_series_case {
	int64_t id; /* in this file */
	const char *text, *bench, *family, *unit;
	unsigned version;
};
int mp_store_series_cases(struct mp_store *s,
			  int (*each)(void *user, const struct mp_series_case *c), void *user,
			  struct mp_err *err);

/* One case of one run: its headline. */
struct mp_series_value {
	int64_t run, kase, run_case; /* ids in this file; kase that of mp_series_case */
	enum mp_outcome outcome;
	const char *reason;
	bool has_value; /* the rest is of the headline */
	enum mp_mode mode;
	enum mp_population population;
	double value, cv;
};
int mp_store_series_values(struct mp_store *s,
			   int (*each)(void *user, const struct mp_series_value *v), void *user,
			   struct mp_err *err);

/* One summary of a case; *ret_value is NaN when there is none. metric: "mean", "p50", "p99", "first", "ops_per_s". */
int mp_store_summary_value(struct mp_store *s, int64_t run_case, enum mp_mode mode,
			   enum mp_population population, const char *metric, double *ret_value,
			   struct mp_err *err);

#endif
