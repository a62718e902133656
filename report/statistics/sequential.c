/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sequential decision between two references: see sequential.h. */
#include "report/statistics/sequential.h"

#include <math.h>

#define ALIKE  0.1 /* p above this: could be the same */
#define UNLIKE 0.01 /* p at most this: is not the same */
#define NEAR   (1.0 / 3)

int mp_sequential_apart(struct mp_rank *rank, const struct mp_sequential *s, double *ret_delta)
{
	struct mp_rank_test test;
	int rc = mp_rank_test(rank, s->good, s->n_good, s->bad, s->n_bad, &test);

	if (!rc)
		*ret_delta = test.delta;
	return rc;
}

int mp_sequential_look(struct mp_rank *rank, const struct mp_sequential *s, const double *seen,
		       size_t n, bool last, struct mp_sequential_step *ret_step)
{
	struct mp_sequential_step step = { .verdict = MP_SEQUENTIAL_OPEN };
	struct mp_rank_test good, bad;
	struct mp_rank_ratio whole, part;
	double low, high;
	int rc = mp_rank_test(rank, s->good, s->n_good, seen, n, &good);

	if (!rc)
		rc = mp_rank_test(rank, s->bad, s->n_bad, seen, n, &bad);
	if (!rc)
		rc = mp_rank_ratio_invocations(rank, s->good, s->n_good, s->bad, s->n_bad, 0.05,
					       &whole);
	if (!rc)
		rc = mp_rank_ratio_invocations(rank, s->good, s->n_good, seen, n, 0.05, &part);
	if (rc)
		return rc;
	step.p_good = good.p;
	step.p_bad = bad.p;
	step.way = log(part.ratio) / log(whole.ratio);
	/* Bad may be faster than good: then the ends of the interval change places on the way. */
	low = fmin(log(part.low) / log(whole.ratio), log(part.high) / log(whole.ratio));
	high = fmax(log(part.low) / log(whole.ratio), log(part.high) / log(whole.ratio));
	if (step.p_bad <= UNLIKE && step.way < 0.5 &&
	    (step.p_good > ALIKE || (last && low > -NEAR && high < NEAR)))
		step.verdict = MP_SEQUENTIAL_GOOD;
	else if (step.p_good <= UNLIKE && step.way > 0.5 &&
		 (step.p_bad > ALIKE || (last && low > 1 - NEAR && high < 1 + NEAR)))
		step.verdict = MP_SEQUENTIAL_BAD;
	*ret_step = step;
	return 0;
}
