/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the reports and the viewer share with each other and with nobody else. */
#ifndef REPORT_FORMAT_SHOW_INTERNAL_H
#define REPORT_FORMAT_SHOW_INTERNAL_H

#include "report/format/doc.h"
#include "report/format/show.h"

/* At least this wide, tables show the columns that narrow ones leave to --all and the other formats. */
#define MP_SHOW_WIDE	100
#define MP_COMPARE_WIDE 160 /* the same for two sides: case texts are long */

/* Local date and time of a CLOCK_REALTIME stamp, "2026-02-03 04:05:06 CET"; "-" for 0. */
void mp_show_when(int64_t ns, char buf[64]);

/* The text, or "?" for NULL. */
const char *mp_show_text(const char *text);

/* "120 cases: 118 ok, 1 failed, 1 skipped" */
void mp_show_outcomes(const struct mp_run_row *row, struct mp_str *out);

/* Axes ("a=1") that all these cases of one benchmark share, joined by a slash; empty for a single case. */
void mp_show_common_axes(const struct mp_case_row *const *rows, size_t count, struct mp_str *out);
/* The case's axes without the common ones, joined by a slash; the benchmark's variant when none is left. */
void mp_show_own_axes(const struct mp_case_row *row, const char *common, struct mp_str *out);

/*
 * Cases that have a word and a reason instead of numbers. Equal ones are shown as one line with their count, so
 * that 200 cases without the module are one line; `all` shows each.
 */
struct mp_reason {
	const char *word, *text, *reason; /* borrowed; reason may be NULL */
	double value; /* ns per operation, NaN: none */
	bool alone; /* never put together with others */
};
/* Rows in the order given. False when memory ran out. *ret_hidden: cases that are not named. */
bool mp_show_reasons(const struct mp_doc *doc, const struct mp_reason *reasons, size_t count,
		     bool all, size_t *ret_hidden);

/* The calm share of these cases, and of each kind of core where cores are not all alike. False when memory ran out. */
bool mp_show_calm(const struct mp_doc *doc, const struct mp_case_row *const *rows, size_t n);

/* Two modes and missing steady states of these cases of the run, by name; with `all` also where the scatter of each comes
 * from. False when memory ran out. */
bool mp_show_spread(const struct mp_doc *doc, const struct mp_side_run *run,
		    const struct mp_case_row *const *rows, size_t n, bool all);
/* What the workers beside a measured one did, of those cases that have such. False when memory ran out. */
bool mp_show_beside(const struct mp_doc *doc, const struct mp_case_row *const *rows, size_t n);
/* "two modes of invocations: ...; no steady state: ..."; nothing where there is one level. Appended. */
void mp_spread_words(const struct mp_spread *s, struct mp_str *out);
bool mp_spread_two_modes(const struct mp_spread *s);
/* The cell of blocks worth running. */
void mp_show_worth(struct mp_table *table, const struct mp_spread *s);

/* Formats without prose. 0 or -ENOMEM. */
int mp_show_run_data(const struct mp_side *side, const struct mp_show *show, struct mp_str *out);
int mp_show_comparison_data(const struct mp_comparison *c, size_t n, const struct mp_show *show,
			    struct mp_str *out);

/* "+10.2 %", "x12.3" beyond tenfold, "-" when unknown. */
void mp_show_change(double ratio, char buf[MP_UNITS_LEN]);
/* "+9.1 .. +11.3 %", "-" untested. */
void mp_show_interval(const struct mp_change *change, char buf[2 * MP_UNITS_LEN]);
/* "2 % (assumed floor)", "1.4 % (floor of 7 pairs of runs)", "5 % (policy)" */
void mp_show_threshold(const struct mp_change *change, struct mp_str *out);
/* A value of the comparison's unit with it: "263.2 us", "1.2 k cycles", "-". */
void mp_show_value(enum mp_unit unit, double value, char buf[2 * MP_UNITS_LEN]);

/* Judges the newest row of the table as this pair. */
void mp_show_judge(struct mp_table *table, const struct mp_comparison *c,
		   const struct mp_pair *pair);
/* The same for a case of `n` comparisons; NULL: one does not have it. The row says what the first B says that is a regression, else the first
 * B that has the case. */
void mp_show_judge_several(struct mp_table *table, const struct mp_comparison *c, size_t n,
			   const struct mp_pair *const *pairs);

/* Every case that has no ratio, or none that counts, with its reason, below the heading and their number. */
void mp_show_uncompared(const struct mp_doc *doc, const struct mp_comparison *c,
			const char *heading, bool all);
/* What the words of a comparison mean, and how it can be made again. */
void mp_show_reading(const struct mp_doc *doc, const struct mp_comparison *c, size_t n);

/* Tails and shapes that changed. False when memory ran out. */
bool mp_show_asides(const struct mp_doc *doc, const struct mp_comparison *c);

/* The change of an aspect with the smallest p; NULL: none was tested. */
const struct mp_change *mp_show_strongest(const struct mp_beside *beside);

/* Pieces of the machine formats. NULL when memory ran out. */
struct json_t *mp_show_gate_json(const struct mp_comparison *c, size_t n);
struct json_t *mp_show_policy_json(const struct mp_policy *policy);
struct json_t *mp_show_unit_json(const struct mp_comparison *c);
struct json_t *mp_show_differences_json(const struct mp_comparison *c);
struct json_t *mp_show_compared_json(const struct mp_comparison *c, const struct mp_show *show);

int mp_show_history_data(const struct mp_history *h, const struct mp_show *show,
			 struct mp_str *out);

/* Local date of a CLOCK_REALTIME stamp, "2026-02-03". */
void mp_show_date(int64_t ns, char buf[16]);

/* A run's own line as a JSON object; NULL when memory ran out. */
struct json_t *mp_show_run_json(const struct mp_side_run *run);

/* A text as JSON, null for NULL; bytes that are not UTF-8 are replaced. NULL when memory ran out. */
struct json_t *mp_json_text(const char *text);
/* A number as JSON, null when it is not finite. */
struct json_t *mp_json_number(double value);

#endif
