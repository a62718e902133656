/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the measured blocks of one invocation did in time: stayed level, came down (it was still warming up), went up, or
 * never settled.
 *
 * The classes of Barrett et al., "Virtual machine warmup blows hot and cold", OOPSLA 2017, told apart by an exact L1 Potts
 * segmentation (results/potts.h) of the logs of group medians, because single blocks are noisier than any drift that
 * matters. Pure functions of numbers; nothing is owned.
 */
#ifndef RESULTS_STEADY_H
#define RESULTS_STEADY_H

#include <stddef.h>

/* Stored by name. */
enum mp_steady {
	MP_STEADY_UNKNOWN, /* too few blocks */
	MP_STEADY_FLAT, /* one level */
	MP_STEADY_WARMUP, /* slower first, then level for the rest */
	MP_STEADY_SLOWDOWN, /* faster first, then level for the rest */
	MP_STEADY_UNSTEADY, /* no level that lasts over the second half: no steady state */
};

/* NULL for MP_STEADY_UNKNOWN. */
const char *mp_steady_name(enum mp_steady steady);

/* "" is MP_STEADY_UNKNOWN. 0, or -EINVAL and *ret_steady untouched. */
int mp_steady_parse(const char *name, enum mp_steady *ret_steady);

#endif
