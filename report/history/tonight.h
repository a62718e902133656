/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tonight: does the newest value of a series stand out of the nights before it? The detector of history.h is blind to
 * the last two nights; this looks at one value, raises only a suspicion, and judges the confirm run that follows.
 *
 * The reference is the series since its last accepted or environment change, at most the last 60 nights. While those are
 * fewer than 10, or the machine's description changed, a baseline of at least 5 runs is the reference. Bounds of nights: more than 4 robust deviations (of at least 0.5 %) and at least 3 %; false suspects per value 0.5 % with
 * 20 nights, 0.2 % with 30. Layer: report.
 */
#ifndef REPORT_HISTORY_TONIGHT_H
#define REPORT_HISTORY_TONIGHT_H

#include "report/history/history.h"

enum mp_tonight_state {
	MP_TONIGHT_NORMAL,
	MP_TONIGHT_SUSPECT, /* stands out: confirm it */
	/* Stands out because of a change that is already an open alert: nothing to confirm. */
	MP_TONIGHT_OPEN,
	/* Stands out since the machine's description changed: see the night's environment. Nothing to confirm. */
	MP_TONIGHT_ENVIRONMENT,
	MP_TONIGHT_SHORT, /* fewer than 10 nights to compare with */
	MP_TONIGHT_UNSTABLE, /* the series has two levels or wanders: one value says nothing */
	MP_TONIGHT_NO_VALUE, /* measured tonight, but not ok: see reason */
	MP_TONIGHT_MISSING, /* in the night before, and not in this one */
};
const char *mp_tonight_state_name(enum mp_tonight_state state); /* "normal", "suspect", ... */

struct mp_tonight {
	size_t series; /* index in the history's */
	enum mp_tonight_state state;
	double value, ratio; /* tonight's, and over the reference; NaN without */
	double reference, mad; /* median of the reference; median |ln value - ln reference| */
	double deviations; /* |ln ratio| in robust deviations */
	size_t n_reference;
	const char
		*baseline; /* the reference is the runs of this baseline; NULL: the nights before */
	size_t change; /* OPEN: index in the history's changes */
	char reason[160]; /* one sentence, "" for normal */
};

/* Judges the night with that index (the newest of its machine, or any) for every series of its machine: one entry per
 * series that the night or the one before planned. *ret_list is heap of the caller. 0, -EINVAL or -ENOMEM. */
int mp_tonight(const struct mp_history *history, size_t night, struct mp_tonight **ret_list,
	       size_t *ret_count);

/* By series of the history: is there anything on that night (index) that a person could judge? A change that begins there or
 * up to two nights beside, a value that stands out, or a drift from the baseline. *ret_noticed is heap of the caller. 0,
 * -EINVAL or -ENOMEM. */
int mp_tonight_noticed(const struct mp_history *history, size_t night, bool **ret_noticed);

/* Does the value lean to that side: two deviations and 3 %? Of one series no news, of most of a machine's it is. */
bool mp_tonight_leans(const struct mp_tonight *tonight, bool up);

/* Values of the reference runs of that entry, oldest first; heap of the caller. 0 or -ENOMEM. */
int mp_tonight_reference(const struct mp_history *history, const struct mp_tonight *tonight,
			 size_t night, double **ret_values, size_t *ret_count);

enum mp_confirm_state { MP_CONFIRMED, MP_CLEARED, MP_UNCONFIRMABLE };
const char *mp_confirm_state_name(enum mp_confirm_state state); /* as in results/judgement.h */

struct mp_confirm {
	enum mp_confirm_state state;
	double value, ratio; /* median of the fresh values; Hodges-Lehmann ratio to the reference */
	double p; /* Mann-Whitney, exact where possible; NaN: not tested */
	char reason[160];
};

/*
 * The promise: of 100,000,000 values of cases that did not change one is confirmed, which is an alarm in 900 years on a machine
 * of 300 cases. Fresh processes are independent of the value that made the suspect, so that
 * P(confirm | null) = promise / P(suspect | null), by the length of the reference.
 */
#define MP_TONIGHT_FALSE_ALARM 1e-8
#define MP_CONFIRM_P	       0.001 /* the most; a control has moved at this level */

/* The level at which so many fresh values confirm the entry. Where they are too few for the promise it is what they
 * can show at all: every one of them beyond every one of the reference. */
double mp_tonight_level(const struct mp_tonight *tonight, size_t n_fresh);

/* Confirmed: p <= level, still at least 3 % in the direction of `suspected_ratio`, and `controls_moved` is false.
 * Unconfirmable: the controls moved, so the machine is not what it was; or too few values to reach that p. 0, -EINVAL
 * or -ENOMEM. */
int mp_tonight_confirm(const double *reference, size_t n_reference, const double *fresh,
		       size_t n_fresh, double level, double suspected_ratio, bool controls_moved,
		       struct mp_confirm *ret_confirm);

/* Series that make good controls: tonight normal, of low noise, of other families than the suspects first. Indices
 * into `list`, at most `wanted`; returns how many. */
size_t mp_tonight_controls(const struct mp_history *history, const struct mp_tonight *list,
			   size_t count, size_t wanted, size_t *ret_indices);

/* Expected false CONFIRMED of `nights` nights: series x nights x P(suspect | null) x P(confirm | null), the first by
 * the length of each series' reference, the second the level of the test with so many fresh values. */
double mp_tonight_false_alarms(const struct mp_tonight *list, size_t count, size_t n_fresh,
			       unsigned nights);

#endif
