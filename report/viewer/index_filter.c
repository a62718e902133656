/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What filters of rows may ask, and how a row answers: see index_filter.h. */
#include "report/viewer/index_filter.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/str.h"
#include "report/viewer/counter_numbers.h"

#define AXES 64 /* names that are looked at for a slip */

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

static const char *side_of(struct asked *asked)
{
	return !asked->row->on_b ? "A" : asked->row->on_a ? "both" : "B";
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
	{ NULL, reason_of },  { NULL, side_of },
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
	{ "side", "which sides have the case: A, B, both" },
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

bool mp_index_filter_match(const struct mp_index *x, size_t i, const struct mp_row *row)
{
	struct asked asked = { .rows = x->rows,
			       .counters = x->counters,
			       .index = i,
			       .row = row,
			       .reason = MP_STR_INIT };
	bool matches = mp_filter_match_with(x->filter, row->text, value_of, &asked);

	mp_str_done(&asked.reason);
	return matches;
}

/* ---- as people write them ---- */

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
	const size_t n_common = sizeof(common) / sizeof(common[0]);
	const struct checking *c = user;
	const char **known = calloc(n_common + AXES + c->n_fields, sizeof(*known));
	const char *near = NULL, *axis;
	bool is_known = false;
	size_t n = 0;

	if (!known)
		return mp_err_env(c->err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n_common; i++)
		known[n++] = common[i];
	for (size_t i = 0; i < AXES && (axis = mp_rows_axis(c->rows, i)); i++)
		known[n++] = axis;
	for (size_t i = 0; i < c->n_fields; i++)
		known[n++] = c->fields[i].name;
	for (size_t i = 0; i < n; i++)
		is_known = is_known || !strcmp(known[i], field);
	if (!is_known)
		near = mp_str_nearest(field, known, n);
	free(known);
	if (is_known)
		return 0;
	return mp_err_usage(c->err, -EINVAL, "no case has '%s'%s%s%s", field,
			    near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

int mp_index_filter_parse(const struct mp_index *x, const char *text, struct mp_filter **ret_filter,
			  bool *ret_names_verdict, struct mp_err *err)
{
	int rc = mp_counter_numbers_look(x->counters, err);
	size_t n = mp_n_index_fields + mp_counter_numbers_count(x->counters);
	struct mp_filter_field *fields = rc ? NULL : calloc(n, sizeof(*fields));
	struct checking checking = { x->rows, fields, n, err };
	char *words = strpbrk(text, "=<>~!()'\"") ? NULL : words_filter(text);
	struct mp_filter *filter = NULL;

	if (!rc && !fields)
		rc = mp_err_env(err, -ENOMEM, "out of memory");
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
	if (rc) {
		mp_filter_free(filter);
		return rc;
	}
	mp_filter_fields(filter, names_verdict, ret_names_verdict);
	*ret_filter = filter;
	return 0;
}
