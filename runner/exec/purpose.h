/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a run has learned of its cases, and where the rest of its budget helps most: the case that is nearest to its target in
 * time, with a window as long as its scatter makes worth it (Kalibera and Jones 2013; results/variance.h). Pure decisions; run.c
 * carries them out.
 */
#ifndef RUNNER_EXEC_PURPOSE_H
#define RUNNER_EXEC_PURPOSE_H

#include "runner/exec/run.h"

/* How long an invocation measures: the window, and most time beyond it while calm samples are short. */
struct mp_window {
	uint64_t measure_ns, extend_ns;
};

/* In the layout of an invocation that was extended, "12345ns" behind it: it is stored, so that a run that goes on knows it. */
#define MP_LAYOUT_EXTENDED " extended="

/* Takes in what an invocation says, and out of the pool what it used of it: one of the base rounds its extension, another all
 * of its time. 0 or -ENOMEM. */
int mp_purpose_learn(struct mp_run *run, struct mp_run_case *c, const struct mp_invocation *inv);
/* The same of one that was taken in before mp_purpose_forget(): its values alone, judged by its references. */
int mp_purpose_learn_again(const struct mp_run *run, struct mp_run_case *c,
			   const struct mp_invocation *inv);
void mp_purpose_forget(struct mp_run_case *c); /* frees the values */

/* Of the base rounds: the plan's window for everybody, so that cases stay comparable from run to run, and a share of the
 * pool for those short of calm samples. */
struct mp_window mp_purpose_base(const struct mp_run *run);

/*
 * Values that a case needs before its interval counts: as many as the planned invocations, but no more than a single change
 * among all that the plan runs needs to be called. n values a side that lie apart have p = 2 / (2n choose n) by the rank test
 * (Mann and Whitney 1947), and the smallest p of m tests is held against 0.05 / m (Benjamini and Hochberg 1995): 4 values for
 * one case, 7 for 26, 8 for 316. Calm values count, and of rates all: where few samples are calm, fewer invocations have one than
 * were made, and one of any samples tells little there (a noise floor of 30 % beside one of 0.4).
 */
unsigned mp_purpose_needed(const struct mp_plan *plan);

/* Of an extra invocation of that case: while it is short of values the plan's window, and as long again for calm samples. Then,
 * with S1 the variance of blocks, T2 what invocations differ by beyond it, c1 the cost of a block and c2 of starting an
 * invocation, sqrt(c2 S1 / (c1 T2)) blocks are worth running: between a quarter of the plan's window and four of them, or the
 * plan's own while fewer than three invocations tell. */
struct mp_window mp_purpose_extra(const struct mp_run *run, const struct mp_run_case *c);

/* The case that goes on: of those above the target the one that lacks the least time, -1: none. By width alone, widest first,
 * 171 of 220 cases of a run ended between 2.0 and 3.0 % and none at its target of 2 %, for which 163 of them lacked 45 s together.
 * What cannot be expected to reach the target within MP_PLAN_CAP invocations comes last, and of it the widest. A case that is
 * short of values comes before all of these, for up to twice the planned invocations, as it may never get them; of several the
 * one that lacks the least time. */
long mp_purpose_next(const struct mp_run *run);

/* Why a case that may go on stops at the end of the run: "target" (with the values that it needs, or twice the planned
 * invocations), "cap", "budget", or "planned" where it has no interval, or the plan did not go on to the budget. */
const char *mp_purpose_why(const struct mp_run *run, const struct mp_run_case *c);

#endif
