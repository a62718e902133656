/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Judges what a suite file or the command line says against the benchmarks of this build: names, axes,
 * values, filters. Every error carries the place it was written at and, when there is one, the word that
 * was probably meant.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/str.h"
#include "common/vec.h"
#include "runner/plan/where.h"

/* A growing list of borrowed words, for did-you-mean. */
struct words {
	const char **items;
	size_t count, cap;
};

static int add_word(struct words *w, const char *word)
{
	const char **slot;

	for (size_t i = 0; i < w->count; i++)
		if (!strcmp(w->items[i], word))
			return 0;
	slot = mp_vec_push((void **)&w->items, &w->count, &w->cap, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = word;
	return 0;
}

/* Every benchmark, in the order of mp_family_at(), and within a family in the file's. */
static int each_bench(int (*each)(void *user, const struct mp_bench *bench), void *user)
{
	const struct mp_family *family;

	for (size_t f = 0; (family = mp_family_at(f)); f++) {
		for (size_t i = 0; i < family->n_benches; i++) {
			int rc = each(user, &family->benches[i]);

			if (rc)
				return rc;
		}
	}
	return 0;
}

static int add_bench_name(void *user, const struct mp_bench *bench)
{
	return add_word(user, bench->name);
}

static int add_axis_names(void *user, const struct mp_bench *bench)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < bench->n_axes; i++)
		rc = add_word(user, bench->axes[i].name);
	return rc;
}

static int add_family_names(struct words *w)
{
	const struct mp_family *family;
	int rc = 0;

	for (size_t f = 0; !rc && (family = mp_family_at(f)); f++)
		rc = add_word(w, family->name);
	return rc;
}

/* ---- names of benchmarks ---- */

/* "mmap.*" for "mmap" and for "mmp.*": the family that was probably meant, with the rest of the pattern where that is not what is
 * wrong. */
static bool guess_family(const char *glob, const struct words *families, char *buf, size_t size)
{
	const char *dot = strchr(glob, '.');
	const char *nearest;
	char name[MP_NAME_MAX];

	snprintf(name, sizeof(name), "%.*s", dot ? (int)(dot - glob) : (int)strlen(glob), glob);
	nearest = mp_str_nearest(name, families->items, families->count);
	if (!nearest)
		return false;
	snprintf(buf, size, "%s.%s", nearest, dot && strcmp(nearest, name) ? dot + 1 : "*");
	return true;
}

static int unknown_bench(const char *glob, const char *where, struct mp_err *err)
{
	struct words names = { 0 }, families = { 0 };
	const char *nearest;
	char guess[512];
	int rc = -EINVAL;

	if (each_bench(add_bench_name, &names) || add_family_names(&families)) {
		rc = mp_plan_no_memory(err);
	} else {
		nearest = strchr(glob, '.') ? mp_str_nearest(glob, names.items, names.count) : NULL;
		if (!nearest && guess_family(glob, &families, guess, sizeof(guess)))
			nearest = guess;
		if (nearest)
			mp_err_usage(err, rc, "%s: no benchmark matches '%s'; did you mean '%s'?",
				     where, glob, nearest);
		else
			mp_err_usage(err, rc,
				     "%s: no benchmark matches '%s'; 'memperf list' shows them all",
				     where, glob);
	}
	free(names.items);
	free(families.items);
	return rc;
}

struct matching {
	const struct mp_suite_entry *entry;
	bool named; /* some benchmark matches, if not in that space */
	struct mp_bench_list list;
};

static int add_match(void *user, const struct mp_bench *bench)
{
	struct matching *m = user;
	const struct mp_bench **slot;

	if (!mp_str_glob(m->entry->bench, bench->name))
		return 0;
	m->named = true;
	if (m->entry->space == (bench->needs & MP_NEED_MODULE ? MP_SPACE_USER : MP_SPACE_KERNEL))
		return 0;
	slot = mp_vec_push((void **)&m->list.items, &m->list.count, &m->list.cap, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	*slot = bench;
	return 0;
}

int mp_plan_match(const struct mp_suite_entry *entry, struct mp_bench_list *ret_list,
		  struct mp_err *err)
{
	struct matching m = { .entry = entry };
	int rc = each_bench(add_match, &m) ? mp_plan_no_memory(err) : 0;

	if (!rc && !m.named)
		rc = unknown_bench(entry->bench, entry->where, err);
	else if (!rc && !m.list.count)
		rc = mp_err_usage(err, -EINVAL,
				  "%s: no benchmark that matches '%s' runs in %s space",
				  entry->where, entry->bench,
				  entry->space == MP_SPACE_USER ? "user" : "kernel");
	if (rc)
		free(m.list.items);
	else
		*ret_list = m.list;
	return rc;
}

/* ---- axes ---- */

/* No benchmark of the list has that axis. */
static int unknown_axis(const struct mp_suite_axis *axis, const struct mp_bench_list *list,
			bool in_file, struct mp_err *err)
{
	struct words near = { 0 };
	const char *of = list->count == 1 ? list->items[0]->name : "any benchmark selected here";
	const char *nearest;
	int rc = 0;

	for (size_t i = 0; !rc && i < list->count; i++)
		rc = add_axis_names(&near, list->items[i]);
	if (!rc && in_file) {
		static const char *const keys[] = { "bench", "values", "filter",
						    "space", "place",  "mem" };

		for (size_t i = 0; !rc && i < MP_COUNT(keys); i++)
			rc = add_word(&near, keys[i]);
	}
	if (rc) {
		free(near.items);
		return mp_plan_no_memory(err);
	}
	nearest = mp_str_nearest(axis->axis, near.items, near.count);
	if (nearest)
		mp_err_usage(err, 0, "%s: '%s' is no axis of %s; did you mean '%s'?", axis->where,
			     axis->axis, of, nearest);
	else
		mp_err_usage(err, 0,
			     "%s: '%s' is no axis of %s; 'memperf list NAME' shows what it has",
			     axis->where, axis->axis, of);
	free(near.items);
	return -EINVAL;
}

/* ---- values ---- */

struct judging {
	const struct mp_plan_maker *m;
	const struct mp_suite_axis *axis;
	const struct mp_bench_list *list;
};

/* Some benchmark must accept the item; if none does, the sentence of the last one is the error. */
static int judge_item(void *user, const char *item)
{
	const struct judging *j = user;
	int rc = 0;

	for (size_t i = 0; i < j->list->count; i++) {
		const struct mp_axis *axis = mp_where_axis(j->list->items[i], j->axis->axis);
		struct mp_param *items;
		size_t count;

		if (!axis)
			continue;
		rc = mp_where_expand(item, axis, j->m->host, NULL, NULL, &items, &count, j->m->err);
		if (!rc)
			free(items);
		if (rc != -EINVAL)
			return rc;
	}
	return rc;
}

int mp_plan_each_item(const char *values, int (*each)(void *user, const char *item), void *user)
{
	struct mp_str item = MP_STR_INIT;
	int rc = 0;

	for (const char *at = values;; at++) {
		size_t len = strcspn(at, ",");
		size_t blank = 0, end = len;

		while (blank < len && isspace((unsigned char)at[blank]))
			blank++;
		while (end > blank && isspace((unsigned char)at[end - 1]))
			end--;
		mp_str_clear(&item);
		mp_str_add_len(&item, at + blank, end - blank);
		rc = item.failed ? -ENOMEM : each(user, item.text);
		at += len;
		if (rc || !*at)
			break;
	}
	mp_str_done(&item);
	return rc;
}

static int check_axis(const struct mp_plan_maker *m, const struct mp_suite_axis *axis,
		      const struct mp_bench_list *list, bool in_file)
{
	struct judging j = { .m = m, .axis = axis, .list = list };
	const struct mp_axis *found = NULL;
	MP_CLEANUP(mp_free_ptr) char *set = NULL;
	int rc;

	for (size_t i = 0; !found && i < list->count; i++)
		found = mp_where_axis(list->items[i], axis->axis);
	if (!found)
		return unknown_axis(axis, list, in_file, m->err);
	set = mp_where_set(found, axis->values);
	rc = set ? mp_plan_each_item(set, judge_item, &j) : -ENOMEM;
	if (rc == -ENOMEM)
		return mp_plan_no_memory(m->err);
	return rc ? mp_err_prefix(m->err, rc, "%s", axis->where) : 0;
}

int mp_plan_check_entry(const struct mp_plan_maker *m, const struct mp_suite_entry *entry,
			const struct mp_bench_list *list)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < entry->n_axes; i++)
		rc = check_axis(m, &entry->axes[i], list, true);
	return rc;
}

int mp_plan_check_set(const struct mp_plan_maker *m, const struct mp_suite_axis *set,
		      const struct mp_bench_list *selected)
{
	return check_axis(m, set, selected, false);
}

/* ---- filters ---- */

struct fields {
	struct words known;
	const char *where;
	struct mp_err *err;
};

static int check_field(void *user, const char *field)
{
	const struct fields *f = user;
	const char *nearest;

	for (size_t i = 0; i < f->known.count; i++)
		if (!strcmp(f->known.items[i], field))
			return 0;
	nearest = mp_str_nearest(field, f->known.items, f->known.count);
	if (nearest)
		return mp_err_usage(
			f->err, -EINVAL,
			"%s: the filter names '%s', which is no axis; did you mean '%s'?", f->where,
			field, nearest);
	return mp_err_usage(
		f->err, -EINVAL,
		"%s: the filter names '%s', which is no axis of any benchmark; 'memperf "
		"list' shows them",
		f->where, field);
}

int mp_plan_check_filter(const struct mp_filter *filter, const char *where, struct mp_err *err)
{
	static const char *const always[] = { "bench", "family", "case", "place", "mem" };
	struct fields f = { .where = where, .err = err };
	int rc = each_bench(add_axis_names, &f.known);

	for (size_t i = 0; !rc && i < MP_COUNT(always); i++)
		rc = add_word(&f.known, always[i]);
	if (rc)
		mp_plan_no_memory(err);
	else
		rc = mp_filter_fields(filter, check_field, &f);
	free(f.known.items);
	return rc;
}
