/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Titles, sentences and fields for people: see doc.h. */
#include "report/format/doc.h"

#include <stdarg.h>
#include <string.h>

#include "report/format/width.h"

#define FIELD_WIDTH 12

void mp_markdown_add(struct mp_str *out, const char *text)
{
	struct mp_str clean = MP_STR_INIT;

	mp_text_clean(&clean, text, false);
	for (const char *c = clean.text; *c; c++) {
		if (strchr("\\`*|<>[]&", *c))
			mp_str_addc(out, '\\');
		mp_str_addc(out, *c);
	}
	if (clean.failed)
		out->failed = true;
	mp_str_done(&clean);
}

/* `lead` before the text in Markdown, `tail` after it. */
__attribute__((format(printf, 4, 0))) static void put(const struct mp_doc *doc, const char *lead,
						      const char *tail, const char *fmt, va_list ap)
{
	struct mp_str text = MP_STR_INIT;

	mp_str_vprintf(&text, fmt, ap);
	if (doc->format == MP_FORMAT_MARKDOWN) {
		mp_str_add(doc->out, lead);
		mp_markdown_add(doc->out, text.text);
		mp_str_add(doc->out, tail);
	} else {
		mp_text_wrap(doc->out, text.text, doc->wide, 2);
	}
	if (text.failed)
		doc->out->failed = true;
	mp_str_done(&text);
}

void mp_doc_title(const struct mp_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(doc, "# ", "\n\n", fmt, ap);
	va_end(ap);
}

void mp_doc_heading(const struct mp_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (doc->out->len < 2 || strcmp(doc->out->text + doc->out->len - 2, "\n\n"))
		mp_str_addc(doc->out, '\n');
	put(doc, "## ", "\n\n", fmt, ap);
	va_end(ap);
}

void mp_doc_line(const struct mp_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(doc, "", "\n\n", fmt, ap);
	va_end(ap);
}

void mp_doc_field(const struct mp_doc *doc, const char *name, const char *fmt, ...)
{
	struct mp_str text = MP_STR_INIT, value = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&value, fmt, ap);
	va_end(ap);
	if (doc->format == MP_FORMAT_MARKDOWN) {
		mp_str_add(doc->out, "- **");
		mp_markdown_add(doc->out, name);
		mp_str_add(doc->out, "**: ");
		mp_markdown_add(doc->out, value.text);
		mp_str_addc(doc->out, '\n');
	} else {
		size_t width = mp_text_width(name);

		mp_str_add(&text, name);
		mp_str_pad(&text, ' ', width < FIELD_WIDTH ? FIELD_WIDTH - width : 1);
		mp_str_add(&text, value.text);
		mp_text_wrap(doc->out, text.text, doc->wide, FIELD_WIDTH);
	}
	if (text.failed || value.failed)
		doc->out->failed = true;
	mp_str_done(&text);
	mp_str_done(&value);
}

void mp_doc_gap(const struct mp_doc *doc)
{
	mp_str_addc(doc->out, '\n');
}

void mp_doc_table(const struct mp_doc *doc, const struct mp_table *table)
{
	mp_table_render(table, doc->format, doc->wide, doc->out);
	if (doc->format == MP_FORMAT_MARKDOWN)
		mp_str_addc(doc->out, '\n');
}
