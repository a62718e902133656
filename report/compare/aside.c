/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tail and shape of the single calls of a pair, beside its verdict: what is tested, and what that says together. */
#include "report/compare/internal.h"

#include <errno.h>
#include <stdlib.h>

static void init_changes(struct mp_change *changes, const char *const *names, const int *quantiles,
			 size_t n, bool relative)
{
	for (size_t i = 0; i < n; i++)
		changes[i] = mp_change_none(names[i], quantiles[i], relative);
}

int mp_aside_init(struct mp_pair *pair)
{
	static const char *const tails[] = { "p99", "p99.5", "p99.9" };
	static const int tail_at[] = { 10, 11, 12 };
	static const char *const shapes[] = { "p10/p50", "p20/p50", "p30/p50", "p40/p50",
					      "p60/p50", "p70/p50", "p80/p50", "p90/p50" };
	static const int shape_at[] = { 0, 1, 2, 3, 5, 6, 7, 8 };
	const char *why = NULL;
	struct mp_change *changes;

	if (!pair->mode)
		return 0;
	if (!pair->a->points[0][MP_POPULATION_ALL].n || !pair->b->points[0][MP_POPULATION_ALL].n)
		why = "single calls were not measured";
	else if (!mp_row_calls(pair->a) || !mp_row_calls(pair->b))
		why = "single calls are below the clock's resolution";
	else if (!mp_pair_populated(pair, MP_MODE_CALL, &pair->calls))
		why = "single calls were not measured";
	pair->tail.reason = pair->shape.reason = why;
	if (why)
		return 0;
	changes = malloc((MP_TAILS + MP_SHAPES) * sizeof(*changes));
	if (!changes)
		return -ENOMEM;
	pair->changes = pair->tail.changes = changes;
	pair->shape.changes = changes + MP_TAILS;
	pair->tail.n_changes = MP_TAILS;
	pair->shape.n_changes = MP_SHAPES;
	init_changes(pair->tail.changes, tails, tail_at, MP_TAILS, false);
	init_changes(pair->shape.changes, shapes, shape_at, MP_SHAPES, true);
	return 0;
}

int mp_aside_measure(struct mp_compare_work *work, struct mp_comparison *c, struct mp_pair *pair)
{
	struct mp_thresholds at = mp_policy_thresholds(c->policy, pair->bench);
	int rc = mp_aside_init(pair);

	for (size_t i = 0; !rc && i < pair->tail.n_changes; i++)
		rc = mp_change_measure(work, c, pair, at.tail, &pair->tail.changes[i]);
	for (size_t i = 0; !rc && i < pair->shape.n_changes; i++)
		rc = mp_change_measure(work, c, pair, at.shape, &pair->shape.changes[i]);
	return rc;
}

/* What the changes of one aspect say together: any that is slower outweighs the others. */
static enum mp_aside together(const struct mp_beside *j, bool shape)
{
	size_t tested = 0, counts[MP_VERDICT_COUNT] = { 0 };

	for (size_t i = 0; i < j->n_changes; i++) {
		tested += j->changes[i].tested;
		counts[j->changes[i].verdict] += j->changes[i].tested;
	}
	if (!tested)
		return MP_ASIDE_NONE;
	if (shape && counts[MP_VERDICT_SLOWER] + counts[MP_VERDICT_FASTER])
		return MP_ASIDE_CHANGED;
	if (counts[MP_VERDICT_SLOWER])
		return MP_ASIDE_SLOWER;
	if (counts[MP_VERDICT_FASTER])
		return MP_ASIDE_FASTER;
	return counts[MP_VERDICT_SAME] == tested ? MP_ASIDE_SAME : MP_ASIDE_UNSURE;
}

static int judge(struct mp_compare_work *work, const struct mp_comparison *c,
		 const struct mp_pair *pair, enum mp_aspect aspect, struct mp_beside *j)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < j->n_changes; i++) {
		if (j->changes[i].tested)
			rc = mp_change_judge(work, c, pair, aspect, &j->changes[i]);
	}
	j->verdict = together(j, aspect == MP_ASPECT_SHAPE);
	if (j->verdict == MP_ASIDE_NONE && !j->reason)
		j->reason = "too few invocations with enough calls";
	return rc;
}

int mp_aside_judge(struct mp_compare_work *work, struct mp_comparison *c, struct mp_pair *pair)
{
	int rc = judge(work, c, pair, MP_ASPECT_TAIL, &pair->tail);

	return rc ? rc : judge(work, c, pair, MP_ASPECT_SHAPE, &pair->shape);
}
