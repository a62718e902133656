/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Full speed, calm share and lost time of one CPU: see speed.h. Time-outs are told by the run's own clock, which is
 * read anyway; the pages of the buffer are touched before, so that no fault of ours is taken for a slow core.
 */
#include "runner/machine/speed.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "results/invocation.h"
#include "runner/machine/affinity.h"
#include "runner/worker/probe.h"

#define MOST_SECONDS 30.0
#define MOST_PAIRS   1000000u
#define WINDOWS	     20
#define WARM_UP_NS   5e6 /* the governor's first ramp and the predictors */

struct pair {
	uint32_t mul, add;
};

static int compare_u32(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return a < b ? -1 : a > b;
}

static int compare_double(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static uint32_t saturate(uint64_t ticks)
{
	return ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
}

double mp_speed_level(const uint32_t *sorted, size_t n, double step)
{
	size_t low = n / 100, count = 0;
	double sum = 0;

	for (size_t i = low; i < n && sorted[i] <= sorted[low] + step; i++) {
		sum += sorted[i];
		count++;
	}
	return sum / (double)count;
}

static double level_of(const struct pair *pairs, size_t n, size_t offset, double step,
		       uint32_t *scratch)
{
	for (size_t i = 0; i < n; i++)
		memcpy(&scratch[i], (const char *)&pairs[i] + offset, sizeof(*scratch));
	qsort(scratch, n, sizeof(*scratch), compare_u32);
	return mp_speed_level(scratch, n, step);
}

/* Runs both probes until the time is over or the buffer full; returns how many pairs were kept. */
static size_t probe(const struct mp_clocksource *source, double seconds, struct pair *pairs,
		    size_t room)
{
	uint64_t start = mp_clock_start(source->clock);
	uint64_t warm = (uint64_t)(fmin(WARM_UP_NS, seconds * 1e8) / source->ns_per_tick);
	uint64_t end = (uint64_t)(seconds * 1e9 / source->ns_per_tick);
	uint64_t now;
	size_t n = 0;

	do {
		uint64_t mul, add;

		if (source->clock == MP_CLOCK_COUNTER) {
			mul = mp_probe_mul(MP_CLOCK_COUNTER);
			add = mp_probe_add(MP_CLOCK_COUNTER);
		} else {
			mul = mp_probe_mul(MP_CLOCK_RAW);
			add = mp_probe_add(MP_CLOCK_RAW);
		}
		now = mp_clock_stop(source->clock) - start;
		if (now >= warm)
			pairs[n++] = (struct pair){ saturate(mul), saturate(add) };
	} while (now < end && n < room);
	return n;
}

/* A twentieth with too few pairs for a level of its own says nothing. */
static double spread_of(const struct pair *pairs, size_t n, double step, uint32_t *scratch)
{
	size_t window = n / WINDOWS;
	double least = 0, most = 0;

	for (size_t i = 0; window >= 20 && i < WINDOWS; i++) {
		double level = level_of(pairs + i * window, window, offsetof(struct pair, mul),
					step, scratch);

		least = i && least < level ? least : level;
		most = most > level ? most : level;
	}
	return least > 0 ? most / least : NAN;
}

static void evaluate(const struct pair *pairs, size_t n, const struct mp_clocksource *source,
		     void *scratch, struct mp_speed *ret_speed)
{
	double step = source->step_ns / source->ns_per_tick;
	double mul = level_of(pairs, n, offsetof(struct pair, mul), step, scratch);
	double add = level_of(pairs, n, offsetof(struct pair, add), step, scratch);
	double spread = spread_of(pairs, n, step, scratch);
	double *slow = scratch;
	size_t n_slow = 0;

	for (size_t i = 0; i < n; i++) {
		double slowness = fmax(pairs[i].mul / mul, pairs[i].add / add);

		if (slowness > MP_CALM_COARSE)
			slow[n_slow++] = slowness;
	}
	qsort(slow, n_slow, sizeof(*slow), compare_double);
	*ret_speed = (struct mp_speed){
		.mul_ns = mul * source->ns_per_tick,
		.add_ns = add * source->ns_per_tick,
		.calm_share = (double)(n - n_slow) / (double)n,
		.mul_spread = spread,
		.rest_slowness = n_slow ? slow[n_slow / 2] : NAN,
		.pairs = n,
	};
}

int mp_speed_measure(const struct mp_clocksource *source, int cpu, double seconds,
		     struct mp_speed *ret_speed)
{
	struct mp_affinity before;
	struct pair *pairs;
	double *scratch;
	size_t room, n;
	int err;

	if (!(seconds > 0))
		return -EINVAL;
	seconds = fmin(seconds, MOST_SECONDS);
	room = (size_t)fmin(seconds * 1e6 + 1, MOST_PAIRS); /* a pair takes over 1 us everywhere */
	pairs = malloc(room * sizeof(*pairs));
	scratch = malloc(room * sizeof(*scratch));
	err = pairs && scratch ? mp_affinity_pin(cpu, &before) : -ENOMEM;
	if (!err) {
		memset(pairs, 0, room * sizeof(*pairs));
		n = probe(source, seconds, pairs, room);
		mp_affinity_restore(&before);
		evaluate(pairs, n, source, scratch, ret_speed);
	}
	free(scratch);
	free(pairs);
	return err;
}

int mp_speed_reference(const struct mp_clocksource *source, int cpu, double seconds,
		       double *ret_mul_ns, double *ret_add_ns, double *ret_calm_share)
{
	struct mp_speed speed;
	int err = mp_speed_measure(source, cpu, seconds, &speed);

	if (err)
		return err;
	*ret_mul_ns = speed.mul_ns;
	*ret_add_ns = speed.add_ns;
	*ret_calm_share = speed.calm_share;
	return 0;
}

int mp_jitter_measure(const struct mp_clocksource *source, int cpu, double seconds,
		      struct mp_jitter *ret_jitter)
{
	double per_tick = source->ns_per_tick;
	uint64_t us = (uint64_t)(1e3 / per_tick), lost = 0, longest = 0;
	uint64_t start, last, end;
	struct mp_jitter jitter = { 0 };
	struct mp_affinity before;
	int err;

	if (!(seconds > 0))
		return -EINVAL;
	err = mp_affinity_pin(cpu, &before);
	if (err)
		return err;
	end = (uint64_t)(fmin(seconds, MOST_SECONDS) * 1e9 / per_tick);
	start = last = mp_clock_start(source->clock);
	while (last - start < end) {
		uint64_t now = mp_clock_stop(source->clock), gap = now - last;

		last = now;
		if (gap <= us)
			continue;
		lost += gap;
		longest = gap > longest ? gap : longest;
		if (gap > 100 * us)
			jitter.over_100us++;
		else if (gap > 10 * us)
			jitter.over_10us++;
		else
			jitter.over_1us++;
	}
	mp_affinity_restore(&before);
	jitter.seconds = (double)(last - start) * per_tick / 1e9;
	jitter.lost_share = (double)lost / (double)(last - start);
	jitter.longest_ns = (double)longest * per_tick;
	*ret_jitter = jitter;
	return 0;
}
