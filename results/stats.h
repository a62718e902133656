/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From raw blocks to the numbers that are shown: per invocation, then over invocations.
 *
 * All values are nanoseconds per operation. "Unknown" is NaN, never 0. The invocation is the unit of
 * replication: intervals are taken over one value per invocation, never over pooled samples
 * (Kalibera and Jones, "Rigorous benchmarking in reasonable time", ISMM 2013).
 */
#ifndef RESULTS_STATS_H
#define RESULTS_STATS_H

#include "results/histogram.h"
#include "results/invocation.h"

/* Which samples. Stored by name: "all", "calm". */
enum mp_population { MP_POPULATION_ALL, MP_POPULATION_CALM };
const char *mp_population_name(enum mp_population population);

/* How far a quantile of single calls can be trusted on this clock. Stored by name. */
enum mp_resolution {
	MP_RESOLUTION_PER_CALL, /* p50 >= 10 clock pairs and >= 20 clock steps: "per-call" */
	MP_RESOLUTION_QUANTISED, /* p50 >= 3 clock pairs: "quantised", quantiles +- one step */
	MP_RESOLUTION_BATCH_ONLY, /* less: "batch-only", quantiles of single calls are not shown */
};
const char *mp_resolution_name(enum mp_resolution resolution);

/* Of calls whose median is `p50`, on a clock of such pairs and steps; all in nanoseconds. */
enum mp_resolution mp_resolution_of(double p50, double pair_ns, double step_ns);

/* One mode and population of one invocation. */
struct mp_dist {
	uint64_t n; /* CALL: samples; BATCH, RATE: blocks */
	uint64_t blocks; /* blocks they come from */
	double mean; /* BATCH, RATE: total time / total operations */
	/* CALL: quantiles of single operations, BATCH: of block means (a different thing, never shown as
	 * latency quantiles). p50 is interpolated within the clock step that holds it (grouped-data
	 * median), because the counter advances in steps; p90 is NaN below 36 samples, p99 below 368 and
	 * p999 below 3688: no distribution-free 95 % interval exists with fewer. */
	double min, p50, p90, p99, p999, max;
};

/* Statistics of the measured blocks (phase MEASURE, no failed operation) of one mode and population.
 * n is 0 and the rest NaN when there are none. `step_ns`: resolution of the clock. 0 or -ENOMEM. */
int mp_invocation_dist(const struct mp_invocation *inv, enum mp_mode mode,
		       enum mp_population population, double step_ns, struct mp_dist *ret_dist);

/* Do `n` samples (call) or blocks (batch, rate) of an invocation make a value? A calm one takes 32 or 3 of them. */
bool mp_population_counts(enum mp_population population, enum mp_mode mode, uint64_t n);

/* The same samples as a histogram (CALL only); `h` zeroed or to be merged into. 0 or -ENOMEM. */
int mp_invocation_histogram(const struct mp_invocation *inv, enum mp_population population,
			    struct mp_histogram *h);

/* Calm samples / all samples of a mode's measured blocks; NaN without any. */
double mp_invocation_calm_share(const struct mp_invocation *inv, enum mp_mode mode);

/* Operations a second of all workers together, from the measured RATE blocks: the sum over workers of their
 * operations by their time. NaN without any. 0 or -ENOMEM. */
int mp_invocation_rate(const struct mp_invocation *inv, double *ret_ops_per_s);

/* Time of the very first operation in nanoseconds, NaN when not recorded. */
double mp_invocation_first_ns(const struct mp_invocation *inv);

/* A value per invocation, summed up. */
struct mp_estimate {
	uint64_t n; /* invocations that had a value */
	double value; /* their median */
	double low, high; /* distribution-free interval of the median */
	double level; /* its confidence, of independent values or by allowing for drift: 0.95 from n = 6, 1 - 2^(1-n) below; NaN, with infinite width,
				at n = 1 */
	double cv; /* standard deviation / mean; NaN at n < 2 */
};

/*
 * Median of `values` with its distribution-free interval; NaN values are ignored.
 *
 * Order statistics alone cover 99.2 % at n = 8 and 97.9 % at n = 10, the next inner pair 93 % and 89 %: they are
 * discrete. Between the two the ends are interpolated (Hettmansperger and Sheather 1986, Statistics and Probability
 * Letters 4:75-79; nearly free of the distribution, Nyblom 1992). Below n = 6 it is the range, with its true level.
 * Share of 5,000 simulated cases whose interval covers the median, over six shapes of noise between invocations
 * (normal, two modes, 10 % outliers three times as large, Student t with 3 df, exponential, and dependent blocks with
 * bursts within all of them), and its width over that of the order statistics (normal; two modes):
 *
 *	n		5		6		8		10		20		40
 *	covers		.935-.945	.942-.954	.944-.952	.947-.951	.949-.956	.950-.954
 *	width		1; 1		.82; .84	.62; .72	.77; .79	.94; .93	.93; .90
 *
 * On values with many ties it covers more (98 to 99 % on a grid of half their scatter).
 */
struct mp_estimate mp_estimate_median(const double *values, size_t n);

/*
 * The same for the invocations of a run, which depend on their neighbours a little, since a shared machine drifts: both ends
 * are MP_DRIFT_WIDTH times as far out, which is sqrt((1 + r) / (1 - r)) for a correlation r of an invocation with the next
 * of 0.06 (Bayley and Hammersley 1946, the effective number of independent observations). Seen in nine runs of a shared
 * guest over 230 cases: median 0.06, mean 0.1. Not below 0 where all values are above.
 */
#define MP_DRIFT_WIDTH 1.062
struct mp_estimate mp_estimate_invocations(const double *values, size_t n);

/* (high - low) / 2 / value: what the stop rule compares with its target. INFINITY when unbounded. */
double mp_estimate_half_width(const struct mp_estimate *e);

/* Values in ascending order; none may be NaN. */
void mp_sort(double *values, size_t n);

/* Median of an array, which it sorts. NaN when n is 0. */
double mp_median(double *values, size_t n);

#endif
