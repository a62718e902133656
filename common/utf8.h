/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters of texts that anybody may have written: what they are, and whether a terminal would obey them. Layer: ground, libc only. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `text` and its code point (RFC 3629); 0 when it is not valid UTF-8: overlong forms, surrogates
 * and what is beyond U+10FFFF included. */
size_t mp_utf8_decode(const char *text, uint32_t *ret_code);

/* Control characters (C0, DEL, C1), line and paragraph separators, and what has the property Bidi_Control (UAX 9), by which a line
 * could be made to read as another one (Unicode TR 36, 3.1). */
bool mp_utf8_steers(uint32_t code);

#endif
