/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the two halves of a night's report share. */
#ifndef REPORT_FORMAT_SHOW_NIGHTLY_INTERNAL_H
#define REPORT_FORMAT_SHOW_NIGHTLY_INTERNAL_H

#include "report/format/show_nightly.h"

/* Over the reference, by the best evidence there is; NaN: unknown. */
double mp_nightly_ratio(const struct mp_nightly_case *c);

/* Judges the newest row of the table as this case. */
void mp_nightly_row(struct mp_table *table, const struct mp_nightly_case *c);

/* Formats without prose. 0 or -ENOMEM. */
int mp_show_nightly_data(const struct mp_show_nightly *night, const struct mp_show *show,
			 struct mp_str *out);

#endif
