/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two sides compared without holding them: their cases and what was measured wait in temporary files, memory holds names,
 * places and p values, some 170 bytes a pair. For 100,000 pairs that is a seventh of what mp_compare() needs, for about the same
 * CPU time. The steps are those of mp_compare(), in the same order, so that both say the same of every pair; what is lacking is
 * c->pairs: each pair is made again when it is its turn, and forgotten. Layer: report.
 */
#ifndef REPORT_COMPARE_STREAM_H
#define REPORT_COMPARE_STREAM_H

#include "report/compare/compare.h"

struct mp_stream; /* heap */

/* Reads both sides ("FILE[:SEL]", side by side) and measures the locations. The options must outlive the stream, which ends
 * with mp_stream_free(). 0 or negative errno with a sentence. */
int mp_stream_open(const char *const texts[2], const struct mp_compare_options *options,
		   struct mp_stream **ret_stream, struct mp_err *err);
void mp_stream_free(struct mp_stream *stream); /* accepts NULL */

/* Pairs whose single calls were measured on both sides: their asides are eleven of their twelve tests, and take longer than
 * everything else. */
size_t mp_stream_calls(const struct mp_stream *stream);
/* Measures tail and shape, which are judged from now on. 0 or negative errno with a sentence. */
int mp_stream_asides(struct mp_stream *stream, struct mp_err *err);

/* Told of every pair in name order, by one thread at a time; and of a few in a row that were told of, the first of which is
 * number `first`, by any thread while others are at it, too: there is where work belongs that needs no order. */
typedef int mp_stream_each(void *user, size_t index, const struct mp_pair *pair);
typedef int mp_stream_some(void *user, size_t first, const struct mp_pair *const *pairs, size_t n);

/* Judges every pair and hands it out: it lives until `some` (may be NULL) returns, its texts of case, benchmark and family as
 * long as the stream. Of its rows `a` and `b` the outcome, the bytes and the id are known in any case, the rest perhaps not.
 * Tail and shape are judged when they are measured, else each says "not judged yet". 0, or the first non-zero return of either,
 * or negative errno with a sentence. */
int mp_stream_judge(struct mp_stream *stream, mp_stream_each *each, mp_stream_some *some,
		    void *user, struct mp_err *err);

/* What is said of all pairs together (c->pairs is NULL): from the beginning what comes before the verdicts, and how many
 * pairs there are; the rest after mp_stream_judge(). */
const struct mp_comparison *mp_stream_comparison(const struct mp_stream *stream);

#endif
