/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a comparison for people: show_compare.c puts them in the order of a text, show_compare_page.c in that of a page. */
#ifndef REPORT_FORMAT_SHOW_COMPARE_INTERNAL_H
#define REPORT_FORMAT_SHOW_COMPARE_INTERNAL_H

#include "report/format/show_internal.h"

struct mp_compared {
	const struct mp_comparison *c;
	const struct mp_show *show;
	struct mp_doc doc;
	bool wide, failed;
};

/* Each is a part of the document; memory that runs out is remembered in `failed`. */
void mp_compared_sides(struct mp_compared *r);
void mp_compared_environment(struct mp_compared *r);
void mp_compared_counts(struct mp_compared *r);
/* All pairs of that verdict, sorted by evidence. */
void mp_compared_verdict(struct mp_compared *r, enum mp_verdict verdict, const char *title);
void mp_compared_unsure(struct mp_compared *r);
void mp_compared_families(struct mp_compared *r);
void mp_compared_gate(struct mp_compared *r);

/* Columns of a pair that was measured, how many they are; its cells; and what the row that is full now says. */
size_t mp_compared_columns(const struct mp_compared *r, struct mp_column columns[6]);
void mp_compared_add(struct mp_compared *r, struct mp_table *table, const struct mp_pair *pair);
void mp_compared_judge(struct mp_compared *r, struct mp_table *table, const struct mp_pair *pair);

void mp_compared_page(struct mp_compared *r);

#endif
