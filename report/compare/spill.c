/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cases of a side in a temporary file: see spill.h. */
#include "report/compare/spill.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/radix.h"
#include "common/temporary.h"
#include "common/vec.h"

#define BUFFER (1u << 18) /* of what is written */
#define BLOCK  (4u << 20)
#define WINDOW (1u << 14)

struct mp_spill_window {
	uint64_t at; /* in the file */
	size_t n; /* bytes from there on */
	char bytes[WINDOW];
};

/* A case as it stands in front of its reason and its values; its pointers are to texts that cases share. */
struct record {
	_Alignas(8) char kase[offsetof(struct mp_points_case, points)];
	uint32_t n[MP_MODE_COUNT][2]; /* values of each mode and population */
	uint32_t reason_size; /* with its NUL, filled up to a multiple of 8 */
};
_Static_assert(sizeof(struct record) % 8 == 0, "what stands behind it is aligned");

int mp_spill_failed(int rc, struct mp_err *err)
{
	if (rc == -ENOMEM)
		return mp_err_env(err, rc, "out of memory");
	return mp_err_env(err, rc,
			  "cannot use a temporary file: %s; set TMPDIR to where there is room",
			  strerror(-rc));
}

int mp_spill_open(struct mp_spill *spill, struct mp_err *err)
{
	int file = mp_temporary_file();

	if (file < 0)
		return mp_spill_failed(file, err);
	spill->out = fdopen(file, "w+");
	if (!spill->out) {
		close(file);
		return mp_spill_failed(-ENOMEM, err);
	}
	setvbuf(spill->out, NULL, _IOFBF, BUFFER);
	return 0;
}

void mp_spill_done(struct mp_spill *spill)
{
	if (spill->out)
		fclose(spill->out);
	free(spill->block);
	free(spill->entries);
	mp_arena_done(&spill->memory);
	*spill = (struct mp_spill){ 0 };
}

/* ---- sorting ---- */

/* Eight bytes of the text from `at` on, the first one in front; zeros from its end on. */
static uint64_t piece_of(const char *text, size_t at)
{
	uint64_t piece = 0;

	for (int i = 0; i < 8; i++) {
		piece = piece << 8 | (unsigned char)text[at];
		at += text[at] != '\0';
	}
	return piece;
}

/* Entries of one text, which stand as they were added, newest run first: a run with two versions of a case (a build changed
 * before it was resumed) stands with the newer one. */
static void sort_again(struct mp_spill_entry *entries, struct mp_radix_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		const struct mp_radix_item item = items[i];
		const struct mp_spill_entry *entry = &entries[item.index];
		size_t at = i;

		for (; at && entries[items[at - 1].index].run == entry->run &&
		       entries[items[at - 1].index].version < entry->version;
		     at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
	for (size_t i = 1; i < n; i++)
		entries[items[i].index].again = true;
}

/* By name, of entries that share their first `at` bytes: by the next eight, and by those behind them where these are the
 * same. */
static void sort_names(struct mp_spill_entry *entries, struct mp_radix_item *items,
		       struct mp_radix_item *spare, size_t n, size_t at)
{
	size_t end;

	do {
		for (size_t i = 0; i < n; i++)
			items[i].key = piece_of(entries[items[i].index].text, at);
		mp_radix_sort(items, spare, n);
		at += 8;
	} while (n > 1 && items[0].key == items[n - 1].key && items[0].key & 0xff);
	for (size_t first = 0; first < n; first = end) {
		for (end = first + 1; end < n && items[end].key == items[first].key; end++)
			;
		if (end - first == 1)
			continue;
		if (items[first].key & 0xff)
			sort_names(entries, items + first, spare, end - first, at);
		else
			sort_again(entries, items + first, end - first);
	}
}

/* Moves each entry to where the items have it. */
static void permute(struct mp_spill_entry *entries, struct mp_radix_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct mp_spill_entry first = entries[i];
		size_t to = i;

		while (items[to].index != i) {
			const size_t from = items[to].index;

			entries[to] = entries[from];
			items[to].index = (uint32_t)to;
			to = from;
		}
		entries[to] = first;
		items[to].index = (uint32_t)to;
	}
}

/* By name, and within it as sort_again() has it. 0 or -ENOMEM. */
static int sort(struct mp_spill_entry *entries, size_t n)
{
	struct mp_radix_item *items = malloc((2 * n + 1) * sizeof(*items));

	if (!items)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		items[i].index = (uint32_t)i;
		entries[i].again = false;
	}
	sort_names(entries, items, items + n, n, 0);
	permute(entries, items, n);
	free(items);
	return 0;
}

/* ---- adding ---- */

struct adding {
	struct mp_spill *spill;
	uint32_t index;
	const char *null_call;
	struct mp_points_run *run;
};

/* Writes the block in name order. */
static int end_block(struct mp_spill *spill)
{
	const size_t n = spill->n_entries - spill->block_first;
	struct mp_spill_entry *entries = n ? &spill->entries[spill->block_first] : NULL;
	int rc = sort(entries, n);

	for (size_t i = 0; !rc && i < n; i++) {
		const char *from = spill->block + entries[i].at;

		entries[i].at = spill->at;
		spill->at += entries[i].size;
		if (fwrite_unlocked(from, entries[i].size, 1, spill->out) != 1)
			rc = -(errno ? errno : EIO);
	}
	spill->block_first = spill->n_entries;
	spill->block_used = 0;
	return rc;
}

/* Room in the block; NULL: out of memory, or the block cannot be written, with the reason. */
static char *room_for(struct mp_spill *spill, size_t size, int *ret_rc)
{
	*ret_rc = spill->block_used + size > spill->block_size ? end_block(spill) : 0;
	if (!*ret_rc && size > spill->block_size) {
		free(spill->block);
		spill->block_size = size > BLOCK ? size : BLOCK;
		spill->block = malloc(spill->block_size);
		if (!spill->block) {
			spill->block_size = 0;
			*ret_rc = -ENOMEM;
		}
	}
	return *ret_rc ? NULL : spill->block + spill->block_used;
}

static int put_case(struct mp_spill *spill, const struct mp_points_case *c,
		    struct mp_spill_entry *entry)
{
	const size_t reason = strlen(c->reason) + 1;
	struct record record = { .reason_size = (uint32_t)((reason + 7) / 8 * 8) };
	const size_t values = sizeof(record) + record.reason_size;
	const size_t size = values + mp_points_size(c);
	int rc = size > UINT32_MAX ? -E2BIG : 0;
	char *to = rc ? NULL : room_for(spill, size, &rc);

	if (!to)
		return rc;
	memcpy(record.kase, c, sizeof(record.kase));
	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++)
			record.n[m][p] = (uint32_t)c->points[m][p].n;
	}
	memcpy(to, &record, sizeof(record));
	memset(to + values - 8, 0, 8);
	memcpy(to + sizeof(record), c->reason, reason);
	mp_points_pack(c, to + values);
	entry->at = spill->block_used;
	entry->size = (uint32_t)size;
	spill->block_used += size;
	return 0;
}

static int add(void *user, const struct mp_points_case *c, struct mp_err *err)
{
	struct adding *a = user;
	struct mp_spill *spill = a->spill;
	struct mp_spill_entry *slot, entry = {
		.text = mp_arena_text(&spill->memory, c->text),
		.run = a->index,
		.version = c->version,
		.calls = c->points[mp_mode_index(MP_MODE_CALL)][MP_POPULATION_ALL].n > 0,
	};
	int rc = entry.text ? put_case(spill, c, &entry) : -ENOMEM;

	/* Behind the block that it is not in. */
	slot = rc ? NULL
		  : mp_vec_push((void **)&spill->entries, &spill->n_entries, &spill->cap_entries,
				sizeof(*slot));
	if (slot)
		*slot = entry;
	else if (!rc)
		rc = -ENOMEM;
	if (!rc && a->null_call && !strcmp(c->bench, a->null_call))
		rc = mp_points_keep(a->run, c);
	return rc ? mp_spill_failed(rc, err) : 0;
}

int mp_spill_add(struct mp_spill *spill, struct mp_store *store, int64_t run_id, size_t index,
		 const char *null_call, struct mp_points_run *run, struct mp_err *err)
{
	struct adding a = { spill, (uint32_t)index, null_call, run };

	return mp_store_points_each(store, run_id, null_call != NULL, &spill->memory, add, &a, err);
}

int mp_spill_sort(struct mp_spill *spill, struct mp_err *err)
{
	int rc = end_block(spill);

	free(spill->block);
	spill->block = NULL;
	spill->block_size = 0;
	if (!rc && fflush(spill->out))
		rc = -errno;
	if (!rc)
		rc = sort(spill->entries, spill->n_entries);
	return rc ? mp_spill_failed(rc, err) : 0;
}

/* ---- reading ---- */

void mp_spill_reader_done(struct mp_spill_reader *reader)
{
	for (size_t i = 0; i < MP_SPILL_WINDOWS; i++)
		free(reader->windows[i]);
}

/* The window that the entry is in: each block has one that moves along it (roughly: they are not quite of one size). NULL: it
 * cannot be had. */
static const struct mp_spill_window *look(const struct mp_spill *spill,
					  const struct mp_spill_entry *entry,
					  struct mp_spill_reader *reader)
{
	struct mp_spill_window **slot = &reader->windows[entry->at / BLOCK % MP_SPILL_WINDOWS];
	struct mp_spill_window *w = *slot;

	if (entry->size > WINDOW)
		return NULL;
	if (!w)
		w = *slot = calloc(1, sizeof(*w));
	if (!w || (entry->at >= w->at && entry->at + entry->size <= w->at + w->n))
		return w;
	w->at = entry->at;
	w->n = spill->at - w->at < WINDOW ? (size_t)(spill->at - w->at) : WINDOW;
	if (!mp_temporary_read(fileno(spill->out), w->bytes, w->n, w->at))
		return w;
	w->n = 0;
	return NULL;
}

int mp_spill_read(const struct mp_spill *spill, const struct mp_spill_entry *entry,
		  struct mp_spill_reader *reader, void *bytes, struct mp_points_case *ret_case)
{
	const struct mp_spill_window *w = reader ? look(spill, entry, reader) : NULL;
	const struct record *record = bytes;
	int rc = 0;

	if (w)
		memcpy(bytes, w->bytes + (entry->at - w->at), entry->size);
	else
		rc = mp_temporary_read(fileno(spill->out), bytes, entry->size, entry->at);
	if (rc)
		return rc;
	memset(ret_case, 0, sizeof(*ret_case));
	memcpy(ret_case, record->kase, sizeof(record->kase));
	ret_case->text = entry->text;
	ret_case->reason = (const char *)(record + 1);
	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++)
			ret_case->points[m][p].n = record->n[m][p];
	}
	mp_points_unpack(ret_case, ret_case->reason + record->reason_size);
	return 0;
}
