/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a comparison could have found: the smallest detectable change, and how many invocations would find one.
 *
 * By the two-sample t test's power, which needs no assumption about the noise but its standard deviation, and by how much
 * wider the interval is that a comparison calls changes by (mp_rank_width()). What the search for a root costs is kept in
 * struct mp_rank, because a comparison asks the same for every case. Layer: report.
 */
#ifndef REPORT_STATISTICS_POWER_H
#define REPORT_STATISTICS_POWER_H

#include "report/statistics/rank.h"

/* The smallest relative change that a two-sided t test at `alpha` finds with probability 0.8 when values scatter
 * with relative standard deviation `sd`, n on one side and m on the other (R's power.t.test: the tail on the wrong
 * side does not count). NaN when n + m < 3. */
double mp_power_change(struct mp_rank *rank, double sd, double alpha, size_t n, size_t m);

/* The smallest log of a ratio for which, with probability 0.8, the interval of mp_rank_ratio_invocations() at `alpha` leaves
 * out 1, when logs are normal with standard deviation `sd` (simulated, 5 to 40 values a side: 0.78 to 0.81; a log is a
 * relative change where it is small). INFINITY when no samples of these sizes can show a p as small as alpha. */
double mp_power_detectable(struct mp_rank *rank, double sd, double alpha, size_t n, size_t m);

/* The smallest n = m whose mp_power_detectable() is at most `change`; 0 when it would be above `most`. */
size_t mp_power_needed(struct mp_rank *rank, double sd, double alpha, double change, size_t most);

#endif
