/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of results files become nights, each once, with the facts of its machine. */
#include "report/history/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/vec.h"

int mp_reader_no_memory(struct mp_err *err)
{
	return mp_err_env(err, -ENOMEM, "not enough memory for the history");
}

/* Counts what is strange about a run's clock. */
static void look_at_clock(struct reader *r, const struct mp_series_run *run)
{
	struct strange *strange = run->ended_ns && run->ended_ns < run->started_ns ? &r->ended
				  : run->started_ns < r->latest_start		   ? &r->late
										   : NULL;

	if (strange && !strange->runs++)
		strange->first = run->id;
	if (run->started_ns > r->latest_start)
		r->latest_start = run->started_ns;
}

static void note_strange(struct reader *r, const struct strange *strange, const char *what)
{
	if (!strange->runs)
		return;
	mp_str_printf(&r->h->notes, "run #%lld", (long long)strange->first);
	if (strange->runs > 1)
		mp_str_printf(&r->h->notes, " and %zu more", strange->runs - 1);
	mp_str_printf(&r->h->notes, " of %s: %s; series are in the order of the starts\n", r->path,
		      what);
}

void mp_reader_note(struct reader *r)
{
	note_strange(r, &r->ended, "ended before the start, because the clock was set back");
	note_strange(
		r, &r->late,
		"stored after runs that began later, because merged or the clock was set back");
	if (!r->runs)
		mp_str_printf(&r->h->notes, "%s holds no run yet\n", r->path);
}

static int fill_night(struct reader *r, struct mp_night *n, const struct mp_series_run *run)
{
	struct mp_str version = MP_STR_INIT;

	mp_str_add(&version, run->version);
	if (*run->commit)
		mp_str_printf(&version, " (%s)", run->commit);
	n->uuid = strdup(run->uuid);
	n->machine = strdup(run->machine);
	n->host = strdup(run->host);
	n->label = *run->label ? strdup(run->label) : NULL;
	n->file = strdup(r->path);
	n->version = mp_str_take(&version);
	n->id = run->id;
	n->started_ns = run->started_ns;
	n->interrupted = strcmp(run->status, "complete") != 0;
	return n->uuid && n->machine && n->host && n->file && n->version
		       ? 0
		       : mp_reader_no_memory(r->err);
}

int mp_reader_run(void *user, const struct mp_series_run *run)
{
	struct reader *r = user;
	struct mp_history *h = r->h;
	struct located *where;
	struct mp_night *night;

	h->counts.runs++;
	r->runs++;
	if (run->sabotaged || run->confirms) {
		*(run->sabotaged ? &h->counts.sabotaged : &h->counts.confirming) += 1;
		return 0;
	}
	look_at_clock(r, run);
	night = mp_vec_push((void **)&h->nights, &h->n_nights, &h->cap_nights, sizeof(*night));
	where = mp_vec_push((void **)&r->located, &r->n_located, &r->cap_located, sizeof(*where));
	if (!night || !where)
		return mp_reader_no_memory(r->err);
	*where = (struct located){ r->file, run->id, 0 };
	return fill_night(r, night, run);
}

/* By machine, then time; a run that is there twice stands side by side, the finished one first. */
static int by_time(const void *left, const void *right)
{
	const struct mp_night *a = left, *b = right;
	int order = strcmp(a->machine, b->machine);

	if (!order)
		order = (a->started_ns > b->started_ns) - (a->started_ns < b->started_ns);
	if (!order)
		order = strcmp(a->uuid, b->uuid);
	return order ? order : (int)a->interrupted - (int)b->interrupted;
}

static void drop_night(struct mp_history *h, size_t i)
{
	free(h->nights[i].uuid);
	free(h->nights[i].machine);
	free(h->nights[i].host);
	free(h->nights[i].label);
	free(h->nights[i].file);
	free(h->nights[i].version);
	h->nights[i] = (struct mp_night){ 0 };
}

/* Is night i one too many of its machine? The nights are sorted. */
static bool too_old(const struct mp_history *h, size_t i, size_t last)
{
	return last && i + last < h->n_nights &&
	       !strcmp(h->nights[i + last].machine, h->nights[i].machine);
}

/* Sorts the nights, and drops doubles and what is older than the last so many. */
static void tidy_nights(struct reader *r)
{
	struct mp_history *h = r->h;
	size_t kept = 0;

	if (h->n_nights)
		qsort(h->nights, h->n_nights, sizeof(*h->nights), by_time);
	for (size_t i = 0; i < h->n_nights; i++) {
		if (kept && !strcmp(h->nights[kept - 1].uuid, h->nights[i].uuid)) {
			h->counts.duplicates++;
			drop_night(h, i);
		} else {
			struct mp_night night = h->nights[i];

			h->nights[i] = (struct mp_night){ 0 };
			h->nights[kept++] = night;
		}
	}
	h->n_nights = kept;
	kept = 0;
	for (size_t i = 0; i < h->n_nights; i++) {
		if (too_old(h, i, r->options->last)) {
			h->counts.older++;
			drop_night(h, i);
		}
	}
	for (size_t i = 0; i < h->n_nights; i++) {
		struct mp_night night = h->nights[i];

		if (night.uuid)
			h->nights[kept++] = night;
	}
	h->n_nights = kept;
}

static int by_place(const void *left, const void *right)
{
	const struct located *a = left, *b = right;

	if (a->file != b->file)
		return a->file > b->file ? 1 : -1;
	return (a->id > b->id) - (a->id < b->id);
}

/* Is the night found already? The same file may be given twice. */
static bool taken(const struct reader *r, size_t kept, size_t night)
{
	for (size_t i = 0; i < kept; i++)
		if (r->located[i].night == night)
			return true;
	return false;
}

/* Which night is each run of each file? Runs that do not count have none. */
static void locate(struct reader *r, const char *const *paths)
{
	size_t kept = 0;

	if (r->n_located)
		qsort(r->located, r->n_located, sizeof(*r->located), by_place);
	for (size_t i = 0; i < r->n_located; i++) {
		r->located[i].night = r->h->n_nights;
		for (size_t n = 0; n < r->h->n_nights; n++) {
			const struct mp_night *night = &r->h->nights[n];

			if (night->id == r->located[i].id &&
			    !strcmp(night->file, paths[r->located[i].file]))
				r->located[i].night = n;
		}
		if (r->located[i].night < r->h->n_nights && !taken(r, kept, r->located[i].night))
			r->located[kept++] = r->located[i];
	}
	r->n_located = kept;
}

void mp_reader_nights(struct reader *r, const char *const *paths)
{
	tidy_nights(r);
	locate(r, paths);
}

size_t mp_reader_night(const struct reader *r, int64_t id)
{
	const struct located wanted = { r->file, id, 0 };
	const struct located *found;

	if (!r->n_located)
		return r->h->n_nights;
	found = bsearch(&wanted, r->located, r->n_located, sizeof(*found), by_place);
	return found ? found->night : r->h->n_nights;
}

/* ---- facts ---- */

int mp_reader_fact(void *user, int64_t run, const struct mp_fact *fact)
{
	struct reader *r = user;
	size_t night = mp_reader_night(r, run);
	struct mp_facts *of;
	struct mp_fact *mine;

	if (night == r->h->n_nights)
		return 0;
	of = &r->facts[night];
	mine = mp_vec_push((void **)&of->facts, &of->n_facts, &of->cap_facts, sizeof(*mine));
	if (!mine)
		return mp_reader_no_memory(r->err);
	mine->group = strdup(fact->group);
	mine->key = strdup(fact->key);
	mine->value = fact->value ? strdup(fact->value) : NULL;
	mine->weight = fact->weight;
	return mine->group && mine->key && (mine->value || !fact->value)
		       ? 0
		       : mp_reader_no_memory(r->err);
}

void mp_facts_free(struct mp_facts *list, size_t count)
{
	for (size_t i = 0; list && i < count; i++) {
		for (size_t f = 0; f < list[i].n_facts; f++) {
			free((char *)list[i].facts[f].group);
			free((char *)list[i].facts[f].key);
			free((char *)list[i].facts[f].value);
		}
		free(list[i].facts);
	}
	free(list);
}
