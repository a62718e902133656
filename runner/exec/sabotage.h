/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run was asked to spoil, and where: the text of `memperf run --sabotage`. */
#ifndef RUNNER_EXEC_SABOTAGE_H
#define RUNNER_EXEC_SABOTAGE_H

#include "runner/plan/plan.h"
#include "runner/worker/wire.h"

struct mp_sabotage_order {
	struct mp_sabotage what;
	const char *
		where; /* glob over benchmark names and case texts, borrowed from the text; NULL: everywhere */
};

/* "skip", "touch", "thp", "spin=5%", "spin=20ns" (every operation takes so much longer) or "tail=1%x10" (that share of the
 * operations, drawn at random, takes so many times as long), each with an optional "@GLOB". 0 or -EINVAL. */
int mp_sabotage_parse(const char *text, struct mp_sabotage_order *ret_order, struct mp_err *err);

/* Is the case one that the order is meant for? */
bool mp_sabotage_meant(const struct mp_sabotage_order *order, const struct mp_planned *c);

#endif
