/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's text (mp_case_text()) as options of a command line. Layer: ground. */
#ifndef COMMON_CASE_H
#define COMMON_CASE_H

#include "common/str.h"

/* Appends what selects that case and no other in `memperf run` and `plan`, whatever suite it came from:
 * "--bench mmap.anon --set populate=no --set size=2M". Words are separated by one blank, and none needs quoting. */
void mp_case_options(const char *text, struct mp_str *out);

#endif
