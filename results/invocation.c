/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain data of one invocation: its memory, its consistency, and when a block is calm. */
#include "results/invocation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void mp_invocation_done(struct mp_invocation *inv)
{
	free(inv->checks);
	free(inv->blocks);
	free(inv->samples);
	free(inv->counts);
	free(inv->seats);
	inv->checks = NULL;
	inv->blocks = NULL;
	inv->samples = NULL;
	inv->counts = NULL;
	inv->seats = NULL;
	inv->n_checks = inv->n_blocks = inv->n_samples = inv->n_counts = inv->n_seats = 0;
}

bool mp_block_valid(const struct mp_block *block, size_t n_samples)
{
	const unsigned flags = MP_BLOCK_PREEMPTED | MP_BLOCK_SLEPT | MP_BLOCK_MIGRATED |
			       MP_BLOCK_MAJFAULT | MP_BLOCK_STEAL | MP_BLOCK_ERRORS |
			       MP_BLOCK_UNCHECKED | MP_BLOCK_STRAY;

	if (block->mode != MP_MODE_CALL && block->mode != MP_MODE_BATCH &&
	    block->mode != MP_MODE_RATE)
		return false;
	if (block->phase > MP_PHASE_MEASURE || block->flags & ~flags || block->errors > block->ops)
		return false;
	return block->mode != MP_MODE_CALL ||
	       (block->first_sample <= n_samples && block->ops <= n_samples - block->first_sample);
}

bool mp_invocation_other_kind(const struct mp_invocation *inv, size_t worker)
{
	return worker && worker < inv->n_seats &&
	       strcmp(inv->seats[worker].speed.kind, inv->seats[0].speed.kind) != 0;
}

bool mp_invocation_calm(const struct mp_invocation *inv, const struct mp_block *block)
{
	const struct mp_full_speed *own;

	if (!mp_invocation_other_kind(inv, block->worker))
		return mp_block_calm(block, inv->mul_reference, inv->add_reference,
				     inv->calm_limit);
	own = &inv->seats[block->worker].speed;
	return mp_block_calm(block, own->mul, own->add, inv->calm_limit);
}

double mp_invocation_calm_limit(const struct mp_invocation *inv, double step_ticks)
{
	double mul = inv->mul_reference, add = inv->add_reference;

	for (size_t i = 1; i < inv->n_seats; i++)
		if (mp_invocation_other_kind(inv, i)) {
			mul = fmin(mul, inv->seats[i].speed.mul);
			add = fmin(add, inv->seats[i].speed.add);
		}
	return mp_calm_limit(step_ticks, mul, add);
}

/* Unknown is 0 here and there. */
static bool differs(double *have, double want)
{
	bool same = *have > 0 ? *have == want : !(want > 0);

	*have = want;
	return !same;
}

/* What a worker is to be judged by. True when that is something else than what it was judged by. */
static bool refer(const struct mp_full_speeds *references, const char *kind, double *mul,
		  double *add)
{
	const struct mp_full_speed *r = mp_full_speeds_find(references, kind);
	bool known = r && mp_full_speed_known(r), other;

	other = differs(mul, known ? r->mul : 0);
	return differs(add, known ? r->add : 0) || other;
}

bool mp_invocation_refer(struct mp_invocation *inv, const struct mp_full_speeds *references,
			 double step_ticks)
{
	bool other = refer(references, inv->n_seats ? inv->seats[0].speed.kind : "",
			   &inv->mul_reference, &inv->add_reference);

	for (size_t i = 1; i < inv->n_seats; i++)
		if (mp_invocation_other_kind(inv, i))
			other |= refer(references, inv->seats[i].speed.kind,
				       &inv->seats[i].speed.mul, &inv->seats[i].speed.add);
	inv->calm_limit = mp_invocation_calm_limit(inv, step_ticks);
	return other;
}
