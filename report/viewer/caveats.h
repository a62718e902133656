/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the results files say against values (results/caveats.h), as warnings of rows. Layer: report. */
#ifndef REPORT_VIEWER_CAVEATS_H
#define REPORT_VIEWER_CAVEATS_H

#include "report/viewer/rows.h"

/* Of the cases of a side. */
struct mp_caveats {
	struct mp_caveats_case {
		int64_t run_case;
		unsigned warnings; /* bits as of mp_row.warnings */
	} * cases; /* by run_case, one may stand there several times; owned */
	size_t n, cap;
};

/* All runs of the side, whose store is open; without one there is none. 0 or negative errno with a sentence. */
int mp_caveats_read(const struct mp_side *side, struct mp_caveats *ret_caveats, struct mp_err *err);
void mp_caveats_done(struct mp_caveats *caveats); /* accepts zeroed */

/* The warnings of a case; 0: none, or the side does not have it (run_case 0). */
unsigned mp_caveats_of(const struct mp_caveats *caveats, int64_t run_case);

#endif
