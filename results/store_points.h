/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, reading and verifying the rows of table `point`. Internal to results/. */
#ifndef RESULTS_STORE_POINTS_H
#define RESULTS_STORE_POINTS_H

#include "results/points.h"
#include "results/store_internal.h"

/* One row; the arrays are borrowed for the call. */
struct mp_point_row {
	int64_t run_case;
	enum mp_mode mode;
	enum mp_population population;
	struct mp_points points;
};

/* The rows of the cases `first` .. `last` (run_case ids) in that order, computed from the statistics and histograms of
 * their invocations. Stops at the first non-zero return of `each` and returns it. */
int mp_points_build(struct mp_store *s, int64_t first, int64_t last,
		    int (*each)(void *user, const struct mp_point_row *row, struct mp_err *err),
		    void *user, struct mp_err *err);

/* Is there a table of them? A file of schema 1 has none. 0 or negative errno. */
int mp_store_has_points(struct mp_store *s, bool *ret_has, struct mp_err *err);

/* Computes and stores the rows of one case anew; of every case of a file that has none. In a transaction. */
int mp_store_points_put(struct mp_store *s, int64_t run_case, struct mp_err *err);
int mp_store_points_put_all(struct mp_store *s, struct mp_err *err);

/* Columns run_case_id, mode, population, n, p50, mean, profile of the current row; the arrays live until the next step
 * and are aligned for nothing but memcpy. 0 or -EBADMSG. */
int mp_point_row_read(struct mp_query *q, struct mp_point_row *ret_row);

/* Compares what is stored with what it should be, case by case; `problem` is told what is missing or different.
 * *ret_strays: rows that belong to no statistics. 0 or negative errno. */
int mp_store_points_verify(struct mp_store *s,
			   void (*problem)(void *user, int64_t run_case, const char *what),
			   void *user, int64_t *ret_strays, struct mp_err *err);

#endif
