/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text inside HTML and XML. Layer: report. */
#ifndef REPORT_FORMAT_MARKUP_H
#define REPORT_FORMAT_MARKUP_H

#include "common/str.h"

/* Appends `text` as character data or the value of a quoted attribute: valid UTF-8 without characters that XML 1.0
 * forbids (they become U+FFFD), tabs and line ends as spaces, markup characters as entities. */
void mp_markup_add(struct mp_str *out, const char *text);

#endif
