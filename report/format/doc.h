/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A document for people, written once and shown in every format that has prose: title, sentences, fields, tables.
 *
 * It begins with mp_doc_title() and ends with mp_doc_end(). Everything given is cleaned of what could steer a
 * terminal, and escaped where the format has markup. Layer: report.
 */
#ifndef REPORT_FORMAT_DOC_H
#define REPORT_FORMAT_DOC_H

#include "common/str.h"
#include "report/format/table.h"

struct mp_doc {
	const struct mp_format *format; /* one with prose */
	unsigned wide; /* columns of the terminal, 0: unlimited; text only */
	struct mp_str *out; /* appended to */
};

/* The first line of the document. */
void mp_doc_title(const struct mp_doc *doc, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A new part. */
void mp_doc_heading(const struct mp_doc *doc, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* A sentence of its own, wrapped. */
void mp_doc_line(const struct mp_doc *doc, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "name   value", the value wrapped beside its name. */
void mp_doc_field(const struct mp_doc *doc, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* An empty line. */
void mp_doc_gap(const struct mp_doc *doc);
void mp_doc_table(const struct mp_doc *doc, const struct mp_table *table);
void mp_doc_end(const struct mp_doc *doc);

/* Is it a page, with pictures, and with parts that are folded away until a reader wants them? */
bool mp_doc_is_page(const struct mp_doc *doc);
/* Pages alone: is there room for more, so that the page still goes by mail? */
bool mp_doc_has_room(const struct mp_doc *doc);
/* Pages alone: the chart, or the sentence why it is empty. `wide`: alone in its row. */
void mp_doc_chart(const struct mp_doc *doc, const struct mp_chart *chart, bool wide);
/* Pages alone: what follows, up to mp_doc_unfold(), is folded away below this line. `word`: what is said of the case that
 * it is about ("slower"), a plain word; NULL: not about one case. */
void mp_doc_fold(const struct mp_doc *doc, const char *word, bool open, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void mp_doc_unfold(const struct mp_doc *doc);

#endif
