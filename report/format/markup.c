/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escaping for HTML and XML: see markup.h. */
#include "report/format/markup.h"

#include <string.h>

#include "report/format/width.h"

void mp_markup_add(struct mp_str *out, const char *text)
{
	struct mp_str clean = MP_STR_INIT;

	mp_text_clean(&clean, text, false);
	for (const char *c = clean.text; *c; c++) {
		switch (*c) {
		case '&':
			mp_str_add(out, "&amp;");
			break;
		case '<':
			mp_str_add(out, "&lt;");
			break;
		case '>':
			mp_str_add(out, "&gt;");
			break;
		case '"':
			mp_str_add(out, "&quot;");
			break;
		default:
			/* U+FFFE and U+FFFF are valid UTF-8 and no characters (XML 1.0, production 2). */
			if (!strncmp(c, "\xef\xbf\xbe", 3) || !strncmp(c, "\xef\xbf\xbf", 3)) {
				mp_str_add(out, "\xef\xbf\xbd");
				c += 2;
			} else {
				mp_str_addc(out, *c);
			}
		}
	}
	if (clean.failed)
		out->failed = true;
	mp_str_done(&clean);
}
