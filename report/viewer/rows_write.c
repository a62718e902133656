/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a comparison, or one side, as rows: see rows.h. What a row is is here; where it stands in the file is the writer's
 * (rows_writer.h). */
#include "report/viewer/rows_writer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/viewer/caveats.h"

#define POOLED_MAX 256 /* run_case ids of a side that are kept */
#define NOISY	   0.1
#define PART	   256 /* rows of one side that are written at once */

/* ---- two sides ---- */

static unsigned warnings_of(const struct mp_comparison *c, const struct mp_pair *pair)
{
	const struct mp_change *at = &pair->location;
	unsigned bits = 0;

	if (pair->measured && !at->tested)
		bits |= 1u << MP_WARN_FEW;
	if (pair->measured && pair->population == MP_POPULATION_ALL)
		bits |= 1u << MP_WARN_DISTURBED;
	if (pair->tail.verdict == MP_ASIDE_SLOWER || pair->tail.verdict == MP_ASIDE_FASTER)
		bits |= 1u << MP_WARN_TAIL;
	if (pair->shape.verdict == MP_ASIDE_CHANGED)
		bits |= 1u << MP_WARN_SHAPE;
	if (at->tested && isfinite(at->floor.value) && at->floor.value > at->wanted)
		bits |= 1u << MP_WARN_FLOOR;
	if (at->tested && isnan(at->floor.value) && at->threshold > at->wanted)
		bits |= 1u << MP_WARN_ASSUMED;
	if (at->tested && at->scatter > NOISY)
		bits |= 1u << MP_WARN_NOISY;
	if (pair->reason)
		bits |= 1u << MP_WARN_REASON;
	/* The heaviest difference is the first. */
	if (pair->measured && c->n_differences && mp_difference_matters(&c->differences[0]))
		bits |= 1u << MP_WARN_ENVIRONMENT;
	return bits;
}

struct sized {
	double size;
	uint32_t index;
};

/* What is written, and the credible changes so far: faster and slower ones. */
struct writing {
	struct mp_rows_writer w;
	const struct mp_comparison *c;
	struct mp_caveats caveats[2]; /* of each side */
	struct sized *called[2]; /* [verdict] */
	size_t n_called[2], cap_called[2];
};
_Static_assert(MP_VERDICT_FASTER < 2 && MP_VERDICT_SLOWER < 2,
	       "called changes are indexed by verdict");

/* The cases of each side whose values are pooled, newest run first. */
struct pooled {
	int64_t ids[2][POOLED_MAX];
	size_t n[2], run[2]; /* run: index of the newest in its side */
};

static void find_pooled(const struct mp_pair *pair, struct pooled *ret_pooled)
{
	for (int b = 0; b < 2; b++) {
		size_t n, run = 0;

		n = mp_pair_run_cases(pair, b, ret_pooled->ids[b], POOLED_MAX, &run);
		ret_pooled->n[b] = n < POOLED_MAX ? n : POOLED_MAX;
		ret_pooled->run[b] = run;
	}
}

static void fill_row(const struct writing *g, const struct mp_pair *pair,
		     const struct pooled *pooled, struct mp_row *row)
{
	const struct mp_comparison *c = g->c;
	const struct mp_change *at = &pair->location;

	*row = (struct mp_row){
		.on_a = pair->a != NULL,
		.on_b = pair->b != NULL,
		.verdict = pair->verdict,
		.outcome_a = pair->a ? pair->a->outcome : MP_OUTCOME_PENDING,
		.outcome_b = pair->b ? pair->b->outcome : MP_OUTCOME_PENDING,
		.mode = pair->mode,
		.population = pair->population,
		.n_a = (unsigned)at->n_a,
		.n_b = (unsigned)at->n_b,
		.a = mp_compare_shown(c, pair, false),
		.b = mp_compare_shown(c, pair, true),
		.ratio = at->ratio,
		.low = at->low,
		.high = at->high,
		.p = at->tested ? mp_change_p(at) : NAN,
		.scatter = at->tested ? at->scatter : NAN,
		.threshold = at->threshold,
		.detectable = at->tested ? at->detectable : NAN,
		.needed = (unsigned)pair->needed,
		.tail = pair->tail.verdict,
		.shape = pair->shape.verdict,
		.warnings = warnings_of(c, pair),
	};
	if (pooled->n[0]) {
		row->run_case_a = pooled->ids[0][0];
		row->run_a = c->a->runs[pooled->run[0]].row.id;
	}
	if (pooled->n[1]) {
		row->run_case_b = pooled->ids[1][0];
		row->run_b = c->b->runs[pooled->run[1]].row.id;
	}
	for (int b = 0; b < 2; b++) {
		for (size_t i = 0; i < pooled->n[b]; i++)
			row->warnings |= mp_caveats_of(&g->caveats[b], pooled->ids[b][i]);
	}
}

static void put_detail(struct mp_rows_part *part, const struct mp_pair *pair,
		       const struct pooled *pooled)
{
	const size_t bench_len = strlen(pair->bench) + 1, family_len = strlen(pair->family) + 1;
	struct mp_rows_detail detail = { .factor_a = pair->factor_a,
					 .factor_b = pair->factor_b,
					 .location = pair->location,
					 .calls = pair->calls,
					 .tail = pair->tail,
					 .shape = pair->shape,
					 .n_rows_a = (uint32_t)pooled->n[0],
					 .n_rows_b = (uint32_t)pooled->n[1],
					 .bench_len = (uint32_t)bench_len,
					 .family_len = (uint32_t)family_len };

	mp_rows_part_put(part, &detail, sizeof(detail));
	mp_rows_part_put(part, pair->tail.changes, pair->tail.n_changes * sizeof(struct mp_change));
	mp_rows_part_put(part, pair->shape.changes,
			 pair->shape.n_changes * sizeof(struct mp_change));
	for (int b = 0; b < 2; b++)
		mp_rows_part_put(part, pooled->ids[b], pooled->n[b] * sizeof(pooled->ids[b][0]));
	mp_rows_part_put(part, pair->bench, bench_len);
	mp_rows_part_put(part, pair->family, family_len);
}

/* The row's share in its family. 0 or -ENOMEM. */
static int count_in_family(struct mp_rows_writer *w, const struct mp_pair *pair, uint32_t index)
{
	struct mp_rows_family *family = mp_rows_family_of(w, pair->family);
	double ratio = pair->location.ratio;

	if (!family)
		return -ENOMEM;
	family->rows++;
	family->counts[pair->verdict]++;
	if (isfinite(ratio))
		family->bins[mp_rows_bin(ratio)]++;
	if (pair->verdict == MP_VERDICT_SLOWER && !(ratio <= family->worst_ratio)) {
		family->worst = index;
		family->worst_ratio = ratio;
	}
	if (pair->verdict == MP_VERDICT_FASTER && !(ratio >= family->best_ratio)) {
		family->best = index;
		family->best_ratio = ratio;
	}
	return 0;
}

static int note_called(struct writing *g, const struct mp_pair *pair, size_t index)
{
	const enum mp_verdict v = pair->verdict;
	struct sized *one;

	if (v != MP_VERDICT_FASTER && v != MP_VERDICT_SLOWER)
		return 0;
	one = mp_vec_push((void **)&g->called[v], &g->n_called[v], &g->cap_called[v], sizeof(*one));
	if (!one)
		return -ENOMEM;
	*one = (struct sized){ fabs(log(pair->location.ratio)), (uint32_t)index };
	return 0;
}

static int by_size(const void *left, const void *right)
{
	const struct sized *a = left, *b = right;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* The largest credible changes in one direction. */
static void find_top(struct writing *g, enum mp_verdict verdict, uint32_t *ret_top,
		     size_t *ret_count)
{
	struct sized *all = g->called[verdict];
	size_t n = g->n_called[verdict];

	if (n)
		qsort(all, n, sizeof(*all), by_size);
	*ret_count = n < MP_ROWS_TOP ? n : MP_ROWS_TOP;
	for (size_t i = 0; i < *ret_count; i++)
		ret_top[i] = all[i].index;
}

static int summarise(struct writing *g)
{
	const struct mp_comparison *c = g->c;
	struct mp_rows_writer *w = &g->w;
	struct mp_rows_summary *s = &w->head.summary;
	char *why = NULL;

	s->unit = c->unit;
	s->asides = c->asides;
	s->scale[0] = c->scale_a.factor;
	s->scale[1] = c->scale_b.factor;
	memcpy(s->counts, c->counts, sizeof(s->counts));
	memcpy(s->tails, c->tails, sizeof(s->tails));
	memcpy(s->shapes, c->shapes, sizeof(s->shapes));
	for (int i = 0; i < MP_ASPECT_COUNT; i++) {
		s->tested[i] = c->tests[i].tested;
		s->selected[i] = c->tests[i].selected;
	}
	s->floors = c->floors;
	s->ratio = c->ratio;
	s->ratio_families = c->ratio_families;
	s->left_out = c->left_out;
	s->same_machine = c->same_machine;
	s->shared_run = c->shared_run;
	for (int i = 0; i < MP_CONTROL_COUNT; i++) {
		s->controls[i] = c->controls[i];
		s->controls[i].of_a = s->controls[i].of_b = NULL;
		snprintf(s->control_texts[i], sizeof(s->control_texts[i]), "%s",
			 c->controls[i].text ? c->controls[i].text : "");
	}
	s->gate = mp_compare_gate(c, &why);
	snprintf(s->gate_why, sizeof(s->gate_why), "%s", why ? why : "");
	free(why);
	for (size_t i = 0; i < c->n_families; i++) {
		struct mp_rows_family *family = mp_rows_family_of(w, c->families[i].family);

		if (!family)
			return -ENOMEM;
		family->covered = c->families[i].covered;
		family->ratio = c->families[i].ratio;
	}
	for (size_t i = 0; i < c->n_notes; i++) {
		mp_str_add(&w->words, c->notes[i]);
		mp_str_addc(&w->words, '\0');
	}
	w->head.n_notes = c->n_notes;
	find_top(g, MP_VERDICT_SLOWER, s->slower, &s->n_slower);
	find_top(g, MP_VERDICT_FASTER, s->faster, &s->n_faster);
	return 0;
}

/* What needs the order of the pairs. */
static int note_pair(void *user, size_t index, const struct mp_pair *pair)
{
	struct writing *g = user;
	struct mp_rows_gap gap = { .verdict = pair->verdict, .first = (uint32_t)index };
	int rc = mp_rows_put_text(&g->w, pair->text);

	if (!rc)
		rc = count_in_family(&g->w, pair, (uint32_t)index);
	if (!rc)
		rc = note_called(g, pair, index);
	if (!rc && pair->verdict >= MP_VERDICT_ONLY_A)
		rc = mp_rows_note_gap(&g->w, gap, pair->reason);
	return rc;
}

static int write_pairs(void *user, size_t first, const struct mp_pair *const *pairs, size_t n)
{
	struct writing *g = user;
	struct pooled pooled = { .n = { 0 } };
	struct mp_rows_part part;

	mp_rows_part_begin(&part, first);
	for (size_t i = 0; i < n; i++) {
		struct mp_row row;

		find_pooled(pairs[i], &pooled);
		fill_row(g, pairs[i], &pooled, &row);
		put_detail(&part, pairs[i], &pooled);
		mp_rows_part_row(&g->w, &part, &row, pairs[i]->text, pairs[i]->reason);
	}
	return mp_rows_part_end(&g->w, &part);
}

int mp_rows_write(struct mp_stream *stream, bool caveats, FILE *out, struct mp_err *err)
{
	struct writing g = { .c = mp_stream_comparison(stream) };
	int rc = mp_rows_begin(&g.w, out, g.c->n_pairs, true);

	if (rc)
		mp_err_env(err, rc, "out of memory");
	if (!rc && caveats)
		rc = mp_caveats_read(g.c->a, &g.caveats[0], err);
	if (!rc && caveats)
		rc = mp_caveats_read(g.c->b, &g.caveats[1], err);
	if (!rc)
		rc = mp_stream_judge(stream, note_pair, write_pairs, &g, err);
	if (!rc) {
		rc = summarise(&g);
		if (!rc)
			rc = mp_rows_end(&g.w);
		if (rc)
			mp_spill_failed(rc, err);
	}
	mp_rows_done(&g.w);
	mp_caveats_done(&g.caveats[0]);
	mp_caveats_done(&g.caveats[1]);
	free(g.called[0]);
	free(g.called[1]);
	return rc;
}

/* ---- one side ---- */

static int by_row_text(const void *left, const void *right)
{
	const struct mp_case_row *const *a = left, *const *b = right;

	return strcmp((*a)->text, (*b)->text);
}

static void fill_side_row(const struct mp_case_row *kase, int64_t run, struct mp_row *row)
{
	bool calm = kase->population == MP_POPULATION_CALM;

	*row = (struct mp_row){
		.on_a = true,
		.verdict = MP_VERDICT_UNSURE,
		.outcome_a = kase->outcome,
		.mode = kase->mode,
		.population = kase->population,
		.n_a = kase->has_value ? (unsigned)kase->value.n : 0,
		.a = kase->has_value ? kase->value.value : NAN,
		.b = NAN,
		.ratio = NAN,
		.low = kase->has_value ? kase->value.low : NAN,
		.high = kase->has_value ? kase->value.high : NAN,
		.p = NAN,
		.scatter = kase->has_value ? kase->value.cv : NAN,
		.threshold = NAN,
		.detectable = NAN,
		.run_case_a = kase->run_case,
		.run_a = run,
	};
	if (kase->has_value && kase->value.n < MP_POLICY_LEAST)
		row->warnings |= 1u << MP_WARN_FEW;
	if (kase->has_value && !calm)
		row->warnings |= 1u << MP_WARN_DISTURBED;
	if (kase->has_value && kase->value.cv > NOISY)
		row->warnings |= 1u << MP_WARN_NOISY;
	if (kase->reason && kase->reason[0])
		row->warnings |= 1u << MP_WARN_REASON;
}

static int write_case(struct mp_rows_writer *w, struct mp_rows_part *part, size_t i,
		      const struct mp_case_row *kase, int64_t run, const struct mp_caveats *caveats)
{
	struct mp_rows_family *family = mp_rows_family_of(w, kase->family);
	struct mp_row row;
	int rc = mp_rows_put_text(w, kase->text);

	if (rc || !family)
		return -ENOMEM;
	fill_side_row(kase, run, &row);
	row.warnings |= mp_caveats_of(caveats, kase->run_case);
	mp_rows_part_row(w, part, &row, kase->text, kase->reason);
	family->rows++;
	family->covered += kase->has_value;
	family->outcomes[kase->outcome]++;
	w->head.summary.outcomes[kase->outcome]++;
	if (kase->outcome != MP_OUTCOME_OK &&
	    mp_rows_note_gap(w,
			     (struct mp_rows_gap){ .verdict = MP_VERDICT_UNSURE,
						   .outcome = kase->outcome,
						   .first = (uint32_t)i },
			     kase->reason))
		return -ENOMEM;
	return 0;
}

static int write_part(struct mp_rows_writer *w, const struct mp_case_row *const *sorted,
		      size_t first, const struct mp_side_run *run, const struct mp_caveats *caveats)
{
	struct mp_rows_part part;
	int rc = 0, ended;

	mp_rows_part_begin(&part, first);
	for (size_t i = first; !rc && i < run->n_cases && i < first + PART; i++)
		rc = write_case(w, &part, i, sorted[i], run->row.id, caveats);
	ended = mp_rows_part_end(w, &part);
	return rc ? rc : ended;
}

int mp_rows_write_side(const struct mp_side *side, FILE *out, struct mp_err *err)
{
	const struct mp_side_run *run = &side->runs[0];
	const struct mp_case_row **sorted = calloc(run->n_cases + 1, sizeof(struct mp_case_row *));
	struct mp_caveats caveats = { .n = 0 };
	struct mp_rows_writer w;
	int rc = mp_caveats_read(side, &caveats, err);

	if (rc) {
		free(sorted);
		return rc;
	}
	rc = mp_rows_begin(&w, out, run->n_cases, false);
	if (!sorted)
		rc = -ENOMEM;
	for (size_t i = 0; !rc && i < run->n_cases; i++)
		sorted[i] = &run->cases[i];
	if (!rc)
		qsort(sorted, run->n_cases, sizeof(*sorted), by_row_text);
	for (size_t first = 0; !rc && first < run->n_cases; first += PART)
		rc = write_part(&w, sorted, first, run, &caveats);
	if (!rc)
		rc = mp_rows_end(&w);
	mp_rows_done(&w);
	mp_caveats_done(&caveats);
	free(sorted);
	return rc ? mp_spill_failed(rc, err) : 0;
}
