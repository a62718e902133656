/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fresh values of a confirm run say: see tonight.h. */
#include "report/history/tonight.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/units.h"
#include "report/history/internal.h"

const char *mp_confirm_state_name(enum mp_confirm_state state)
{
	static const char *const names[] = { [MP_CONFIRMED] = "confirmed",
					     [MP_CLEARED] = "cleared",
					     [MP_UNCONFIRMABLE] = "unconfirmable" };

	return names[state];
}

static int by_number(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static int test_fresh(const double *reference, size_t n_reference, const double *fresh,
		      size_t n_fresh, struct mp_confirm *c)
{
	double *sorted = calloc(n_fresh, sizeof(*sorted));
	struct mp_rank rank = { 0 };
	struct mp_rank_ratio ratio;
	struct mp_rank_test test;
	int rc;

	if (!sorted)
		return -ENOMEM;
	memcpy(sorted, fresh, n_fresh * sizeof(*sorted));
	qsort(sorted, n_fresh, sizeof(*sorted), by_number);
	c->value = (sorted[(n_fresh - 1) / 2] + sorted[n_fresh / 2]) / 2;
	free(sorted);
	rc = mp_rank_test(&rank, reference, n_reference, fresh, n_fresh, &test);
	if (!rc)
		rc = mp_rank_ratio(&rank, reference, n_reference, fresh, n_fresh, 0.05, &ratio);
	mp_rank_done(&rank);
	if (rc)
		return rc;
	c->p = test.p;
	c->ratio = ratio.ratio;
	return 0;
}

int mp_tonight_confirm(const double *reference, size_t n_reference, const double *fresh,
		       size_t n_fresh, double level, double suspected_ratio, bool controls_moved,
		       struct mp_confirm *ret_confirm)
{
	struct mp_confirm c = { .value = NAN, .ratio = NAN, .p = NAN };
	double persists;
	int rc = 0;

	if (n_fresh && n_reference)
		rc = test_fresh(reference, n_reference, fresh, n_fresh, &c);
	if (rc)
		return rc;
	persists = suspected_ratio > 1 ? log(c.ratio) : -log(c.ratio);
	if (!n_fresh || mp_rank_smallest_p(n_reference, n_fresh) > level) {
		c.state = MP_UNCONFIRMABLE;
		snprintf(c.reason, sizeof(c.reason),
			 "%zu fresh values against %zu runs cannot show p %g", n_fresh, n_reference,
			 level);
	} else if (controls_moved) {
		c.state = MP_UNCONFIRMABLE;
		snprintf(c.reason, sizeof(c.reason),
			 "cases that were normal moved as well: the machine is not what it was");
	} else if (c.p <= level && persists >= MP_TONIGHT_LEAST) {
		c.state = MP_CONFIRMED;
		snprintf(c.reason, sizeof(c.reason),
			 "%+.1f %% in %zu fresh processes, p %.2g against %zu runs",
			 100 * (c.ratio - 1), n_fresh, c.p, n_reference);
	} else {
		c.state = MP_CLEARED;
		snprintf(c.reason, sizeof(c.reason),
			 "%+.1f %% in %zu fresh processes, p %.2g of at most %.2g: it did not stay",
			 mp_shown(100 * (c.ratio - 1), 1), n_fresh, c.p, level);
	}
	*ret_confirm = c;
	return 0;
}
