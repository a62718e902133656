/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distribution functions by GSL: see special.h. */
#include "report/statistics/special.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

/* Points of the quadrature, and how many standard deviations of S it covers (1 / sqrt(2 df) each, about). */
#define POINTS 64
#define REACH  9.0

double mp_special_normal_quantile(double p)
{
	return p >= 0 && p <= 1 ? gsl_cdf_ugaussian_Pinv(p) : NAN;
}

double mp_special_t_quantile(double tail, double df)
{
	if (!(tail > 0 && tail < 1 && df > 0))
		return NAN;
	/* What does not converge comes back as NaN instead of ending the program. */
	gsl_set_error_handler_off();
	return gsl_cdf_tdist_Qinv(tail, df);
}

double mp_special_t_p(double t, double df)
{
	if (!(df > 0) || isnan(t))
		return NAN;
	/* By the incomplete beta function, of the smaller of its arguments: GSL's t itself is off by 1e-6 far out. */
	return t * t < df ? gsl_cdf_beta_Q(t * t / (df + t * t), 0.5, df / 2)
			  : gsl_cdf_beta_P(df / (df + t * t), df / 2, 0.5);
}

double mp_special_t_power(double t, double df, double shift)
{
	double width = REACH / sqrt(2 * df), low = fmax(0, 1 - width), power = 0;
	int sign; /* lgamma() writes it to a variable of the whole process, and pairs are judged on several threads */
	double scale = M_LN2 + df / 2 * log(df / 2) - lgamma_r(df / 2, &sign);
	gsl_integration_glfixed_table *table;

	if (!(df >= 1) || isnan(t) || isnan(shift))
		return NAN;
	table = gsl_integration_glfixed_table_alloc(POINTS);
	if (!table)
		return NAN;
	for (size_t i = 0; i < POINTS; i++) {
		double s, weight;

		gsl_integration_glfixed_point(low, 1 + width, i, &s, &weight, table);
		power += weight * exp(scale + (df - 1) * log(s) - df * s * s / 2) *
			 gsl_cdf_ugaussian_P(shift - t * s);
	}
	gsl_integration_glfixed_table_free(table);
	return power;
}
