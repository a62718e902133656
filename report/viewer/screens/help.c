/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help: keys and words of the screen that it was opened from, and of all; written from the tables. */
#include <stdlib.h>
#include <string.h>

#include "report/viewer/view_internal.h"

struct help {
	const struct mp_screen *about;
	struct mp_list list;
	struct mp_str text; /* laid out for `columns` */
	int columns;
};

static int help_open(struct mp_view *view, void *state, struct mp_err *err)
{
	struct help *h = state;
	const struct mp_screen *top = mp_view_screen(view);

	(void)err;
	if (strcmp(top->name, "help") != 0) {
		h->about = top;
		h->columns = 0;
		h->list.top = 0;
	}
	h->list.text = true;
	return 0;
}

static void lay_out(const struct mp_view *view, struct help *h, int columns)
{
	if (h->columns == columns && h->text.cap)
		return;
	if (!h->text.cap)
		h->text = (struct mp_str)MP_STR_INIT;
	mp_str_clear(&h->text);
	mp_help_text(view, h->about, columns > 2 ? (size_t)columns - 2 : 1, &h->text);
	h->columns = columns;
}

static const char *line_end(const char *line)
{
	return strchrnul(line, '\n');
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void help_draw(struct mp_view *view, void *state, const struct mp_grid *body)
{
	struct help *h = state;
	const char *at;
	size_t line = 0;

	lay_out(view, h, body->columns);
	mp_list_show(&h->list, body, 0, lines_of(h->text.text));
	for (at = h->text.text; *at && line < h->list.top; line++)
		at = line_end(at) + 1;
	for (int row = 0; *at && row < body->rows; row++) {
		const char *end = line_end(at);
		/* A heading stands at the edge behind an empty line. */
		bool heading = at > h->text.text + 1 && at[-2] == '\n' && *at != ' ';
		bool match = view->search[0] &&
			     memmem(at, (size_t)(end - at), view->search, strlen(view->search));

		mp_grid_printf(body, row, 1,
			       match	 ? MP_ROLE_MATCH
			       : heading ? MP_ROLE_TITLE
					 : MP_ROLE_TEXT,
			       "%.*s", (int)(end - at), at);
		at = *end ? end + 1 : end;
	}
}

static struct mp_list *help_list(struct mp_view *view, void *state)
{
	(void)view;
	return &((struct help *)state)->list;
}

/* Line after line. */
static bool next_line_holds(void *user, size_t line, const char *text)
{
	const char **at = user, *end = line_end(*at);
	char *copy = strndup(*at, (size_t)(end - *at));
	bool holds = copy && mp_view_holds(copy, text);

	(void)line;
	free(copy);
	*at = *end ? end + 1 : end;
	return holds;
}

/* The next line that holds the text becomes the first one shown. */
static bool help_find(struct mp_view *view, void *state, const char *text, int by,
		      struct mp_match *ret_match)
{
	struct help *h = state;
	const char *at = h->text.text;

	(void)view;
	return mp_list_find(&h->list, lines_of(at), text, by, next_line_holds, &at, ret_match);
}

static void help_crumb(const struct mp_view *view, const void *state, struct mp_str *out)
{
	const struct help *h = state;

	(void)view;
	if (h->about)
		mp_str_printf(out, "on %s", h->about->title);
}

static void help_close(struct mp_view *view, void *state)
{
	struct help *h = state;

	(void)view;
	if (h->text.cap)
		mp_str_done(&h->text);
}

const struct mp_screen mp_screen_help = {
	.name = "help",
	.title = "Help",
	.summary = "keys and words, written from the tables that the viewer works by",
	.state_size = sizeof(struct help),
	.open = help_open,
	.draw = help_draw,
	.list = help_list,
	.find = help_find,
	.crumb = help_crumb,
	.close = help_close,
};
