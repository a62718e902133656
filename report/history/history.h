/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * History: the runs of one or many results files as series, and what changed in them when.
 *
 * A series is one case of one machine, in one definition version and one mode, in one metric; it has one value per
 * run ("night"), the run's headline. Runs are known by their UUID, so that a run that is in two files counts once.
 * Left out and counted: runs with a planted fault, confirm runs and steps of bisections (tags
 * confirms=..., bisect=...), results that are not ok. Changes
 * that come with a change of the machine (kernel, microcode, configuration, memperf's version) are marked as such; a
 * change that hits most series of a machine at once is one alert: the machine changed. Layer: report.
 */
#ifndef REPORT_HISTORY_HISTORY_H
#define REPORT_HISTORY_HISTORY_H

#include "common/err.h"
#include "common/filter.h"
#include "common/str.h"
#include "report/history/detect.h"
#include "results/stats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mp_metric { MP_METRIC_IS_VALUE, MP_METRIC_IS_TAIL, MP_METRIC_IS_SPREAD };
const char *mp_metric_name(
	enum mp_metric metric); /* "value", "tail", "spread" as in results/judgement.h */
int mp_metric_parse(const char *name, enum mp_metric *ret_metric); /* 0 or -EINVAL */

/* One run of one machine. Texts are owned by the history. */
struct mp_night {
	char *uuid, *machine, *host, *label; /* label NULL: none */
	char *file; /* results file that it was read from */
	char *version; /* of memperf, with its commit */
	int64_t id; /* #N in that file */
	int64_t started_ns;
	bool interrupted; /* its pending cases have no value */
	/* What is new on this night against the machine's night before: "kernel release 6.1.0 -> 6.2.0; ..."; NULL when
	 * nothing that matters is. Facts of weight 2 and 3 that need a boot or other hardware, and memperf's version. */
	char *environment;
	bool event; /* the same, without what changes every few nights anyway: an event */
};

/* One night of one series. */
struct mp_point {
	size_t night; /* index in nights */
	double value; /* > 0: ns, or a ratio for tail and spread; NaN: a gap */
	enum mp_outcome outcome;
	char *reason; /* why there is no value; NULL: there is one. Owned */
	size_t file; /* index of the file that it comes from, and its row there */
	int64_t run_case;
	enum mp_population population; /* of the headline */
};

/* What a change is, in the order in which the first that holds is taken. */
enum mp_step_kind {
	MP_STEP_ACCEPTED, /* a person judged it: see state */
	MP_STEP_ENVIRONMENT, /* it begins where the machine's description changed */
	MP_STEP_MACHINE, /* most series of the machine moved in the same direction at once */
	MP_STEP_SLOWER, /* larger values: a regression */
	MP_STEP_FASTER,
};
const char *mp_step_kind_name(enum mp_step_kind kind); /* "accepted", "environment", ... */

struct mp_step {
	size_t series; /* index in series */
	size_t before,
		night; /* nights: the last value of the old level, the first of the new one */
	struct mp_change_point point; /* `at` counts the values of the series, gaps left out */
	double adjusted; /* p by Benjamini and Hochberg over all change points of the call */
	double ratio, low, high; /* new level / old level, with its 95 % interval */
	double value_before, value_after; /* medians of the two segments */
	enum mp_step_kind kind;
	const char
		*state; /* of an accepted one: "accepted", "fixed", ...; NULL: nobody judged it */
	const char *reason; /* of that judgement; NULL */
	size_t alert; /* index in alerts */
};

/* The level between two changes. */
struct mp_segment {
	size_t first, last, n; /* values of the series: first, last, count */
	double median, mad; /* in the metric's unit; median |ln value - ln median| */
};

struct mp_series {
	char *machine, *case_text, *bench, *family, *unit; /* owned */
	unsigned version;
	enum mp_mode mode;
	enum mp_population
		population; /* of all its values: calm, unless most nights have no calm value */
	enum mp_metric metric;
	struct mp_point *points; /* in time order, one per night that planned the case; owned */
	size_t n_points, cap_points;
	size_t n_values; /* points with a value */
	size_t *values; /* indices of those points; owned */
	double sigma, rho; /* noise of ln value, and its lag-1 correlation; NaN unknown */
	size_t first_change, n_changes; /* in changes */
	struct mp_segment *segments; /* n_changes + 1 when there is a value; owned */
	/* Where the reference of the newest values begins: the value after the last change that is accepted or comes
	 * from the environment (0: none). */
	size_t reference_first;
	size_t accepted_first; /* of these, the last that a person accepted */
	bool bimodal; /* values jump between two levels: tonight's value says nothing */
	/* Drift against the baseline: newest nights / baseline, Hodges and Lehmann's estimate; NaN: no baseline has the case, or another level was
	 * accepted since. */
	double drift;
	const char *drift_baseline; /* its name */
	bool drift_stands_out; /* beyond the noise and the least effect */
};

/* One cause, one alert: changes of one machine whose nights overlap, of one family unless the machine itself changed. */
struct mp_alert {
	char *machine; /* borrowed from a series */
	enum mp_step_kind kind;
	const char *family; /* NULL: of many */
	size_t before,
		night; /* the narrowest range of nights that all its changes have in common, or the widest */
	size_t n_series;
	double ratio; /* median over its changes */
	size_t worst; /* the change with the largest |ln ratio| */
	bool open; /* nobody judged it, and it is a regression */
};

/* Left out, and why. */
struct mp_history_counts {
	size_t files, runs; /* given; in them */
	size_t duplicates; /* in two files */
	size_t older; /* runs before the last so many nights of their machine */
	size_t sabotaged, confirming; /* runs left out */
	size_t gaps; /* points without a value */
	size_t other_population; /* of them: nights whose samples were not calm enough */
	size_t filtered; /* series that --case and --filter leave out */
	size_t short_series; /* fewer than 6 values: no change can be found */
	size_t valueless; /* cases that never had a value */
	size_t unsure; /* change points that many series at once explain as chance: left out */
};

struct mp_history {
	struct mp_night *nights; /* by machine, then time */
	size_t n_nights, cap_nights;
	struct mp_series *series; /* by machine; each with the metrics of its cases at the end */
	size_t n_series, cap_series;
	struct mp_step *changes; /* by series, then time */
	size_t n_changes, cap_changes;
	struct mp_alert *alerts; /* newest first; open ones before others */
	size_t n_alerts, cap_alerts;
	struct mp_judged *judged; /* accepted changes and baselines, see internal.h; owned */
	size_t n_judged, cap_judged;
	const char *baseline; /* as in the options, of whoever gave them */
	struct mp_history_counts counts;
	struct mp_str
		notes; /* what a reader must know of the files, one sentence a line; may be empty */
};

struct mp_history_options {
	const char *case_glob; /* NULL: all */
	const struct mp_filter *filter; /* NULL: all */
	bool tail, spread; /* these metrics, too */
	const char *
		baseline; /* name of the runs that drift is measured against; NULL: the newest of each machine */
	size_t last; /* nights per machine that are looked at; 0: all */
	double fdr; /* Benjamini and Hochberg's q */
	double machine_share; /* of a machine's judged series; more of them at once: the machine changed */
	struct mp_detect_options detect;
};
/* 400 nights, q 0.05, share 0.5 */
extern const struct mp_history_options mp_history_defaults;

/* Reads the files and judges. The caller ends with mp_history_done(). 0 or negative errno with the sentence. */
int mp_history_read(const char *const *paths, size_t n_paths,
		    const struct mp_history_options *options, struct mp_history *ret_history,
		    struct mp_err *err);
void mp_history_done(struct mp_history *history); /* accepts zeroed */

/* The oldest change for the worse of the series that nobody judged and that `level` still shows (2 % above the level before
 * it); n_changes: none. One that came with a change of the machine's description counts on its first ten nights. */
size_t mp_history_still(const struct mp_history *history, const struct mp_series *series,
			double level);

/* Number of open alerts: regressions that nobody judged yet. */
size_t mp_history_open(const struct mp_history *history);

#endif
