/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Change points of one series: where its level changed, and how sure that is.
 *
 * An exact L1 Potts segmentation (results/potts.h), then a gate: while a change point fails it, the failing one with the
 * smallest |Cliff's delta| goes and all are judged anew. Deterministic. Layer: report.
 */
#ifndef REPORT_HISTORY_DETECT_H
#define REPORT_HISTORY_DETECT_H

#include "report/statistics/rank.h"

#include <stdbool.h>
#include <stddef.h>

/* A correlated series wanders, and wandering looks like steps. */
enum mp_correlation {
	MP_CORRELATION_AUTO, /* taken into account when the lag-1 correlation is above 0.3 */
	MP_CORRELATION_ON, /* above 0.2 */
	MP_CORRELATION_OFF,
};

struct mp_detect_options {
	double penalty; /* gamma = penalty * sigma * ln n */
	size_t min_segment; /* values */
	double max_p; /* gate: Mann-Whitney; complete separation where a side has at most 4 values */
	double min_delta; /* gate: |Cliff's delta| */
	double min_effect; /* gate: |Hodges-Lehmann shift|, on the scale of z */
	enum mp_correlation correlation;
};

/* The smallest effect is ln 1.02, the correlation AUTO. */
#define MP_DETECT_DEFAULTS                                                                         \
	{                                                                                          \
		.penalty = 3, .min_segment = 3, .max_p = 0.001, .min_delta = 0.6,                  \
		.min_effect = 0.019802627296179712                                                 \
	}
extern const struct mp_detect_options mp_detect_defaults;

struct mp_change_point {
	size_t at; /* index of the first value of the new level */
	size_t n_before, n_after; /* values of the segments on both sides */
	double p; /* Mann-Whitney: normal approximation with continuity and tie correction */
	double delta; /* Cliff's: 1 when every value after is above every value before */
	double shift; /* Hodges-Lehmann: median of z after - z before over all pairs */
};

struct mp_detection {
	double sigma; /* robust standard deviation of the noise */
	double rho; /* robust lag-1 correlation of the residuals; NaN: unknown */
	double gamma; /* price of one change point */
	double objective; /* of the segmentation before the gate */
	size_t *candidates; /* before the gate; owned */
	size_t n_candidates;
	struct mp_change_point *points; /* that passed, in order; owned */
	size_t n_points;
};

/* z: finite values in time order, such as logarithms. Fewer than 2 min_segment values, or no noise at all: no change
 * point. 0, -EINVAL or -ENOMEM. The caller ends with mp_detection_done(). */
int mp_detect(const double *z, size_t n, const struct mp_detect_options *options,
	      struct mp_detection *ret_detection);
void mp_detection_done(struct mp_detection *detection); /* accepts zeroed */

#endif
