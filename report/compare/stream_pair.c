/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pair of a stream in memory: from the spill files of both sides, or from what was kept of it. */
#include "report/compare/stream_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void mp_stream_pair_done(struct mp_stream_pair *p)
{
	free(p->pair.reason);
	free(p->pair.changes);
	free(p->memory[0]);
	free(p->memory[1]);
}

/* Takes a case from the spill: its rows from entry `first` on, folded into one. 0 or negative errno. */
static int fetch(const struct mp_side *side, size_t first, struct mp_spill_reader *reader,
		 void **ret_memory, struct mp_side_case *ret_case)
{
	const struct mp_spill_entry *entries = &side->spill.entries[first];
	size_t n = 1, count, size = entries[0].size;
	const struct mp_points_case **pool;
	struct mp_points_case *rows;
	struct mp_side_row *of_runs;
	char *values;
	int rc = 0;

	while (first + n < side->spill.n_entries && entries[n].again)
		size += entries[n++].size;
	*ret_memory = malloc(
		n * (sizeof(*rows) + sizeof(*of_runs) + sizeof(struct mp_points_case *)) + size);
	if (!*ret_memory)
		return -ENOMEM;
	rows = *ret_memory;
	of_runs = (struct mp_side_row *)(rows + n);
	pool = (const struct mp_points_case **)(of_runs + n);
	values = (char *)(pool + n);
	for (size_t i = 0; !rc && i < n; i++) {
		rc = mp_spill_read(&side->spill, &entries[i], reader, values, &rows[i]);
		of_runs[i] = (struct mp_side_row){ entries[i].run, &rows[i] };
		values += entries[i].size;
	}
	if (!rc)
		mp_side_fold(side, of_runs, n, pool, ret_case, &count);
	return rc;
}

int mp_stream_pair_fetch(const struct mp_stream *s, struct mp_compare_work *work,
			 const struct mp_spot *spot, struct mp_stream_pair *ret_pair)
{
	int rc = 0;

	*ret_pair = (struct mp_stream_pair){ 0 };
	for (int side = 0; !rc && side < 2; side++) {
		if (spot->first[side] != MP_SPOT_NONE)
			rc = fetch(&s->sides[side], spot->first[side],
				   work ? &work->readers[side] : NULL, &ret_pair->memory[side],
				   &ret_pair->cases[side]);
	}
	return rc;
}

int mp_stream_pair_make(const struct mp_stream *s, struct mp_compare_work *work,
			const struct mp_spot *spot, struct mp_stream_pair *ret_pair)
{
	int rc = mp_stream_pair_fetch(s, work, spot, ret_pair);

	return rc ? rc
		  : mp_pair_init(&s->c, spot->first[0] == MP_SPOT_NONE ? NULL : &ret_pair->cases[0],
				 spot->first[1] == MP_SPOT_NONE ? NULL : &ret_pair->cases[1],
				 &ret_pair->pair);
}

bool mp_stream_several(const struct mp_stream *s, const struct mp_spot *spot, int side)
{
	const struct mp_spill *spill = &s->sides[side].spill;
	const size_t next = (size_t)spot->first[side] + 1;

	return spot->first[side] != MP_SPOT_NONE && next < spill->n_entries &&
	       spill->entries[next].again;
}

void mp_stream_pair_keep(const struct mp_stream *s, const struct mp_spot *spot,
			 const struct mp_stream_pair *p, struct mp_stream_kept *ret_kept)
{
	const struct mp_pair *pair = &p->pair;

	*ret_kept = (struct mp_stream_kept){
		.location = pair->location,
		/* Cases of one row each, without single calls. */
		.enough = pair->mode && spot->calls == MP_SPOT_NONE &&
			  !mp_stream_several(s, spot, 0) && !mp_stream_several(s, spot, 1),
		.mode = pair->mode,
		.population = pair->population,
		.factor = { pair->factor_a, pair->factor_b },
		.bench = pair->bench,
		.family = pair->family,
	};
	for (int side = 0; ret_kept->enough && side < 2; side++) {
		ret_kept->rows[side].run_case = p->cases[side].row->run_case;
		ret_kept->rows[side].bytes = p->cases[side].row->bytes;
	}
}

void mp_stream_pair_recall(const struct mp_stream *s, const struct mp_spot *spot,
			   const struct mp_stream_kept *kept, struct mp_stream_pair *ret_pair)
{
	*ret_pair = (struct mp_stream_pair){ 0 };
	for (int side = 0; side < 2; side++) {
		const struct mp_spill_entry *entry =
			&s->sides[side].spill.entries[spot->first[side]];

		ret_pair->rows[side] = (struct mp_points_case){
			.text = entry->text,
			.bench = kept->bench,
			.family = kept->family,
			.reason = "",
			.outcome = MP_OUTCOME_OK, /* as it has a mode */
			.run_case = kept->rows[side].run_case,
			.bytes = kept->rows[side].bytes,
		};
		ret_pair->pools[side] = &ret_pair->rows[side];
		ret_pair->cases[side] = (struct mp_side_case){ .text = entry->text,
							       .run = entry->run,
							       .row = &ret_pair->rows[side],
							       .rows = &ret_pair->pools[side],
							       .n_rows = 1 };
	}
	mp_pair_begin(&ret_pair->cases[0], &ret_pair->cases[1], &ret_pair->pair);
	mp_pair_choose(&ret_pair->pair, kept->mode, kept->population);
	ret_pair->pair.factor_a = kept->factor[0];
	ret_pair->pair.factor_b = kept->factor[1];
}
