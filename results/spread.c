/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one invocation tells about the scatter of its case: see spread.h. */
#include "results/spread.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"

#define CALLS_MOST 64 /* samples of a block that its median is taken of */

static bool counts(const struct mp_invocation *inv, const struct mp_block *b, enum mp_mode mode,
		   enum mp_population population)
{
	return b->phase == MP_PHASE_MEASURE && b->mode == mode && !b->errors && b->ops &&
	       (population == MP_POPULATION_ALL || mp_invocation_calm(inv, b));
}

static double block_value(const struct mp_invocation *inv, const struct mp_block *b)
{
	double calls[CALLS_MOST], value;
	size_t n = b->ops < CALLS_MOST ? b->ops : CALLS_MOST;

	if (b->mode != MP_MODE_CALL)
		return (double)b->ticks / b->ops;
	for (size_t i = 0; i < n; i++)
		calls[i] = inv->samples[b->first_sample + i];
	value = mp_median(calls, n);
	return value < 1 ? 0.5 : value;
}

/* Logs of the values of the blocks that count, in time order; heap of the caller. NULL without memory. */
static double *logs_of(const struct mp_invocation *inv, enum mp_mode mode,
		       enum mp_population population, size_t *ret_n)
{
	double *logs = malloc((inv->n_blocks + 1) * sizeof(*logs));

	*ret_n = 0;
	for (size_t i = 0; logs && i < inv->n_blocks; i++)
		if (counts(inv, &inv->blocks[i], mode, population)) {
			double value = block_value(inv, &inv->blocks[i]);

			logs[(*ret_n)++] = log(value < 0.5 ? 0.5 : value);
		}
	return logs;
}

int mp_invocation_moments(const struct mp_invocation *inv, enum mp_mode mode,
			  enum mp_population population, struct mp_moments *ret_moments)
{
	size_t n;
	MP_CLEANUP(mp_free_ptr) double *logs = logs_of(inv, mode, population, &n);

	if (!logs)
		return -ENOMEM;
	*ret_moments = mp_moments(logs, n);
	return 0;
}

enum mp_steady mp_invocation_steady(const struct mp_invocation *inv)
{
	static const enum mp_mode modes[] = { MP_MODE_BATCH, MP_MODE_CALL };
	enum mp_steady steady = MP_STEADY_UNKNOWN;

	for (size_t i = 0; i < 2 && steady == MP_STEADY_UNKNOWN; i++) {
		size_t n;
		double *logs = logs_of(inv, modes[i], MP_POPULATION_CALM, &n);

		if (logs)
			steady = mp_steady_classify(logs, n);
		free(logs);
	}
	return steady;
}

struct mp_block_cost mp_invocation_cost(const struct mp_invocation *inv, enum mp_mode mode)
{
	uint64_t first = UINT64_MAX, last = 0;
	double span;
	size_t n = 0;

	for (size_t i = 0; i < inv->n_blocks; i++) {
		const struct mp_block *b = &inv->blocks[i];

		if (b->phase != MP_PHASE_MEASURE)
			continue;
		n += b->mode == mode;
		if (b->start < first)
			first = b->start;
		if (b->start + b->ticks > last)
			last = b->start + b->ticks;
	}
	if (!n || !(inv->clock_ns_per_tick > 0))
		return (struct mp_block_cost){ NAN, NAN };
	span = (double)(last - first) * inv->clock_ns_per_tick;
	return (struct mp_block_cost){ span / (double)n, fmax(0, (double)inv->duration_ns - span) };
}

double mp_spread_worth(const struct mp_spread *spread)
{
	double blocks = spread->variance.n
				? mp_variance_blocks(&spread->variance, spread->cost.block_ns,
						     spread->cost.start_ns)
				: NAN;

	return blocks < 100 * spread->variance.blocks ? blocks : NAN;
}
