/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the measured blocks of one invocation did in time: stayed level, came down (it was still warming up), went up, or
 * never settled.
 *
 * The classes of Barrett et al., "Virtual machine warmup blows hot and cold", OOPSLA 2017, told apart by an exact L1 Potts
 * segmentation (results/potts.h). Pure functions of numbers; nothing is owned.
 */
#ifndef RESULTS_STEADY_H
#define RESULTS_STEADY_H

#include <stdbool.h>
#include <stddef.h>

/* Stored by name. */
enum mp_steady {
	MP_STEADY_UNKNOWN, /* too few blocks */
	MP_STEADY_FLAT, /* one level */
	MP_STEADY_WARMUP, /* slower first, then level for half the time or more */
	MP_STEADY_SLOWDOWN, /* faster first, then level for half the time or more */
	MP_STEADY_UNSTEADY, /* no level lasted over the second half */
};
#define MP_STEADY_COUNT 5

/* A case has no steady state when more than this share of its invocations, those that can tell, is not flat; and fewer than
 * five cannot say so of a case. */
#define MP_STEADY_SHARE 0.2
#define MP_STEADY_LEAST 5u

/* NULL for MP_STEADY_UNKNOWN. */
const char *mp_steady_name(enum mp_steady steady);

/* "" is MP_STEADY_UNKNOWN. 0, or -EINVAL and *ret_steady untouched. */
int mp_steady_parse(const char *name, enum mp_steady *ret_steady);

/*
 * Of the logs of block values in time order. Single blocks are noisier than any drift that matters, so medians of up to 48
 * groups of neighbours are segmented, at 3 sigma ln(groups) a segment of at least three; levels within 2 % of the last
 * one count as the last one. MP_STEADY_UNKNOWN below 32 blocks, or without memory.
 */
enum mp_steady mp_steady_classify(const double *logs, size_t n);

/* How many invocations of a case were what, by enum mp_steady. */
struct mp_steady_counts {
	unsigned of[MP_STEADY_COUNT];
};

/* Too many of them not flat? */
bool mp_steady_missing(const struct mp_steady_counts *counts);

/* "12 of 30 invocations were not level: 10 slowed down, 2 never settled". Empty when all were flat or unknown. */
void mp_steady_words(const struct mp_steady_counts *counts, char *ret_text, size_t size);

#endif
