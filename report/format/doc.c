/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Titles, sentences and fields for people: see doc.h. */
#include "report/format/doc.h"

#include <stdarg.h>

#include "report/chart/chart.h"

/* Of a page in bytes: pictures beyond that are left out, with a sentence. */
#define ROOM (1u << 21)

__attribute__((format(printf, 3, 0))) static void put(const struct mp_doc *doc,
						      void (*piece)(const struct mp_doc *doc,
								    const char *text),
						      const char *fmt, va_list ap)
{
	struct mp_str text = MP_STR_INIT;

	mp_str_vprintf(&text, fmt, ap);
	piece(doc, text.text);
	if (text.failed)
		doc->out->failed = true;
	mp_str_done(&text);
}

void mp_doc_title(const struct mp_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(doc, doc->format->prose->title, fmt, ap);
	va_end(ap);
}

void mp_doc_heading(const struct mp_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(doc, doc->format->prose->heading, fmt, ap);
	va_end(ap);
}

void mp_doc_line(const struct mp_doc *doc, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put(doc, doc->format->prose->line, fmt, ap);
	va_end(ap);
}

void mp_doc_field(const struct mp_doc *doc, const char *name, const char *fmt, ...)
{
	struct mp_str value = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&value, fmt, ap);
	va_end(ap);
	doc->format->prose->field(doc, name, value.text);
	if (value.failed)
		doc->out->failed = true;
	mp_str_done(&value);
}

void mp_doc_gap(const struct mp_doc *doc)
{
	doc->format->prose->gap(doc);
}

void mp_doc_table(const struct mp_doc *doc, const struct mp_table *table)
{
	if (mp_table_failed(table))
		doc->out->failed = true;
	else
		doc->format->prose->table(doc, table);
}

void mp_doc_end(const struct mp_doc *doc)
{
	if (doc->format->prose->end)
		doc->format->prose->end(doc);
}

bool mp_doc_is_page(const struct mp_doc *doc)
{
	return doc->format->prose->chart != NULL;
}

bool mp_doc_has_room(const struct mp_doc *doc)
{
	return doc->out->len < ROOM;
}

void mp_doc_chart(const struct mp_doc *doc, const struct mp_chart *chart, bool wide)
{
	if (chart->failed)
		doc->out->failed = true;
	else if (chart->empty)
		mp_doc_line(doc, "%s: %s", chart->title, chart->empty);
	else
		doc->format->prose->chart(doc, chart, wide);
}

void mp_doc_fold(const struct mp_doc *doc, const char *word, bool open, const char *fmt, ...)
{
	struct mp_str text = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&text, fmt, ap);
	va_end(ap);
	doc->format->prose->fold(doc, word, open, text.text);
	if (text.failed)
		doc->out->failed = true;
	mp_str_done(&text);
}

void mp_doc_unfold(const struct mp_doc *doc)
{
	doc->format->prose->unfold(doc);
}
