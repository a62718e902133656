/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Full speed, per kind of core: see fullspeed.h. */
#include "results/fullspeed.h"

#include <math.h>
#include <string.h>

bool mp_full_speed_known(const struct mp_full_speed *reference)
{
	return reference->mul > 0 && reference->add > 0 && isfinite(reference->mul) &&
	       isfinite(reference->add);
}

static bool same_time(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

bool mp_full_speeds_same(const struct mp_full_speeds *a, const struct mp_full_speeds *b)
{
	for (size_t i = 0; i < a->n && a->n == b->n; i++)
		if (strcmp(a->of[i].kind, b->of[i].kind) != 0 ||
		    !same_time(a->of[i].mul, b->of[i].mul) ||
		    !same_time(a->of[i].add, b->of[i].add))
			return false;
	return a->n == b->n;
}

const struct mp_full_speed *mp_full_speeds_find(const struct mp_full_speeds *references,
						const char *kind)
{
	for (size_t i = 0; i < references->n; i++)
		if (!strcmp(references->of[i].kind, kind))
			return &references->of[i];
	return NULL;
}
