/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What was counted while a case ran, as it is stored: plain data, in words where the file has words. Which counters there
 * are and how they are read is not known here.
 *
 * A value has a number exactly when its status is not "unavailable"; unknown is never 0.
 */
#ifndef RESULTS_COUNTS_H
#define RESULTS_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mp_err;
struct mp_store;

#define MP_COUNT_REASON_TEXT 256
#define MP_COUNT_PASSES	     3 /* "timing", "explain", "bandwidth" */

/* One way to count one metric. Texts are never NULL; who owns them is said where it is used. */
struct mp_counted {
	const char *metric, *unit, *means;
	const char *kind; /* of core, where workers on several are counted apart; "": all workers */
	const char *source, *encoder; /* both "": no source can be used here */
	const char *event; /* the encoding in words */
	const char
		*events; /* every perf event that is added up, JSON as in schema.sql; "[]": none */
	const char *scope, *side; /* "" without a source */
	const char *note;
};

/* What it said in one invocation. */
struct mp_count {
	const struct mp_counted *what; /* borrowed */
	const char *
		status; /* "measured", "scaled", "estimated", "partial", "unavailable": a literal */
	const char *covers; /* "operations", "blocks", "region": a literal */
	double value; /* of all operations together, in the unit of `what`; NaN exactly when unavailable */
	uint64_t operations; /* that it counted over */
	bool read; /* raw means something */
	uint64_t raw; /* sum of the counts as read */
	uint64_t enabled_ns, running_ns; /* summed over the instances; 0, 0: no perf event */
	double ratio; /* running / enabled, the least of the instances; NaN: none */
	uint32_t instances, expected; /* summed, and how many there should be */
	bool proven; /* the source moved under a known load: its zeros are believed */
	uint64_t region_ns; /* wall time that was counted over; 0: the threads' own counters */
	double idle_before,
		idle_after; /* the same over an idle time of the same length; NaN: none */
	char reason[MP_COUNT_REASON_TEXT];
};

/* Stores what one invocation of a pass counted, in one transaction of its own. A repeated one is refused. The counts of the
 * timing pass travel with their invocation (struct mp_invocation) instead. */
int mp_store_counters_add(struct mp_store *s, int64_t run_case, const char *pass, uint32_t ordinal,
			  const struct mp_count *counts, size_t n, struct mp_err *err);

/* How many invocations of that pass are stored for the case. */
int mp_store_counters_done(struct mp_store *s, int64_t run_case, const char *pass,
			   uint32_t *ret_invocations, struct mp_err *err);

/*
 * One counter of a case over the invocations of one pass.
 *
 * The number is the median over the invocations that have one of value / operations: counts are replicated by invocations
 * as times are, and one that was disturbed does not move it. Range, not interval: most counts are exact, and two
 * invocations have no interval.
 */
struct mp_count_row {
	struct mp_counted what; /* texts owned by the row */
	char *text; /* owned: holds them */
	char pass[12], status[16],
		covers[12]; /* status: the worst of the invocations' that have a number, else unavailable */
	unsigned invocations, with_number;
	double per_op, least, most; /* NaN: no number, or no operation */
	double value; /* median over the invocations; NaN: none */
	double ratio; /* the least; NaN: none */
	unsigned instances, expected; /* of the invocation with the fewest */
	uint64_t operations; /* of all invocations with a number together */
	double region_ns; /* median; NaN: none */
	double idle; /* median of both sides of all invocations; NaN: none */
	char reason
		[MP_COUNT_REASON_TEXT]; /* of the newest invocation without a number, or of one with a remark */
};

/* All of a case: in order of pass and metric. Heap memory of the caller. */
int mp_store_counters(struct mp_store *s, int64_t run_case, struct mp_count_row **ret_rows,
		      size_t *ret_count, struct mp_err *err);
void mp_count_rows_free(struct mp_count_row *rows, size_t count);

/* Calls `each` with every counter of the file once for each metric and kind of core, in that order; other texts are "". They live
 * for the call. Stops at the first non-zero return and returns it. 0 or negative errno. */
int mp_store_counter_each(struct mp_store *s,
			  int (*each)(void *user, const struct mp_counted *what), void *user,
			  struct mp_err *err);

/* Why values of the two cannot be compared, or NULL: other unit, scope, side, status class (measured and scaled are one) or
 * cover; a static sentence. A different source is no reason, but is to be shown. */
const char *mp_count_incomparable(const struct mp_count_row *a, const struct mp_count_row *b);

#endif
