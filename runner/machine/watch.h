/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor during a run: its findings about settings and a short look before it, another look after it, and what the kernel
 * counted in between. The result are facts of the group "doctor", stored with the run; `noisy` is what reports, comparisons
 * and nights go by. Limits are in quiet.h.
 */
#ifndef RUNNER_MACHINE_WATCH_H
#define RUNNER_MACHINE_WATCH_H

#include "common/str.h"
#include "runner/machine/doctor.h"
#include "runner/machine/facts.h"
#include "runner/machine/machine.h"
#include "runner/machine/throttle.h"

/* What one look saw; NaN: it could not. */
struct mp_look {
	double calm; /* share of the speed probes at full speed */
	double lost; /* share of time in gaps over 1 us, of the worst CPU looked at */
	double longest_ns; /* the longest gap of all */
};

/* A finding of the doctor as the fact that it becomes; heap texts. */
struct mp_watch_finding {
	char *key; /* "finding_nmi_watchdog" */
	char *value; /* "note: on: it interrupts ...; remedy: sysctl ..." */
};

struct mp_watch {
	struct mp_look before, after;
	struct mp_cpu_time time;
	struct mp_throttle throttle;
	bool has_time, has_throttle;
	struct mp_watch_finding *findings;
	size_t n_findings, cap_findings;
	struct mp_fitness fitness; /* what these findings mean */
};

/* Looks for a quarter of a second. What cannot be measured is unknown, and no error. `calm` as mp_speed_reference() measured it.
 * The caller ends with mp_watch_done(). */
void mp_watch_begin(struct mp_watch *watch, const struct mp_machine *machine,
		    const struct mp_clocksource *source, double calm);

/*
 * Looks again for half a second and hands out the facts. `part` 0 for a run in one go; a run that was interrupted and goes on is
 * watched once for each part, and the keys of later ones end in its number ("noisy_2" for part 1).
 */
void mp_watch_end(struct mp_watch *watch, const struct mp_machine *machine,
		  const struct mp_clocksource *source, unsigned part,
		  const struct mp_fact_sink *sink);

void mp_watch_done(struct mp_watch *watch); /* also of one that is all zeros */

/* How many CPUs a look covers: the first ones in the order of use. */
unsigned mp_watch_cpus(const struct mp_machine *machine);

/* The verdict: "no", or "yes: ..." with the reasons, `unfit` (empty: none) first; false when nothing was known to judge by. For
 * its test. */
bool mp_watch_judge(const struct mp_look looks[2], double others, double stolen,
		    const struct mp_throttle *throttled, const char *unfit,
		    struct mp_str *ret_text);

#endif
