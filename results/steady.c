/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What blocks do in time: see steady.h. */
#include "results/steady.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "results/potts.h"
#include "results/stats.h"

#define LEAST_BLOCKS 32
#define GROUPS	     48
#define SEGMENT	     3 /* groups */
#define SAME	     0.02 /* of logs: levels that are one */

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

/* Medians of neighbours, so that every group has as many blocks, give or take one. */
static size_t group(const double *logs, size_t n, double *scratch, double *groups)
{
	size_t count = n / 2 < GROUPS ? n / 2 : GROUPS;

	for (size_t g = 0; g < count; g++) {
		size_t from = g * n / count, to = (g + 1) * n / count;

		memcpy(scratch, logs + from, (to - from) * sizeof(*scratch));
		groups[g] = mp_median(scratch, to - from);
	}
	return count;
}

static double level_of(const double *groups, size_t from, size_t to)
{
	double scratch[GROUPS];

	memcpy(scratch, groups + from, (to - from) * sizeof(*scratch));
	return mp_median(scratch, to - from);
}

/* `starts` of the segments behind the first. */
static enum mp_steady judge(const double *groups, size_t n, const size_t *starts, size_t n_starts)
{
	double last = level_of(groups, n_starts ? starts[n_starts - 1] : 0, n);
	size_t steady = n; /* where the last level begins */
	double first;

	for (size_t k = n_starts + 1; k > 0; k--) {
		size_t from = k > 1 ? starts[k - 2] : 0;
		size_t to = k <= n_starts ? starts[k - 1] : n;

		if (fabs(level_of(groups, from, to) - last) > SAME)
			break;
		steady = from;
	}
	if (!steady)
		return MP_STEADY_FLAT;
	if (steady > n / 2)
		return MP_STEADY_UNSTEADY;
	first = level_of(groups, 0, starts[0]);
	/* A first level like the last one, with another between: the time before it settled was no warm-up. */
	if (fabs(first - last) <= SAME)
		first = level_of(groups, starts[0], n_starts > 1 ? starts[1] : n);
	return first > last ? MP_STEADY_WARMUP : MP_STEADY_SLOWDOWN;
}

enum mp_steady mp_steady_classify(const double *logs, size_t n)
{
	enum mp_steady steady = MP_STEADY_UNKNOWN;
	double groups[GROUPS], sigma, objective;
	size_t count, n_starts, *starts;
	double *scratch;

	if (n < LEAST_BLOCKS)
		return MP_STEADY_UNKNOWN;
	scratch = malloc(n * sizeof(*scratch));
	if (!scratch)
		return MP_STEADY_UNKNOWN;
	count = group(logs, n, scratch, groups);
	free(scratch);
	sigma = mp_potts_sigma(groups, count);
	if (isnan(sigma))
		return MP_STEADY_UNKNOWN;
	if (!mp_potts(groups, count, SEGMENT, 3 * sigma * log((double)count), &starts, &n_starts,
		      &objective)) {
		steady = judge(groups, count, starts, n_starts);
		free(starts);
	}
	return steady;
}

static unsigned known(const struct mp_steady_counts *c)
{
	unsigned n = 0;

	for (int i = MP_STEADY_FLAT; i < MP_STEADY_COUNT; i++)
		n += c->of[i];
	return n;
}

bool mp_steady_missing(const struct mp_steady_counts *counts)
{
	unsigned n = known(counts);

	return n >= MP_STEADY_LEAST && n - counts->of[MP_STEADY_FLAT] > MP_STEADY_SHARE * n;
}

void mp_steady_words(const struct mp_steady_counts *counts, char *ret_text, size_t size)
{
	static const char *const what[] = {
		[MP_STEADY_WARMUP] = "got faster first",
		[MP_STEADY_SLOWDOWN] = "got slower first",
		[MP_STEADY_UNSTEADY] = "never settled",
	};
	unsigned n = known(counts), moved = n - counts->of[MP_STEADY_FLAT];
	bool first = true;
	size_t at;

	*ret_text = '\0';
	if (!moved)
		return;
	at = (size_t)snprintf(ret_text, size, "%u of %u invocations were not level", moved, n);
	for (int i = MP_STEADY_WARMUP; i < MP_STEADY_COUNT; i++) {
		if (!counts->of[i] || at >= size)
			continue;
		at += (size_t)snprintf(ret_text + at, size - at, "%s %u %s", first ? ":" : ",",
				       counts->of[i], what[i]);
		first = false;
	}
}
