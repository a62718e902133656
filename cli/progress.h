/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a run is, on stderr: one line that is rewritten on a terminal, else a line per tenth. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "runner/exec/run.h"

struct mp_progress {
	bool terminal;
	uint64_t begin_ns; /* CLOCK_MONOTONIC_RAW */
	uint64_t first; /* invocations that were finished at the start (a resumed run) */
	double estimate_s;
	unsigned tenth; /* last one told */
	unsigned troubles; /* told so far; the summary has them all */
};

/* Prepares and returns the sink; `progress` must outlive it. */
struct mp_sink mp_progress_sink(struct mp_progress *progress, const struct mp_run *run);

/* Takes the line off the terminal. */
void mp_progress_clear(struct mp_progress *progress);

#endif
