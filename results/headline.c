/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules are in headline.h. */
#include "results/headline.h"

#include <math.h>
#include <stdlib.h>

#include "common/cleanup.h"
#include "results/points.h"

static size_t count(const struct mp_said *said, size_t n, enum mp_mode mode, enum mp_population p)
{
	size_t known = 0;

	for (size_t i = 0; i < n; i++)
		known += !isnan(said[i].ns[mp_mode_index(mode)][p]);
	return known;
}

/* Without memory as without values. */
static struct mp_estimate estimate(const struct mp_said *said, size_t n, enum mp_mode mode,
				   enum mp_population p)
{
	MP_CLEANUP(mp_free_ptr) double *values = calloc(n + 1, sizeof(*values));

	if (!values)
		return mp_estimate_invocations(NULL, 0);
	for (size_t i = 0; i < n; i++)
		values[i] = said[i].ns[mp_mode_index(mode)][p];
	return mp_estimate_invocations(values, n);
}

enum mp_population mp_headline_population(const struct mp_said *said, size_t n, enum mp_mode mode)
{
	size_t calm = count(said, n, mode, MP_POPULATION_CALM);
	bool enough = calm >= MP_HEADLINE_FEWEST_CALM || (calm && calm == n);

	return mode != MP_MODE_RATE && enough ? MP_POPULATION_CALM : MP_POPULATION_ALL;
}

static struct mp_estimate of_mode(const struct mp_said *said, size_t n, enum mp_mode mode)
{
	return estimate(said, n, mode, mp_headline_population(said, n, mode));
}

struct mp_headline mp_headline_choose(const struct mp_said *said, size_t n, double pair_ns,
				      double step_ns)
{
	bool batch = count(said, n, MP_MODE_BATCH, MP_POPULATION_ALL);
	struct mp_headline h = {
		.mode = batch ? MP_MODE_BATCH : MP_MODE_RATE,
		.has_call = count(said, n, MP_MODE_CALL, MP_POPULATION_ALL),
		.resolution = MP_RESOLUTION_BATCH_ONLY,
	};

	if (h.has_call) {
		double p50 = of_mode(said, n, MP_MODE_CALL).value;

		h.resolution = mp_resolution_of(p50, pair_ns, step_ns);
		if (!batch || (h.resolution == MP_RESOLUTION_PER_CALL &&
			       of_mode(said, n, MP_MODE_BATCH).value <= p50 * MP_HEADLINE_MIXED))
			h.mode = MP_MODE_CALL;
	}
	h.population = mp_headline_population(said, n, h.mode);
	h.value = of_mode(said, n, h.mode);
	return h;
}
