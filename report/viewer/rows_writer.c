/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Puts the parts of the temporary file of rows where rows_file.h says: see rows_writer.h. */
#include "report/viewer/rows_writer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/temporary.h"
#include "common/vec.h"

int mp_rows_begin(struct mp_rows_writer *w, FILE *out, size_t n_rows, bool two)
{
	*w = (struct mp_rows_writer){ .out = out, .texts = MP_STR_INIT, .words = MP_STR_INIT };
	w->head.magic = MP_ROWS_MAGIC;
	w->head.summary.n_rows = n_rows;
	w->head.summary.two = two;
	w->head.summary.ratio = NAN;
	w->head.records_at = sizeof(w->head);
	w->at = w->head.records_at + n_rows * MP_ROWS_RECORD;
	w->text_at = malloc((n_rows + 1) * sizeof(*w->text_at));
	for (int sort = 0; sort < MP_SORT_CASE; sort++) {
		w->keys[sort] = malloc((n_rows + 1) * sizeof(*w->keys[sort]));
		if (!w->keys[sort])
			return -ENOMEM;
	}
	return w->text_at ? 0 : -ENOMEM;
}

void mp_rows_done(struct mp_rows_writer *w)
{
	for (int sort = 0; sort < MP_SORT_CASE; sort++)
		free(w->keys[sort]);
	for (size_t i = 0; i < w->head.summary.n_gaps; i++)
		free(w->gap_reasons[i]);
	free(w->text_at);
	mp_str_done(&w->texts);
	free(w->families);
	free(w->axes);
	free(w->axis_lens);
	mp_str_done(&w->words);
}

uint64_t mp_rows_key(double value)
{
	uint64_t bits;

	if (isnan(value))
		return UINT64_MAX;
	memcpy(&bits, &value, sizeof(bits));
	return bits >> 63 ? ~bits : bits | 1ull << 63;
}

/* Remembers the axes of a case text. 0 or -ENOMEM. */
static int note_axes(struct mp_rows_writer *w, const char *text)
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

int mp_rows_put_text(struct mp_rows_writer *w, const char *text)
{
	w->text_at[w->n_texts++] = (uint32_t)w->texts.len;
	mp_str_add_len(&w->texts, text, strnlen(text, MP_CASE_TEXT_MAX - 1));
	mp_str_addc(&w->texts, '\0');
	return w->texts.failed ? -ENOMEM : note_axes(w, text);
}

/* ---- parts ---- */

void mp_rows_part_begin(struct mp_rows_part *part, size_t first)
{
	*part = (struct mp_rows_part){ .first = first,
				       .records = MP_STR_INIT,
				       .rest = MP_STR_INIT };
}

void mp_rows_part_put(struct mp_rows_part *part, const void *bytes, size_t len)
{
	if (len)
		mp_str_add_len(&part->rest, bytes, len);
}

void mp_rows_part_row(struct mp_rows_writer *w, struct mp_rows_part *part, struct mp_row *row,
		      const char *text, const char *reason)
{
	const size_t index = part->first + part->records.len / MP_ROWS_RECORD;
	const double keys[MP_SORT_CASE] = {
		[MP_SORT_EVIDENCE] = row->p,
		[MP_SORT_CHANGE] = -fabs(log(row->ratio)),
		[MP_SORT_A] = -row->a,
		[MP_SORT_B] = -row->b,
		[MP_SORT_NOISE] = -row->scatter,
		[MP_SORT_WARNINGS] = -__builtin_popcount(row->warnings),
	};

	for (int sort = 0; sort < MP_SORT_CASE; sort++)
		w->keys[sort][index] = mp_rows_key(keys[sort]);
	for (int i = 0; i < MP_WARN_COUNT; i++)
		atomic_fetch_add(&w->warned[i], row->warnings >> i & 1);
	row->text_at = w->text_at[index];
	row->text_len = (uint16_t)strnlen(text, MP_CASE_TEXT_MAX - 1);
	row->detail_at = part->detail_at;
	row->detail_len = (uint32_t)(part->rest.len - part->detail_at);
	row->reason_at = part->rest.len;
	row->reason_len = reason ? (uint16_t)strnlen(reason, UINT16_MAX) : 0;
	mp_rows_part_put(part, reason, row->reason_len);
	part->detail_at = part->rest.len;
	mp_str_add_len(&part->records, (const char *)row, MP_ROWS_RECORD);
}

/* Its details and reasons stand from `base` on. */
static void place(struct mp_rows_part *part, uint64_t base)
{
	for (size_t at = 0; at < part->records.len; at += MP_ROWS_RECORD) {
		struct mp_row row;

		memcpy(&row, part->records.text + at, MP_ROWS_RECORD);
		row.detail_at += base;
		row.reason_at += base;
		memcpy(part->records.text + at, &row, MP_ROWS_RECORD);
	}
}

int mp_rows_part_end(struct mp_rows_writer *w, struct mp_rows_part *part)
{
	const uint64_t base = atomic_fetch_add(&w->at, part->rest.len);
	const uint64_t records_at = w->head.records_at + part->first * MP_ROWS_RECORD;
	int rc = part->records.failed || part->rest.failed ? -ENOMEM : 0;

	if (!rc) {
		place(part, base);
		rc = mp_temporary_write(fileno(w->out), part->rest.text, part->rest.len, base);
	}
	if (!rc)
		rc = mp_temporary_write(fileno(w->out), part->records.text, part->records.len,
					records_at);
	mp_str_done(&part->records);
	mp_str_done(&part->rest);
	return rc;
}

/* ---- all rows together ---- */

struct mp_rows_family *mp_rows_family_of(struct mp_rows_writer *w, const char *name)
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

static bool same_reason(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

/* Counts a row that has no verdict, with those that lack one for the same reason. The last gap takes what is left. */
int mp_rows_note_gap(struct mp_rows_writer *w, struct mp_rows_gap gap, const char *reason)
{
	size_t i = 0, n = w->head.summary.n_gaps;

	while (i < n && (w->gaps[i].verdict != gap.verdict || w->gaps[i].outcome != gap.outcome ||
			 !same_reason(w->gap_reasons[i], reason)))
		i++;
	if (i == MP_ROWS_GAPS) {
		w->gaps[i - 1].rows++;
		return 0;
	}
	if (i == n) {
		w->gaps[i] = gap;
		w->gap_reasons[i] = reason ? strdup(reason) : NULL;
		if (reason && !w->gap_reasons[i])
			return -ENOMEM;
		w->head.summary.n_gaps++;
	}
	w->gaps[i].rows++;
	return 0;
}

static int by_rows(const void *left, const void *right)
{
	const struct mp_rows_gap *a = left, *b = right;

	if (a->rows != b->rows)
		return a->rows > b->rows ? -1 : 1;
	return (a->first > b->first) - (a->first < b->first);
}

static void put(struct mp_rows_writer *w, const void *bytes, size_t len)
{
	if (len)
		w->at += fwrite(bytes, 1, len, w->out);
}

int mp_rows_end(struct mp_rows_writer *w)
{
	size_t n = w->head.summary.n_rows;

	for (int i = 0; i < MP_WARN_COUNT; i++)
		w->head.summary.warned[i] = w->warned[i];
	for (size_t i = 0; i < w->n_axes; i++) {
		mp_str_add_len(&w->words, w->axes[i], w->axis_lens[i]);
		mp_str_addc(&w->words, '\0');
	}
	if (w->words.failed)
		return -ENOMEM;
	w->head.texts_at = w->at;
	if (fseeko(w->out, (off_t)w->head.texts_at, SEEK_SET))
		return -errno;
	w->head.texts_len = w->texts.len;
	put(w, w->texts.text, w->texts.len);
	w->head.keys_at = w->at;
	for (int sort = 0; sort < MP_SORT_CASE; sort++)
		put(w, w->keys[sort], n * sizeof(*w->keys[sort]));
	if (w->n_families)
		qsort(w->families, w->n_families, sizeof(*w->families), by_name);
	w->head.families_at = w->at;
	w->head.summary.n_families = w->n_families;
	put(w, w->families, w->n_families * sizeof(*w->families));
	qsort(w->gaps, w->head.summary.n_gaps, sizeof(w->gaps[0]), by_rows);
	w->head.gaps_at = w->at;
	put(w, w->gaps, w->head.summary.n_gaps * sizeof(w->gaps[0]));
	w->head.words_at = w->at;
	w->head.n_axes = w->n_axes;
	w->head.words_len = w->words.len;
	put(w, w->words.text, w->words.len);
	if (fseeko(w->out, 0, SEEK_SET))
		return -errno;
	put(w, &w->head, sizeof(w->head));
	return 0;
}
