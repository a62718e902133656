/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a comparison, or one side, as rows: see rows.h and rows_file.h. */
#include "report/viewer/rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"
#include "report/viewer/rows_file.h"

#define POOLED_MAX 256 /* run_case ids of a side that are kept */
#define NOISY	   0.1

/* Where the parts of a row stand. */
struct place {
	uint64_t text_at, reason_at, detail_at;
	uint32_t detail_len;
	uint16_t text_len, reason_len;
};

struct writer {
	FILE *out;
	uint64_t at; /* bytes written */
	struct mp_rows_head head;
	struct place *places; /* of each row */
	uint64_t *keys[MP_SORT_CASE]; /* [sort][row] */
	struct mp_rows_family *families;
	size_t n_families, cap_families;
	struct mp_rows_gap gaps[MP_ROWS_GAPS];
	const char *gap_reasons[MP_ROWS_GAPS]; /* borrowed */
	struct mp_str words;
	const char **axes; /* borrowed beginnings of texts, axis_lens long */
	size_t *axis_lens;
	size_t n_axes, cap_axes, cap_lens, n_lens;
};

static void write_bytes(struct writer *w, const void *bytes, size_t len)
{
	/* A full disk is seen once, at the end: the job asks ferror(). */
	if (len)
		w->at += fwrite(bytes, 1, len, w->out);
}

static int writer_init(struct writer *w, FILE *out, size_t n_rows, bool two)
{
	*w = (struct writer){ .out = out, .words = MP_STR_INIT };
	w->head.magic = MP_ROWS_MAGIC;
	w->head.summary.n_rows = n_rows;
	w->head.summary.two = two;
	w->head.summary.ratio = NAN;
	w->places = calloc(n_rows + 1, sizeof(*w->places));
	for (int sort = 0; w->places && sort < MP_SORT_CASE; sort++) {
		w->keys[sort] = malloc((n_rows + 1) * sizeof(*w->keys[sort]));
		if (!w->keys[sort])
			return -ENOMEM;
	}
	if (!w->places)
		return -ENOMEM;
	write_bytes(w, &w->head, sizeof(w->head));
	return 0;
}

static void writer_done(struct writer *w)
{
	for (int sort = 0; sort < MP_SORT_CASE; sort++)
		free(w->keys[sort]);
	free(w->places);
	free(w->families);
	free(w->axes);
	free(w->axis_lens);
	mp_str_done(&w->words);
}

static void write_text(struct writer *w, struct place *place, const char *text)
{
	place->text_len = (uint16_t)strnlen(text, MP_CASE_TEXT_MAX - 1);
	place->text_at = w->at;
	write_bytes(w, text, place->text_len);
	write_bytes(w, "", 1);
}

static void write_reason(struct writer *w, struct place *place, const char *reason)
{
	place->reason_len = reason ? (uint16_t)strnlen(reason, UINT16_MAX) : 0;
	place->reason_at = w->at;
	write_bytes(w, reason, place->reason_len);
}

/* Unsigned numbers in the order of the doubles, NaN last. */
static uint64_t ordered_bits(double value)
{
	uint64_t bits;

	if (isnan(value))
		return UINT64_MAX;
	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | 1ull << 63;
}

/* The record, and what it is sorted by. */
static void write_record(struct writer *w, size_t i, struct mp_row *row)
{
	const struct place *place = &w->places[i];
	const double keys[MP_SORT_CASE] = {
		[MP_SORT_EVIDENCE] = row->p,
		[MP_SORT_CHANGE] = -fabs(log(row->ratio)),
		[MP_SORT_A] = -row->a,
		[MP_SORT_B] = -row->b,
		[MP_SORT_NOISE] = -row->scatter,
		[MP_SORT_WARNINGS] = -__builtin_popcount(row->warnings),
	};

	for (int sort = 0; sort < MP_SORT_CASE; sort++)
		w->keys[sort][i] = ordered_bits(keys[sort]);
	row->text_at = place->text_at;
	row->reason_at = place->reason_at;
	row->detail_at = place->detail_at;
	row->detail_len = place->detail_len;
	row->text_len = place->text_len;
	row->reason_len = place->reason_len;
	write_bytes(w, row, MP_ROWS_RECORD);
}

/* Remembers the axes of a case text. 0 or -ENOMEM. */
static int note_axes(struct writer *w, const char *text)
{
	for (const char *at = strchr(text, '/'); at; at = strchr(at, '/')) {
		size_t len = strcspn(++at, "=/"), i = 0;
		const char **axis;
		size_t *axis_len;

		while (i < w->n_axes &&
		       (w->axis_lens[i] != len || strncmp(w->axes[i], at, len) != 0))
			i++;
		if (i < w->n_axes || at[len] != '=')
			continue;
		axis = mp_vec_push((void **)&w->axes, &w->n_axes, &w->cap_axes, sizeof(*axis));
		axis_len = mp_vec_push((void **)&w->axis_lens, &w->n_lens, &w->cap_lens,
				       sizeof(*axis_len));
		if (!axis || !axis_len) {
			w->n_axes = w->n_lens = 0;
			return -ENOMEM;
		}
		*axis = at;
		*axis_len = len;
	}
	return 0;
}

static struct mp_rows_family *family_of(struct writer *w, const char *name)
{
	struct mp_rows_family *family;

	for (size_t i = w->n_families; i-- > 0;) {
		if (!strcmp(w->families[i].name, name))
			return &w->families[i];
	}
	family = mp_vec_push((void **)&w->families, &w->n_families, &w->cap_families,
			     sizeof(*family));
	if (!family)
		return NULL;
	snprintf(family->name, sizeof(family->name), "%s", name);
	family->ratio = family->worst_ratio = family->best_ratio = NAN;
	family->worst = family->best = UINT32_MAX;
	return family;
}

static int by_name(const void *left, const void *right)
{
	return strcmp(((const struct mp_rows_family *)left)->name,
		      ((const struct mp_rows_family *)right)->name);
}

static int by_row_text(const void *left, const void *right)
{
	const struct mp_case_row *const *a = left, *const *b = right;

	return strcmp((*a)->text, (*b)->text);
}

static bool same_reason(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Counts a row that has no verdict, with those that lack one for the same reason. The last gap takes what is left. */
static void note_gap(struct writer *w, struct mp_rows_gap gap, const char *reason)
{
	size_t i = 0, n = w->head.summary.n_gaps;

	while (i < n && (w->gaps[i].verdict != gap.verdict || w->gaps[i].outcome != gap.outcome ||
			 !same_reason(w->gap_reasons[i], reason)))
		i++;
	if (i == MP_ROWS_GAPS) {
		w->gaps[i - 1].rows++;
		return;
	}
	if (i == n) {
		w->gaps[i] = gap;
		w->gap_reasons[i] = reason;
		w->head.summary.n_gaps++;
	}
	w->gaps[i].rows++;
}

static int by_rows(const void *left, const void *right)
{
	const struct mp_rows_gap *a = left, *b = right;

	if (a->rows != b->rows)
		return a->rows > b->rows ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

/* What stands behind the records, and the head in front of it all. 0 or a negative errno. */
static int writer_end(struct writer *w)
{
	size_t n = w->head.summary.n_rows;

	for (size_t i = 0; i < w->n_axes; i++) {
		mp_str_add_len(&w->words, w->axes[i], w->axis_lens[i]);
		mp_str_addc(&w->words, '\0');
	}
	if (w->words.failed)
		return -ENOMEM;
	w->head.keys_at = w->at;
	for (int sort = 0; sort < MP_SORT_CASE; sort++)
		write_bytes(w, w->keys[sort], n * sizeof(*w->keys[sort]));
	if (w->n_families)
		qsort(w->families, w->n_families, sizeof(*w->families), by_name);
	w->head.families_at = w->at;
	w->head.summary.n_families = w->n_families;
	write_bytes(w, w->families, w->n_families * sizeof(*w->families));
	qsort(w->gaps, w->head.summary.n_gaps, sizeof(w->gaps[0]), by_rows);
	w->head.gaps_at = w->at;
	write_bytes(w, w->gaps, w->head.summary.n_gaps * sizeof(w->gaps[0]));
	w->head.words_at = w->at;
	w->head.n_axes = w->n_axes;
	w->head.words_len = w->words.len;
	write_bytes(w, w->words.text, w->words.len);
	if (fseek(w->out, 0, SEEK_SET))
		return -errno;
	write_bytes(w, &w->head, sizeof(w->head));
	return 0;
}

/* ---- two sides ---- */

static unsigned warnings_of(const struct mp_pair *pair)
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
	return bits;
}

static void fill_row(const struct mp_comparison *c, const struct mp_pair *pair, struct mp_row *row)
{
	const struct mp_change *at = &pair->location;
	size_t run;

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
		.p = at->tested ? at->adjusted : NAN,
		.scatter = at->tested ? at->scatter : NAN,
		.threshold = at->threshold,
		.detectable = at->tested ? at->detectable : NAN,
		.needed = (unsigned)pair->needed,
		.tail = pair->tail.verdict,
		.shape = pair->shape.verdict,
		.warnings = warnings_of(pair),
	};
	if (pair->a && mp_pair_run_cases(pair, false, &row->run_case_a, 1, &run))
		row->run_a = c->a->runs[run].row.id;
	if (pair->b && mp_pair_run_cases(pair, true, &row->run_case_b, 1, &run))
		row->run_b = c->b->runs[run].row.id;
}

static void write_detail(struct writer *w, const struct mp_pair *pair, struct place *place)
{
	int64_t ids[2][POOLED_MAX];
	struct mp_rows_detail detail = { .pair = *pair };
	uint64_t start = w->at;
	size_t run;

	detail.n_rows_a = mp_pair_run_cases(pair, false, ids[0], POOLED_MAX, &run);
	detail.n_rows_b = mp_pair_run_cases(pair, true, ids[1], POOLED_MAX, &run);
	if (detail.n_rows_a > POOLED_MAX)
		detail.n_rows_a = POOLED_MAX;
	if (detail.n_rows_b > POOLED_MAX)
		detail.n_rows_b = POOLED_MAX;
	detail.bench_len = strlen(pair->bench) + 1;
	detail.family_len = strlen(pair->family) + 1;
	write_bytes(w, &detail, sizeof(detail));
	write_bytes(w, pair->tail.changes, pair->tail.n_changes * sizeof(struct mp_change));
	write_bytes(w, pair->shape.changes, pair->shape.n_changes * sizeof(struct mp_change));
	write_bytes(w, ids[0], detail.n_rows_a * sizeof(ids[0][0]));
	write_bytes(w, ids[1], detail.n_rows_b * sizeof(ids[1][0]));
	write_bytes(w, pair->bench, detail.bench_len);
	write_bytes(w, pair->family, detail.family_len);
	place->detail_at = start;
	place->detail_len = (uint32_t)(w->at - start);
}

/* The row's share in its family. 0 or -ENOMEM. */
static int count_in_family(struct writer *w, const struct mp_pair *pair, uint32_t index)
{
	struct mp_rows_family *family = family_of(w, pair->family);
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

struct sized {
	double size;
	uint32_t index;
};

static int by_size(const void *left, const void *right)
{
	const struct sized *a = left, *b = right;

	if (a->size != b->size)
		return a->size > b->size ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

/* The largest credible changes in one direction. 0 or -ENOMEM. */
static int find_top(const struct mp_comparison *c, enum mp_verdict verdict, uint32_t *ret_top,
		    size_t *ret_count)
{
	size_t n = 0;
	struct sized *all = calloc(c->counts[verdict] + 1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_pairs; i++) {
		if (c->pairs[i].verdict == verdict)
			all[n++] = (struct sized){ fabs(log(c->pairs[i].location.ratio)),
						   (uint32_t)i };
	}
	qsort(all, n, sizeof(*all), by_size);
	*ret_count = n < MP_ROWS_TOP ? n : MP_ROWS_TOP;
	for (size_t i = 0; i < *ret_count; i++)
		ret_top[i] = all[i].index;
	free(all);
	return 0;
}

static int summarise(struct writer *w, const struct mp_comparison *c)
{
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
	s->control = c->control;
	s->control.of_a = s->control.of_b = NULL;
	snprintf(s->control_text, sizeof(s->control_text), "%s",
		 c->control.text ? c->control.text : "");
	s->gate = mp_compare_gate(c, &why);
	snprintf(s->gate_why, sizeof(s->gate_why), "%s", why ? why : "");
	free(why);
	for (size_t i = 0; i < c->n_families; i++) {
		struct mp_rows_family *family = family_of(w, c->families[i].family);

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
	if (find_top(c, MP_VERDICT_SLOWER, s->slower, &s->n_slower))
		return -ENOMEM;
	return find_top(c, MP_VERDICT_FASTER, s->faster, &s->n_faster);
}

/* Texts, reasons, details: each kind by itself, so that a search reads nothing but texts. */
static void write_parts(struct writer *w, const struct mp_comparison *c)
{
	w->head.texts_at = w->at;
	for (size_t i = 0; i < c->n_pairs; i++)
		write_text(w, &w->places[i], c->pairs[i].text);
	w->head.texts_len = w->at - w->head.texts_at;
	for (size_t i = 0; i < c->n_pairs; i++)
		write_reason(w, &w->places[i], c->pairs[i].reason);
	for (size_t i = 0; i < c->n_pairs; i++)
		write_detail(w, &c->pairs[i], &w->places[i]);
}

static int write_pairs(struct writer *w, const struct mp_comparison *c)
{
	int rc = 0;

	w->head.records_at = w->at;
	for (size_t i = 0; !rc && i < c->n_pairs; i++) {
		const struct mp_pair *pair = &c->pairs[i];
		struct mp_rows_gap gap = { .verdict = pair->verdict, .first = (uint32_t)i };
		struct mp_row row;

		fill_row(c, pair, &row);
		write_record(w, i, &row);
		rc = note_axes(w, pair->text);
		if (!rc)
			rc = count_in_family(w, pair, (uint32_t)i);
		if (gap.verdict >= MP_VERDICT_ONLY_A)
			note_gap(w, gap, pair->reason);
	}
	return rc;
}

int mp_rows_write(const struct mp_comparison *c, FILE *out, struct mp_err *err)
{
	struct writer w;
	int rc = writer_init(&w, out, c->n_pairs, true);

	if (!rc) {
		write_parts(&w, c);
		rc = write_pairs(&w, c);
	}
	if (!rc)
		rc = summarise(&w, c);
	if (!rc)
		rc = writer_end(&w);
	writer_done(&w);
	return rc ? mp_err_env(err, rc, "out of memory") : 0;
}

/* ---- one side ---- */

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

static int write_case(struct writer *w, size_t i, const struct mp_case_row *kase, int64_t run)
{
	struct mp_rows_family *family = family_of(w, kase->family);
	struct mp_row row;

	fill_side_row(kase, run, &row);
	write_record(w, i, &row);
	if (!family)
		return -ENOMEM;
	family->rows++;
	family->covered += kase->has_value;
	family->outcomes[kase->outcome]++;
	w->head.summary.outcomes[kase->outcome]++;
	if (kase->outcome != MP_OUTCOME_OK)
		note_gap(w,
			 (struct mp_rows_gap){ .verdict = MP_VERDICT_UNSURE,
					       .outcome = kase->outcome,
					       .first = (uint32_t)i },
			 kase->reason);
	return note_axes(w, kase->text);
}

int mp_rows_write_side(const struct mp_side *side, FILE *out, struct mp_err *err)
{
	const struct mp_side_run *run = &side->runs[0];
	const struct mp_case_row **sorted = calloc(run->n_cases + 1, sizeof(struct mp_case_row *));
	struct writer w;
	int rc = writer_init(&w, out, run->n_cases, false);

	if (!sorted)
		rc = -ENOMEM;
	for (size_t i = 0; !rc && i < run->n_cases; i++)
		sorted[i] = &run->cases[i];
	if (!rc) {
		qsort(sorted, run->n_cases, sizeof(*sorted), by_row_text);
		w.head.texts_at = w.at;
		for (size_t i = 0; i < run->n_cases; i++)
			write_text(&w, &w.places[i], sorted[i]->text);
		w.head.texts_len = w.at - w.head.texts_at;
		for (size_t i = 0; i < run->n_cases; i++)
			write_reason(&w, &w.places[i], sorted[i]->reason);
		w.head.records_at = w.at;
	}
	for (size_t i = 0; !rc && i < run->n_cases; i++)
		rc = write_case(&w, i, sorted[i], run->row.id);
	if (!rc)
		rc = writer_end(&w);
	writer_done(&w);
	free(sorted);
	return rc ? mp_err_env(err, rc, "out of memory") : 0;
}
