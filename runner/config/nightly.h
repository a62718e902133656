/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a night does: a libconfig file with one group `nightly`; configs/nightly.cfg documents every setting.
 * Unknown settings are errors with file:line and did-you-mean. Layer: runner.
 */
#ifndef RUNNER_CONFIG_NIGHTLY_H
#define RUNNER_CONFIG_NIGHTLY_H

#include "common/err.h"

#include <stddef.h>

/* A list of texts; owned. items[count] is NULL, when there are items. */
struct mp_texts {
	char **items;
	size_t count, cap;
};

/* All texts are owned; NULL or an empty list: not said, where the defaults below say nothing. */
struct mp_nightly {
	char *name; /* of the file, without folder and suffix: nights of different files are different series */
	struct mp_texts suites; /* as in run --suite; {"nightly"} */
	char *filter, *database, *budget;
	char *counters; /* of the night and of its confirm run, as in run --counters */
	unsigned invocations; /* 0: as the suite says */

	char *baseline; /* name of the pinned runs that slow drift is measured against; "default" */
	unsigned least_nights; /* nights before the history judges a case; 10 */
	double least_calm; /* mean calm share below which the machine was too noisy; 0.1 */
	double most_together; /* share of the cases that may stand out before the machine is blamed; 0.5 */

	unsigned confirm_invocations; /* fresh processes per suspect; 10 */
	char *confirm_budget; /* "15m" */
	unsigned confirm_controls; /* cases that nothing was wrong with, measured among them; 3 */
	unsigned confirm_most; /* suspects that are measured again, the strongest first; 30 */

	char *folder; /* of the reports; NULL: none are written */
	struct mp_texts formats; /* {"text"} */
	struct mp_texts notify; /* a command and its arguments; the message is its input */

	unsigned keep_raw, keep_runs; /* nights; 0: everything is kept */
};

/* A name (looked up as NAME.cfg in the configuration folder) or a path. The caller ends with mp_nightly_done(). */
int mp_nightly_load(const char *name_or_file, struct mp_nightly *ret_nightly, struct mp_err *err);
void mp_nightly_done(struct mp_nightly *nightly); /* accepts zeroed */

#endif
