/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The noise floor of a case on a machine: how far two runs lie apart when nothing changed.
 *
 * Learned from the runs that a results file holds: those of one machine in one environment (every fact of weight 3
 * equal, and those of weight 2 that last until a boot), none with a planted fault, none that confirms another or is a
 * step of a bisection. With the
 * values v_1 .. v_n (a run's median over its invocations) of the newest such runs and s the standard deviation of
 * their logs,
 *
 *	floor = exp(t(0.975, n - 1) sqrt(2) s) - 1
 *
 * (with one lasting step among them, of what they scatter by on both sides of it, n - 2 degrees of freedom: code that
 * became slower once is no noise, and would hide the next step for 20 runs; a level that comes and goes is noise). It
 * bounds the difference of two more runs with probability 0.95 when runs scatter normally (Hahn and Meeker,
 * "Statistical Intervals", 1991, prediction), and is wide while runs are few. All runs count and not only neighbours in
 * time: on a shared machine memory drifts over minutes, so that neighbours lie closer together than the two
 * runs of a comparison. Seen with nothing changed: no false call in 1794 pairs of the 13 runs that this rule was chosen
 * on, nor in 420 pairs of 7 later ones. Fewer than MP_FLOOR_LEAST
 * runs are no floor: unknown.
 * Layer: report.
 */
#ifndef REPORT_COMPARE_FLOOR_H
#define REPORT_COMPARE_FLOOR_H

#include "report/compare/side.h"

#define MP_FLOOR_RUNS  20 /* at most so many runs are read */
#define MP_FLOOR_LEAST 4
/* Stand in for an unknown floor. On a shared two-core guest that ran at two frequencies, 7 runs with nothing changed
 * and 20 cases: of 351 pairs of values of calm samples none lay 3 % apart, of 69 others 4 %. Drifting memory (64 MiB
 * and huge pages) is worse: it takes history to know that. */
#define MP_FLOOR_ASSUMED_CALM 0.03
#define MP_FLOOR_ASSUMED      0.05
static inline double mp_floor_assumed(enum mp_population population)
{
	return population == MP_POPULATION_CALM ? MP_FLOOR_ASSUMED_CALM : MP_FLOOR_ASSUMED;
}

struct mp_floor {
	double value; /* relative: 0.02 is 2 %; NaN: unknown */
	double deviation,
		freedom; /* of the log of two runs' ratio: sqrt(2) s, and its degrees of freedom */
	size_t runs; /* that it was learned from, also when they are too few */
};

/* The floor above, of `n` finite logs of values in the order of the runs; unknown below MP_FLOOR_LEAST. */
struct mp_floor mp_floor_learned(const double *logs, size_t n);

/* How often two runs with nothing changed differ by that ratio or more, in either direction: of t = ln(ratio) / (sqrt(2) s); NaN: unknown.
 * At the floor itself it is 0.05. */
double mp_floor_p(const struct mp_floor *floor, double ratio);
/* The smallest change that is called with probability 0.8 by that p at level `alpha`; relative; INFINITY: unknown. It lies beyond
 * `wanted` (relative) by what the invocations are known to (`spread`, a ratio), or by what runs differ by: see change.c. */
double mp_floor_called(const struct mp_floor *floor, double alpha, double wanted, double spread);

struct mp_floors; /* heap: the runs that floors are learned from */

/* Finds and loads those runs. `like`: the run whose machine and environment count. The runs of `without` (by uuid; may be
 * NULL) are left out: what is judged must not widen its own threshold. The caller ends with mp_floors_free(). 0 or
 * negative errno. */
int mp_floors_load(struct mp_store *s, const struct mp_side_run *like,
		   const struct mp_side *without, struct mp_floors **ret_floors,
		   struct mp_err *err);
/* The same for the machine's newest run, for planning; *ret_floors is NULL when the file has no run of it. */
int mp_floors_load_newest(struct mp_store *s, const char *machine, struct mp_floors **ret_floors,
			  struct mp_err *err);
void mp_floors_free(struct mp_floors *floors); /* accepts NULL */

/* Of the values that stand for a case (metric -1), of quantile `metric` of its calls (index of mp_profile), or of that
 * quantile over the median (`relative`). `floors` may be NULL: unknown. */
struct mp_floor mp_floor_of(const struct mp_floors *floors, const char *text, unsigned version,
			    enum mp_mode mode, enum mp_population population, int metric,
			    bool relative);

/* Relative standard deviation of a value of the case's headline, were its invocations to measure that long; 0: as they did. */
double mp_floor_scatter(const struct mp_points_case *c, uint64_t measure_ns);

/*
 * The smallest change of a case's headline that a comparison of two runs with `n` invocations each would call with
 * probability 0.8, on the machine and in the environment of `floors`: by either way of change.c, at
 * the level `alpha` (0.05 / cases for one change among many). The scatter is that of the newest run that knows it, as
 * it would be with a window of `measure_ns` in every invocation: of T2 + S1 / k only S1 shrinks with the k blocks that fit in
 * (results/variance.h). `measure_ns` 0, or parts that are not stored: as it was. INFINITY: n are too
 * few for any; NaN: the case was never measured there. *ret_floor (may be NULL): what it is based on.
 */
double mp_floor_detectable(const struct mp_floors *floors, const char *text, unsigned version,
			   double threshold, double alpha, size_t n, uint64_t measure_ns,
			   struct mp_floor *ret_floor);

#endif
