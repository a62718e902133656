/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plain data of one invocation: its memory, its consistency, and when a block is calm. */
#include "results/invocation.h"

#include <stdlib.h>

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
			       MP_BLOCK_UNCHECKED;

	if (block->mode != MP_MODE_CALL && block->mode != MP_MODE_BATCH &&
	    block->mode != MP_MODE_RATE)
		return false;
	if (block->phase > MP_PHASE_MEASURE || block->flags & ~flags || block->errors > block->ops)
		return false;
	return block->mode != MP_MODE_CALL ||
	       (block->first_sample <= n_samples && block->ops <= n_samples - block->first_sample);
}
