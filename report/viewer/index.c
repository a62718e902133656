/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorted and filtered row numbers: see index.h. */
#include "report/viewer/index.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/radix.h"
#include "common/str.h"
#include "report/viewer/counter_numbers.h"

#define STEP_ROWS 1024 /* filtered between two looks at the clock */

static const struct {
	const char *name, *help;
} sorts[MP_SORT_COUNT] = {
	[MP_SORT_EVIDENCE] = { "evidence",
			       "what is most certain first (p, then size of the change)" },
	[MP_SORT_CHANGE] = { "change", "largest change in either direction first" },
	[MP_SORT_A] = { "a", "largest value of A first" },
	[MP_SORT_B] = { "b", "largest value of B first" },
	[MP_SORT_NOISE] = { "noise", "largest scatter between invocations first" },
	[MP_SORT_CASE] = { "case", "by the case's text" },
	[MP_SORT_WARNINGS] = { "warnings", "most warnings first" },
	[MP_SORT_COUNTER] = { "counter", "largest change in either direction first; with one side "
					 "the largest number" },
};

const char *mp_sort_name(enum mp_sort sort)
{
	return sorts[sort].name;
}

const char *mp_sort_help(enum mp_sort sort)
{
	return sorts[sort].help;
}

/* ---- sorting ---- */

/* What is equal by these keys stays in its order. 0 or negative errno. */
static int sort_by(const struct mp_index *x, enum mp_sort sort, uint64_t *keys,
		   struct mp_radix_item *items, struct mp_radix_item *spare, size_t n)
{
	int rc = 0;

	if (sort == MP_SORT_COUNTER)
		mp_counter_numbers_keys(x->counters, n, keys);
	else
		rc = mp_rows_keys(x->rows, sort, keys);
	for (size_t i = 0; !rc && i < n; i++)
		items[i].key = keys[items[i].index];
	if (!rc)
		mp_radix_sort(items, spare, n);
	return rc;
}

/* Among equals the larger change comes first, then name order. */
static int sort_rows(struct mp_index *x)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;
	struct mp_radix_item *items = malloc((2 * n + 1) * sizeof(*items));
	uint64_t *keys = malloc((n + 1) * sizeof(*keys));
	int rc = items && keys ? 0 : -ENOMEM;

	for (size_t i = 0; !rc && i < n; i++)
		items[i].index = (uint32_t)i;
	if (!rc && x->sort != MP_SORT_CASE)
		rc = sort_by(x, MP_SORT_CHANGE, keys, items, items + n, n);
	if (!rc && x->sort != MP_SORT_CASE && x->sort != MP_SORT_CHANGE)
		rc = sort_by(x, x->sort, keys, items, items + n, n);
	for (size_t i = 0; !rc && i < n; i++)
		x->order[x->reverse ? n - 1 - i : i] = items[i].index;
	free(items);
	free(keys);
	return rc;
}

/* ---- filtering ---- */

/* What a field is for the row that is looked at. */
struct asked {
	const struct mp_rows *rows;
	const struct mp_counter_numbers *counters;
	size_t index;
	const struct mp_row *row;
	char words[128]; /* room for a word that is put together */
	struct mp_str reason; /* room for that */
};

static double change_of(const struct mp_row *row)
{
	return row->ratio - 1;
}

static double p_of(const struct mp_row *row)
{
	return row->p;
}

static double n_of(const struct mp_row *row)
{
	return row->on_b && row->on_a && row->n_b < row->n_a ? row->n_b : row->n_a;
}

static double a_of(const struct mp_row *row)
{
	return row->a;
}

static double b_of(const struct mp_row *row)
{
	return row->b;
}

static double noise_of(const struct mp_row *row)
{
	return row->scatter;
}

static const char *verdict_of(struct asked *asked)
{
	const struct mp_row *row = asked->row;

	return row->on_a && !row->on_b && row->verdict == MP_VERDICT_UNSURE
		       ? NULL /* one side: there is none */
		       : mp_verdict_name(row->verdict);
}

static const char *outcome_of(struct asked *asked)
{
	return mp_outcome_name(asked->row->on_a ? asked->row->outcome_a : asked->row->outcome_b);
}

static const char *mode_of(struct asked *asked)
{
	return asked->row->mode ? mp_mode_name(asked->row->mode) : NULL;
}

static const char *tail_of(struct asked *asked)
{
	return mp_aside_name(asked->row->tail);
}

static const char *shape_of(struct asked *asked)
{
	return mp_aside_name(asked->row->shape);
}

/* "few,tail": names of all warnings, for globs. */
static const char *warnings_of(struct asked *asked)
{
	size_t at = 0;

	asked->words[0] = '\0';
	for (int i = 0; i < MP_WARN_COUNT; i++) {
		if (asked->row->warnings & 1u << i)
			at += (size_t)snprintf(asked->words + at, sizeof(asked->words) - at, "%s%s",
					       at ? "," : "", mp_warning_texts[i].name);
	}
	return asked->words;
}

static const char *reason_of(struct asked *asked)
{
	if (!asked->row->reason_len)
		return NULL;
	mp_str_clear(&asked->reason);
	mp_rows_reason(asked->rows, asked->index, &asked->reason);
	return asked->reason.text;
}

/* In the order of mp_index_fields. */
static const struct {
	double (*number)(const struct mp_row *row);
	const char *(*word)(struct asked *asked);
} getters[] = {
	{ NULL, verdict_of }, { change_of, NULL }, { p_of, NULL },	 { n_of, NULL },
	{ a_of, NULL },	      { b_of, NULL },	   { noise_of, NULL },	 { NULL, tail_of },
	{ NULL, shape_of },   { NULL, mode_of },   { NULL, outcome_of }, { NULL, warnings_of },
	{ NULL, reason_of },
};

const struct mp_index_field mp_index_fields[] = {
	{ "verdict", "faster, slower, same, unsure, 'only A', 'only B', failed, incomparable" },
	{ "change", "B against A, signed: change > 5%, change < -10%" },
	{ "p", "adjusted p: p < 0.01" },
	{ "n", "invocations on the side that has fewer" },
	{ "a", "value of A: a > 1.5us" },
	{ "b", "value of B" },
	{ "noise", "scatter between invocations: noise < 2%" },
	{ "tail", "of single calls: slower, faster, same, unsure, 'not judged'" },
	{ "shape", "of single calls: changed, same, unsure, 'not judged'" },
	{ "mode", "call, batch, rate" },
	{ "outcome", "ok, invalid, failed, skipped, timed_out, pending" },
	{ "warn", "names of warnings: warn ~ *tail*" },
	{ "reason", "why there is no verdict, or no value: reason ~ *module*" },
};
const size_t mp_n_index_fields = sizeof(mp_index_fields) / sizeof(mp_index_fields[0]);
_Static_assert(sizeof(getters) / sizeof(getters[0]) ==
		       sizeof(mp_index_fields) / sizeof(mp_index_fields[0]),
	       "a getter for each field");

static struct mp_filter_value value_of(void *user, size_t index)
{
	struct asked *asked = user;
	struct mp_filter_value value = { .number = NAN };

	if (index >= mp_n_index_fields)
		value.number = mp_counter_numbers_value(asked->counters, index - mp_n_index_fields,
							asked->index);
	else if (getters[index].number)
		value.number = getters[index].number(asked->row);
	else
		value.word = getters[index].word(asked);
	return value;
}

static void list_matches(struct mp_index *x)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;

	x->version++;
	x->n_listed = 0;
	for (size_t i = 0; i < n; i++) {
		uint32_t row = x->order[i];

		if (x->matches[row / 64] >> (row % 64) & 1)
			x->listed[x->n_listed++] = row;
	}
}

static bool passes(const struct mp_index *x, size_t i, const struct mp_row *row)
{
	struct asked asked = { .rows = x->rows,
			       .counters = x->counters,
			       .index = i,
			       .row = row,
			       .reason = MP_STR_INIT };
	bool matches;

	if (x->only_marked && !mp_index_marked(x, i))
		return false;
	matches = !x->filter || mp_filter_match_with(x->filter, row->text, value_of, &asked);
	mp_str_done(&asked.reason);
	return matches;
}

static int look(void *user, size_t i, const struct mp_row *row)
{
	struct mp_index *x = user;

	x->verdicts[i] = (uint8_t)row->verdict;
	if (!passes(x, i, row)) {
		x->n_filtered++;
		return 0;
	}
	if (!x->all && !x->names_verdict && !x->only_marked && row->verdict == MP_VERDICT_SAME &&
	    row->on_b) {
		x->n_same++;
		return 0;
	}
	x->matches[i / 64] |= 1ull << (i % 64);
	return 0;
}

static void restart(struct mp_index *x)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;

	x->looked_at = x->n_same = x->n_filtered = x->n_listed = 0;
	if (n)
		memset(x->matches, 0, (n / 64 + 1) * sizeof(*x->matches));
}

bool mp_index_step(struct mp_index *x, uint64_t budget_ns)
{
	size_t n = x->rows ? mp_rows_summary(x->rows)->n_rows : 0;
	size_t ready = mp_counter_numbers_ready(x->counters);
	uint64_t start = mp_clock_raw_ns();

	if (x->looked_at >= n)
		return false;
	ready = ready < n ? ready : n;
	if (x->looked_at >= ready)
		return true;
	while (x->looked_at < ready) {
		size_t rest = ready - x->looked_at, count = rest < STEP_ROWS ? rest : STEP_ROWS;

		/* A row that cannot be read is not listed; the next key says why. */
		mp_rows_scan(x->rows, x->looked_at, count, look, x);
		x->looked_at += count;
		if (mp_clock_raw_ns() - start >= budget_ns)
			break;
	}
	list_matches(x);
	return x->looked_at < n;
}

/* Marks of the rows before as bits of the new ones; how many are left. */
static size_t carry_marks(const struct mp_index *x, const struct mp_rows *rows, uint64_t *marks)
{
	size_t n = 0;
	struct mp_row row;

	for (size_t at = mp_index_next_mark(x, 0); at != SIZE_MAX;
	     at = mp_index_next_mark(x, at + 1)) {
		size_t now = rows && !mp_rows_get(x->rows, at, &row) ? mp_rows_find(rows, row.text)
								     : SIZE_MAX;

		if (now == SIZE_MAX)
			continue;
		marks[now / 64] |= 1ull << (now % 64);
		n++;
	}
	return n;
}

int mp_index_rows(struct mp_index *x, const struct mp_rows *rows)
{
	size_t n = rows ? mp_rows_summary(rows)->n_rows : 0;
	uint32_t *order = calloc(n + 1, sizeof(*order)), *listed = calloc(n + 1, sizeof(*listed));
	uint64_t *matches = calloc(n / 64 + 1, sizeof(*matches));
	uint64_t *marks = calloc(n / 64 + 1, sizeof(*marks));
	uint8_t *verdicts = calloc(n + 1, sizeof(*verdicts));
	int rc;

	if (!order || !listed || !matches || !marks || !verdicts) {
		free(marks);
		free(verdicts);
		free(order);
		free(listed);
		free(matches);
		return -ENOMEM;
	}
	x->n_marks = carry_marks(x, rows, marks);
	x->only_marked = x->only_marked && x->n_marks;
	free(x->marks);
	free(x->order);
	free(x->listed);
	free(x->matches);
	free(x->verdicts);
	x->marks = marks;
	x->verdicts = verdicts;
	x->rows = rows;
	x->order = order;
	x->listed = listed;
	x->matches = matches;
	restart(x);
	rc = sort_rows(x);
	if (rc) /* they are the caller's again */
		x->rows = NULL;
	return rc;
}

int mp_index_sort(struct mp_index *x, enum mp_sort sort, bool reverse)
{
	int rc;

	x->sort = sort;
	x->reverse = reverse;
	if (!x->rows)
		return 0;
	rc = sort_rows(x);
	list_matches(x);
	return rc;
}

int mp_index_sort_counter(struct mp_index *x, const char *name, bool reverse)
{
	return mp_counter_numbers_sort(x->counters, name)
		       ? mp_index_sort(x, MP_SORT_COUNTER, reverse)
		       : -ENOENT;
}

const char *mp_index_sorted(const struct mp_index *x)
{
	return x->sort == MP_SORT_COUNTER ? mp_counter_numbers_sorted(x->counters)
					  : mp_sort_name(x->sort);
}

void mp_index_all(struct mp_index *x, bool all)
{
	x->all = all;
	if (x->rows)
		restart(x);
}

/* ---- marks ---- */

bool mp_index_marked(const struct mp_index *x, size_t row)
{
	return x->marks[row / 64] >> (row % 64) & 1;
}

void mp_index_mark(struct mp_index *x, size_t row, bool on)
{
	if (mp_index_marked(x, row) == on)
		return;
	x->marks[row / 64] ^= 1ull << (row % 64);
	x->n_marks += on ? 1 : (size_t)-1;
	if (x->only_marked)
		mp_index_only_marked(x, x->n_marks > 0);
}

void mp_index_unmark(struct mp_index *x)
{
	if (x->rows)
		memset(x->marks, 0,
		       (mp_rows_summary(x->rows)->n_rows / 64 + 1) * sizeof(*x->marks));
	x->n_marks = 0;
	if (x->only_marked)
		mp_index_only_marked(x, false);
}

size_t mp_index_next_mark(const struct mp_index *x, size_t row)
{
	size_t n = x->rows && x->n_marks ? mp_rows_summary(x->rows)->n_rows : 0;

	for (; row < n; row++) {
		if (!(row % 64) && !x->marks[row / 64])
			row += 63;
		else if (mp_index_marked(x, row))
			return row;
	}
	return SIZE_MAX;
}

void mp_index_only_marked(struct mp_index *x, bool only)
{
	x->only_marked = only;
	if (x->rows)
		restart(x);
}

/* ---- filters as people write them ---- */

/* Words without an operator: each must be in the case's text. Heap; NULL: out of memory. */
static char *words_filter(const char *text)
{
	struct mp_str out = MP_STR_INIT;

	for (const char *at = text; *at;) {
		size_t len = strcspn(at, " \t");

		if (len)
			mp_str_printf(&out, "%scase ~ \"*%.*s*\"", out.len ? " and " : "", (int)len,
				      at);
		at += len + strspn(at + len, " \t");
	}
	return mp_str_take(&out);
}

/* Of verdicts, or of warnings, which have nothing to do with them. */
static int names_verdict(void *user, const char *field)
{
	bool *named = user;

	*named = *named || !strcmp(field, "verdict") || !strcmp(field, "warn");
	return 0;
}

struct checking {
	const struct mp_rows *rows;
	const struct mp_filter_field *fields;
	size_t n_fields;
	struct mp_err *err;
};

/* A field that no case has is a slip. */
static int check_field(void *user, const char *field)
{
	static const char *const common[] = { "case", "bench", "family" };
	const struct checking *c = user;
	const char *known[512], *near, *axis;
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		known[n++] = common[i];
	for (size_t i = 0; i < 64 && (axis = mp_rows_axis(c->rows, i)); i++)
		known[n++] = axis;
	for (size_t i = 0; n < sizeof(known) / sizeof(known[0]) && i < c->n_fields; i++)
		known[n++] = c->fields[i].name;
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(known[i], field))
			return 0;
	}
	near = mp_str_nearest(field, known, n);
	return mp_err_usage(c->err, -EINVAL, "no case has '%s'%s%s%s", field,
			    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* The expression of a text, with all that it asks for known. 0 or negative errno with a sentence. */
static int parse(const struct mp_index *x, const char *text, struct mp_filter **ret_filter,
		 struct mp_err *err)
{
	size_t n = mp_n_index_fields + mp_counter_numbers_count(x->counters);
	struct mp_filter_field *fields = calloc(n, sizeof(*fields));
	struct checking checking = { x->rows, fields, n, err };
	char *words = strpbrk(text, "=<>~!()'\"") ? NULL : words_filter(text);
	struct mp_filter *filter = NULL;
	int rc = fields ? 0 : mp_err_env(err, -ENOMEM, "out of memory");

	for (size_t i = 0; !rc && i < mp_n_index_fields; i++)
		fields[i] = (struct mp_filter_field){ mp_index_fields[i].name,
						      getters[i].number != NULL };
	if (!rc) {
		mp_counter_numbers_fields(x->counters, fields + mp_n_index_fields);
		rc = mp_filter_parse_with(words ? words : text, fields, n, &filter, err);
	}
	if (!rc && x->rows)
		rc = mp_filter_fields(filter, check_field, &checking);
	free(words);
	free(fields);
	if (rc)
		mp_filter_free(filter);
	else
		*ret_filter = filter;
	return rc;
}

int mp_index_filter(struct mp_index *x, const char *text, struct mp_err *err)
{
	struct mp_filter *filter = NULL;
	char *copy = NULL;
	bool named = false, blank = !text || !text[strspn(text, " \t")];
	int rc = 0;

	if (!blank) {
		copy = strdup(text);
		rc = copy ? parse(x, text, &filter, err)
			  : mp_err_env(err, -ENOMEM, "out of memory");
	}
	if (!rc)
		rc = mp_counter_numbers_filter(x->counters, filter, err);
	if (rc) {
		mp_filter_free(filter);
		free(copy);
		return rc;
	}
	if (filter)
		mp_filter_fields(filter, names_verdict, &named);
	mp_filter_free(x->filter);
	free(x->filter_text);
	x->filter = filter;
	x->filter_text = copy;
	x->names_verdict = named;
	if (x->rows)
		restart(x);
	return 0;
}

void mp_index_done(struct mp_index *x)
{
	free(x->order);
	free(x->listed);
	free(x->matches);
	free(x->marks);
	free(x->verdicts);
	mp_filter_free(x->filter);
	free(x->filter_text);
	*x = (struct mp_index){ 0 };
}

size_t mp_index_position(const struct mp_index *x, size_t row)
{
	for (size_t i = 0; i < x->n_listed; i++) {
		if (x->listed[i] == row)
			return i;
	}
	return SIZE_MAX;
}

size_t mp_index_search(const struct mp_index *x, const uint32_t *order, size_t n, const char *text,
		       size_t from, int by, size_t *ret_nth, size_t *ret_total)
{
	size_t rows = x->rows ? mp_rows_summary(x->rows)->n_rows : 0, total = 0, nth = 0;
	uint64_t *found = calloc(rows / 64 + 1, sizeof(*found));
	size_t hit = SIZE_MAX, first = SIZE_MAX, last = SIZE_MAX, before = SIZE_MAX;

	if (!found || mp_rows_search(x->rows, text, found)) {
		free(found);
		return SIZE_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t row = order[i];

		if (!(found[row / 64] >> (row % 64) & 1))
			continue;
		total++;
		if (first == SIZE_MAX)
			first = i;
		last = i;
		if (i < from)
			before = i;
		if (i > from && hit == SIZE_MAX)
			hit = i;
	}
	if (by > 0)
		hit = hit != SIZE_MAX ? hit : first;
	else
		hit = before != SIZE_MAX ? before : last;
	for (size_t i = 0; hit != SIZE_MAX && i <= hit; i++)
		nth += found[order[i] / 64] >> (order[i] % 64) & 1;
	free(found);
	*ret_nth = nth;
	*ret_total = total;
	return hit;
}

size_t mp_index_next(const struct mp_index *x, const uint32_t *order, size_t n,
		     enum mp_verdict verdict, size_t from, int by)
{
	for (size_t i = from; by > 0 ? ++i < n : i-- > 0;) {
		if (x->verdicts[order[i]] == verdict)
			return i;
	}
	return SIZE_MAX;
}
