/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Full speed of each kind of core in a run: see speeds.h. */
#include "runner/exec/speeds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

#define ENOUGH	  30 /* invocations that say what speed the machine holds */
#define REACHABLE 0.9 /* of what is seen: a known time below that is another machine state's */

void mp_run_speeds_done(struct mp_run_speeds *speeds)
{
	for (size_t i = 0; i < speeds->now.n; i++) {
		free(speeds->mul[i].of);
		free(speeds->add[i].of);
	}
	*speeds = (struct mp_run_speeds){ 0 };
}

int mp_run_speeds_add(struct mp_run_speeds *speeds, const struct mp_full_speed *seen,
		      const struct mp_full_speed *known)
{
	size_t i = speeds->now.n;
	bool reach = known->mul > REACHABLE * seen->mul && known->add > REACHABLE * seen->add;

	if (i == MP_FULL_SPEEDS_MAX)
		return -ENOSPC;
	speeds->mul[i] = (struct mp_run_speed_levels){ .known = reach ? known->mul : NAN };
	speeds->add[i] = (struct mp_run_speed_levels){ .known = reach ? known->add : NAN };
	speeds->now.of[i] = *seen;
	speeds->now.of[i].mul = fmin(seen->mul, speeds->mul[i].known);
	speeds->now.of[i].add = fmin(seen->add, speeds->add[i].known);
	speeds->now.n++;
	return 0;
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static bool ran_on(const struct mp_invocation *inv, const struct mp_block *b, const char *kind)
{
	return b->worker < inv->n_seats && !strcmp(inv->seats[b->worker].speed.kind, kind);
}

/* Full speed of one probe on that kind as this invocation saw it: the 2 % quantile, which one lucky read cannot move. */
static double fastest(const struct mp_invocation *inv, const char *kind, bool mul)
{
	uint32_t *probes = malloc(inv->n_blocks * 2 * sizeof(*probes) + 1);
	double level = NAN;
	size_t n = 0;

	if (!probes)
		return NAN;
	for (size_t i = 0; i < inv->n_blocks; i++)
		for (int k = 0; k < 2 && ran_on(inv, &inv->blocks[i], kind); k++) {
			uint32_t p =
				mul ? inv->blocks[i].probe_mul[k] : inv->blocks[i].probe_add[k];

			if (p)
				probes[n++] = p;
		}
	if (n >= 50) {
		qsort(probes, n, sizeof(*probes), by_value);
		level = probes[n / 50];
	}
	free(probes);
	return level;
}

/* Sorted in; the level that a tenth of them reached, or the known one if that is faster. */
static int level_in(struct mp_run_speed_levels *levels, double level, double *reference)
{
	double sustained;
	size_t i;

	if (isnan(level))
		return 0;
	if (!mp_vec_push((void **)&levels->of, &levels->n, &levels->cap, sizeof(*levels->of)))
		return -ENOMEM;
	for (i = levels->n - 1; i > 0 && levels->of[i - 1] > level; i--)
		levels->of[i] = levels->of[i - 1];
	levels->of[i] = level;
	sustained = levels->of[levels->n / 10];
	*reference = levels->known < sustained ? levels->known : sustained;
	return 0;
}

int mp_run_speeds_learn(struct mp_run_speeds *speeds, const struct mp_invocation *inv)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < speeds->now.n; i++) {
		struct mp_full_speed *now = &speeds->now.of[i];

		rc = level_in(&speeds->mul[i], fastest(inv, now->kind, true), &now->mul);
		if (!rc)
			rc = level_in(&speeds->add[i], fastest(inv, now->kind, false), &now->add);
	}
	return rc;
}

bool mp_run_speeds_enough(const struct mp_run_speeds *speeds, size_t kind)
{
	return speeds->mul[kind].n >= ENOUGH;
}
