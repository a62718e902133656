/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error sentences. Nothing here prints: see err.h. */
#include "common/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/utf8.h"

/* What a sentence quotes may come from a file or a name that anybody wrote, and the sentence goes to a terminal. */
static void clean(char *text)
{
	for (char *at = text; *at;) {
		uint32_t code;
		size_t len = mp_utf8_decode(at, &code);

		if (len && !mp_utf8_steers(code)) {
			at += len;
			continue;
		}
		memset(at, len && strchr("\t\n\r", (int)code) ? ' ' : '?', len ? len : 1);
		at += len ? len : 1;
	}
}

static void set(struct mp_err *err, enum mp_err_kind kind, const char *fmt, va_list ap)
	__attribute__((format(printf, 3, 0)));

static void set(struct mp_err *err, enum mp_err_kind kind, const char *fmt, va_list ap)
{
	if (!err)
		return;
	err->kind = kind;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	clean(err->text);
}

int mp_err_usage(struct mp_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, MP_ERR_USAGE, fmt, ap);
	va_end(ap);
	return code;
}

int mp_err_env(struct mp_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, MP_ERR_ENVIRONMENT, fmt, ap);
	va_end(ap);
	return code;
}

int mp_err_internal(struct mp_err *err, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	set(err, MP_ERR_INTERNAL, fmt, ap);
	va_end(ap);
	return code;
}

int mp_err_prefix(struct mp_err *err, int code, const char *fmt, ...)
{
	struct mp_err old;
	va_list ap;
	size_t used;

	if (!err)
		return code;
	old = *err;
	va_start(ap, fmt);
	set(err, old.kind, fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %.*s",
		 (int)(sizeof(err->text) - used), old.text);
	clean(err->text);
	return code;
}
