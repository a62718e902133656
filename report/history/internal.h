/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of history/ share with each other and with nobody else. */
#ifndef REPORT_HISTORY_INTERNAL_H
#define REPORT_HISTORY_INTERNAL_H

#include "report/history/history.h"
#include "results/judgement.h"
#include "results/series.h"

/* Fewest values in which a change can be found: two segments. */
#define MP_HISTORY_FEWEST 6

/* A judgement meets a change this many values away: the detector may place it a night or two off. */
#define MP_HISTORY_NEAR 2

/* An accepted change or a run of a baseline. Texts are owned. */
struct mp_judged {
	bool baseline;
	char *machine, *run_uuid;
	char *name; /* of the baseline; NULL for an accepted change, which has the rest */
	char *case_text, *state, *reason;
	enum mp_metric metric;
	unsigned version;
	int64_t started_ns, made_ns; /* of the run; of the judgement */
};

/* A run whose environment is being compared with that of the run before it. */
struct mp_facts {
	size_t night;
	struct mp_fact *facts; /* texts are owned */
	size_t n_facts, cap_facts;
};
void mp_facts_free(struct mp_facts *list, size_t count);

/* Fills in what changed from night to night. `facts` in order of the nights, one for each. 0 or -ENOMEM. */
int mp_history_environment(struct mp_history *h, const struct mp_facts *facts);

/* Chooses the population of every series and makes gaps of what has none. `stores` by file. */
int mp_history_populations(struct mp_history *h, struct mp_store *const *stores,
			   struct mp_err *err);
/* Adds series of the other metrics. */
int mp_history_tails(struct mp_history *h, struct mp_store *const *stores, struct mp_err *err);

/* A new series of the same case; NULL when memory ran out. Pointers to series are invalid afterwards. */
struct mp_series *mp_history_series_add(struct mp_history *h, const char *machine,
					const struct mp_series_case *c, enum mp_mode mode,
					enum mp_metric metric);
struct mp_point *mp_series_point_add(struct mp_series *s, size_t night, double value);

/* Changes, segments, kinds, alerts, references, drift: everything that is computed. 0, -EINVAL or -ENOMEM. */
int mp_history_judge(struct mp_history *h, const struct mp_history_options *options);

/* What each change is, and where references begin. 0 or -ENOMEM. */
int mp_history_kinds(struct mp_history *h, double machine_share);

/* Values of the series in the runs that the machine's newest baseline pins, without night `except`; 0 without a baseline,
 * and when another level was accepted since. `values` has room for n_values. *ret_name: of the baseline, when there is
 * one. */
size_t mp_history_pinned(const struct mp_history *h, const struct mp_series *s, size_t except,
			 double *values, const char **ret_name);
/* How far the newest nights are from the baseline: slow rot that never makes a step. 0 or -ENOMEM. */
int mp_history_drift(const struct mp_history *h, struct mp_series *s);

/* What a value is compared with: values [first, end) of the series. */
struct mp_reference {
	size_t first, end;
	size_t change; /* unjudged change behind the range; n_changes: none */
};
#define MP_REFERENCE_FEWEST 10 /* nights */
/*
 * For the value number `at`: the level that holds since the last change; while that is younger than 10 nights or in doubt and
 * nobody judged the change, the level before it.
 */
struct mp_reference mp_reference_of(const struct mp_history *h, const struct mp_series *s,
				    size_t at);
/* The value of the series on that night, or n_values. */
size_t mp_series_value_on(const struct mp_series *s, size_t night);

/* Of tonight's rule and of the confirm run: the least that matters, ln 1.03. */
#define MP_TONIGHT_LEAST 0.029558802241544391

/*
 * A history is looked at every night, so that what chance shows once in a hundred looks it shows every few months. A change that
 * nothing but the history shows is an alarm when its adjusted p is below this; until then its nights are judged by the level
 * before it. In 3,600,000 values of cases without a change (tests/report/test_history_quiet.c) chance reached 0.003.
 */
#define MP_ALARM_Q 1e-4
bool mp_step_sure(const struct mp_step *step);

/* Groups the changes. 0 or -ENOMEM. */
int mp_history_alerts(struct mp_history *h);

/* The night of that uuid, or n_nights. */
size_t mp_history_night(const struct mp_history *h, const char *uuid);

/* Value number k of the series. */
static inline double mp_series_value(const struct mp_series *s, size_t k)
{
	return s->points[s->values[k]].value;
}

static inline size_t mp_series_night(const struct mp_series *s, size_t k)
{
	return s->points[s->values[k]].night;
}

/* Median of the values first .. end - 1 and, unless NULL, the median of |ln value - ln median|. NaN: no memory. */
double mp_series_median(const struct mp_series *s, size_t first, size_t end, double *ret_mad);

#endif
