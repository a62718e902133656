/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was counted, in prose: the group that a run was asked for, and sentences about its metrics. Layer: report. */
#ifndef REPORT_FORMAT_COUNTER_WORDS_H
#define REPORT_FORMAT_COUNTER_WORDS_H

#include "report/format/doc.h"
#include "results/counts.h"

#include <stdbool.h>
#include <stddef.h>

struct json_t;

/* The group as the run stored it (`counters` of struct mp_run_row's options_json): an object, or null where it stored none. A
 * new reference; NULL: out of memory. */
struct json_t *mp_counter_group_json(const char *options_json);

/* Its title and about, and which of its metrics were not asked for, with the option that asks for them; nothing where the
 * run stored none. `whose` stands before the title: "A: ", or "". */
void mp_show_counter_group(const struct mp_doc *doc, const char *whose, const char *options_json);

/* Do both runs tell the same of their groups? */
bool mp_counter_group_same(const char *options_json, const char *other_json);

/* Sentences about metrics, each once with the number of rows that it is said of. Zeroed: none. */
struct mp_said {
	struct mp_said_of {
		char *metric, *text; /* owned */
		size_t times;
	} * items; /* owned, in the order in which they came */
	size_t n, cap;
};

/* False when memory ran out. */
bool mp_said_add(struct mp_said *said, const char *metric, const char *text);
/* What the row's metric means, and the note of how it was counted. */
bool mp_said_add_meaning(struct mp_said *said, const struct mp_count_row *row);
/* The meanings as a part of the document; nothing where there is none. */
void mp_said_show_meanings(const struct mp_said *said, const struct mp_doc *doc);
void mp_said_done(struct mp_said *said); /* accepts zeroed */

#endif
