/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why the value of a case says less than it seems to: what a run stores about its cases, asked for in one pass over all of
 * them. Nothing is computed from raw data. Layer: results.
 */
#ifndef RESULTS_CAVEATS_H
#define RESULTS_CAVEATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_err;
struct mp_store;

enum mp_caveat {
	MP_CAVEAT_MODES, /* table modes calls its invocations or its calls two modes (results/bimodal.h) */
	MP_CAVEAT_DRIFT, /* mp_drifts() of the values of its invocations */
	MP_CAVEAT_FIRST, /* mp_first_differs() of them */
	MP_CAVEAT_MULTIPLEXED, /* a counter of it ran for a part of the time: running / enabled < 1 */
	/* Its single calls are shown (they are its headline, or their resolution is not batch-only), and mp_timing_costs()
	 * much of the headline. */
	MP_CAVEAT_COST,
	MP_CAVEAT_COUNT,
};

/* Calls `each` with every case of the run that has a caveat, once for each of them; stops at its first non-zero return and
 * returns it. 0 or negative errno with a sentence. */
int mp_store_caveats(struct mp_store *s, int64_t run,
		     int (*each)(void *user, int64_t run_case, enum mp_caveat caveat), void *user,
		     struct mp_err *err);

/*
 * Does timing single calls cost more than a tenth of the value of one? The pair of clock readings around each does, or what timing
 * it costs (the mean of calls less that of batches; NaN: unknown) where that is more than two pairs: less is rounding. All in ns.
 */
bool mp_timing_costs(double value, double observer_effect, double pair);

#define MP_DRIFT_LEAST 8 /* values: with fewer no order of them is as rare as the test wants */
/*
 * Do the values go one way from the first to the last? Kendall's S against their order (Mann, "Nonparametric tests against
 * trend", Econometrica 13, 1945), at p < 0.001 two-sided by the normal approximation with its correction for continuity;
 * and the mean of the last third differs from that of the first by more than 2 %, so that what is too small to matter is none.
 */
bool mp_drifts(const double *values, size_t n);

#define MP_FIRST_LEAST 8 /* values: the least for which chance is as rare as that */
/*
 * Does the first value stand apart from all others? Its distance to the nearest of them is more than twice their range: Dixon's
 * ratio r10 ("Processing data for outliers", Biometrics 9, 1953) above 2/3, which less than one in a thousand sets of normal values
 * has at this end; and it is more than 2 % of that value.
 */
bool mp_first_differs(const double *values, size_t n);

#endif
