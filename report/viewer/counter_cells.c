/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was counted of the rows that are seen: see counter_cells.h. */
#include "report/viewer/counter_cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/vec.h"
#include "report/viewer/page.h"

/* Rows that are kept: those of a page, and of some before. */
#define KEPT (4 * MP_PAGE_ROWS)

struct mp_counter_row {
	size_t row;
	struct mp_counter_cell cells[MP_COUNTER_CELLS];
};

/* ---- which ---- */

size_t mp_counter_cells_find(const struct mp_counter_cells *cells, const char *name)
{
	for (size_t i = 0; i < cells->n; i++) {
		if (!strcmp(cells->names[i], name))
			return i;
	}
	return SIZE_MAX;
}

bool mp_counter_cells_toggle(struct mp_counter_cells *cells, const char *name)
{
	size_t at = mp_counter_cells_find(cells, name);

	mp_counter_cells_forget(cells);
	if (at != SIZE_MAX) {
		memmove(cells->names[at], cells->names[at + 1],
			(cells->n - at - 1) * sizeof(cells->names[0]));
		cells->n--;
		return true;
	}
	if (cells->n == MP_COUNTER_CELLS)
		return false;
	snprintf(cells->names[cells->n++], sizeof(cells->names[0]), "%s", name);
	return true;
}

void mp_counter_cells_choose(struct mp_counter_cells *cells, const char *names)
{
	cells->n = 0;
	for (size_t len; (names += strspn(names, "; \t"), len = strcspn(names, ";"));
	     names += len) {
		char name[MP_COUNTER_NAME_TEXT];

		snprintf(name, sizeof(name), "%.*s", (int)len, names);
		if (mp_counter_cells_find(cells, name) == SIZE_MAX)
			mp_counter_cells_toggle(cells, name);
	}
}

void mp_counter_cells_names(const struct mp_counter_cells *cells, struct mp_str *out)
{
	for (size_t i = 0; i < cells->n; i++)
		mp_str_printf(out, "%s%s", i ? "; " : "", cells->names[i]);
}

/* ---- their numbers ---- */

const struct mp_counter_cell *mp_counter_cells_get(struct mp_counter_cells *cells, size_t row)
{
	struct mp_counter_row *wanted;

	for (size_t i = 0; i < cells->n_rows; i++) {
		if (cells->rows[i].row == row)
			return i < cells->n_read ? cells->rows[i].cells : NULL;
	}
	if (cells->n_rows == KEPT)
		mp_counter_cells_forget(cells);
	wanted = mp_vec_push((void **)&cells->rows, &cells->n_rows, &cells->cap_rows,
			     sizeof(*wanted));
	if (wanted)
		wanted->row = row;
	return NULL;
}

/* The first of the counter that has a number: a metric may be counted in several passes. */
static const struct mp_count_row *counted(const struct mp_count_row *rows, size_t n,
					  const char *name)
{
	const struct mp_count_row *found = NULL;
	char own[MP_COUNTER_NAME_TEXT];

	for (size_t i = 0; i < n; i++) {
		if (strcmp(mp_counter_name(&rows[i].what, own), name))
			continue;
		if (isfinite(rows[i].per_op))
			return &rows[i];
		found = found ? found : &rows[i];
	}
	return found;
}

/* A part of the instances is no total. */
static double number_of(const struct mp_count_row *row)
{
	return row && strcmp(row->status, "partial") ? row->per_op : NAN;
}

static void open_stores(struct mp_counter_sources *s)
{
	struct mp_err err;

	for (size_t i = 0; !s->tried && i < s->model->n_sides; i++)
		mp_model_store_open(s->model, i, &s->stores[i], &err);
	s->tried = true;
}

/* What cannot be read has no number: the screens about the case say why. */
void mp_counter_read(struct mp_counter_sources *s, size_t number,
		     const char (*names)[MP_COUNTER_NAME_TEXT], size_t count,
		     struct mp_counter_cell *ret_cells)
{
	struct mp_count_row *rows[2] = { NULL, NULL };
	size_t n[2] = { 0, 0 };
	struct mp_err err;
	struct mp_row row = { .run_case_a = 0 };

	if (!mp_rows_get(s->model->rows, number, &row))
		open_stores(s);
	for (size_t i = 0; i < s->model->n_sides; i++) {
		int64_t id = i ? row.run_case_b : row.run_case_a;

		if (id && s->stores[i])
			mp_store_counters(s->stores[i], id, &rows[i], &n[i], &err);
	}
	for (size_t i = 0; i < count; i++) {
		const struct mp_count_row *a = counted(rows[0], n[0], names[i]);
		const struct mp_count_row *b = counted(rows[1], n[1], names[i]);

		ret_cells[i] = (struct mp_counter_cell){ number_of(a), number_of(b),
							 mp_counter_ratio(a, b) };
	}
	mp_count_rows_free(rows[0], n[0]);
	mp_count_rows_free(rows[1], n[1]);
}

void mp_counter_sources_close(struct mp_counter_sources *s)
{
	mp_store_close(s->stores[0]);
	mp_store_close(s->stores[1]);
}

bool mp_counter_cells_step(struct mp_counter_cells *cells, const struct mp_model *model,
			   uint64_t budget_ns)
{
	struct mp_counter_sources s = { .model = model };
	uint64_t start = mp_clock_raw_ns();

	while (model->rows && cells->n_read < cells->n_rows &&
	       mp_clock_raw_ns() - start < budget_ns) {
		struct mp_counter_row *to = &cells->rows[cells->n_read++];

		mp_counter_read(&s, to->row, cells->names, cells->n, to->cells);
	}
	mp_counter_sources_close(&s);
	return model->rows && !mp_counter_cells_settled(cells);
}

bool mp_counter_cells_settled(const struct mp_counter_cells *cells)
{
	return cells->n_read == cells->n_rows;
}

void mp_counter_cells_forget(struct mp_counter_cells *cells)
{
	cells->n_rows = cells->n_read = 0;
}

void mp_counter_cells_done(struct mp_counter_cells *cells)
{
	free(cells->rows);
	free(cells->known);
	*cells = (struct mp_counter_cells){ .n = 0 };
}

/* ---- which there are ---- */

static bool has_line(const char *lines, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = lines; (at = strstr(at, line)); at += len) {
		if ((at == lines || at[-1] == '\n') && at[len] == '\n')
			return true;
	}
	return false;
}

static void add_name(struct mp_str *names, const char *name)
{
	if (!has_line(names->text, name))
		mp_str_printf(names, "%s\n", name);
}

/* Those of one side. */
static void look_at(const struct mp_model *model, size_t side, int64_t id, struct mp_str *names)
{
	struct mp_count_row *rows = NULL;
	struct mp_store *store = NULL;
	struct mp_err err;
	size_t n = 0;

	if (mp_model_store_open(model, side, &store, &err))
		return;
	mp_store_counters(store, id, &rows, &n, &err);
	for (size_t i = 0; i < n; i++) {
		char name[MP_COUNTER_NAME_TEXT];

		add_name(names, mp_counter_name(&rows[i].what, name));
	}
	mp_count_rows_free(rows, n);
	mp_store_close(store);
}

size_t mp_counter_cells_look(struct mp_counter_cells *cells, const struct mp_model *model,
			     size_t row)
{
	struct mp_str names = MP_STR_INIT;
	struct mp_row of;
	size_t n = 0;

	for (size_t i = 0; i < cells->n; i++)
		add_name(&names, cells->names[i]);
	if (row != SIZE_MAX && !mp_rows_get(model->rows, row, &of)) {
		if (of.run_case_a)
			look_at(model, 0, of.run_case_a, &names);
		if (of.run_case_b)
			look_at(model, 1, of.run_case_b, &names);
	}
	for (const char *at = names.text; *at; at++)
		n += *at == '\n';
	free(cells->known);
	cells->known = mp_str_take(&names);
	return cells->known ? n : 0;
}

const char *mp_counter_cells_name(const struct mp_counter_cells *cells, size_t index,
				  char buf[MP_COUNTER_NAME_TEXT])
{
	const char *at = cells->known;

	while (index--)
		at += strcspn(at, "\n") + 1;
	snprintf(buf, MP_COUNTER_NAME_TEXT, "%.*s", (int)strcspn(at, "\n"), at);
	return buf;
}
