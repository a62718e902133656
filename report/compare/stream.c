/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides compared without holding them: see stream.h. */
#include "report/compare/stream.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/temporary.h"
#include "common/vec.h"
#include "report/compare/stream_internal.h"

/* ---- pairing: by names, but for what needs more ---- */

struct pairing {
	struct mp_stream *s;
	const struct mp_filter *filter;
	size_t dropped[2];
};

/* Offers the pair as one of the comparison's controls: then its cases stay. 0 or negative errno. */
static int offer(struct mp_stream *s, const struct mp_spot *spot)
{
	struct mp_stream_pair *offered = malloc(sizeof(*offered)), *other = offered;
	int rc = offered ? mp_stream_pair_fetch(s, NULL, spot, offered) : -ENOMEM;

	if (!rc) {
		mp_control_offer(&s->c, &offered->cases[0], &offered->cases[1]);
		for (int i = 0; i < MP_CONTROL_COUNT; i++) {
			if (s->c.controls[i].of_a != &offered->cases[0])
				continue;
			other = s->controls[i];
			s->controls[i] = offered;
		}
	}
	if (other)
		mp_stream_pair_done(other);
	free(other);
	return rc;
}

/* Counts the rows of a case that are not pooled with the newest: only where there are several. */
static int count_dropped(struct pairing *p, const struct mp_spot *spot)
{
	struct mp_stream_pair several;
	int rc;

	if (!mp_stream_several(p->s, spot, 0) && !mp_stream_several(p->s, spot, 1))
		return 0;
	rc = mp_stream_pair_fetch(p->s, NULL, spot, &several);
	p->dropped[0] += several.cases[0].dropped;
	p->dropped[1] += several.cases[1].dropped;
	mp_stream_pair_done(&several);
	return rc;
}

static int add_spot(struct pairing *p, struct mp_spot spot)
{
	struct mp_stream *s = p->s;
	const struct mp_spill_entry *a =
		spot.first[0] == MP_SPOT_NONE ? NULL : &s->sides[0].spill.entries[spot.first[0]];
	const struct mp_spill_entry *b =
		spot.first[1] == MP_SPOT_NONE ? NULL : &s->sides[1].spill.entries[spot.first[1]];
	struct mp_spot *mine;
	int rc = 0;

	if (a && b && mp_control_may_be(a->text))
		rc = offer(s, &spot);
	if (p->filter && !mp_filter_match(p->filter, a ? a->text : b->text)) {
		s->c.left_out++;
		return rc;
	}
	if (!rc)
		rc = count_dropped(p, &spot);
	if (rc)
		return rc;
	mine = mp_vec_push((void **)&s->spots, &s->c.n_pairs, &s->cap_spots, sizeof(*mine));
	if (!mine)
		return -ENOMEM;
	if (a && b && a->calls && b->calls)
		spot.calls = (uint32_t)s->n_calls++;
	*mine = spot;
	return 0;
}

/* The first entry behind those of the same case. */
static size_t behind(const struct mp_spill *spill, size_t first)
{
	while (++first < spill->n_entries && spill->entries[first].again)
		;
	return first;
}

static int failed(int rc, struct mp_err *err)
{
	return rc == -EINVAL ? mp_compare_failed(rc, err) : mp_spill_failed(rc, err);
}

/* Merges the two name-ordered spill files. */
static int pair_up(struct mp_comparison *c, void *user, struct mp_err *err)
{
	struct pairing *p = user;
	const struct mp_spill *a = &p->s->sides[0].spill, *b = &p->s->sides[1].spill;
	size_t at[2] = { 0, 0 };
	int rc = 0;

	while (!rc && (at[0] < a->n_entries || at[1] < b->n_entries)) {
		int order = at[0] == a->n_entries ? 1
			    : at[1] == b->n_entries
				    ? -1
				    : strcmp(a->entries[at[0]].text, b->entries[at[1]].text);
		struct mp_spot spot = { .first = { order <= 0 ? (uint32_t)at[0] : MP_SPOT_NONE,
						   order >= 0 ? (uint32_t)at[1] : MP_SPOT_NONE },
					.calls = MP_SPOT_NONE };

		if (order <= 0)
			at[0] = behind(a, at[0]);
		if (order >= 0)
			at[1] = behind(b, at[1]);
		rc = add_spot(p, spot);
	}
	if (!rc)
		rc = mp_compare_note_dropped(c, p->dropped[0], p->dropped[1]);
	return rc ? failed(rc, err) : 0;
}

/* ---- measuring ---- */

static uint64_t place_of_kept(size_t index)
{
	return index * sizeof(struct mp_stream_kept);
}

static uint64_t place_of_asides(const struct mp_stream *s, const struct mp_spot *spot)
{
	return place_of_kept(s->c.n_pairs) +
	       (uint64_t)spot->calls * MP_ASIDES * sizeof(struct mp_change);
}

/* Where the p of change `i` of the asides of a pair is. */
static double *p_of_aside(struct mp_stream *s, const struct mp_spot *spot, size_t i)
{
	return i < MP_TAILS
		       ? &s->p[MP_ASPECT_TAIL][(size_t)spot->calls * MP_TAILS + i]
		       : &s->p[MP_ASPECT_SHAPE][(size_t)spot->calls * MP_SHAPES + i - MP_TAILS];
}

static int measure_locations(void *user, struct mp_compare_work *work, size_t first, size_t end)
{
	struct mp_stream_kept kept[MP_PAIRS_TAKEN] = { 0 };
	struct mp_stream *s = user;
	int rc = 0;

	for (size_t i = first; !rc && i < end; i++) {
		const struct mp_change *at;
		struct mp_stream_pair p;

		rc = mp_stream_pair_make(s, work, &s->spots[i], &p);
		if (!rc)
			rc = mp_pair_measure(work, &s->c, &p.pair);
		if (!rc)
			mp_stream_pair_keep(s, &s->spots[i], &p, &kept[i - first]);
		at = &kept[i - first].location;
		s->p[MP_ASPECT_LOCATION][i] = at->tested ? at->p : NAN;
		s->p[MP_ASPECT_FLOOR][i] = at->tested ? at->joint : NAN;
		mp_stream_pair_done(&p);
	}
	return rc ? rc
		  : mp_temporary_write(s->measured, kept, (end - first) * sizeof(kept[0]),
				       place_of_kept(first));
}

static int measure_asides(void *user, struct mp_compare_work *work, size_t first, size_t end)
{
	struct mp_stream *s = user;
	int rc = 0;

	for (size_t i = first; !rc && i < end; i++) {
		const struct mp_spot *spot = &s->spots[i];
		struct mp_stream_pair p;

		if (spot->calls == MP_SPOT_NONE)
			continue;
		rc = mp_stream_pair_make(s, work, spot, &p);
		if (!rc)
			rc = mp_aside_measure(work, &s->c, &p.pair);
		for (size_t k = 0; k < MP_ASIDES; k++) {
			const struct mp_change *change = p.pair.changes ? &p.pair.changes[k] : NULL;

			*p_of_aside(s, spot, k) = change && change->tested ? change->p : NAN;
		}
		if (!rc && p.pair.changes)
			rc = mp_temporary_write(s->measured, p.pair.changes,
						MP_ASIDES * sizeof(struct mp_change),
						place_of_asides(s, spot));
		mp_stream_pair_done(&p);
	}
	return rc;
}

static int adjust(struct mp_stream *s, enum mp_aspect aspect, size_t n)
{
	return mp_compare_adjust(&s->c, s->p[aspect], n, &s->c.tests[aspect].tested,
				 &s->c.tests[aspect].selected);
}

static int measure(struct mp_stream *s)
{
	int rc;

	s->measured = mp_temporary_file();
	if (s->measured < 0)
		return s->measured;
	s->p[MP_ASPECT_LOCATION] = malloc((s->c.n_pairs + 1) * sizeof(double));
	s->p[MP_ASPECT_FLOOR] = malloc((s->c.n_pairs + 1) * sizeof(double));
	if (!s->p[MP_ASPECT_LOCATION] || !s->p[MP_ASPECT_FLOOR])
		return -ENOMEM;
	rc = mp_each_pairs(s->c.n_pairs, measure_locations, s);
	if (!rc)
		rc = adjust(s, MP_ASPECT_LOCATION, s->c.n_pairs);
	return rc ? rc : adjust(s, MP_ASPECT_FLOOR, s->c.n_pairs);
}

size_t mp_stream_calls(const struct mp_stream *s)
{
	return s->n_calls;
}

int mp_stream_asides(struct mp_stream *s, struct mp_err *err)
{
	int rc = 0;

	if (s->c.asides)
		return 0;
	for (int aspect = MP_ASPECT_TAIL; !rc && aspect <= MP_ASPECT_SHAPE; aspect++) {
		free(s->p[aspect]);
		s->p[aspect] = malloc((s->n_calls + 1) * MP_SHAPES * sizeof(double));
		rc = s->p[aspect] ? 0 : -ENOMEM;
	}
	if (!rc && s->n_calls)
		rc = mp_each_pairs(s->c.n_pairs, measure_asides, s);
	if (!rc)
		rc = adjust(s, MP_ASPECT_TAIL, s->n_calls * MP_TAILS);
	if (!rc)
		rc = adjust(s, MP_ASPECT_SHAPE, s->n_calls * MP_SHAPES);
	s->c.asides = !rc;
	return rc ? failed(rc, err) : 0;
}

/* ---- opening ---- */

int mp_stream_open(const char *const texts[2], const struct mp_compare_options *options,
		   struct mp_stream **ret_stream, struct mp_err *err)
{
	struct mp_stream *s = calloc(1, sizeof(*s));
	struct pairing pairing = { .s = s, .filter = options->filter };
	int rc;

	if (!s)
		return mp_err_env(err, -ENOMEM, "out of memory");
	s->measured = -1;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->next, NULL);
	s->c = (struct mp_comparison){ .a = &s->sides[0],
				       .b = &s->sides[1],
				       .policy = options->policy,
				       .filter = options->filter,
				       .unit = options->unit,
				       .ratio = NAN };
	rc = mp_side_open_all(texts, 2,
			      options->unit == MP_UNIT_NULL ? MP_SIDE_STREAM_NULL : MP_SIDE_STREAM,
			      s->sides, err);
	if (!rc)
		rc = mp_compare_prepare(&s->c, pair_up, &pairing, err);
	for (int i = 0; i < MP_CONTROL_COUNT; i++) {
		s->c.controls[i].of_a = s->c.controls[i].of_b = NULL;
		if (s->controls[i])
			mp_stream_pair_done(s->controls[i]);
		free(s->controls[i]);
		s->controls[i] = NULL;
	}
	if (!rc) {
		rc = measure(s);
		if (rc)
			failed(rc, err);
	}
	if (rc) {
		mp_stream_free(s);
		return rc;
	}
	*ret_stream = s;
	return 0;
}

void mp_stream_free(struct mp_stream *s)
{
	if (!s)
		return;
	s->c.n_pairs = 0; /* nobody holds them */
	mp_comparison_done(&s->c);
	for (int aspect = 0; aspect < MP_ASPECT_COUNT; aspect++)
		free(s->p[aspect]);
	free(s->spots);
	if (s->measured >= 0)
		close(s->measured);
	pthread_cond_destroy(&s->next);
	pthread_mutex_destroy(&s->lock);
	mp_side_done(&s->sides[0]);
	mp_side_done(&s->sides[1]);
	free(s);
}

const struct mp_comparison *mp_stream_comparison(const struct mp_stream *s)
{
	return &s->c;
}

/* ---- judging ---- */

static int judge_asides(struct mp_stream *s, struct mp_compare_work *work,
			const struct mp_spot *spot, struct mp_pair *pair)
{
	int rc = mp_aside_init(pair);

	if (!rc && pair->changes)
		rc = mp_temporary_read(s->measured, pair->changes,
				       MP_ASIDES * sizeof(struct mp_change),
				       place_of_asides(s, spot));
	for (size_t k = 0; !rc && pair->changes && k < MP_ASIDES; k++)
		pair->changes[k].adjusted = *p_of_aside(s, spot, k);
	return rc ? rc : mp_aside_judge(work, &s->c, pair);
}

static int judge_one(struct mp_stream *s, struct mp_compare_work *work, size_t index,
		     const struct mp_stream_kept *kept, struct mp_stream_pair *ret_pair)
{
	const struct mp_spot *spot = &s->spots[index];
	const double adjusted = s->p[MP_ASPECT_LOCATION][index];
	struct mp_pair *pair = &ret_pair->pair;
	int rc = 0;

	if (kept->enough && !(adjusted <= s->c.policy->q))
		mp_stream_pair_recall(s, spot, kept, ret_pair);
	else
		rc = mp_stream_pair_make(s, work, spot, ret_pair);
	if (rc || !pair->mode)
		return rc;
	pair->location = kept->location;
	pair->location.adjusted = adjusted;
	pair->location.joint_adjusted = s->p[MP_ASPECT_FLOOR][index];
	rc = mp_pair_measured(&s->c, pair);
	if (!rc)
		rc = mp_pair_judge(work, &s->c, pair);
	return rc || !s->c.asides ? rc : judge_asides(s, work, spot, pair);
}

/* Waits until all pairs before these are handed out. `rc`: of making them. 0, or what was first not. */
static int hand_out(struct mp_stream *s, const struct mp_stream_pair *pairs, size_t first,
		    size_t end, int rc)
{
	pthread_mutex_lock(&s->lock);
	while (!rc && !s->failed && s->turn != first)
		pthread_cond_wait(&s->next, &s->lock);
	for (size_t i = first; !rc && !s->failed && i < end; i++) {
		rc = mp_tally_add(&s->tally, &s->c, &pairs[i - first].pair);
		if (!rc)
			rc = s->each(s->user, i, &pairs[i - first].pair);
	}
	s->failed = s->failed ? s->failed : rc;
	s->turn = end;
	rc = s->failed;
	pthread_cond_broadcast(&s->next);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static int hand_some(struct mp_stream *s, const struct mp_stream_pair *pairs, size_t first,
		     size_t n)
{
	const struct mp_pair *some[MP_PAIRS_TAKEN];

	for (size_t i = 0; i < n; i++)
		some[i] = &pairs[i].pair;
	return s->some ? s->some(s->user, first, some, n) : 0;
}

static int judge_pairs(void *user, struct mp_compare_work *work, size_t first, size_t end)
{
	struct mp_stream_kept kept[MP_PAIRS_TAKEN];
	struct mp_stream_pair pairs[MP_PAIRS_TAKEN];
	struct mp_stream *s = user;
	size_t made = 0;
	int rc = mp_temporary_read(s->measured, kept, (end - first) * sizeof(kept[0]),
				   place_of_kept(first));

	for (; !rc && made < end - first; made++)
		rc = judge_one(s, work, first + made, &kept[made], &pairs[made]);
	rc = hand_out(s, pairs, first, end, rc);
	if (!rc)
		rc = hand_some(s, pairs, first, end - first);
	while (made)
		mp_stream_pair_done(&pairs[--made]);
	return rc;
}

int mp_stream_judge(struct mp_stream *s, mp_stream_each *each, mp_stream_some *some, void *user,
		    struct mp_err *err)
{
	struct mp_comparison *c = &s->c;
	int rc;

	memset(c->counts, 0, sizeof(c->counts));
	memset(c->tails, 0, sizeof(c->tails));
	memset(c->shapes, 0, sizeof(c->shapes));
	c->lost = c->floors = c->n_families = c->ratio_families = 0;
	s->tally = (struct mp_tally){ 0 };
	s->each = each;
	s->some = some;
	s->user = user;
	s->turn = 0;
	s->failed = 0;
	rc = mp_each_pairs(c->n_pairs, judge_pairs, s);
	mp_tally_end(&s->tally, c);
	return rc ? failed(rc, err) : 0;
}
