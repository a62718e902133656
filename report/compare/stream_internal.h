/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of a stream (stream.h) share: where its pairs are, and one of them while it is in memory. */
#ifndef REPORT_COMPARE_STREAM_INTERNAL_H
#define REPORT_COMPARE_STREAM_INTERNAL_H

#include <pthread.h>

#include "report/compare/internal.h"
#include "report/compare/stream.h"

/* Changes of tail and shape, tail first. */
#define MP_ASIDES (MP_TAILS + MP_SHAPES)

/* Where a pair is; MP_SPOT_NONE: it is not there. */
#define MP_SPOT_NONE UINT32_MAX
struct mp_spot {
	uint32_t first[2]; /* in the spill of each side, the entry of its newest run */
	uint32_t calls; /* number among the pairs with single calls */
};

struct mp_stream {
	struct mp_side sides[2];
	struct mp_comparison c;
	struct mp_stream_pair *controls
		[MP_CONTROL_COUNT]; /* the comparison's, until they are measured; NULL: none */
	struct mp_spot *spots; /* in name order; c.n_pairs */
	size_t cap_spots, n_calls;
	int measured; /* file: what is kept of each pair, then the MP_ASIDES of each pair with single calls */
	double *p[MP_ASPECT_COUNT]; /* of these; adjusted once all are known; NaN: not tested */

	/* Handing out: */
	mp_stream_each *each;
	mp_stream_some *some; /* NULL: none */
	void *user;
	struct mp_tally tally;
	pthread_mutex_t lock;
	pthread_cond_t next;
	size_t turn; /* the pair that is next */
	int failed; /* then nobody is */
};

struct mp_stream_pair {
	struct mp_pair pair;
	struct mp_side_case cases[2];
	struct mp_points_case rows[2]; /* of a pair that was kept */
	const struct mp_points_case *pools[2];
	void *memory[2]; /* else: of each case its rows, and all that they point to */
};

/* What is kept of a pair that was measured. */
struct mp_stream_kept {
	struct mp_change location;
	bool enough; /* the rest is known, and all that judging asks for unless the location is selected; else its cases are
			read again */
	enum mp_mode mode;
	enum mp_population population;
	double factor[2];
	const char *bench, *family;
	struct {
		int64_t run_case;
		uint64_t bytes;
	} rows[2];
};

/* Both cases of a pair, those that there are; and the pair, but for what was measured. `work` NULL: none. Ended with mp_stream_pair_done() in any
 * case; must not be moved. 0 or negative errno. */
int mp_stream_pair_fetch(const struct mp_stream *stream, struct mp_compare_work *work,
			 const struct mp_spot *spot, struct mp_stream_pair *ret_pair);
int mp_stream_pair_make(const struct mp_stream *stream, struct mp_compare_work *work,
			const struct mp_spot *spot, struct mp_stream_pair *ret_pair);
void mp_stream_pair_done(struct mp_stream_pair *pair);

/* Does the case have several rows on that side? */
bool mp_stream_several(const struct mp_stream *stream, const struct mp_spot *spot, int side);

/* Keeps a pair that was made and measured; and makes it again of what was kept, if that is enough, but for what was measured: of
 * its rows there are the outcome, the bytes and the id. */
void mp_stream_pair_keep(const struct mp_stream *stream, const struct mp_spot *spot,
			 const struct mp_stream_pair *pair, struct mp_stream_kept *ret_kept);
void mp_stream_pair_recall(const struct mp_stream *stream, const struct mp_spot *spot,
			   const struct mp_stream_kept *kept, struct mp_stream_pair *ret_pair);

#endif
