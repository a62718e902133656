/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads rows from the temporary file by their number: see rows.h and rows_file.h. */
#include "report/viewer/rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/temporary.h"
#include "report/viewer/rows_file.h"

#define SCAN_ROWS 1024 /* read at once */
#define SEARCHED  (1u << 18) /* bytes of texts read at once */

const struct mp_warning_text mp_warning_texts[MP_WARN_COUNT] = {
	[MP_WARN_FEW] = { 'n', "few",
			  "too few invocations to be tested: run with --invocations 10 or more",
			  NULL },
	[MP_WARN_DISTURBED] = { 'd', "disturbed",
				"the samples were not calm: values of all samples are compared; "
				"quieten the machine ('memperf doctor' says how)",
				NULL },
	[MP_WARN_TAIL] = { 't', "tail", "the tail of the single calls (p99 to p99.9) moved", NULL },
	[MP_WARN_SHAPE] = { 's', "shape",
			    "the shape of the single calls (deciles against the median) changed",
			    NULL },
	[MP_WARN_FLOOR] = { 'f', "floor",
			    "the threshold is what unchanged runs of this machine differ by, not "
			    "the policy's",
			    NULL },
	[MP_WARN_ASSUMED] = { 'a', "assumed",
			      "the noise floor is assumed, as too few runs are stored to know it: "
			      "four unchanged runs in the file teach it",
			      NULL },
	[MP_WARN_NOISY] = { 'v', "noisy",
			    "invocations scatter by more than 10 %: more invocations narrow the "
			    "interval",
			    NULL },
	[MP_WARN_REASON] = { 'r', "reason", "a reason in words belongs to it: open the case",
			     NULL },
	[MP_WARN_ENVIRONMENT] = { 'e', "environment",
				  "the sides differ in what usually moves results",
				  "Environment ({tab-5}) says in what, and why it matters" },
	[MP_WARN_MODES] = { 'm', "modes", "two modes: the value stands for neither of them alone",
			    "Invocations ({detail.invocations}) and CDF ({detail.cdf}) show both" },
	[MP_WARN_DRIFT] = { 'w', "drift",
			    "values go one way over the run: the machine was changing",
			    "Invocations ({detail.invocations}) shows how; 'memperf doctor' looks "
			    "for "
			    "what changes" },
	[MP_WARN_FIRST] = { 'i', "first",
			    "the first invocation differs from all others: something warmed up",
			    "Invocations ({detail.invocations}) shows it; the median of many "
			    "invocations hardly heeds it" },
	[MP_WARN_MULTIPLEXED] = { 'x', "multiplexed",
				  "counters took turns: scaled up, so small changes mean nothing",
				  "a smaller group of counters takes no turns; Counters "
				  "({detail.counters}) says for how long each counted" },
	[MP_WARN_COST] = { 'o', "cost",
			   "timing is over 10 % of a call: its percentiles hold that, too",
			   "the mean of batches, where there is one, is the truer mean" },
};

struct mp_rows {
	int file;
	struct mp_rows_head head;
	struct mp_rows_family *families;
	struct mp_rows_gap *gaps;
	char *words;
};

int mp_rows_bin(double ratio)
{
	static const double limits[] = { 0.5, 0.8, 0.95, 0.99, 1.01, 1 / 0.95, 1 / 0.8, 2 };
	int bin = 0;

	while (bin < MP_ROWS_BINS - 1 && ratio >= limits[bin])
		bin++;
	return bin;
}

int mp_rows_open(int file, struct mp_rows **ret_rows, struct mp_err *err)
{
	struct mp_rows *rows = calloc(1, sizeof(*rows));
	int rc;

	if (!rows) {
		close(file);
		return mp_err_env(err, -ENOMEM, "out of memory");
	}
	rows->file = file;
	rc = mp_temporary_read(file, &rows->head, sizeof(rows->head), 0);
	if (!rc && rows->head.magic != MP_ROWS_MAGIC)
		rc = -EIO;
	/* A text of the process that wrote it. */
	for (int i = 0; i < MP_CONTROL_COUNT; i++) {
		if (rows->head.summary.controls[i].text)
			rows->head.summary.controls[i].text = rows->head.summary.control_texts[i];
	}
	if (!rc) {
		size_t n = rows->head.summary.n_families;

		rows->families = calloc(n + 1, sizeof(*rows->families));
		rows->gaps = calloc(rows->head.summary.n_gaps + 1, sizeof(*rows->gaps));
		rows->words = calloc(1, rows->head.words_len + 1);
		rc = rows->families && rows->gaps && rows->words ? 0 : -ENOMEM;
		if (!rc)
			rc = mp_temporary_read(file, rows->families, n * sizeof(*rows->families),
					       rows->head.families_at);
		if (!rc)
			rc = mp_temporary_read(file, rows->gaps,
					       rows->head.summary.n_gaps * sizeof(*rows->gaps),
					       rows->head.gaps_at);
		if (!rc)
			rc = mp_temporary_read(file, rows->words, rows->head.words_len,
					       rows->head.words_at);
	}
	if (rc) {
		mp_rows_close(rows);
		return mp_err_env(err, rc, "cannot read the temporary file of rows: %s",
				  strerror(-rc));
	}
	*ret_rows = rows;
	return 0;
}

void mp_rows_close(struct mp_rows *rows)
{
	if (!rows)
		return;
	close(rows->file);
	free(rows->families);
	free(rows->gaps);
	free(rows->words);
	free(rows);
}

const struct mp_rows_summary *mp_rows_summary(const struct mp_rows *rows)
{
	return &rows->head.summary;
}

const struct mp_rows_family *mp_rows_families(const struct mp_rows *rows)
{
	return rows->families;
}

const struct mp_rows_gap *mp_rows_gaps(const struct mp_rows *rows)
{
	return rows->gaps;
}

static const char *word(const struct mp_rows *rows, size_t index)
{
	const char *at = rows->words;

	while (index--)
		at += strlen(at) + 1;
	return at;
}

const char *mp_rows_note(const struct mp_rows *rows, size_t index)
{
	return index < rows->head.n_notes ? word(rows, index) : NULL;
}

const char *mp_rows_axis(const struct mp_rows *rows, size_t index)
{
	return index < rows->head.n_axes ? word(rows, rows->head.n_notes + index) : NULL;
}

int mp_rows_get(const struct mp_rows *rows, size_t index, struct mp_row *ret_row)
{
	int rc;

	if (index >= rows->head.summary.n_rows)
		return -ENOENT;
	rc = mp_temporary_read(rows->file, ret_row, MP_ROWS_RECORD,
			       rows->head.records_at + index * MP_ROWS_RECORD);
	if (!rc)
		rc = mp_temporary_read(rows->file, ret_row->text, ret_row->text_len,
				       rows->head.texts_at + ret_row->text_at);
	ret_row->text[rc ? 0 : ret_row->text_len] = '\0';
	return rc;
}

/* Texts of the records, which stand one behind the other. */
static int read_texts(const struct mp_rows *rows, const char *records, size_t n, char **ret_texts,
		      uint64_t *ret_start)
{
	struct mp_row first, last;
	size_t len;

	memcpy(&first, records, MP_ROWS_RECORD);
	memcpy(&last, records + (n - 1) * MP_ROWS_RECORD, MP_ROWS_RECORD);
	len = (size_t)(last.text_at - first.text_at) + last.text_len;
	*ret_start = first.text_at;
	*ret_texts = malloc(len + 1);
	return *ret_texts ? mp_temporary_read(rows->file, *ret_texts, len,
					      rows->head.texts_at + first.text_at)
			  : -ENOMEM;
}

int mp_rows_scan(const struct mp_rows *rows, size_t first, size_t count,
		 int (*each)(void *user, size_t index, const struct mp_row *row), void *user)
{
	size_t end = rows->head.summary.n_rows;
	char *records = malloc(SCAN_ROWS * MP_ROWS_RECORD);
	int rc = records ? 0 : -ENOMEM;

	if (count < end - (first < end ? first : end))
		end = first + count;
	for (size_t at = first; !rc && at < end; at += SCAN_ROWS) {
		size_t n = end - at < SCAN_ROWS ? end - at : SCAN_ROWS;
		char *texts = NULL;
		uint64_t start = 0;

		rc = mp_temporary_read(rows->file, records, n * MP_ROWS_RECORD,
				       rows->head.records_at + at * MP_ROWS_RECORD);
		if (!rc)
			rc = read_texts(rows, records, n, &texts, &start);
		for (size_t i = 0; !rc && i < n; i++) {
			struct mp_row row;

			memcpy(&row, records + i * MP_ROWS_RECORD, MP_ROWS_RECORD);
			memcpy(row.text, texts + (row.text_at - start), row.text_len);
			row.text[row.text_len] = '\0';
			rc = each(user, at + i, &row);
		}
		free(texts);
	}
	free(records);
	return rc;
}

int mp_rows_keys(const struct mp_rows *rows, enum mp_sort sort, uint64_t *ret_keys)
{
	size_t size = rows->head.summary.n_rows * sizeof(*ret_keys);

	return mp_temporary_read(rows->file, ret_keys, size,
				 rows->head.keys_at + (uint64_t)sort * size);
}

/* Sets the bits of rows whose text, in `texts` up to `len`, holds `text`. Returns the row behind the last one. */
static size_t search_texts(const char *texts, size_t len, const char *text, size_t row,
			   uint64_t *found)
{
	const char *at = texts, *end = texts + len, *hit;
	size_t text_len = strlen(text);

	while ((hit = memmem(at, (size_t)(end - at), text, text_len))) {
		for (const char *nul; (nul = memchr(at, '\0', (size_t)(hit - at))); at = nul + 1)
			row++;
		found[row / 64] |= 1ull << (row % 64);
		at = (const char *)rawmemchr(hit, '\0') + 1;
		row++;
	}
	for (; at < end; at = (const char *)rawmemchr(at, '\0') + 1)
		row++;
	return row;
}

int mp_rows_search(const struct mp_rows *rows, const char *text, uint64_t *ret_found)
{
	const uint64_t end = rows->head.texts_at + rows->head.texts_len;
	char *texts = malloc(SEARCHED);
	bool exact = false;
	size_t row = 0;
	int rc = texts ? 0 : -ENOMEM;

	for (const char *at = text; *at; at++)
		exact = exact || (*at >= 'A' && *at <= 'Z');
	for (uint64_t from = rows->head.texts_at; !rc && *text && from < end;) {
		size_t len = end - from < SEARCHED ? (size_t)(end - from) : SEARCHED;

		rc = mp_temporary_read(rows->file, texts, len, from);
		/* Whole texts: a NUL ends each, and none is longer than the buffer. */
		while (!rc && texts[len - 1])
			len--;
		for (size_t i = 0; !rc && !exact && i < len; i++)
			texts[i] += texts[i] >= 'A' && texts[i] <= 'Z' ? 'a' - 'A' : 0;
		if (!rc)
			row = search_texts(texts, len, text, row, ret_found);
		from += len;
	}
	free(texts);
	return rc;
}

int mp_rows_reason(const struct mp_rows *rows, size_t index, struct mp_str *out)
{
	struct mp_row row;
	char *text;
	int rc = mp_rows_get(rows, index, &row);

	if (rc || !row.reason_len)
		return rc;
	text = malloc((size_t)row.reason_len + 1);
	if (!text)
		return -ENOMEM;
	rc = mp_temporary_read(rows->file, text, row.reason_len, row.reason_at);
	if (!rc)
		mp_str_add_len(out, text, row.reason_len);
	free(text);
	return rc;
}

size_t mp_rows_lower_bound(const struct mp_rows *rows, const char *text)
{
	size_t low = 0, high = rows->head.summary.n_rows;
	struct mp_row row;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (mp_rows_get(rows, middle, &row))
			return rows->head.summary.n_rows;
		if (strcmp(row.text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t mp_rows_find(const struct mp_rows *rows, const char *text)
{
	size_t at = mp_rows_lower_bound(rows, text);
	struct mp_row row;

	return at < rows->head.summary.n_rows && !mp_rows_get(rows, at, &row) &&
			       !strcmp(row.text, text)
		       ? at
		       : SIZE_MAX;
}

/* The pieces of a detail, in the order of rows_file.h. */
static void take_apart(struct mp_pair_copy *copy, const struct mp_row *row,
		       const struct mp_rows_detail *detail, char *at)
{
	struct mp_pair *pair = &copy->pair;

	*pair = (struct mp_pair){ .verdict = row->verdict,
				  .factor_a = detail->factor_a,
				  .factor_b = detail->factor_b,
				  .measured = isfinite(detail->location.ratio),
				  .mode = row->mode,
				  .population = row->population,
				  .location = detail->location,
				  .needed = row->needed,
				  .calls = detail->calls,
				  .tail = detail->tail,
				  .shape = detail->shape };
	pair->tail.changes = (struct mp_change *)at;
	at += pair->tail.n_changes * sizeof(struct mp_change);
	pair->shape.changes = (struct mp_change *)at;
	at += pair->shape.n_changes * sizeof(struct mp_change);
	copy->rows_a = (int64_t *)at;
	copy->n_rows_a = detail->n_rows_a;
	at += detail->n_rows_a * sizeof(int64_t);
	copy->rows_b = (int64_t *)at;
	copy->n_rows_b = detail->n_rows_b;
	at += detail->n_rows_b * sizeof(int64_t);
	pair->bench = at;
	pair->family = at + detail->bench_len;
}

int mp_rows_pair(const struct mp_rows *rows, size_t index, struct mp_pair_copy *ret_copy,
		 struct mp_err *err)
{
	struct mp_pair_copy copy = { 0 };
	struct mp_rows_detail detail;
	struct mp_str reason = MP_STR_INIT;
	struct mp_row row;
	size_t rest = 0;
	int rc = mp_rows_get(rows, index, &row);

	if (!rc && row.detail_len < sizeof(detail))
		rc = -ENOENT;
	if (!rc)
		rc = mp_temporary_read(rows->file, &detail, sizeof(detail), row.detail_at);
	if (!rc)
		rc = mp_rows_reason(rows, index, &reason);
	if (!rc) {
		rest = row.detail_len - sizeof(detail);
		copy.memory = malloc(rest + row.text_len + 1);
		rc = copy.memory ? mp_temporary_read(rows->file, copy.memory, rest,
						     row.detail_at + sizeof(detail))
				 : -ENOMEM;
	}
	if (rc) {
		free(copy.memory);
		mp_str_done(&reason);
		return mp_err_env(err, rc, "the numbers of row %zu cannot be read: %s", index,
				  strerror(-rc));
	}
	take_apart(&copy, &row, &detail, copy.memory);
	memcpy((char *)copy.memory + rest, row.text, (size_t)row.text_len + 1);
	copy.pair.text = (char *)copy.memory + rest;
	copy.pair.reason = reason.len ? mp_str_take(&reason) : NULL;
	mp_str_done(&reason);
	*ret_copy = copy;
	return 0;
}

void mp_pair_copy_done(struct mp_pair_copy *copy)
{
	free(copy->pair.reason);
	free(copy->memory);
	*copy = (struct mp_pair_copy){ 0 };
}
