/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seeded pseudo-random numbers: everything random in a run is drawn from its stored seed.
 *
 * SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014): one
 * word of state, every seed is good, and a sub-stream is one draw. Layer: ground.
 */
#ifndef COMMON_RANDOM_H
#define COMMON_RANDOM_H

#include <stdint.h>

struct mp_random {
	uint64_t state;
};

static inline uint64_t mp_random_next(struct mp_random *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* Uniform in [0, bound); bound > 0. Multiply-shift; the bias is below bound / 2^64. */
static inline uint64_t mp_random_below(struct mp_random *r, uint64_t bound)
{
	return (uint64_t)(((unsigned __int128)mp_random_next(r) * bound) >> 64);
}

#endif
