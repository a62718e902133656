/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text as a terminal shows it: columns instead of bytes, and nothing that could steer the terminal.
 *
 * Texts come from databases that anybody may have written, so they are cleaned before they are printed.
 * The widths are those of East Asian Width (UAX 11: W and F are two columns) and of combining marks (none),
 * as ranges of whole blocks; they do not depend on the locale. Layer: report.
 */
#ifndef REPORT_FORMAT_WIDTH_H
#define REPORT_FORMAT_WIDTH_H

#include "common/str.h"

#include <stdbool.h>
#include <stddef.h>

/* Length in bytes of the first character of a non-empty text, and the columns it takes (0, 1 or 2). A byte
 * that is not valid UTF-8 is one character of one column. */
size_t mp_text_next(const char *text, unsigned *ret_columns);

/* Columns of the whole text. */
size_t mp_text_width(const char *text);

/* Appends `text` as valid UTF-8: what is not becomes U+FFFD. Unless `keep_controls`, for a format that escapes them itself, tabs and
 * line ends become spaces, and what else would steer a terminal (common/utf8.h) becomes U+FFFD too. */
void mp_text_clean(struct mp_str *out, const char *text, bool keep_controls);

/* How many bytes of `text` fit in `columns` (at least one character), broken at the last space, else after the last
 * '/', ',' or ';', else anywhere. *ret_next: where the next line starts (spaces at the break are skipped). */
size_t mp_text_break(const char *text, size_t columns, const char **ret_next);

/* Appends `text` (cleaned) as a paragraph of lines at most `columns` wide (0: one line), each ended by a
 * newline; every line but the first starts with `indent` spaces. */
void mp_text_wrap(struct mp_str *out, const char *text, size_t columns, size_t indent);

#endif
