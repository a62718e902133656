/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A judged night in every format: the message that wakes somebody, and the report that is read afterwards. Layer: report. */
#ifndef REPORT_FORMAT_SHOW_NIGHTLY_H
#define REPORT_FORMAT_SHOW_NIGHTLY_H

#include "report/format/show.h"
#include "report/nightly/nightly.h"

struct mp_show_nightly {
	const struct mp_nightly_judgement *judgement;
	const struct mp_side *tonight;
	const char *path; /* of the results file, for commands to type */
	const char *name; /* of the nightly configuration */
};

/* One paragraph per cause with the command that reproduces it, what changed since the last good night, and the runs
 * on both sides; plain text. Appends to `out`. 0 or -ENOMEM. */
int mp_show_nightly_message(const struct mp_show_nightly *night, struct mp_str *out);

/* The message, and every case with its state. show->filter and show->gate are not used. Appends to `out`. 0 or
 * -ENOMEM. */
int mp_show_nightly(const struct mp_show_nightly *night, const struct mp_show *show,
		    struct mp_str *out);

#endif
