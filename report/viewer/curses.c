/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The terminal back end: the only file that knows ncurses. It compares each canvas with the one that is shown and hands the
 * cells that differ to curses, which finds the shortest way to the screen.
 *
 * newterm and not initscr, which prints and exits when it does not know TERM. No ACS characters: several terminals show
 * them as letters. No init_color: the palette is the person's. The size is the terminal's, whatever LINES and COLUMNS say.
 */
#include "report/viewer/backend.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#undef columns /* a macro of term.h */

#define CLIPBOARD_MAX 50000 /* bytes; terminals refuse longer OSC 52 */
#define ESCAPE_MS                                                                                  \
	8 /* in which the rest of a key's sequence comes, or it was Esc; so tmux waits (10) */
#define LOST 50 /* reads of nothing after which the terminal is gone */

struct terminal {
	struct mp_backend backend;
	SCREEN *screen;
	struct mp_cell *shown; /* what is on the terminal; owned */
	int rows, columns; /* of it */
	enum mp_colours colours;
	enum mp_theme theme;
	struct mp_paint paints[MP_ROLE_COUNT];
	int failures;
};

/* ---- leaving by a signal ---- */

static volatile sig_atomic_t ended;
static struct termios saved_modes;
static char restore[512]; /* what puts the terminal back, ready to be written by a handler */
static size_t restore_len;
static struct sigaction old_actions[NSIG];
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
static const int asking[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void on_asking(int signal_number)
{
	(void)signal_number;
	ended = 1;
}

static void on_fatal(int signal_number)
{
	ssize_t ignored = write(STDOUT_FILENO, restore, restore_len);

	(void)ignored;
	tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
	sigaction(signal_number, &old_actions[signal_number], NULL);
	raise(signal_number);
}

static void remember(const char *capability)
{
	const char *text = tigetstr(capability);

	if (text && text != (char *)-1 && restore_len + strlen(text) < sizeof(restore)) {
		memcpy(restore + restore_len, text, strlen(text));
		restore_len += strlen(text);
	}
}

static void catch (const int *signals, size_t n, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	for (size_t i = 0; i < n; i++)
		sigaction(signals[i], &action, &old_actions[signals[i]]);
}

static void uncatch(const int *signals, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sigaction(signals[i], &old_actions[signals[i]], NULL);
}

static void prepare_signals(void)
{
	static const char mouse_off[] = "\033[?1006l\033[?1000l";

	restore_len = 0;
	if (tigetstr("kmous") && tigetstr("kmous") != (char *)-1) {
		memcpy(restore, mouse_off, sizeof(mouse_off) - 1);
		restore_len = sizeof(mouse_off) - 1;
	}
	remember("sgr0");
	remember("rmkx");
	remember("cnorm");
	remember("rmcup");
	ended = 0;
	catch (fatal, sizeof(fatal) / sizeof(fatal[0]), on_fatal);
	catch (asking, sizeof(asking) / sizeof(asking[0]), on_asking);
}

/* ---- keys ---- */

static mp_key special(wint_t code)
{
	static const struct {
		wint_t code;
		mp_key key;
	} keys[] = {
		{ KEY_UP, MP_KEY_UP },	       { KEY_DOWN, MP_KEY_DOWN },
		{ KEY_LEFT, MP_KEY_LEFT },     { KEY_RIGHT, MP_KEY_RIGHT },
		{ KEY_HOME, MP_KEY_HOME },     { KEY_END, MP_KEY_END },
		{ KEY_PPAGE, MP_KEY_PAGE_UP }, { KEY_NPAGE, MP_KEY_PAGE_DOWN },
		{ KEY_IC, MP_KEY_INSERT },     { KEY_DC, MP_KEY_DELETE },
		{ KEY_BTAB, MP_KEY_BACKTAB },  { KEY_BACKSPACE, MP_KEY_BACKSPACE },
		{ KEY_ENTER, MP_KEY_ENTER },   { KEY_A1, MP_KEY_HOME },
		{ KEY_A3, MP_KEY_PAGE_UP },    { KEY_C1, MP_KEY_END },
		{ KEY_C3, MP_KEY_PAGE_DOWN },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (keys[i].code == code)
			return keys[i].key;
	}
	if (code >= KEY_F(1) && code <= KEY_F(12))
		return MP_KEY_F1 + (mp_key)(code - KEY_F(1));
	return 0;
}

static void take_mouse(struct mp_event *event)
{
	MEVENT mouse;

	if (getmouse(&mouse) != OK)
		return;
	event->row = mouse.y;
	event->column = mouse.x;
	if (mouse.bstate & BUTTON4_PRESSED)
		event->kind = MP_EVENT_WHEEL_UP;
	else if (mouse.bstate & BUTTON5_PRESSED)
		event->kind = MP_EVENT_WHEEL_DOWN;
	else if (mouse.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED))
		event->kind = MP_EVENT_CLICK;
}

/* A size that came while nobody listened: before the terminal was taken, or in a shell after a suspension. */
static bool outgrown(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col ||
	    (size.ws_row == LINES && size.ws_col == COLS))
		return false;
	return resizeterm(size.ws_row, size.ws_col) == OK;
}

/* A key that is there, or nothing. */
static bool take_key(struct terminal *t, struct mp_event *event)
{
	wint_t code;
	int what = get_wch(&code);

	*event = (struct mp_event){ .kind = MP_EVENT_NONE };
	if (what == ERR)
		return false;
	t->failures = 0;
	if (what == KEY_CODE_YES && code == KEY_RESIZE) {
		event->kind = MP_EVENT_RESIZE;
	} else if (what == KEY_CODE_YES && code == KEY_MOUSE) {
		take_mouse(event);
	} else {
		event->key = what == KEY_CODE_YES ? special(code)
			     : code == '\n'	  ? MP_KEY_ENTER
						  : (mp_key)code;
		event->kind = event->key ? MP_EVENT_KEY : MP_EVENT_NONE;
	}
	return true;
}

static void terminal_wait(struct mp_backend *backend, const int *fds, size_t n_fds, int timeout_ms,
			  bool busy, struct mp_event *ret_event)
{
	struct terminal *t = (struct terminal *)backend;
	struct pollfd polled[32] = { { .fd = STDIN_FILENO, .events = POLLIN } };
	size_t n = 1;

	(void)busy;
	*ret_event = (struct mp_event){ .kind = ended ? MP_EVENT_END : MP_EVENT_NONE };
	if (ended || take_key(t, ret_event))
		return;
	if (outgrown()) {
		ret_event->kind = MP_EVENT_RESIZE;
		return;
	}
	for (size_t i = 0; i < n_fds && n < 32; i++)
		polled[n++] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	if (timeout_ms)
		poll(polled, n, timeout_ms);
	if (ended) {
		ret_event->kind = MP_EVENT_END;
		return;
	}
	if (!take_key(t, ret_event) && polled[0].revents && ++t->failures > LOST)
		ret_event->kind =
			MP_EVENT_END; /* readable for ever, and nothing to read: it is gone */
	if (polled[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		ret_event->kind = MP_EVENT_END;
}

static void terminal_rest(struct mp_backend *backend, int fd, int ms)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	(void)backend;
	poll(&polled, 1, ms);
}

/* ---- cells ---- */

static void terminal_size(struct mp_backend *backend, int *ret_rows, int *ret_columns)
{
	(void)backend;
	getmaxyx(stdscr, *ret_rows, *ret_columns);
}

static void choose_paints(struct terminal *t)
{
	for (int role = 0; role < MP_ROLE_COUNT; role++) {
		t->paints[role] = mp_role_paint((enum mp_role)role, t->colours, t->theme);
		if (t->colours != MP_COLOURS_NONE)
			init_pair((short)(role + 1), t->paints[role].colour, -1);
	}
}

static void put_cell(const struct terminal *t, int row, int column, const struct mp_cell *cell)
{
	enum mp_role role = MP_STYLE_ROLE(cell->style);
	unsigned style = cell->style | t->paints[role].attributes;
	wchar_t text[2] = L" ";
	mbstate_t state = { 0 };
	attr_t attributes = A_NORMAL;
	short pair = t->colours == MP_COLOURS_NONE ? 0 : (short)(role + 1);
	cchar_t c;

	if (mbrtowc(text, cell->text, strlen(cell->text), &state) > MB_CUR_MAX)
		text[0] = L'?';
	text[1] = L'\0';
	if (style & MP_BOLD)
		attributes |= A_BOLD;
	if (style & MP_UNDERLINE)
		attributes |= A_UNDERLINE;
	if (style & MP_REVERSE)
		attributes |= A_REVERSE;
	if (setcchar(&c, text, attributes, pair, NULL) == OK)
		mvadd_wch(row, column, &c);
}

static void terminal_show(struct mp_backend *backend, const struct mp_canvas *canvas)
{
	struct terminal *t = (struct terminal *)backend;
	size_t count = (size_t)canvas->rows * (size_t)canvas->columns;

	if (t->rows != canvas->rows || t->columns != canvas->columns || !t->shown) {
		struct mp_cell *shown = calloc(count + 1, sizeof(*shown));

		if (!shown)
			return;
		free(t->shown);
		t->shown = shown;
		t->rows = canvas->rows;
		t->columns = canvas->columns;
		erase();
	}
	for (size_t i = 0; i < count; i++) {
		const struct mp_cell *cell = &canvas->cells[i];

		if (!memcmp(cell, &t->shown[i], sizeof(*cell)))
			continue;
		if (cell->columns)
			put_cell(t, (int)(i / (size_t)canvas->columns),
				 (int)(i % (size_t)canvas->columns), cell);
		t->shown[i] = *cell;
	}
	move(canvas->cursor_row, canvas->cursor_column);
	refresh();
}

static void terminal_redraw(struct mp_backend *backend)
{
	struct terminal *t = (struct terminal *)backend;

	free(t->shown);
	t->shown = NULL;
	clear();
}

/* ---- the rest ---- */

static void base64(const char *text, size_t len, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		unsigned b = (unsigned char)text[i];
		unsigned c = i + 1 < len ? (unsigned char)text[i + 1] : 0;
		unsigned d = i + 2 < len ? (unsigned char)text[i + 2] : 0;

		*out++ = digits[b >> 2];
		*out++ = digits[(b & 3) << 4 | c >> 4];
		*out++ = i + 1 < len ? digits[(c & 15) << 2 | d >> 6] : '=';
		*out++ = i + 2 < len ? digits[d & 63] : '=';
	}
	*out = '\0';
}

static int terminal_clipboard(struct mp_backend *backend, const char *text)
{
	/* Terminals that would show the sequence instead of taking it. */
	static const char *const without[] = { "linux", "vt", "ansi", "cons", "sun" };
	const char *name = getenv("TERM");
	size_t len = strlen(text);
	char *encoded;

	(void)backend;
	for (size_t i = 0; name && i < sizeof(without) / sizeof(without[0]); i++) {
		if (!strncmp(name, without[i], strlen(without[i])))
			return -ENOTSUP;
	}
	if (len > CLIPBOARD_MAX)
		len = CLIPBOARD_MAX;
	encoded = malloc(len / 3 * 4 + 5);
	if (!encoded)
		return -ENOMEM;
	base64(text, len, encoded);
	printf("\033]52;c;%s\a", encoded);
	fflush(stdout);
	free(encoded);
	return 0;
}

static void terminal_mouse(struct mp_backend *backend, bool on)
{
	(void)backend;
	mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
}

static void terminal_theme(struct mp_backend *backend, enum mp_theme theme)
{
	struct terminal *t = (struct terminal *)backend;

	t->theme = theme;
	choose_paints(t);
	terminal_redraw(backend);
}

static int terminal_suspend(struct mp_backend *backend)
{
	def_prog_mode();
	endwin();
	uncatch(fatal, sizeof(fatal) / sizeof(fatal[0]));
	raise(SIGTSTP);
	/* Continued: everything anew, the size perhaps another one. */
	catch (fatal, sizeof(fatal) / sizeof(fatal[0]), on_fatal);
	reset_prog_mode();
	refresh();
	terminal_redraw(backend);
	return 0;
}

static void terminal_describe(struct mp_backend *backend, struct mp_str *out)
{
	const struct terminal *t = (const struct terminal *)backend;
	const char *columns = getenv("COLUMNS");
	int rows, width;

	getmaxyx(stdscr, rows, width);
	mp_str_printf(out, "%s, %s colours, %dx%d, %s", termname(),
		      t->colours == MP_COLOURS_256 ? "256"
		      : t->colours == MP_COLOURS_8 ? "8"
						   : "no",
		      width, rows, nl_langinfo(CODESET));
	if (columns && atoi(columns) != width)
		mp_str_printf(out, " (COLUMNS says %s: not believed)", columns);
}

/* 0, or why this terminal will not do. */
static int check_terminal(struct mp_err *err)
{
	const char *name = getenv("TERM");
	int known = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return mp_err_env(err, -ENOTTY,
				  "the viewer needs a terminal for input and output; 'memperf "
				  "compare A.db B.db' and 'memperf report FILE.db' print text, "
				  "'memperf view --script FILE' takes keys from a file");
	if (setupterm(NULL, STDOUT_FILENO, &known) == ERR)
		return mp_err_env(err, -ENODEV,
				  "unknown terminal '%s'; set TERM to one that is known, such as "
				  "TERM=xterm-256color, or use 'memperf compare A.db B.db' or "
				  "'memperf report FILE.db', which print text",
				  name ? name : "");
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1)
		return mp_err_env(
			err, -ENODEV,
			"terminal '%s' cannot move its cursor; 'memperf compare A.db B.db' "
			"and 'memperf report FILE.db' print text, 'memperf view --linear' "
			"shows the same screens line by line",
			name ? name : "");
	return 0;
}

static enum mp_colours colours_of(const struct mp_terminal_options *options)
{
	enum mp_colours have = MP_COLOURS_NONE;

	if (options->colours != MP_COLOURS_NONE && has_colors() && start_color() == OK) {
		use_default_colors();
		have = COLORS >= 256 ? MP_COLOURS_256
		       : COLORS >= 8 ? MP_COLOURS_8
				     : MP_COLOURS_NONE;
		if (COLOR_PAIRS <= MP_ROLE_COUNT)
			have = MP_COLOURS_NONE;
	}
	return have < options->colours ? have : options->colours;
}

int mp_terminal_open(const struct mp_terminal_options *options, struct mp_backend **ret_backend,
		     struct mp_err *err)
{
	struct terminal *t;
	int rc;

	setlocale(LC_CTYPE, "");
	rc = check_terminal(err);
	if (rc)
		return rc;
	t = calloc(1, sizeof(*t));
	if (!t)
		return mp_err_env(err, -ENOMEM, "out of memory");
	tcgetattr(STDIN_FILENO, &saved_modes);
	use_env(FALSE);
	use_tioctl(TRUE);
	t->screen = newterm(NULL, stdout, stdin);
	if (!t->screen) {
		free(t);
		return mp_err_env(err, -ENODEV,
				  "the terminal cannot be used; 'memperf compare' and "
				  "'memperf report' print text");
	}
	set_term(t->screen);
	raw();
	noecho();
	nonl();
	/* What a person asks for by ESCDELAY stands. */
	if (!getenv("ESCDELAY"))
		set_escdelay(ESCAPE_MS);
	keypad(stdscr, TRUE);
	meta(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	typeahead(-1);
	mouseinterval(0);
	prepare_signals();
	t->theme = options->theme;
	t->colours = colours_of(options);
	choose_paints(t);
	t->backend = (struct mp_backend){
		.wait = terminal_wait,
		.rest = terminal_rest,
		.size = terminal_size,
		.show = terminal_show,
		.redraw = terminal_redraw,
		.clipboard = terminal_clipboard,
		.mouse = terminal_mouse,
		.theme = terminal_theme,
		.suspend = terminal_suspend,
		.describe = terminal_describe,
		.bursts = true,
		.glyphs = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0
				  ? MP_GLYPHS_ASCII
			  : options->braille ? MP_GLYPHS_BRAILLE
					     : MP_GLYPHS_BLOCK,
	};
	terminal_mouse(&t->backend, options->mouse);
	*ret_backend = &t->backend;
	return 0;
}

void mp_terminal_close(struct mp_backend *backend)
{
	struct terminal *t = (struct terminal *)backend;

	if (!t)
		return;
	mousemask(0, NULL);
	endwin();
	uncatch(fatal, sizeof(fatal) / sizeof(fatal[0]));
	uncatch(asking, sizeof(asking) / sizeof(asking[0]));
	delscreen(t->screen);
	free(t->shown);
	free(t);
}
