/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Screens as text, HTML and SVG, into files and the clipboard. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/output.h"
#include "report/format/markup.h"
#include "report/viewer/view_internal.h"

#define COPY_ROWS  300 /* of a table: terminals take 50 kB */
#define COPY_LEAST 8 /* with fewer, screens show something else than a table */

static const struct mp_cell *cell(const struct mp_canvas *canvas, int row, int column)
{
	return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

/* Columns of a row up to the last that is not blank. */
static int used_columns(const struct mp_canvas *canvas, int row)
{
	int end = canvas->columns;

	while (end && !strcmp(cell(canvas, row, end - 1)->text, " "))
		end--;
	return end;
}

static void text_row(const struct mp_canvas *canvas, int row, struct mp_str *out)
{
	int end = used_columns(canvas, row);

	for (int column = 0; column < end; column++)
		mp_str_add(out, cell(canvas, row, column)->text);
	mp_str_addc(out, '\n');
}

void mp_canvas_text(const struct mp_canvas *canvas, bool roles, struct mp_str *out)
{
	for (int row = 0; row < canvas->rows; row++) {
		text_row(canvas, row, out);
		if (!roles)
			continue;
		mp_str_add(out, "\t");
		for (int column = 0; column < used_columns(canvas, row); column++) {
			const struct mp_cell *c = cell(canvas, row, column);

			mp_str_addc(out, !strcmp(c->text, " ")
						 ? ' '
						 : mp_role_letter(MP_STYLE_ROLE(c->style)));
		}
		while (out->len && out->text[out->len - 1] == ' ')
			out->text[--out->len] = '\0';
		mp_str_addc(out, '\n');
	}
}

/* Cells of one style that stand side by side: their end. */
static int run_end(const struct mp_canvas *canvas, int row, int column)
{
	unsigned style = cell(canvas, row, column)->style;
	int end = column + 1;

	while (end < canvas->columns && cell(canvas, row, end)->style == style)
		end++;
	return end;
}

static void run_text(const struct mp_canvas *canvas, int row, int from, int to, struct mp_str *out)
{
	struct mp_str raw = MP_STR_INIT;

	for (int column = from; column < to; column++)
		mp_str_add(&raw, cell(canvas, row, column)->text);
	mp_markup_add(out, raw.text);
	mp_str_done(&raw);
}

static void classes(unsigned style, struct mp_str *out)
{
	struct mp_paint paint = mp_role_paint(MP_STYLE_ROLE(style), MP_COLOURS_NONE, MP_THEME_DARK);
	unsigned attributes = (style | paint.attributes) & (MP_BOLD | MP_UNDERLINE | MP_REVERSE);

	mp_str_printf(out, "%s%s%s%s", mp_role_name(MP_STYLE_ROLE(style)),
		      attributes & MP_BOLD ? " bold" : "",
		      attributes & MP_UNDERLINE ? " underline" : "",
		      attributes & MP_REVERSE ? " reverse" : "");
}

static void sheet(const char *property, struct mp_str *out)
{
	for (int theme = 0; theme < 2; theme++) {
		enum mp_theme t = theme ? MP_THEME_DARK : MP_THEME_LIGHT;

		if (theme)
			mp_str_add(out, "@media (prefers-color-scheme: dark) {\n");
		for (int role = 0; role < MP_ROLE_COUNT; role++)
			mp_str_printf(out, ".%s { %s: %s }\n", mp_role_name((enum mp_role)role),
				      property, mp_role_css((enum mp_role)role, t));
	}
	mp_str_add(out, "}\n");
}

void mp_canvas_html(const struct mp_canvas *canvas, enum mp_theme theme, const char *title,
		    struct mp_str *out)
{
	(void)theme; /* the page follows the reader's own */
	mp_str_add(out,
		   "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		   "style-src 'unsafe-inline'\"/>\n<title>");
	mp_markup_add(out, title);
	mp_str_add(out, "</title>\n<style>\n:root { color-scheme: light dark }\n"
			"pre { font-family: monospace; line-height: 1.2 }\n"
			".bold { font-weight: bold }\n.underline { text-decoration: underline }\n"
			".reverse { filter: invert(1); background: canvas }\n");
	sheet("color", out);
	mp_str_add(out, "</style>\n</head>\n<body>\n<pre>");
	for (int row = 0; row < canvas->rows; row++) {
		for (int column = 0, end; column < canvas->columns; column = end) {
			end = run_end(canvas, row, column);
			mp_str_add(out, "<span class=\"");
			classes(cell(canvas, row, column)->style, out);
			mp_str_add(out, "\">");
			run_text(canvas, row, column, end, out);
			mp_str_add(out, "</span>");
		}
		mp_str_addc(out, '\n');
	}
	mp_str_add(out, "</pre>\n</body>\n</html>\n");
}

#define CELL_WIDTH  8
#define CELL_HEIGHT 16

void mp_canvas_svg(const struct mp_canvas *canvas, enum mp_theme theme, const char *title,
		   struct mp_str *out)
{
	bool dark = theme == MP_THEME_DARK;
	int width = canvas->columns * CELL_WIDTH, height = canvas->rows * CELL_HEIGHT;

	mp_str_printf(out,
		      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"%d\" "
		      "height=\"%d\" viewBox=\"0 0 %d %d\">\n<title>",
		      width, height, width, height);
	mp_markup_add(out, title);
	mp_str_printf(out,
		      "</title>\n<style>text { font: 13px monospace; white-space: pre; fill: %s }\n"
		      ".bold { font-weight: bold } .underline { text-decoration: underline }\n",
		      mp_role_css(MP_ROLE_TEXT, theme));
	for (int role = 0; role < MP_ROLE_COUNT; role++)
		mp_str_printf(out, ".%s { fill: %s }\n", mp_role_name((enum mp_role)role),
			      mp_role_css((enum mp_role)role, theme));
	mp_str_printf(out, ".reverse { fill: %s }\n</style>\n", dark ? "#101010" : "#ffffff");
	mp_str_printf(out, "<rect width=\"%d\" height=\"%d\" fill=\"%s\"/>\n", width, height,
		      dark ? "#101010" : "#ffffff");
	for (int row = 0; row < canvas->rows; row++) {
		for (int column = 0, end; column < canvas->columns; column = end) {
			unsigned style = cell(canvas, row, column)->style;
			struct mp_paint paint =
				mp_role_paint(MP_STYLE_ROLE(style), MP_COLOURS_NONE, theme);

			end = run_end(canvas, row, column);
			if ((style | paint.attributes) & MP_REVERSE)
				mp_str_printf(out,
					      "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
					      "fill=\"%s\"/>\n",
					      column * CELL_WIDTH, row * CELL_HEIGHT,
					      (end - column) * CELL_WIDTH, CELL_HEIGHT,
					      mp_role_css(MP_STYLE_ROLE(style), theme));
			mp_str_printf(out, "<text x=\"%d\" y=\"%d\" textLength=\"%d\" class=\"",
				      column * CELL_WIDTH, row * CELL_HEIGHT + 12,
				      (end - column) * CELL_WIDTH);
			classes(style, out);
			mp_str_add(out, "\">");
			run_text(canvas, row, column, end, out);
			mp_str_add(out, "</text>\n");
		}
	}
	mp_str_add(out, "</svg>\n");
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len > n && !strcmp(text + len - n, end);
}

int mp_view_save(struct mp_view *view, const char *path, struct mp_err *err)
{
	struct mp_str out = MP_STR_INIT, title = MP_STR_INIT;
	int rc;

	/* A database is never written over by a screen. */
	if (!ends_with(path, ".txt") && !ends_with(path, ".html") && !ends_with(path, ".svg"))
		return mp_err_usage(err, -EINVAL,
				    "'%s' does not say in what form: .txt, .html or .svg", path);
	mp_view_draw(view);
	mp_str_printf(&title, "memperf view: %s", mp_view_screen(view)->title);
	if (ends_with(path, ".txt"))
		mp_canvas_text(&view->canvas, false, &out);
	else if (ends_with(path, ".html"))
		mp_canvas_html(&view->canvas, view->show.theme, title.text, &out);
	else
		mp_canvas_svg(&view->canvas, view->show.theme, title.text, &out);
	rc = out.failed || title.failed ? mp_err_env(err, -ENOMEM, "out of memory")
					: mp_output_write(path, out.text, out.len, err);
	mp_str_done(&out);
	mp_str_done(&title);
	return rc;
}

int mp_view_render(struct mp_view *view, int rows, int columns, struct mp_canvas *ret_canvas)
{
	const struct mp_screen *screen = mp_view_screen(view);
	struct mp_grid body;
	int rc = mp_canvas_init(ret_canvas, rows, columns, view->canvas.glyphs);

	if (rc)
		return rc;
	body = mp_grid_whole(ret_canvas);
	screen->draw(view, mp_view_state(view, screen), &body);
	return 0;
}

/* Every row of the list, with what stands above it. */
static void table_text(struct mp_view *view, struct mp_list *list, struct mp_str *out)
{
	struct mp_list kept = *list;
	struct mp_canvas canvas;
	int above = list->row > view->layout.body ? list->row - view->layout.body : 0;
	size_t rows = list->count < COPY_ROWS ? list->count : COPY_ROWS;
	int high = (int)rows + above < COPY_LEAST ? COPY_LEAST : (int)rows + above;
	int columns = view->canvas.columns > 160 ? view->canvas.columns : 160;

	list->top = 0;
	/* Once to ask for what was counted, once with it. */
	if (!mp_view_render(view, high, columns, &canvas))
		mp_canvas_done(&canvas);
	mp_counter_cells_step(&view->counters, &view->model, UINT64_MAX);
	if (!mp_view_render(view, high, columns, &canvas)) {
		mp_canvas_text(&canvas, false, out);
		mp_canvas_done(&canvas);
	}
	while (out->len > 1 && !strcmp(out->text + out->len - 2, "\n\n"))
		out->text[--out->len] = '\0';
	if (list->count > rows)
		mp_str_printf(out, "... and %zu more\n", list->count - rows);
	*list = kept;
}

void mp_view_copy_text(struct mp_view *view, const char *text)
{
	size_t lines = 0;

	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	if (view->backend->clipboard(view->backend, text))
		mp_view_say(view, "this terminal takes no copies; ^S saves the screen to a file");
	else
		mp_view_say(
			view,
			"copied %zu line%s; if the terminal refuses (OSC 52), ^S saves to a file",
			lines ? lines : 1, lines == 1 ? "" : "s");
}

void mp_view_copy(struct mp_view *view, bool all)
{
	const struct mp_screen *screen = mp_view_screen(view);
	void *state = mp_view_state(view, screen);
	struct mp_list *list = screen->list ? screen->list(view, state) : NULL;
	struct mp_str out = MP_STR_INIT;

	mp_view_draw(view);
	if (!all && screen->copy)
		screen->copy(view, state, &out);
	else if (all && list)
		table_text(view, list, &out);
	else if (!all && list && list->row >= 0 && list->count)
		text_row(&view->canvas, list->row + (int)(list->selected - list->top), &out);
	else
		mp_canvas_text(&view->canvas, false, &out);
	mp_view_copy_text(view, out.text);
	mp_str_done(&out);
}
