/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the cases of a run count: one counting for each set of CPUs that counters tell apart (the core PMUs of a hybrid
 * machine, domains of a cache). Each case counts with the PMUs of the CPUs that its placement uses.
 */
#ifndef RUNNER_EXEC_COUNTINGS_H
#define RUNNER_EXEC_COUNTINGS_H

#include "runner/exec/counting.h"
#include "runner/exec/run.h"

struct mp_countings {
	struct mp_counting_at {
		struct mp_counting *counting; /* owned */
		char *domains; /* owned: mp_counter_domains() */
	} * items; /* owned */
	size_t n, cap;
};

/* Resolves the wish, whose CPUs are left out, for the seats of every case of the run that will be run, and gives each its
 * counting. 0 or a negative errno with a sentence; what was made is freed by mp_countings_done() either way. */
int mp_countings_make(const struct mp_counting_wish *wish, struct mp_run *run,
		      struct mp_countings *ret_countings, struct mp_err *err);
void mp_countings_done(struct mp_countings *countings); /* accepts zeroed */

/* What is counted, a line for each of them where there are several; heap text, NULL: out of memory. */
char *mp_countings_words(const struct mp_countings *countings);

#endif
