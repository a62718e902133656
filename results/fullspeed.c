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

const struct mp_full_speed *mp_full_speeds_find(const struct mp_full_speeds *references,
						const char *kind)
{
	for (size_t i = 0; i < references->n; i++)
		if (!strcmp(references->of[i].kind, kind))
			return &references->of[i];
	return NULL;
}
