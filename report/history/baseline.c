/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody pinned, and how far a series has gone from it. */
#include "report/history/internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/history/tonight.h"
#include "report/statistics/special.h"

/* Drift is looked at every night: the share of looks at cases that did not change which call it one, as tonight.h promises of
 * suspects; and the least that matters (ln 1.03). */
#define DRIFT_P	     (MP_TONIGHT_FALSE_ALARM / 2)
#define DRIFT_LEAST  0.029558802241544391
#define DRIFT_NIGHTS 10

/* Degrees of freedom, per night, of what noise() knows: simulated (tests/report/test_history_quiet.c, test_no_drift). */
#define DRIFT_FREEDOM 0.6

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

/* Standard deviation of the logs of one night. A median of a few differences is often far too small by chance; their mean is
 * not (of a half-normal, sigma sqrt(2 / pi)). */
static double noise(const struct mp_series *s)
{
	double sum = 0;

	if (s->n_values < 2)
		return INFINITY;
	for (size_t k = 0; k + 1 < s->n_values; k++)
		sum += fabs(log(mp_series_value(s, k + 1) / mp_series_value(s, k)));
	return fmax(s->sigma, sqrt(M_PI) / 2 * sum / (double)(s->n_values - 1));
}

/* The newest nights over the pinned runs: Hodges and Lehmann's estimate, whose variance is pi / 3 times a mean's. */
static int measure_drift(struct mp_series *s, const double *pinned, size_t n, const double *newest,
			 size_t m)
{
	double error = noise(s) * sqrt(M_PI / 3 * (1 / (double)n + 1 / (double)m));
	double errors = mp_special_t_quantile(DRIFT_P, DRIFT_FREEDOM * (double)s->n_values);
	struct mp_rank rank = { 0 };
	struct mp_rank_ratio ratio;
	int rc = mp_rank_ratio(&rank, pinned, n, newest, m, 0.05, &ratio);

	mp_rank_done(&rank);
	if (rc)
		return rc;
	s->drift = ratio.ratio;
	s->drift_stands_out = fabs(log(s->drift)) > fmax(errors * error, DRIFT_LEAST);
	return 0;
}

int mp_history_drift(const struct mp_history *h, struct mp_series *s)
{
	size_t m = s->n_values < DRIFT_NIGHTS ? s->n_values : DRIFT_NIGHTS;
	double *pinned = calloc(s->n_values, sizeof(*pinned)), newest[DRIFT_NIGHTS];
	size_t n = pinned ? mp_history_pinned(h, s, h->n_nights, pinned, &s->drift_baseline) : 0;
	int rc = pinned ? 0 : -ENOMEM;

	for (size_t k = 0; k < m; k++)
		newest[k] = mp_series_value(s, s->n_values - m + k);
	if (n)
		rc = measure_drift(s, pinned, n, newest, m);
	free(pinned);
	return rc;
}
