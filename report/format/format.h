/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Output formats. report/format/formats/<name>.c exports mp_format_<name>; the build writes the list, and every
 * command that shows something has the format.
 *
 * A format for people renders a document piece by piece (prose), one for machines the whole report at once (data).
 * Layer: report. Texts are borrowed for the call; what is appended belongs to `out`.
 */
#ifndef REPORT_FORMAT_FORMAT_H
#define REPORT_FORMAT_FORMAT_H

#include "common/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_chart;
struct mp_doc;
struct mp_table;
struct mp_side_run;

/* The pieces of a document; each appends one. Texts are as they were given: the format cleans and escapes. */
struct mp_prose {
	void (*title)(const struct mp_doc *doc, const char *text); /* once, first */
	void (*heading)(const struct mp_doc *doc, const char *text);
	void (*line)(const struct mp_doc *doc, const char *text);
	void (*field)(const struct mp_doc *doc, const char *name, const char *value);
	void (*gap)(const struct mp_doc *doc); /* an empty line, where lines are all there is */
	void (*table)(const struct mp_doc *doc, const struct mp_table *table);
	void (*end)(const struct mp_doc *doc); /* NULL: nothing to close */
	/* Of pages, NULL elsewhere: a picture with its numbers; and parts that are folded away (doc.h). */
	void (*chart)(const struct mp_doc *doc, const struct mp_chart *chart, bool wide);
	void (*fold)(const struct mp_doc *doc, const char *word, bool open, const char *text);
	void (*unfold)(const struct mp_doc *doc);
};

/* A whole report, for machines. */
struct mp_data {
	const char *kind; /* the command: "report", "compare", "history", "nightly" */
	const char *name; /* what it is about, for people */
	const struct mp_table *table; /* a row per case; the column "case" names it */
	struct json_t *document; /* everything, for JSON alone; taken over by the format */
	const struct mp_side_run *run; /* the newest run that it is about; NULL: none */
	const struct mp_side_run *runs; /* of a history: the newest one of each machine */
	size_t n_runs;
};

struct mp_format {
	const char *name; /* as in --format NAME */
	const char *suffix; /* of files in this format, "md" */
	/* A table alone; `wide`: columns of the terminal, 0: unlimited. */
	void (*table)(const struct mp_table *table, unsigned wide, struct mp_str *out);
	const struct mp_prose *prose; /* NULL: for machines */
	/* 0, -ENOMEM. NULL: for people. */
	int (*data)(const struct mp_data *data, struct mp_str *out);
};

/* In name order. */
extern const struct mp_format *const mp_formats[];
extern const size_t mp_n_formats;

/* Those that code names. */
extern const struct mp_format mp_format_csv, mp_format_json, mp_format_markdown, mp_format_text;

/* The format of that name; NULL: there is none. */
const struct mp_format *mp_format_find(const char *name);

/* Appends "csv, html, json ..." */
void mp_format_names(struct mp_str *out);

/* A line of the run's description, for formats that carry such. Texts live in the run. */
struct mp_property {
	const char *name; /* lower_case */
	const char *value;
};
#define MP_PROPERTIES_MAX 8
/* host, machine, kernel, suite, version, commit, run: those that are known. Their count. */
size_t mp_data_properties(const struct mp_data *data,
			  struct mp_property ret_properties[MP_PROPERTIES_MAX]);

#endif
