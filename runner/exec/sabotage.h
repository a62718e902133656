/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run was asked to spoil, and where: the text of `memperf run --sabotage`. */
#ifndef RUNNER_EXEC_SABOTAGE_H
#define RUNNER_EXEC_SABOTAGE_H

#include "runner/plan/plan.h"
#include "runner/worker/wire.h"

#define MP_SABOTAGES_MAX 4

struct mp_sabotage_orders {
	struct mp_sabotage_order {
		struct mp_sabotage what;
		char where[96]; /* glob over benchmark names and case texts; empty: everywhere */
	} of[MP_SABOTAGES_MAX];
	size_t n;
};

/*
 * One or several, with commas: "skip", "touch", "thp", "major" (a major fault in every block), "major=5%" (in that share of
 * them, drawn at random), "spin=5%", "spin=20ns" (every operation takes so much longer) or "tail=1%x10" (that share of the
 * operations, drawn at random, takes so many times as long), each with an optional "@GLOB". 0 or -EINVAL.
 */
int mp_sabotage_parse(const char *text, struct mp_sabotage_orders *ret_orders, struct mp_err *err);

/* What the case is to be spoiled by: the first that is meant for it; NULL: nothing. */
const struct mp_sabotage *mp_sabotage_of(const struct mp_sabotage_orders *orders,
					 const struct mp_planned *c);

#endif
