/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A close look at the viewer's subject: its row, what was compared, and its results files open for as long as something
 * is read from them. Layer: report.
 */
#ifndef REPORT_VIEWER_LOOK_H
#define REPORT_VIEWER_LOOK_H

#include "report/chart/kind.h"
#include "report/viewer/view.h"

struct mp_look {
	struct mp_row row;
	struct mp_pair_copy copy; /* two sides only */
	struct mp_store *stores[2]; /* NULL: the side has no case of the benchmark */
	int64_t one[2]; /* rows of a single run */
	struct mp_chart_subject subject; /* of charts; its pair is the copy's, its stores these */
};

/* Opens what the subject needs. It must be closed before the event loop goes on (model.h). 0, or negative errno with a
 * sentence: there is no subject, no rows yet, a file cannot be read. */
int mp_look_open(struct mp_view *view, struct mp_look *ret_look, struct mp_err *err);
void mp_look_close(struct mp_look *look); /* accepts zeroed */

/* The same of two cases of one side (0: A, 1: B), as if the first were side A and the second side B: the newest run of each, in
 * ns, with no pair, because nobody judged them. `texts` must outlive the look. */
int mp_look_versus(struct mp_view *view, const char *const texts[2], size_t side,
		   struct mp_look *ret_look, struct mp_err *err);

/* Chooses a subject where there is none: the first case that Results lists, else the first of all. 0, or -ENOENT with a
 * sentence. */
int mp_look_choose(struct mp_view *view, struct mp_err *err);

/* Makes the neighbour in name order (by = 1 or -1) of the same benchmark the subject that differs from it in something
 * else than `axis`. false: there is none. */
bool mp_look_beside(struct mp_view *view, const char *axis, int by);

#endif
