/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The script back end: keys from a file, screens as text. Nothing is timed: the next line is read when everything is
 * judged, filtered and drawn, so that a script gives the same screens every time.
 *
 *	# a comment
 *	j j Enter ^S            keys by name, one after the other
 *	type TEXT               the characters of TEXT
 *	row N                   selects row N of the list, as the status line counts
 *	:COMMAND ARGUMENTS      as typed behind ":"
 *	size 80x24              the terminal's new size (columns x rows)
 *	mouse click ROW COLUMN  also wheel-up, wheel-down; from 0
 *	expect TEXT             ends with an error unless the screen holds TEXT
 *	refuse TEXT             ends with an error if it does
 *	until TEXT              goes on when the screen holds TEXT; an error after 30 seconds
 *	screen                  prints the screen
 *	roles                   prints it with a line of role letters below each line
 *	cursor                  prints where the hardware cursor stands
 *	clipboard               prints what was copied last
 *	now                     the next line does not wait until all is judged
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "report/viewer/view_run.h"

#define UNTIL_NS  30000000000ull
#define LINE_MOST 4096

struct player {
	struct mp_backend backend;
	const struct mp_script *script;
	struct mp_view *view;
	struct mp_str *out;
	struct mp_err *err;
	int rc;
	unsigned line_number;
	char line[LINE_MOST + 1];
	char *keys; /* rest of a line of keys; points into line */
	const char *type; /* rest of a text to type; points into line */
	char until[256];
	uint64_t until_end;
	int rows, columns;
	bool now, ran; /* `ran`: a line was read since the last printing (linear) */
	struct mp_str clipboard;
};

static void print(struct player *p, const char *text)
{
	if (p->script->print)
		p->script->print(text);
	else
		mp_str_add(p->out, text);
}

static void print_screen(struct player *p, bool roles)
{
	struct mp_str text = MP_STR_INIT;

	mp_canvas_text(&p->view->canvas, roles, &text);
	print(p, text.text);
	mp_str_done(&text);
}

/* Ends a script; a person who types is told, and goes on. */
static int fail(struct player *p, const char *what, const char *text)
{
	struct mp_str screen = MP_STR_INIT;

	if (p->script->linear) {
		mp_str_printf(&screen, "%s '%s'\n", what, text);
		print(p, screen.text);
		mp_str_done(&screen);
		p->keys = NULL;
		p->type = NULL;
		p->until[0] = '\0';
		return 0;
	}
	mp_canvas_text(&p->view->canvas, false, &screen);
	print(p, screen.text);
	mp_str_done(&screen);
	p->rc = mp_err_usage(p->err, -EPROTO, "%s:%u: %s '%s'", p->script->name, p->line_number,
			     what, text);
	return p->rc;
}

/* Does a line of the screen hold it? */
static bool holds(const struct player *p, const char *text)
{
	struct mp_str screen = MP_STR_INIT;
	bool found;

	mp_canvas_text(&p->view->canvas, false, &screen);
	found = strstr(screen.text, text) != NULL;
	mp_str_done(&screen);
	return found;
}

static bool word_is(const char *line, const char *word, const char **ret_rest)
{
	size_t len = strlen(word);

	if (strncmp(line, word, len) || (line[len] && line[len] != ' '))
		return false;
	*ret_rest = line + len + strspn(line + len, " ");
	return true;
}

static int set_size(struct player *p, const char *text, struct mp_event *event)
{
	int columns, rows;

	if (sscanf(text, "%dx%d", &columns, &rows) != 2 || columns < 0 || rows < 0 ||
	    columns > 1000 || rows > 1000)
		return fail(p, "a size is COLUMNSxROWS, not", text);
	p->rows = rows;
	p->columns = columns;
	event->kind = MP_EVENT_RESIZE;
	return 0;
}

static int set_mouse(struct player *p, const char *text, struct mp_event *event)
{
	char what[16] = "";

	if (sscanf(text, "%15s %d %d", what, &event->row, &event->column) != 3)
		return fail(p,
			    "a mouse event is click, wheel-up or wheel-down with ROW COLUMN, not",
			    text);
	event->kind = !strcmp(what, "click")	  ? MP_EVENT_CLICK
		      : !strcmp(what, "wheel-up") ? MP_EVENT_WHEEL_UP
						  : MP_EVENT_WHEEL_DOWN;
	return 0;
}

/* Lines that print or look. true: it was one. */
static bool look(struct player *p, const char *line)
{
	const char *rest;
	char text[64];

	if (word_is(line, "expect", &rest)) {
		if (!holds(p, rest))
			fail(p, "the screen does not hold", rest);
	} else if (word_is(line, "refuse", &rest)) {
		if (holds(p, rest))
			fail(p, "the screen holds", rest);
	} else if (word_is(line, "until", &rest)) {
		snprintf(p->until, sizeof(p->until), "%s", rest);
		p->until_end = mp_clock_raw_ns() + UNTIL_NS;
	} else if (word_is(line, "screen", &rest)) {
		print_screen(p, false);
	} else if (word_is(line, "roles", &rest)) {
		print_screen(p, true);
	} else if (word_is(line, "cursor", &rest)) {
		snprintf(text, sizeof(text), "cursor %d %d\n", p->view->canvas.cursor_row,
			 p->view->canvas.cursor_column);
		print(p, text);
	} else if (word_is(line, "clipboard", &rest)) {
		print(p, p->clipboard.text);
	} else if (word_is(line, "now", &rest)) {
		p->now = true;
	} else {
		return false;
	}
	return true;
}

static int select_row(struct player *p, const char *text)
{
	const struct mp_screen *screen = mp_view_screen(p->view);
	struct mp_list *list = p->view->choosing ? &p->view->choice_list
			       : screen->list
				       ? screen->list(p->view, mp_view_state(p->view, screen))
				       : NULL;
	size_t row;

	if (sscanf(text, "%zu", &row) != 1 || !list || !row || row > list->count)
		return fail(p, "the list has no row", text);
	mp_list_select(list, row - 1);
	return 0;
}

/* One line. 0, or p->rc. */
static int run_line(struct player *p, struct mp_event *event)
{
	char *line = p->line + strspn(p->line, " \t");
	size_t len = strcspn(line, "\r\n");
	const char *rest;

	line[len] = '\0';
	p->ran = true;
	if (!*line || (line[0] == '#' && (line[1] == ' ' || line[1] == '!')))
		return 0;
	if (line[0] == ':' && line[1]) {
		mp_view_command(p->view, line);
		event->kind = MP_EVENT_RESIZE; /* draws */
		return 0;
	}
	if (look(p, line))
		return p->rc;
	if (word_is(line, "row", &rest)) {
		event->kind = MP_EVENT_RESIZE; /* draws */
		return select_row(p, rest);
	}
	if (word_is(line, "size", &rest))
		return set_size(p, rest, event);
	if (word_is(line, "mouse", &rest))
		return set_mouse(p, rest, event);
	if (word_is(line, "type", &rest))
		p->type = rest;
	else
		p->keys = line;
	return 0;
}

/* The next key of a line that was begun. */
static int next_key(struct player *p, struct mp_event *event)
{
	char name[MP_KEY_NAME_LEN];
	size_t len;

	if (p->type && *p->type) {
		/* One character: continuation bytes belong to the one before. */
		len = 1;
		while (((unsigned char)p->type[len] & 0xc0) == 0x80)
			len++;
		snprintf(name, sizeof(name), "%.*s", (int)len, p->type);
		p->type += len;
		if (name[0] == ' ')
			event->key = MP_KEY_SPACE;
		else if (mp_key_parse(name, &event->key))
			return fail(p, "no character", name);
		event->kind = MP_EVENT_KEY;
		return 0;
	}
	p->type = NULL;
	if (!p->keys)
		return 0;
	p->keys += strspn(p->keys, " \t");
	len = strcspn(p->keys, " \t");
	if (!len) {
		p->keys = NULL;
		return 0;
	}
	snprintf(name, sizeof(name), "%.*s", (int)len, p->keys);
	p->keys += len;
	if (len >= sizeof(name) || mp_key_parse(name, &event->key))
		return fail(p, "no key and no word of scripts", name);
	event->kind = MP_EVENT_KEY;
	return 0;
}

/* Whether there was one; of one that is too long, all of it. */
static bool read_line(struct player *p)
{
	size_t len = 0;
	int c;

	while ((c = getc(p->script->lines)) != EOF && c != '\n' &&
	       (len <= LINE_MOST || p->script->linear))
		if (len++ < LINE_MOST)
			p->line[len - 1] = (char)c;
	if (c == EOF && !len)
		return false;
	p->line[len < LINE_MOST ? len : LINE_MOST] = '\0';
	p->line_number++;
	if (len > LINE_MOST) {
		strcpy(p->line + 20, "...");
		fail(p, "a line has more than 4096 characters:", p->line);
		p->line[0] = '\0';
	}
	return true;
}

static void player_wait(struct mp_backend *backend, const int *fds, size_t n_fds, int timeout_ms,
			bool busy, struct mp_event *ret_event)
{
	struct player *p = (struct player *)backend;
	struct pollfd polled[32];
	size_t n = 0;

	*ret_event = (struct mp_event){ .kind = MP_EVENT_NONE };
	if (p->until[0] && holds(p, p->until))
		p->until[0] = '\0';
	if (p->until[0] && mp_clock_raw_ns() > p->until_end) {
		fail(p, "in 30 seconds the screen did not come to hold", p->until);
		ret_event->kind = p->rc ? MP_EVENT_END : MP_EVENT_NONE;
		return;
	}
	if ((busy && !p->now) || p->until[0]) {
		for (size_t i = 0; i < n_fds && n < 32; i++)
			polled[n++] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
		poll(polled, n, timeout_ms < 0 || timeout_ms > 50 ? 50 : timeout_ms);
		return;
	}
	p->now = false;
	while (!p->rc && ret_event->kind == MP_EVENT_NONE && !p->until[0]) {
		next_key(p, ret_event);
		if (p->rc || ret_event->kind != MP_EVENT_NONE)
			break;
		if (p->script->linear && p->ran) {
			char key[MP_KEY_NAME_LEN], text[128];

			print_screen(p, false);
			snprintf(text, sizeof(text),
				 "--- keys, 'row N', or another word of scripts; %s ends\n",
				 mp_view_key(p->view, MP_SCOPE_ALL, "quit", key));
			print(p, text);
			p->ran = false;
		}
		if (!read_line(p)) {
			ret_event->kind = MP_EVENT_END;
			return;
		}
		run_line(p, ret_event);
		if (p->now)
			return;
	}
	if (p->rc)
		ret_event->kind = MP_EVENT_END;
}

static void player_rest(struct mp_backend *backend, int fd, int ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	(void)backend;
	poll(&polled, 1, ms);
}

static void player_size(struct mp_backend *backend, int *ret_rows, int *ret_columns)
{
	const struct player *p = (const struct player *)backend;

	*ret_rows = p->rows;
	*ret_columns = p->columns;
}

static void player_show(struct mp_backend *backend, const struct mp_canvas *canvas)
{
	(void)backend;
	(void)canvas;
}

static void player_redraw(struct mp_backend *backend)
{
	(void)backend;
}

static int player_clipboard(struct mp_backend *backend, const char *text)
{
	struct player *p = (struct player *)backend;

	mp_str_clear(&p->clipboard);
	mp_str_add(&p->clipboard, text);
	return 0;
}

static void player_mouse(struct mp_backend *backend, bool on)
{
	(void)backend;
	(void)on;
}

static void player_theme(struct mp_backend *backend, enum mp_theme theme)
{
	(void)backend;
	(void)theme;
}

static int player_suspend(struct mp_backend *backend)
{
	(void)backend;
	return -ENOTSUP;
}

static void player_describe(struct mp_backend *backend, struct mp_str *out)
{
	const struct player *p = (const struct player *)backend;

	mp_str_printf(out, "no terminal, %dx%d", p->columns, p->rows);
}

int mp_viewer_script(const struct mp_viewer_options *options, const struct mp_script *script,
		     struct mp_str *out, struct mp_err *err)
{
	struct player p = {
		.backend = { .wait = player_wait,
			     .rest = player_rest,
			     .size = player_size,
			     .show = player_show,
			     .redraw = player_redraw,
			     .clipboard = player_clipboard,
			     .mouse = player_mouse,
			     .theme = player_theme,
			     .suspend = player_suspend,
			     .describe = player_describe,
			     .glyphs = options->ascii	  ? MP_GLYPHS_ASCII
				       : options->braille ? MP_GLYPHS_BRAILLE
							  : MP_GLYPHS_BLOCK },
		.script = script,
		.out = out,
		.err = err,
		.rows = script->rows,
		.columns = script->columns,
		.ran = script->linear,
		.clipboard = MP_STR_INIT,
	};
	int rc = mp_view_new(options, &p.view, err);

	if (!rc)
		rc = mp_view_attach(p.view, &p.backend, err);
	if (!rc && options->screen)
		rc = mp_view_open(p.view, options->screen);
	if (!rc)
		rc = mp_view_loop(p.view, err);
	mp_view_free(p.view);
	mp_str_done(&p.clipboard);
	return rc ? rc : p.rc;
}
