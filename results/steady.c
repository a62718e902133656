/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of what blocks do in time: see steady.h. */
#include "results/steady.h"

#include <errno.h>
#include <string.h>

static const char *const names[] = {
	[MP_STEADY_FLAT] = "flat",
	[MP_STEADY_WARMUP] = "warmup",
	[MP_STEADY_SLOWDOWN] = "slowdown",
	[MP_STEADY_UNSTEADY] = "unsteady",
};
#define N_NAMES (sizeof(names) / sizeof(names[0]))

const char *mp_steady_name(enum mp_steady steady)
{
	return (size_t)steady < N_NAMES ? names[steady] : NULL;
}

int mp_steady_parse(const char *name, enum mp_steady *ret_steady)
{
	if (!*name) {
		*ret_steady = MP_STEADY_UNKNOWN;
		return 0;
	}
	for (size_t i = 1; i < N_NAMES; i++) {
		if (!strcmp(names[i], name)) {
			*ret_steady = (enum mp_steady)i;
			return 0;
		}
	}
	return -EINVAL;
}
