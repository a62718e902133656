/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody pinned, and how far a series has gone from it. */
#include "report/history/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Drift: standard errors that are more than noise, and the least that matters (ln 1.03). */
#define DRIFT_ERRORS 4
#define DRIFT_LEAST  0.029558802241544391
#define DRIFT_NIGHTS 10

/* The baseline of the machine that is asked for, or the newest, by when it was set; NULL: none. */
static const struct mp_judged *baseline_of(const struct mp_history *h, const struct mp_series *s)
{
	const struct mp_judged *newest = NULL;

	for (size_t i = 0; i < h->n_judged; i++) {
		const struct mp_judged *j = &h->judged[i];

		if (j->baseline && !strcmp(j->machine, s->machine) &&
		    (!h->baseline || !strcmp(j->name, h->baseline)) &&
		    (!newest || j->made_ns > newest->made_ns))
			newest = j;
	}
	return newest;
}

/* Is the night one of the runs that the baseline pins? */
static bool is_pinned(const struct mp_history *h, const struct mp_judged *baseline, size_t night)
{
	for (size_t i = 0; i < h->n_judged; i++) {
		const struct mp_judged *j = &h->judged[i];

		if (j->baseline && j->made_ns == baseline->made_ns &&
		    !strcmp(j->name, baseline->name) && !strcmp(j->machine, baseline->machine) &&
		    !strcmp(j->run_uuid, h->nights[night].uuid))
			return true;
	}
	return false;
}

size_t mp_history_pinned(const struct mp_history *h, const struct mp_series *s, size_t except,
			 double *values, const char **ret_name)
{
	const struct mp_judged *baseline = baseline_of(h, s);
	size_t n = 0, newest = 0;

	for (size_t k = 0; baseline && k < s->n_values; k++) {
		if (mp_series_night(s, k) == except ||
		    !is_pinned(h, baseline, mp_series_night(s, k)))
			continue;
		values[n++] = mp_series_value(s, k);
		newest = k;
	}
	/* Somebody accepted another level since. */
	if (!n || newest < s->accepted_first)
		return 0;
	*ret_name = baseline->name;
	return n;
}

/* Variance of the median of n normal values of variance 1; at most two values have a mean for a median. */
static double of_median(size_t n)
{
	return (n > 2 ? M_PI / 2 : 1) / (double)n;
}

int mp_history_drift(const struct mp_history *h, struct mp_series *s)
{
	size_t newest = s->n_values < DRIFT_NIGHTS ? s->n_values : DRIFT_NIGHTS;
	double *z = calloc(s->n_values, sizeof(*z)), now, error;
	size_t pinned;

	if (!z)
		return -ENOMEM;
	pinned = mp_history_pinned(h, s, h->n_nights, z, &s->drift_baseline);
	if (pinned) {
		now = mp_series_median(s, s->n_values - newest, s->n_values, NULL);
		s->drift = now / mp_median(z, pinned);
		error = s->sigma * sqrt(of_median(newest) + of_median(pinned));
		s->drift_stands_out = fabs(log(s->drift)) > fmax(DRIFT_ERRORS * error, DRIFT_LEAST);
	}
	free(z);
	return 0;
}
