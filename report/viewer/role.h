/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Colours of the viewer, by what they mean. Screens and charts name a role; only the palette knows colours, in one table
 * per step of the ladder: none, 8 and 256 colours, and CSS for saved screens.
 *
 * Blue against orange, readable on black and on white (contrast measured at 3.8 and more for the 256-colour entries).
 * Colour only repeats what a letter, a sign or a word says: a screen reads the same without any. The background is always
 * the terminal's own. Layer: report.
 */
#ifndef REPORT_VIEWER_ROLE_H
#define REPORT_VIEWER_ROLE_H

#include <stddef.h>

enum mp_role {
	MP_ROLE_TEXT, /* what is read */
	MP_ROLE_MUTED, /* what may be skipped: units, counts, rules, hints */
	MP_ROLE_TITLE, /* names of parts, heads of columns */
	MP_ROLE_BETTER, /* faster */
	MP_ROLE_WORSE, /* slower */
	MP_ROLE_UNSURE, /* no evidence either way */
	MP_ROLE_FAILED, /* failed, invalid, incomparable */
	MP_ROLE_WARNING, /* what a reader must see */
	MP_ROLE_A, /* side A: series, points, columns */
	MP_ROLE_B, /* side B */
	MP_ROLE_AXIS, /* axes and ticks of charts */
	MP_ROLE_BAND, /* intervals and floors behind a series */
	MP_ROLE_MATCH, /* what a search found */
	MP_ROLE_KEY, /* a key that can be pressed */
	MP_ROLE_BAR, /* header and key line */
	MP_ROLE_COUNT,
};

/* One letter per role, for screens written with their roles; "." is text. */
char mp_role_letter(enum mp_role role);
const char *mp_role_name(enum mp_role role); /* "text", "worse": also the CSS class */

enum mp_colours { MP_COLOURS_NONE, MP_COLOURS_8, MP_COLOURS_256 };
enum mp_theme { MP_THEME_DARK, MP_THEME_LIGHT, MP_THEME_CONTRAST };
#define MP_THEME_COUNT 3
const char *mp_theme_name(enum mp_theme theme); /* "dark", "light", "contrast" */
int mp_theme_parse(const char *name, enum mp_theme *ret_theme); /* 0 or -EINVAL */

/* How a role is shown. */
struct mp_paint {
	short colour; /* index of the terminal's colour; -1: its own foreground */
	unsigned
		attributes; /* MP_BOLD, MP_UNDERLINE, MP_REVERSE (grid.h) that the role brings along */
};
struct mp_paint mp_role_paint(enum mp_role role, enum mp_colours colours, enum mp_theme theme);
/* "#d75f00" for saved screens; on a light ground, and on a dark one. */
const char *mp_role_css(enum mp_role role, enum mp_theme theme);

#endif
