/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The doctor during a run: a short look before it, another after it, and what the kernel counted in between. The result are
 * facts of the group "doctor", stored with the run; `noisy` is what reports, comparisons and nights go by.
 */
#ifndef RUNNER_MACHINE_WATCH_H
#define RUNNER_MACHINE_WATCH_H

#include "common/str.h"
#include "runner/machine/facts.h"
#include "runner/machine/machine.h"
#include "runner/machine/quiet.h"
#include "runner/machine/throttle.h"

/* What one look saw; NaN: it could not. */
struct mp_look {
	double calm; /* share of the speed probes at full speed */
	double lost; /* share of time in gaps over 1 us, of the worst CPU looked at */
	double longest_ns; /* the longest gap of all */
};

/*
 * A run is noisy when any of these was passed; each is far beyond what calm samples and intervals absorb (twice the usual
 * stolen time and gaps of a shared host leave verdicts as they are).
 */
#define MP_NOISY_CALM	0.05 /* less of a look at full speed than that */
#define MP_NOISY_LOST	0.10 /* more of a look lost in gaps */
#define MP_NOISY_STOLEN 0.10 /* more of the run's CPU time taken by the hypervisor */
#define MP_NOISY_OTHERS 0.25 /* more of the run's CPU time used by others */

struct mp_watch {
	struct mp_look before, after;
	struct mp_cpu_time time;
	struct mp_throttle throttle;
	bool has_time, has_throttle;
	char summary[192]; /* the doctor's findings about settings */
};

/* Looks for a quarter of a second. What cannot be measured is unknown, and no error. `calm` as mp_speed_reference() measured it. */
void mp_watch_begin(struct mp_watch *watch, const struct mp_machine *machine,
		    const struct mp_clocksource *source, double calm);

/*
 * Looks again for half a second and hands out the facts. `part` 0 for a run in one go; a run that was interrupted and goes on is
 * watched once for each part, and the keys of later ones end in its number ("noisy_2" for part 1).
 */
void mp_watch_end(struct mp_watch *watch, const struct mp_machine *machine,
		  const struct mp_clocksource *source, unsigned part,
		  const struct mp_fact_sink *sink);

/* The verdict: "no", or "yes: ..." with the reasons; false when nothing was known to judge by. For its test. */
bool mp_watch_judge(const struct mp_look looks[2], double others, double stolen,
		    const struct mp_throttle *throttled, struct mp_str *ret_text);

#endif
