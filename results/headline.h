/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The one value that stands for a case, chosen from what its invocations say: by the run that decides whether to go on, and by
 * what is stored of it.
 *
 *	mode		rate when there is nothing else; call when single calls are well above the clock's
 *			resolution (per-call) and most of them are what an operation costs; else batch,
 *			because the mean of many is finer than the clock, and holds the dear calls that the
 *			median of calls of two kinds leaves out (a load that faults once in sixteen); call
 *			again when there are no batch blocks.
 *	population	calm when at least 3 of the usable invocations (all of them, if fewer) have a calm value;
 *			else all. Rate is always all: probes at the ends of a window of milliseconds say little
 *			about what is between, and whether three of its few windows were calm is chance, which
 *			flips from run to run.
 *
 * Usable is an invocation that is ok or invalid: the values of an invalid case are stored and shown, its outcome
 * says what they are worth.
 */
#ifndef RESULTS_HEADLINE_H
#define RESULTS_HEADLINE_H

#include "results/stats.h"

#define MP_HEADLINE_FEWEST_CALM 3 /* invocations */

/*
 * Median batch / median call from which on the calls are of several kinds. Of some 600 cases measured on a shared virtual
 * machine, those of one kind had 0.78 to 1.15, and those where one fault serves many loads 1.49 and more.
 */
#define MP_HEADLINE_MIXED (4.0 / 3)

/* What a usable invocation says: its median (call, batch) or mean (rate), ns; NaN: too little to count. */
struct mp_said {
	double ns[MP_MODE_COUNT][2]; /* [mp_mode_index()][enum mp_population] */
};

struct mp_headline {
	enum mp_mode mode;
	enum mp_population population;
	bool has_call;
	enum mp_resolution resolution; /* of single calls; batch-only without any */
	struct mp_estimate value; /* n is 0: nothing stands for the case */
};

/* Of `n` usable invocations, timed with such clock pairs and steps. */
struct mp_headline mp_headline_choose(const struct mp_said *said, size_t n, double pair_ns,
				      double step_ns);

/* The population that stands for that mode of them. */
enum mp_population mp_headline_population(const struct mp_said *said, size_t n, enum mp_mode mode);

#endif
