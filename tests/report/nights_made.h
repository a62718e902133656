/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nights made by hand, for tests of the history without a results file. */
#ifndef TESTS_REPORT_NIGHTS_MADE_H
#define TESTS_REPORT_NIGHTS_MADE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"
#include "common/vec.h"
#include "report/history/internal.h"
#include "report/history/tonight.h"

#define DAY 86400000000000ll

static inline double normal(struct mp_random *r)
{
	double u = ((double)mp_random_below(r, 1u << 30) + 0.5) / (1u << 30);
	double v = (double)mp_random_below(r, 1u << 30) / (1u << 30);

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

static inline void add_nights(struct mp_history *h, size_t count)
{
	*h = (struct mp_history){ .notes = MP_STR_INIT };
	for (size_t i = 0; i < count; i++) {
		struct mp_night *n =
			mp_vec_push((void **)&h->nights, &h->n_nights, &h->cap_nights, sizeof(*n));
		char uuid[37];

		snprintf(uuid, sizeof(uuid), "00000000-0000-4000-8000-%012u", (unsigned)i + 1);
		n->uuid = strdup(uuid);
		n->machine = strdup("m");
		n->host = strdup("host");
		n->file = strdup("f.db");
		n->version = strdup("1");
		n->id = (int64_t)i + 1;
		n->started_ns = (int64_t)i * DAY;
	}
}

/* A series of `nights` values around `level`, 2 % noise. */
static inline struct mp_series *add_series(struct mp_history *h, struct mp_random *r,
					   const char *family, size_t nights, double level)
{
	char text[64], bench[64];
	struct mp_series *s;

	snprintf(bench, sizeof(bench), "%s.bench", family);
	snprintf(text, sizeof(text), "%s.bench/n=%zu", family, h->n_series);
	s = mp_history_series_add(h, "m",
				  &(struct mp_series_case){ .text = text,
							    .bench = bench,
							    .family = family,
							    .unit = "call",
							    .version = 1 },
				  MP_MODE_CALL, MP_METRIC_IS_VALUE);
	for (size_t i = 0; i < nights; i++)
		mp_series_point_add(s, i, level * exp(0.02 * normal(r)));
	return s;
}

static inline void raise_from(struct mp_series *s, size_t night, double factor)
{
	for (size_t i = night; i < s->n_points; i++)
		s->points[i].value *= factor;
}

static inline void judge(struct mp_history *h)
{
	assert_int_equal(mp_history_judge(h, &mp_history_defaults), 0);
}

static inline void must_accept(struct mp_history *h, const struct mp_series *s, size_t night,
			       const char *state)
{
	struct mp_judged *j =
		mp_vec_push((void **)&h->judged, &h->n_judged, &h->cap_judged, sizeof(*j));

	j->machine = strdup("m");
	j->case_text = strdup(s->case_text);
	j->run_uuid = strdup(h->nights[night].uuid);
	j->state = strdup(state);
	j->reason = strdup("meant");
	j->version = 1;
	j->started_ns = h->nights[night].started_ns;
}

/* What nights said. */
struct tally {
	unsigned suspects, unstable, slower, faster; /* the last two confirmed */
	unsigned open; /* slower since an earlier night */
	double expected; /* of slower and faster, by chance */
};

/* Ten fresh processes of a case that costs `now`, scattering by 3 %. */
static inline void measure_again(const struct mp_history *h, const struct mp_tonight *t,
				 size_t night, struct mp_random *r, double now,
				 struct mp_confirm *ret_confirm)
{
	double fresh[10], *reference;
	size_t n;

	for (size_t i = 0; i < 10; i++)
		fresh[i] = now * exp(0.03 * normal(r));
	assert_int_equal(mp_tonight_reference(h, t, night, &reference, &n), 0);
	assert_int_equal(mp_tonight_confirm(reference, n, fresh, 10, mp_tonight_level(t, 10),
					    t->ratio, false, ret_confirm),
			 0);
	free(reference);
}

/*
 * Judges the newest night as `memperf nightly` does: what stands out is measured again, and what the history shows is open
 * until somebody accepts it. now: what the cases cost, by series. Is case `wanted`, or any (wanted past the end), called
 * slower?
 */
static inline bool night_says(struct mp_history *h, struct mp_random *r, const double *now,
			      size_t wanted, struct tally *t)
{
	size_t night = h->n_nights - 1, count;
	struct mp_tonight *list;
	bool slower = false;

	judge(h);
	assert_int_equal(mp_tonight(h, night, &list, &count), 0);
	t->expected += mp_tonight_false_alarms(list, count, 10, 1);
	for (size_t k = 0; k < count; k++) {
		const struct mp_series *s = &h->series[list[k].series];
		double level = isfinite(list[k].reference) ? list[k].reference : list[k].value;
		bool unstable = list[k].state == MP_TONIGHT_UNSTABLE;
		bool red = !unstable && mp_history_still(h, s, level) < h->n_changes;

		t->open += red;
		t->unstable += unstable;
		if (list[k].state == MP_TONIGHT_SUSPECT) {
			struct mp_confirm confirm;

			measure_again(h, &list[k], night, r, now[list[k].series], &confirm);
			t->suspects++;
			t->slower += confirm.state == MP_CONFIRMED && list[k].ratio > 1;
			t->faster += confirm.state == MP_CONFIRMED && list[k].ratio < 1;
			red |= confirm.state == MP_CONFIRMED && list[k].ratio > 1;
		}
		slower |= red && (list[k].series == wanted || wanted >= h->n_series);
	}
	free(list);
	return slower;
}

/* A baseline of the first `runs` nights. */
static inline void pin(struct mp_history *h, size_t runs)
{
	for (size_t run = 0; run < runs; run++) {
		struct mp_judged *j =
			mp_vec_push((void **)&h->judged, &h->n_judged, &h->cap_judged, sizeof(*j));

		j->baseline = true;
		j->machine = strdup("m");
		j->name = strdup("golden");
		j->run_uuid = strdup(h->nights[run].uuid);
		j->reason = strdup("release");
		j->made_ns = 5;
	}
}

#endif
