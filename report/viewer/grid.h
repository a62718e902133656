/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The cell grid: what every screen and every chart of the viewer draws into, and all that a back end shows.
 *
 * A canvas owns rows x columns of cells; a grid is a rectangle of a canvas, and everything that is drawn through it
 * is clipped to it: a grid of no rows or columns swallows everything, coordinates may be negative or beyond the edge.
 * A cell holds one character (UTF-8), a role (role.h) and attributes. A wide character takes two cells, the second of
 * which is empty; overwriting either half blanks the other. Texts come from databases that anybody may have written:
 * control characters are replaced and combining marks are left out. On an ASCII canvas (glyph set MP_GLYPHS_ASCII)
 * every character that is not ASCII becomes '?'.
 *
 * Coordinates are row, column from the grid's upper left corner, both from 0. Nothing here fails: drawing where there is
 * no room is no error. Layer: report.
 */
#ifndef REPORT_VIEWER_GRID_H
#define REPORT_VIEWER_GRID_H

#include "report/viewer/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Attributes, added to a role to make a style: `MP_ROLE_WORSE | MP_BOLD`. */
#define MP_BOLD		     0x100u
#define MP_UNDERLINE	     0x200u
#define MP_REVERSE	     0x400u
#define MP_STYLE_ROLE(style) ((enum mp_role)((style)&0xffu))

struct mp_cell {
	char text
		[5]; /* one character, NUL-terminated; "": right half of the wide character before it */
	uint8_t columns; /* 1 or 2; 0: such a right half */
	uint16_t style;
};

/* Which characters lines, bars and marks are made of. */
enum mp_glyphs {
	MP_GLYPHS_ASCII, /* any terminal, any locale */
	MP_GLYPHS_BLOCK, /* eighth blocks and box lines: the default in UTF-8 */
	MP_GLYPHS_BRAILLE, /* as BLOCK, and plots in 2 x 4 dots a cell; only on request */
};
#define MP_GLYPHS_COUNT 3
const char *mp_glyphs_name(enum mp_glyphs set); /* "ascii", "block", "braille" */
int mp_glyphs_parse(const char *name, enum mp_glyphs *ret_set); /* 0 or -EINVAL */

/* Single characters of a glyph set, all of one column. */
enum mp_glyph {
	MP_GLYPH_HORIZONTAL, /* - */
	MP_GLYPH_VERTICAL, /* | */
	MP_GLYPH_CROSS, /* + where lines cross */
	MP_GLYPH_CORNER, /* + lower left corner of two axes */
	MP_GLYPH_TICK_LEFT, /* + a tick on a vertical axis */
	MP_GLYPH_TICK_DOWN, /* + a tick on a horizontal axis */
	MP_GLYPH_ELLIPSIS, /* ~ where a text was cut */
	MP_GLYPH_WORSE, /* v performance went down */
	MP_GLYPH_BETTER, /* ^ performance went up */
	MP_GLYPH_ONLY_A, /* A */
	MP_GLYPH_ONLY_B, /* B */
	MP_GLYPH_TIMES, /* x */
	MP_GLYPH_SELECTED, /* > in the first column of the selected row */
	MP_GLYPH_CRUMB, /* > between breadcrumbs */
	MP_GLYPH_POINT, /* o a point of a plot */
	MP_GLYPH_SHADE, /* : an interval, shaded */
	MP_GLYPH_BOTH, /* * two series in one cell */
	/* Bars that grow to the right, and up: one eighth to eight. ASCII: '.' up to a half, then '#'. */
	MP_GLYPH_LEFT_1,
	MP_GLYPH_LEFT_8 = MP_GLYPH_LEFT_1 + 7,
	MP_GLYPH_LOWER_1,
	MP_GLYPH_LOWER_8 = MP_GLYPH_LOWER_1 + 7,
	MP_GLYPH_COUNT,
};

struct mp_canvas {
	struct mp_cell *cells; /* owned; row by row */
	int rows, columns;
	enum mp_glyphs glyphs;
	int cursor_row, cursor_column; /* where the hardware cursor stands: on what is selected */
};

/* All blank, cursor in the corner; a size of 0 is allowed. 0 or -ENOMEM. */
int mp_canvas_init(struct mp_canvas *canvas, int rows, int columns, enum mp_glyphs glyphs);
void mp_canvas_done(struct mp_canvas *canvas); /* accepts zeroed */
/* Blanks; the contents are lost when the size changes. 0 or -ENOMEM (the canvas is then as it was). */
int mp_canvas_resize(struct mp_canvas *canvas, int rows, int columns);
void mp_canvas_clear(struct mp_canvas *canvas);

/* A rectangle of a canvas; a plain value, valid as long as the canvas keeps its size. */
struct mp_grid {
	struct mp_canvas *canvas;
	int row, column; /* of its corner on the canvas */
	int rows, columns; /* >= 0 */
};

struct mp_grid mp_grid_whole(struct mp_canvas *canvas);
/* The part of `grid` from (row, column), clipped to it. */
struct mp_grid mp_grid_part(const struct mp_grid *grid, int row, int column, int rows, int columns);
enum mp_glyphs mp_grid_glyphs(const struct mp_grid *grid);

/* Writes `text`; returns the columns that it takes, whether they were inside or not. */
int mp_grid_text(const struct mp_grid *grid, int row, int column, unsigned style, const char *text);
int mp_grid_printf(const struct mp_grid *grid, int row, int column, unsigned style, const char *fmt,
		   ...) __attribute__((format(printf, 5, 6)));

/* Where a text that does not fit is cut; the cut is marked by MP_GLYPH_ELLIPSIS. */
enum mp_cut {
	MP_CUT_END, /* prose */
	MP_CUT_MIDDLE, /* case texts and paths: both ends tell them apart */
};
enum mp_align { MP_ALIGN_LEFT, MP_ALIGN_RIGHT };
/* Writes `text` into exactly `width` columns, cut or padded with blanks of the same style. */
void mp_grid_field(const struct mp_grid *grid, int row, int column, int width, unsigned style,
		   enum mp_align align, enum mp_cut cut, const char *text);
/* Writes `text` as a paragraph of lines that fit between `column` and the right edge, from `row` on; returns how many
 * lines it takes, whether they were inside or not (at least 1). */
int mp_grid_wrap(const struct mp_grid *grid, int row, int column, unsigned style, const char *text);

/* One glyph, and `count` of them side by side (horizontal) or one below the other. */
void mp_grid_glyph(const struct mp_grid *grid, int row, int column, unsigned style,
		   enum mp_glyph glyph);
void mp_grid_glyphs_right(const struct mp_grid *grid, int row, int column, int count,
			  unsigned style, enum mp_glyph glyph);
void mp_grid_glyphs_down(const struct mp_grid *grid, int row, int column, int count, unsigned style,
			 enum mp_glyph glyph);
/* The glyph as text, "#" or "\u2588". */
const char *mp_glyph_text(enum mp_glyphs set, enum mp_glyph glyph);

/* Gives cells another style and leaves their characters. */
void mp_grid_style(const struct mp_grid *grid, int row, int column, int rows, int columns,
		   unsigned style);
/* Adds attributes to the style of cells. */
void mp_grid_attribute(const struct mp_grid *grid, int row, int column, int rows, int columns,
		       unsigned attributes);
/* Blanks of that style. */
void mp_grid_fill(const struct mp_grid *grid, int row, int column, int rows, int columns,
		  unsigned style);

/* Parks the hardware cursor there; outside of the grid it stays where it was. */
void mp_grid_cursor(const struct mp_grid *grid, int row, int column);
/* The cell, or NULL outside of the grid. */
const struct mp_cell *mp_grid_at(const struct mp_grid *grid, int row, int column);

#endif
