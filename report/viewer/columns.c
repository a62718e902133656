/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a row shows in which column: see columns.h. */
#include "report/viewer/columns.h"

#include <math.h>
#include <string.h>

static bool two(const struct mp_view *view)
{
	return mp_view_model(view)->n_sides == 2;
}

const char *mp_row_word(const struct mp_view *view, const struct mp_row *row,
			enum mp_role *ret_role)
{
	if (two(view)) {
		*ret_role = mp_verdict_role(row->verdict);
		return row->verdict == MP_VERDICT_INCOMPARABLE ? "n/a"
							       : mp_verdict_name(row->verdict);
	}
	*ret_role = row->outcome_a == MP_OUTCOME_OK	   ? MP_ROLE_TEXT
		    : row->outcome_a == MP_OUTCOME_SKIPPED ? MP_ROLE_MUTED
							   : MP_ROLE_FAILED;
	return mp_outcome_name(row->outcome_a);
}

char mp_row_letter(const struct mp_view *view, const struct mp_row *row)
{
	if (two(view))
		return mp_verdict_letter(row->verdict);
	switch (row->outcome_a) {
	case MP_OUTCOME_OK:
		return '.';
	case MP_OUTCOME_SKIPPED:
		return '-';
	case MP_OUTCOME_INVALID:
		return 'i';
	case MP_OUTCOME_PENDING:
		return '~';
	default:
		return '!';
	}
}

static enum mp_role show_word(const struct mp_view *view, const struct mp_row *row,
			      struct mp_str *out)
{
	enum mp_role role;

	mp_str_add(out, mp_row_word(view, row, &role));
	return role;
}

static double value_a(const struct mp_row *row)
{
	return row->a;
}

static double value_b(const struct mp_row *row)
{
	return row->b;
}

static enum mp_role show_a(const struct mp_view *view, const struct mp_row *row, struct mp_str *out)
{
	char buf[MP_VIEW_NUMBER_LEN];

	/* No value, and a value that failed, are two things. */
	if (isnan(row->a) && row->on_a && row->outcome_a != MP_OUTCOME_OK)
		mp_str_add(out, mp_outcome_name(row->outcome_a));
	else
		mp_str_add(out, mp_view_value(view, row->a, buf));
	return MP_ROLE_TEXT;
}

static enum mp_role show_b(const struct mp_view *view, const struct mp_row *row, struct mp_str *out)
{
	char buf[MP_VIEW_NUMBER_LEN];

	if (isnan(row->b) && row->on_b && row->outcome_b != MP_OUTCOME_OK)
		mp_str_add(out, mp_outcome_name(row->outcome_b));
	else
		mp_str_add(out, mp_view_value(view, row->b, buf));
	return MP_ROLE_TEXT;
}

static enum mp_role show_change(const struct mp_view *view, const struct mp_row *row,
				struct mp_str *out)
{
	char buf[MP_VIEW_NUMBER_LEN];

	mp_str_add(out, mp_view_change(view, row->ratio, buf));
	return mp_verdict_role(row->verdict);
}

static enum mp_role show_interval(const struct mp_view *view, const struct mp_row *row,
				  struct mp_str *out)
{
	char buf[2 * MP_VIEW_NUMBER_LEN];

	if (two(view))
		mp_str_add(out, mp_view_interval(view, row->low, row->high, buf));
	else if (isfinite(row->low) && row->a > 0)
		mp_str_printf(out, "%.2g %%", 50 * (row->high - row->low) / row->a);
	else
		mp_str_add(out, "-");
	return MP_ROLE_TEXT;
}

static enum mp_role show_p(const struct mp_view *view, const struct mp_row *row, struct mp_str *out)
{
	(void)view;
	if (isnan(row->p))
		mp_str_add(out, "-");
	else if (row->p < 0.001)
		mp_str_add(out, "<.001");
	else
		mp_str_printf(out, "%.3f", row->p);
	return MP_ROLE_TEXT;
}

static enum mp_role show_n(const struct mp_view *view, const struct mp_row *row, struct mp_str *out)
{
	if (two(view))
		mp_str_printf(out, "%u+%u", row->n_a, row->n_b);
	else
		mp_str_printf(out, "%u", row->n_a);
	return row->warnings & 1u << MP_WARN_FEW ? MP_ROLE_WARNING : MP_ROLE_MUTED;
}

static enum mp_role show_noise(const struct mp_view *view, const struct mp_row *row,
			       struct mp_str *out)
{
	(void)view;
	if (isnan(row->scatter))
		mp_str_add(out, "-");
	else
		mp_str_printf(out, "%.2g %%", 100 * row->scatter);
	return MP_ROLE_MUTED;
}

static enum mp_role show_warnings(const struct mp_view *view, const struct mp_row *row,
				  struct mp_str *out)
{
	(void)view;
	for (int i = 0; i < MP_WARN_COUNT; i++) {
		if (row->warnings & 1u << i)
			mp_str_addc(out, mp_warning_texts[i].letter);
	}
	return MP_ROLE_WARNING;
}

static enum mp_role show_limit(const struct mp_view *view, const struct mp_row *row,
			       struct mp_str *out)
{
	(void)view;
	if (isnan(row->threshold))
		mp_str_add(out, "-");
	else
		mp_str_printf(out, "%.2g %%", 100 * row->threshold);
	return MP_ROLE_MUTED;
}

static enum mp_role show_seen(const struct mp_view *view, const struct mp_row *row,
			      struct mp_str *out)
{
	char buf[MP_VIEW_NUMBER_LEN];

	if (isnan(row->detectable))
		mp_str_add(out, "-");
	else if (isinf(row->detectable))
		mp_str_add(out, "none");
	else
		mp_str_add(out, mp_view_change(view, 1 + row->detectable, buf));
	return MP_ROLE_MUTED;
}

static enum mp_role aside(enum mp_aside verdict, struct mp_str *out)
{
	mp_str_add(out, verdict == MP_ASIDE_NONE ? "-" : mp_aside_name(verdict));
	return verdict == MP_ASIDE_SLOWER || verdict == MP_ASIDE_CHANGED ? MP_ROLE_WORSE
	       : verdict == MP_ASIDE_FASTER				 ? MP_ROLE_BETTER
									 : MP_ROLE_MUTED;
}

static enum mp_role show_tail(const struct mp_view *view, const struct mp_row *row,
			      struct mp_str *out)
{
	(void)view;
	return aside(row->tail, out);
}

static enum mp_role show_shape(const struct mp_view *view, const struct mp_row *row,
			       struct mp_str *out)
{
	(void)view;
	return aside(row->shape, out);
}

static enum mp_role show_mode(const struct mp_view *view, const struct mp_row *row,
			      struct mp_str *out)
{
	(void)view;
	if (row->mode)
		mp_str_printf(out, "%s %s", mp_mode_name(row->mode),
			      mp_population_name(row->population));
	else
		mp_str_add(out, "-");
	return MP_ROLE_MUTED;
}

/* Drawn, not written: results_table.c. */
static enum mp_role show_picture(const struct mp_view *view, const struct mp_row *row,
				 struct mp_str *out)
{
	(void)view;
	(void)row;
	(void)out;
	return MP_ROLE_TEXT;
}

const struct mp_view_column mp_columns[] = {
	{ MP_COLUMN_VERDICT, "verdict",
	  "slower, faster, same, unsure ...; with one side the outcome", 9, 4, true, false,
	  MP_ALIGN_LEFT, show_word, NULL },
	{ "a", "A", "value of A: median over the invocations", 10, 2, true, false, MP_ALIGN_RIGHT,
	  show_a, value_a },
	{ "b", "B", "value of B", 10, 1, true, true, MP_ALIGN_RIGHT, show_b, value_b },
	{ "change", "change", "B against A", 9, 0, true, true, MP_ALIGN_RIGHT, show_change, NULL },
	{ "interval", "interval", "of the change; with one side +- half of the value's", 17, 3,
	  true, false, MP_ALIGN_RIGHT, show_interval, NULL },
	{ "p", "p", "adjusted for everything that was tested", 6, 6, true, true, MP_ALIGN_RIGHT,
	  show_p, NULL },
	{ "limit", "limit", "threshold: smaller changes are no change", 7, 9, false, true,
	  MP_ALIGN_RIGHT, show_limit, NULL },
	{ "detectable", "could see", "smallest change that would have been called", 10, 10, false,
	  true, MP_ALIGN_RIGHT, show_seen, NULL },
	{ "noise", "noise", "scatter between invocations", 7, 8, true, false, MP_ALIGN_RIGHT,
	  show_noise, NULL },
	{ "tail", "tail", "verdict on p99 to p99.9 of single calls", 7, 11, true, true,
	  MP_ALIGN_LEFT, show_tail, NULL },
	{ "shape", "shape", "verdict on the deciles of single calls", 8, 12, true, true,
	  MP_ALIGN_LEFT, show_shape, NULL },
	{ "mode", "mode", "how it was timed, and which samples count", 10, 13, false, false,
	  MP_ALIGN_LEFT, show_mode, NULL },
	{ "n", "n", "invocations", 6, 5, true, false, MP_ALIGN_RIGHT, show_n, NULL },
	{ MP_COLUMN_PICTURE, "", "the change and its interval, drawn around no change", 21, 14,
	  true, true, MP_ALIGN_LEFT, show_picture, NULL },
	{ "warnings", "w", "warnings, a letter each: ? explains them", 5, 7, true, false,
	  MP_ALIGN_LEFT, show_warnings, NULL },
};
const size_t mp_n_columns = sizeof(mp_columns) / sizeof(mp_columns[0]);

void mp_columns_usual(struct mp_view_show *show)
{
	show->columns = 0;
	for (size_t i = 0; i < mp_n_columns; i++) {
		show->columns |= mp_columns[i].usual ? 1u << i : 0;
		show->order[i] = (unsigned char)i;
	}
}

static size_t find_column(const char *name, size_t len)
{
	size_t i = 0;

	while (i < mp_n_columns &&
	       (strlen(mp_columns[i].name) != len || strncmp(mp_columns[i].name, name, len)))
		i++;
	return i;
}

void mp_columns_read(const char *names, struct mp_view_show *show)
{
	struct mp_view_show made = { .columns = 0 };
	size_t n = 0;

	for (size_t len; (names += strspn(names, " \t"), len = strcspn(names, " \t"));
	     names += len) {
		size_t i = find_column(names, len);

		if (i == mp_n_columns || made.columns & 1u << i)
			continue;
		made.columns |= 1u << i;
		made.order[n++] = (unsigned char)i;
	}
	if (!n)
		return;
	/* Those that are not shown come behind, to be chosen again. */
	for (size_t i = 0; i < mp_n_columns; i++) {
		if (!(made.columns & 1u << i))
			made.order[n++] = (unsigned char)i;
	}
	show->columns = made.columns;
	memcpy(show->order, made.order, sizeof(show->order));
}

void mp_columns_names(const struct mp_view_show *show, struct mp_str *out)
{
	for (size_t k = 0; k < mp_n_columns; k++) {
		if (show->columns & 1u << show->order[k])
			mp_str_printf(out, "%s%s", out->len ? " " : "",
				      mp_columns[show->order[k]].name);
	}
}

void mp_row_facts(const struct mp_view *view, const struct mp_row *row, struct mp_str *out)
{
	mp_str_printf(out, "%c %s\n", mp_row_letter(view, row), row->text);
	for (size_t i = 0; i < mp_n_columns; i++) {
		struct mp_str text = MP_STR_INIT;

		if (mp_columns[i].two_sides && !two(view))
			continue;
		mp_columns[i].show(view, row, &text);
		if (text.len && strcmp(text.text, "-") != 0)
			mp_str_printf(out, "%s %s\n", mp_columns[i].title, text.text);
		mp_str_done(&text);
	}
}

void mp_row_draw_facts(const struct mp_view *view, const struct mp_row *row,
		       const struct mp_grid *body)
{
	static const char *const first[] = { "change", "verdict", "a", "b", "interval" };
	enum mp_role role;
	int at = 0;
	bool cramped = body->rows < 6;

	mp_row_word(view, row, &role);
	mp_grid_printf(body, at, 0, role, "%c", mp_row_letter(view, row));
	mp_grid_field(body, at++, 2, body->columns - 2, MP_ROLE_TEXT, MP_ALIGN_LEFT, MP_CUT_MIDDLE,
		      row->text);
	mp_grid_cursor(body, 0, 0);
	/* Two facts a line where lines are few. */
	for (size_t k = 0; k < sizeof(first) / sizeof(first[0]) + mp_n_columns && at < body->rows;
	     k++) {
		size_t i = 0, n_first = sizeof(first) / sizeof(first[0]);
		struct mp_str text = MP_STR_INIT;
		enum mp_role own;
		bool early = false;

		if (k < n_first) {
			while (strcmp(mp_columns[i].name, first[k]))
				i++;
		} else {
			i = k - n_first;
			for (size_t f = 0; f < n_first; f++)
				early = early || !strcmp(mp_columns[i].name, first[f]);
		}
		if (early || (mp_columns[i].two_sides && !two(view)))
			continue;
		own = mp_columns[i].show(view, row, &text);
		if (text.len && strcmp(text.text, "-") != 0)
			mp_grid_printf(body, at++, 2, own, cramped && i == 0 ? "%.0s%s" : "%s %s",
				       mp_columns[i].title, text.text);
		mp_str_done(&text);
	}
}
