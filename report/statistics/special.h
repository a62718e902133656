/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Distribution functions: the one door to GSL.
 *
 * Arguments outside a function's range give NaN, never GSL's abort(). Layer: report.
 */
#ifndef REPORT_STATISTICS_SPECIAL_H
#define REPORT_STATISTICS_SPECIAL_H

/* Standard normal quantile, p in [0, 1]; infinite at the ends. */
double mp_special_normal_quantile(double p);

/* Upper quantile of Student's t: P(T > t) = tail, tail in (0, 1), df > 0. */
double mp_special_t_quantile(double tail, double df);

/* P(|T| >= |t|), the two-sided p-value of a t statistic. */
double mp_special_t_p(double t, double df);

/*
 * P(T > t) for the noncentral t with noncentrality `shift`, df >= 1: what a t test with critical value t has as
 * power. T is (Z + shift) / S with S the root of a chi-square over its df, so this is the mean over S of
 * Phi(shift - t S); by Gauss-Legendre quadrature, to 1e-9 up to t = 8: 0.05 / 100,000 is 7.6 with ten values a side.
 */
double mp_special_t_power(double t, double df, double shift);

#endif
