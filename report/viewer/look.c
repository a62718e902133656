/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A close look at the subject: see look.h. */
#include "report/viewer/look.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void mp_look_close(struct mp_look *look)
{
	mp_store_close(look->stores[0]);
	mp_store_close(look->stores[1]);
	mp_pair_copy_done(&look->copy);
	*look = (struct mp_look){ 0 };
}

static const struct mp_side_run *run_of(const struct mp_side *side, int64_t id)
{
	for (size_t i = 0; i < side->n_runs; i++) {
		if (side->runs[i].row.id == id)
			return &side->runs[i];
	}
	return side->n_runs ? &side->runs[0] : NULL;
}

/* A case of the subject's benchmark that the side has, in the same run as the others; 0: none. */
static int64_t beside_of(const struct mp_model *model, const char *text, size_t s)
{
	char bench[MP_CASE_TEXT_MAX];
	size_t len = strcspn(text, "/");
	struct mp_row row;

	snprintf(bench, sizeof(bench), "%.*s", (int)len, text);
	for (size_t at = mp_rows_lower_bound(model->rows, bench);
	     !mp_rows_get(model->rows, at, &row) && !strncmp(row.text, bench, len); at++) {
		if (strcspn(row.text, "/") == len && (s ? row.run_case_b : row.run_case_a))
			return s ? row.run_case_b : row.run_case_a;
	}
	return 0;
}

static int open_side(struct mp_view *view, size_t s, struct mp_look *look, struct mp_err *err)
{
	const struct mp_model *model = mp_view_model(view);
	const struct mp_model_side *from = &model->sides[s];
	struct mp_chart_side *side = &look->subject.sides[s];
	size_t n = s ? look->copy.n_rows_b : look->copy.n_rows_a;
	int rc;

	side->name = from->name;
	side->run = run_of(&from->side, s ? look->row.run_b : look->row.run_a);
	look->one[s] = s ? look->row.run_case_b : look->row.run_case_a;
	if (!look->one[s])
		side->beside = beside_of(model, look->row.text, s);
	if (!look->one[s] && !side->beside)
		return 0;
	rc = mp_model_store_open(model, s, &look->stores[s], err);
	if (rc)
		return rc;
	if (!look->one[s]) {
		side->beside_store = look->stores[s];
		return 0;
	}
	side->store = look->stores[s];
	side->run_cases = n ? (s ? look->copy.rows_b : look->copy.rows_a) : &look->one[s];
	side->n_run_cases = n ? n : 1;
	return 0;
}

static int open_look(struct mp_view *view, struct mp_look *look, struct mp_err *err)
{
	struct mp_model *model = mp_view_model(view);
	size_t row = mp_view_subject_row(view);
	char key[MP_KEY_NAME_LEN];
	int rc;

	if (model->state == MP_MODEL_FAILED) {
		*err = model->why;
		return -EINVAL;
	}
	if (!model->rows)
		return mp_err_env(err, -EAGAIN, "the cases are being read");
	if (row == SIZE_MAX)
		return mp_err_env(err, -ENOENT, "%s; choose one on Results (%s)",
				  *mp_view_subject(view) ? "the case is on neither side"
							 : "no case is chosen",
				  mp_view_key(view, MP_SCOPE_ALL, "tab-2", key));
	rc = mp_rows_get(model->rows, row, &look->row);
	if (rc)
		return mp_err_env(err, rc, "the temporary file with the cases cannot be read: %s",
				  strerror(-rc));
	if (model->n_sides == 2) {
		rc = mp_rows_pair(model->rows, row, &look->copy, err);
		if (rc)
			return rc;
		look->subject.pair = &look->copy.pair;
	}
	look->subject.n_sides = model->n_sides;
	look->subject.times.unit = mp_rows_summary(model->rows)->unit;
	memcpy(look->subject.times.factor, mp_rows_summary(model->rows)->scale,
	       sizeof(look->subject.times.factor));
	/* A pair has its own factors: null calls of its placement. */
	if (look->subject.pair && look->subject.pair->measured) {
		look->subject.times.factor[0] = look->subject.pair->factor_a;
		look->subject.times.factor[1] = look->subject.pair->factor_b;
	}
	look->subject.case_text = look->row.text;
	for (size_t s = 0; s < model->n_sides && !rc; s++)
		rc = open_side(view, s, look, err);
	return rc ? rc : mp_chart_subject_fill(&look->subject, err);
}

int mp_look_open(struct mp_view *view, struct mp_look *ret_look, struct mp_err *err)
{
	int rc;

	/* In place: the subject points into it. */
	*ret_look = (struct mp_look){ 0 };
	rc = open_look(view, ret_look, err);
	if (rc)
		mp_look_close(ret_look);
	return rc;
}

static int open_versus(const struct mp_model *model, const char *const texts[2], size_t from,
		       struct mp_look *look, struct mp_err *err)
{
	int rc = mp_model_store_open(model, from, &look->stores[0], err);

	look->subject.n_sides = 2;
	look->subject.case_text = texts[0];
	for (size_t s = 0; !rc && s < 2; s++) {
		size_t row = mp_rows_find(model->rows, texts[s]);
		struct mp_chart_side *side = &look->subject.sides[s];

		if (row == SIZE_MAX || mp_rows_get(model->rows, row, &look->row))
			return mp_err_env(err, -ENOENT, "'%s' is on neither side now", texts[s]);
		look->one[s] = from ? look->row.run_case_b : look->row.run_case_a;
		if (!look->one[s])
			return mp_err_env(err, -ENOENT, "%c does not have '%s'",
					  mp_chart_side_letter(from), texts[s]);
		side->store = look->stores[0];
		side->run_cases = &look->one[s];
		side->n_run_cases = 1;
		side->name = texts[s];
		side->run =
			run_of(&model->sides[from].side, from ? look->row.run_b : look->row.run_a);
	}
	return rc ? rc : mp_chart_subject_fill(&look->subject, err);
}

int mp_look_versus(struct mp_view *view, const char *const texts[2], size_t side,
		   struct mp_look *ret_look, struct mp_err *err)
{
	const struct mp_model *model = mp_view_model(view);
	int rc;

	*ret_look = (struct mp_look){ 0 };
	if (!model->rows)
		return mp_err_env(err, -EAGAIN, "the cases are being read");
	rc = open_versus(model, texts, side, ret_look, err);
	if (rc)
		mp_look_close(ret_look);
	return rc;
}

int mp_look_choose(struct mp_view *view, struct mp_err *err)
{
	struct mp_model *model = mp_view_model(view);
	struct mp_row row;

	if (*mp_view_subject(view) && mp_view_subject_row(view) != SIZE_MAX)
		return 0;
	if (!model->rows || !mp_rows_summary(model->rows)->n_rows)
		return mp_err_env(err, -ENOENT, "there is no case to look at%s",
				  model->rows ? "" : " yet: the cases are being read");
	if (mp_rows_get(model->rows, model->index.n_listed ? model->index.listed[0] : 0, &row))
		return mp_err_env(err, -EIO, "the temporary file with the cases cannot be read");
	mp_view_set_subject(view, row.text);
	return 0;
}

/* The case's text without the value of one axis. */
static void without(const char *text, const char *axis, char out[MP_CASE_TEXT_MAX])
{
	size_t len = strlen(axis), at = 0;

	while (*text && at + 1 < MP_CASE_TEXT_MAX) {
		if (*text == '/' && !strncmp(text + 1, axis, len) && text[1 + len] == '=') {
			text += 1 + len;
			text += strcspn(text, "/");
			continue;
		}
		out[at++] = *text++;
	}
	out[at] = '\0';
}

bool mp_look_beside(struct mp_view *view, const char *axis, int by)
{
	struct mp_model *model = mp_view_model(view);
	char own[MP_CASE_TEXT_MAX], other[MP_CASE_TEXT_MAX];
	const char *subject = mp_view_subject(view);
	size_t bench = strcspn(subject, "/"), at = mp_view_subject_row(view);
	struct mp_row row;

	if (!model->rows || at == SIZE_MAX)
		return false;
	without(subject, axis, own);
	for (;;) {
		if (by < 0 ? !at : at + 1 >= mp_rows_summary(model->rows)->n_rows)
			return false;
		at += (size_t)by;
		if (mp_rows_get(model->rows, at, &row) || strncmp(row.text, subject, bench) ||
		    (row.text[bench] && row.text[bench] != '/'))
			return false;
		without(row.text, axis, other);
		if (strcmp(own, other))
			break;
	}
	mp_view_set_subject(view, row.text);
	return true;
}
