/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of UTF-8 text and line breaking: see width.h. */
#include "report/format/width.h"

#include <stdint.h>
#include <string.h>

#include "common/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

struct range {
	uint32_t first, last;
};

/* Combining and zero-width characters, by block. */
static const struct range narrow[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd }, { 0x0610, 0x061a },
	{ 0x064b, 0x065f }, { 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff }, { 0x200b, 0x200f },
	{ 0x202a, 0x202e }, { 0x2060, 0x2064 }, { 0x2066, 0x206f }, { 0x20d0, 0x20ff },
	{ 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f }, { 0xfeff, 0xfeff }, { 0xe0100, 0xe01ef },
};

/* East Asian wide and fullwidth characters, by block. */
static const struct range wide[] = {
	{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2e80, 0x303e },	  { 0x3041, 0x33ff },
	{ 0x3400, 0x4dbf },   { 0x4e00, 0x9fff },   { 0xa000, 0xa4cf },	  { 0xa960, 0xa97f },
	{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },	  { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
	{ 0x20000, 0x3fffd },
};

static bool within(uint32_t c, const struct range *ranges, size_t count)
{
	for (size_t i = 0; i < count && c >= ranges[i].first; i++) {
		if (c <= ranges[i].last)
			return true;
	}
	return false;
}

size_t mp_text_next(const char *text, unsigned *ret_columns)
{
	uint32_t c;
	size_t len = mp_utf8_decode(text, &c);

	*ret_columns = 1;
	if (!len)
		return 1;
	if (within(c, narrow, sizeof(narrow) / sizeof(narrow[0])))
		*ret_columns = 0;
	else if (within(c, wide, sizeof(wide) / sizeof(wide[0])))
		*ret_columns = 2;
	return len;
}

size_t mp_text_width(const char *text)
{
	size_t width = 0;
	unsigned columns;

	while (*text) {
		text += mp_text_next(text, &columns);
		width += columns;
	}
	return width;
}

void mp_text_clean(struct mp_str *out, const char *text, bool keep_controls)
{
	while (*text) {
		uint32_t c;
		size_t len = mp_utf8_decode(text, &c);

		if (!len)
			mp_str_add(out, REPLACEMENT);
		else if (keep_controls || !mp_utf8_steers(c))
			mp_str_add_len(out, text, len);
		else if (c == '\t' || c == '\n' || c == '\r')
			mp_str_addc(out, ' ');
		else
			mp_str_add(out, REPLACEMENT);
		text += len ? len : 1;
	}
}

size_t mp_text_break(const char *text, size_t columns, const char **ret_next)
{
	size_t used = 0, here = 0, space = 0, sign = 0, len;
	const char *next;

	while (text[here]) {
		unsigned width;
		size_t bytes = mp_text_next(text + here, &width);

		/* A space may hang over the edge: it is not printed there. */
		if (text[here] == ' ')
			space = here;
		else if (used + width > columns && here > 0)
			break;
		used += width;
		here += bytes;
		if (strchr("/,;", text[here - 1]))
			sign = here;
	}
	len = !text[here] ? here : space ? space : sign ? sign : here;
	next = text + len;
	while (*next == ' ')
		next++;
	while (len > 1 && text[len - 1] == ' ')
		len--;
	*ret_next = next;
	return len;
}

void mp_text_wrap(struct mp_str *out, const char *text, size_t columns, size_t indent)
{
	struct mp_str clean = MP_STR_INIT;
	const char *rest;
	bool first = true;

	mp_text_clean(&clean, text, false);
	if (clean.failed)
		out->failed = true;
	rest = clean.text;
	if (!columns || !*rest) {
		mp_str_add(out, rest);
		mp_str_addc(out, '\n');
		mp_str_done(&clean);
		return;
	}
	while (*rest) {
		size_t room = first || columns <= indent + 8 ? columns : columns - indent;
		const char *next;
		size_t len = mp_text_break(rest, room, &next);

		if (!first)
			mp_str_pad(out, ' ', indent);
		mp_str_add_len(out, rest, len);
		mp_str_addc(out, '\n');
		rest = next;
		first = false;
	}
	mp_str_done(&clean);
}
