/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter language of --filter (run, plan, list, compare, viewer): conditions on a case, joined by
 * "and", "or", "not" and parentheses.
 *
 *	size >= 2M and threads = 1
 *	bench ~ fault.* and not populate = yes
 *
 * Operators: = != on numbers (sizes with their suffix) and words, < <= > >= on numbers, ~ for globs; a value
 * with blanks or signs stands in quotes. "not" binds tighter than "and", "and" than "or". `bench`, `family`
 * and `case` (the canonical text) exist for every case. A condition on an axis that a case does not have is
 * false. Layer: ground.
 */
#ifndef COMMON_FILTER_H
#define COMMON_FILTER_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>

struct mp_filter; /* a parsed expression, heap */

/* 0, -ENOMEM, or -EINVAL with a sentence that names the column and what was expected there. */
int mp_filter_parse(const char *text, struct mp_filter **ret_filter, struct mp_err *err);
void mp_filter_free(struct mp_filter *filter); /* accepts NULL */
const char *mp_filter_text(const struct mp_filter *filter); /* that it was parsed from */

/* Calls `each` with the field (an axis, or bench, family, case) of every condition, so that a caller that
 * knows the axes can refuse a misspelt one; stops at its first non-zero return and returns it. */
int mp_filter_fields(const struct mp_filter *filter, int (*each)(void *user, const char *field),
		     void *user);

/* Does the case with this canonical text ("mmap.anon/size=2M/threads=4") match? */
bool mp_filter_match(const struct mp_filter *filter, const char *case_text);

/*
 * Fields beside those of every case: what a table knows of its rows. A number is written with a decimal point, and a
 * percent sign or a unit of time may follow: "change > 5%", "p < 0.01", "a >= 1.5us" (times are nanoseconds). A name with
 * blanks or signs stands in quotes: '"cycles (cpu_core)" > 4000'.
 */
struct mp_filter_field {
	const char *name;
	bool number; /* compared as one; else a word, in which upper and lower case are the same */
};
/* As mp_filter_parse; `fields` are borrowed for the call. */
int mp_filter_parse_with(const char *text, const struct mp_filter_field *fields, size_t n_fields,
			 struct mp_filter **ret_filter, struct mp_err *err);

struct mp_filter_value {
	double number; /* NaN: unknown; no condition on it holds */
	const char *word; /* NULL: unknown */
};
/* `value` gives field `index` of what is asked about. Without it, conditions on such fields are false. */
bool mp_filter_match_with(const struct mp_filter *filter, const char *case_text,
			  struct mp_filter_value (*value)(void *user, size_t index), void *user);

#endif
