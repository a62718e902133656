/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Detects a warm-up that went on into the measured blocks: see drift.h. */
#include "runner/exec/drift.h"

#include "results/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MIN_BLOCKS 32

/* Per-operation ticks of the calm measured blocks of one mode, in time order. */
static size_t series(const struct mp_invocation *inv, enum mp_mode mode, double *out)
{
	size_t n = 0;

	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (b->mode != mode || b->phase != MP_PHASE_MEASURE || b->errors || !b->ops ||
		    !mp_block_calm(b, inv->mul_reference, inv->add_reference, inv->calm_limit))
			continue;
		out[n++] = (double)b->ticks / b->ops;
	}
	return n;
}

static double median_of(const double *values, size_t n, double *scratch)
{
	memcpy(scratch, values, n * sizeof(*values));
	return mp_median(scratch, n);
}

static bool drifts(const double *values, size_t n, double *scratch)
{
	size_t early = n / 8, late = n / 2;
	double before = median_of(values, early, scratch);
	double after = median_of(values + n - late, late, scratch);
	double mad;

	for (size_t i = 0; i < late; i++)
		scratch[i] = fabs(values[n - late + i] - after);
	mad = 1.4826 * mp_median(scratch, late);
	/* standard error of a median of n normal values: 1.2533 sigma / sqrt(n) */
	return fabs(before - after) > 0.02 * after &&
	       fabs(before - after) > 3 * 1.2533 * mad / sqrt((double)early);
}

bool mp_drift_present(const struct mp_invocation *inv)
{
	double *values = malloc((inv->n_blocks + 1) * sizeof(*values));
	double *scratch = malloc((inv->n_blocks + 1) * sizeof(*scratch));
	bool found = false;
	size_t n;

	if (values && scratch) {
		n = series(inv, MP_MODE_BATCH, values);
		if (n < MIN_BLOCKS)
			n = series(inv, MP_MODE_CALL, values);
		found = n >= MIN_BLOCKS && drifts(values, n, scratch);
	}
	free(values);
	free(scratch);
	return found;
}
