/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cases of a side in a temporary file: see spill.h. */
#include "report/compare/spill.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/temporary.h"
#include "common/vec.h"

#define BUFFER (1u << 18)

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
	free(spill->entries);
	mp_arena_done(&spill->memory);
	*spill = (struct mp_spill){ 0 };
}

/* ---- adding ---- */

struct adding {
	struct mp_spill *spill;
	uint32_t index;
	const char *null_call;
	struct mp_points_run *run;
	void *values; /* room to pack into */
	size_t values_size;
};

static int write_case(struct adding *a, const struct mp_points_case *c, uint64_t *ret_size)
{
	static const char filling[8];
	size_t values = mp_points_size(c), reason = strlen(c->reason) + 1;
	FILE *out = a->spill->out;
	struct mp_spill_record record = { .reason_size = (uint32_t)((reason + 7) / 8 * 8) };

	memcpy(record.kase, c, sizeof(record.kase));
	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++)
			record.n[m][p] = (uint32_t)c->points[m][p].n;
	}
	if (values > a->values_size) {
		free(a->values);
		a->values = malloc(values);
		a->values_size = a->values ? values : 0;
		if (!a->values)
			return -ENOMEM;
	}
	mp_points_pack(c, a->values);
	fwrite(&record, sizeof(record), 1, out);
	fwrite(c->reason, reason, 1, out);
	fwrite(filling, record.reason_size - reason, 1, out);
	fwrite(a->values, values, 1, out);
	*ret_size = sizeof(record) + record.reason_size + values;
	return ferror(out) ? -(errno ? errno : EIO) : 0;
}

static int add(void *user, const struct mp_points_case *c, struct mp_err *err)
{
	struct adding *a = user;
	struct mp_spill *spill = a->spill;
	struct mp_spill_entry *entry = mp_vec_push((void **)&spill->entries, &spill->n_entries,
						   &spill->cap_entries, sizeof(*entry));
	uint64_t size = 0;
	int rc = entry ? 0 : -ENOMEM;

	if (entry) {
		*entry = (struct mp_spill_entry){
			.text = mp_arena_text(&spill->memory, c->text),
			.at = spill->at,
			.run = a->index,
			.version = c->version,
			.calls = c->points[mp_mode_index(MP_MODE_CALL)][MP_POPULATION_ALL].n > 0,
		};
		rc = entry->text ? write_case(a, c, &size) : -ENOMEM;
		if (!rc && size > UINT32_MAX)
			rc = -E2BIG;
		entry->size = (uint32_t)size;
		spill->at += size;
	}
	if (!rc && a->null_call && !strcmp(c->bench, a->null_call))
		rc = mp_points_keep(a->run, c);
	return rc ? mp_spill_failed(rc, err) : 0;
}

int mp_spill_add(struct mp_spill *spill, struct mp_store *store, int64_t run_id, size_t index,
		 const char *null_call, struct mp_points_run *run, struct mp_err *err)
{
	struct adding a = { spill, (uint32_t)index, null_call, run, NULL, 0 };
	int rc = mp_store_points_each(store, run_id, null_call != NULL, &spill->memory, add, &a,
				      err);

	free(a.values);
	return rc;
}

/* ---- sorting and reading ---- */

/* By name, newest run first; a run with two versions of a case (a build changed before it was resumed) stands with the
 * newer one. */
static int by_text(const void *left, const void *right)
{
	const struct mp_spill_entry *a = left, *b = right;
	int order = strcmp(a->text, b->text);

	if (order)
		return order;
	if (a->run != b->run)
		return a->run > b->run ? 1 : -1;
	if (a->version != b->version)
		return a->version < b->version ? 1 : -1;
	return (a->at > b->at) - (a->at < b->at);
}

int mp_spill_sort(struct mp_spill *spill, struct mp_err *err)
{
	struct mp_spill_entry *entries = spill->entries;

	if (fflush(spill->out))
		return mp_spill_failed(-errno, err);
	if (spill->n_entries)
		qsort(entries, spill->n_entries, sizeof(*entries), by_text);
	for (size_t i = 1; i < spill->n_entries; i++)
		entries[i].again = !strcmp(entries[i - 1].text, entries[i].text);
	return 0;
}

int mp_spill_read(const struct mp_spill *spill, const struct mp_spill_entry *entry, void *bytes)
{
	return mp_temporary_read(fileno(spill->out), bytes, entry->size, entry->at);
}

void mp_spill_case(const struct mp_spill_entry *entry, const struct mp_spill_record *record,
		   bool behind, struct mp_points_case *ret_case)
{
	const char *reason = (const char *)(record + 1);

	memset(ret_case, 0, sizeof(*ret_case));
	memcpy(ret_case, record->kase, sizeof(record->kase));
	ret_case->text = entry->text;
	ret_case->reason = behind ? reason : "";
	for (int m = 0; m < MP_MODE_COUNT; m++) {
		for (int p = 0; p < 2; p++)
			ret_case->points[m][p].n = record->n[m][p];
	}
	if (behind)
		mp_points_unpack(ret_case, reason + record->reason_size);
}
