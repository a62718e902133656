/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's text as options of a command line: see case.h. */
#include "common/case.h"

#include <string.h>

void mp_case_options(const char *text, struct mp_str *out)
{
	size_t len = strcspn(text, "/");

	mp_str_printf(out, "--bench %.*s", (int)len, text);
	for (text += len; *text; text += len) {
		len = strcspn(++text, "/");
		mp_str_printf(out, " --set %.*s", (int)len, text);
	}
}
