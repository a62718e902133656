/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The judgement of one night: every case against the nights before it and against the baseline, suspects by the fresh
 * values of a confirm run, and what all of that says together. A machine that was noisy, that changed, or that has too
 * short a history gives "could not judge", never an alarm. Layer: report.
 */
#ifndef REPORT_NIGHTLY_NIGHTLY_H
#define REPORT_NIGHTLY_NIGHTLY_H

#include "report/compare/side.h"
#include "report/format/table.h"
#include "report/history/tonight.h"

enum mp_nightly_result { MP_NIGHTLY_GOOD, MP_NIGHTLY_REGRESSION, MP_NIGHTLY_UNJUDGED };
const char *mp_nightly_result_name(
	enum mp_nightly_result result); /* "good", "regression", "unjudged" */

struct mp_nightly_limits {
	unsigned least_nights; /* of a reference */
	const char *baseline; /* name of the pinned runs */
	double least_calm; /* mean calm share of the night */
	double most_together; /* share of the judged cases that may stand out in one direction */
	unsigned confirm_invocations; /* with which suspects are measured again */
	unsigned most_confirm; /* suspects that are measured again */
	unsigned controls; /* cases measured among them */
};

/* What became of one case. */
enum mp_nightly_state {
	MP_NIGHTLY_NORMAL,
	MP_NIGHTLY_SUSPECT, /* stands out, and was not measured again */
	MP_NIGHTLY_SLOWER, /* measured again: a regression */
	MP_NIGHTLY_FASTER, /* measured again: an improvement */
	MP_NIGHTLY_CLEARED, /* measured again: as before */
	MP_NIGHTLY_UNCONFIRMABLE, /* measured again without an answer */
	MP_NIGHTLY_STILL, /* slower since an earlier night, and nobody accepted it */
	MP_NIGHTLY_DRIFT, /* slower than the baseline */
	/* Another level since the machine's description changed, or since most of its cases did, which nobody accepted. */
	MP_NIGHTLY_ENVIRONMENT,
	MP_NIGHTLY_SHORT, /* too few nights */
	MP_NIGHTLY_UNSTABLE, /* two levels: one value says nothing */
	MP_NIGHTLY_LOST, /* no valid value, and the night before had one */
	MP_NIGHTLY_NO_VALUE, /* no valid value, as before */
};
#define MP_NIGHTLY_STATES 13
const char *mp_nightly_state_name(enum mp_nightly_state state);

struct mp_nightly_case {
	const struct mp_tonight *tonight; /* in list */
	const struct mp_series *series;
	enum mp_nightly_state state;
	/* STILL, and ENVIRONMENT of most cases at once: what it came with, in the history; NULL: nothing. */
	const struct mp_step *change;
	bool control; /* measured again as a control */
	struct mp_confirm confirm; /* of those that were measured again */
	size_t n_confirm; /* its fresh values; 0: not measured again */
	char reason[192];
};

struct mp_nightly_judgement {
	enum mp_nightly_result result;
	char *why; /* the sentence of the result; owned */
	struct mp_history history;
	const struct mp_night *night, *last_good; /* in the history; last_good NULL: none */
	struct mp_tonight *list; /* owned */
	struct mp_nightly_case *cases; /* by series; owned */
	size_t n_cases;
	size_t counts[MP_NIGHTLY_STATES];
	double calm; /* mean calm share of the night; NaN unknown */
	const char *noisy; /* why the doctor called the night noisy; NULL: it did not. The side's */
	bool machine_moved; /* too noisy, or most cases at once: nothing is judged */
	bool controls_moved, confirmed; /* a confirm run was read */
	double false_alarms; /* expected in 30 nights */
	/* The cases to measure again: suspects, the strongest first, then controls. Indices into cases; owned. */
	size_t *again, n_suspects, n_controls;
};

/*
 * Judges the night `night_uuid` of the file. `confirm`: the loaded confirm run, or NULL: not measured yet.
 * `good_uuid`: the last night that was good, or NULL. `tonight`: the loaded night. All must outlive the judgement, which
 * ends with mp_nightly_judgement_done(). 0 or negative errno with the sentence.
 */
int mp_nightly_judge(const char *path, const struct mp_side *tonight, const char *good_uuid,
		     const struct mp_side *confirm, const struct mp_nightly_limits *limits,
		     struct mp_nightly_judgement *ret_judgement, struct mp_err *err);
void mp_nightly_judgement_done(struct mp_nightly_judgement *judgement); /* accepts zeroed */

#endif
