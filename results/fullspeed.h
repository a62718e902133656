/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Full speed, per kind of core: how long the speed probes take there when nobody disturbs them. A performance and an
 * efficiency core have each their own, so a block is judged by that of the core that ran it.
 */
#ifndef RESULTS_FULLSPEED_H
#define RESULTS_FULLSPEED_H

#include <stdbool.h>
#include <stddef.h>

#define MP_KIND_TEXT	   16 /* name of a kind, with NUL: "p", "e"; "" where all cores are alike */
#define MP_FULL_SPEEDS_MAX 16 /* kinds of core of one machine */

struct mp_full_speed {
	char kind[MP_KIND_TEXT];
	double mul,
		add; /* probe ticks at full speed: dependent multiplies, independent additions */
};

/* Of one machine, each kind once. Plain data. */
struct mp_full_speeds {
	struct mp_full_speed of[MP_FULL_SPEEDS_MAX];
	size_t n;
};

/* Both times known? */
bool mp_full_speed_known(const struct mp_full_speed *reference);

/* The same kinds, in the same order, with exactly the same times? */
bool mp_full_speeds_same(const struct mp_full_speeds *a, const struct mp_full_speeds *b);

/* Of that kind, or NULL. */
const struct mp_full_speed *mp_full_speeds_find(const struct mp_full_speeds *references,
						const char *kind);

#endif
