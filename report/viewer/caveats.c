/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Caveats of a side, looked up by row of its results file: see caveats.h. */
#include "report/viewer/caveats.h"

#include <errno.h>
#include <stdlib.h>

#include "common/vec.h"
#include "results/caveats.h"

void mp_caveats_done(struct mp_caveats *c)
{
	free(c->cases);
	*c = (struct mp_caveats){ 0 };
}

static int add(void *user, int64_t run_case, enum mp_caveat caveat)
{
	static const enum mp_warning warnings[MP_CAVEAT_COUNT] = {
		[MP_CAVEAT_MODES] = MP_WARN_MODES, [MP_CAVEAT_DRIFT] = MP_WARN_DRIFT,
		[MP_CAVEAT_FIRST] = MP_WARN_FIRST, [MP_CAVEAT_MULTIPLEXED] = MP_WARN_MULTIPLEXED,
		[MP_CAVEAT_COST] = MP_WARN_COST,
	};
	struct mp_caveats *c = user;
	struct mp_caveats_case *slot =
		mp_vec_push((void **)&c->cases, &c->n, &c->cap, sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	*slot = (struct mp_caveats_case){ run_case, 1u << warnings[caveat] };
	return 0;
}

static int by_case(const void *left, const void *right)
{
	const struct mp_caveats_case *a = left, *b = right;

	return (a->run_case > b->run_case) - (a->run_case < b->run_case);
}

int mp_caveats_read(const struct mp_side *side, struct mp_caveats *ret_caveats, struct mp_err *err)
{
	struct mp_caveats made = { .n = 0 };
	int rc = 0;

	for (size_t i = 0; !rc && side->store && i < side->n_runs; i++)
		rc = mp_store_caveats(side->store, side->runs[i].row.id, add, &made, err);
	if (rc) {
		mp_caveats_done(&made);
		return rc == -ENOMEM ? mp_err_env(err, rc, "out of memory") : rc;
	}
	if (made.n)
		qsort(made.cases, made.n, sizeof(*made.cases), by_case);
	*ret_caveats = made;
	return 0;
}

unsigned mp_caveats_of(const struct mp_caveats *c, int64_t run_case)
{
	size_t low = 0, high = c->n;
	unsigned warnings = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->cases[middle].run_case < run_case)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->n && c->cases[low].run_case == run_case; low++)
		warnings |= c->cases[low].warnings;
	return warnings;
}
