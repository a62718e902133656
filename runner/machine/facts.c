/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls every collector, and holds what they share: see facts.h and facthelp.h. */
#include "runner/machine/facts.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/vec.h"
#include "runner/machine/facthelp.h"
#include "runner/machine/ids.h"

void mp_facts_collect(const char *root, const struct mp_fact_sink *sink)
{
	struct mp_fact_ids ids;
	struct mp_fact_sink through = { .fact = mp_fact_ids_add, .user = &ids };

	mp_fact_ids_init(&ids, sink);
	for (size_t i = 0; i < mp_n_fact_collectors; i++)
		mp_fact_collectors[i]->collect(root, &through);
	mp_fact_ids_put(&ids);
}

void mp_fact_put(const struct mp_fact_group *group, const struct mp_fact_line *line,
		 const char *value, const char *origin)
{
	struct mp_fact fact = {
		.group = group->name,
		.key = line->key,
		.value = value,
		.origin = origin,
		.volatility = line->volatility,
		.weight = line->weight,
		.why = line->why,
	};

	group->sink->fact(group->sink->user, &fact);
}

void mp_fact_put_result(const struct mp_fact_group *group, const struct mp_fact_line *line, int err,
			const char *value, const char *path)
{
	char origin[MP_SYSFILE_PATH + 64];

	if (!err) {
		mp_fact_put(group, line, value, path);
		return;
	}
	snprintf(origin, sizeof(origin), "%s: %s%s", path,
		 err == -EINVAL ? "not in the form that was expected" : strerror(-err),
		 err == -EACCES || err == -EPERM ? ": run as root" : "");
	mp_fact_put(group, line, NULL, origin);
}

void mp_fact_put_files(const struct mp_fact_group *group, const struct mp_fact_file *files,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct mp_fact_file *f = &files[i];
		char value[512];
		int err =
			f->form == MP_FACT_CHOICE
				? mp_sysfile_choice(group->root, value, sizeof(value), "%s",
						    f->path)
				: mp_sysfile_line(group->root, value, sizeof(value), "%s", f->path);

		if (!err && !*value)
			strcpy(value, "none");
		/* Some kernel files part their numbers by tabs. */
		for (char *tab = value; !err && (tab = strchr(tab, '\t'));)
			*tab = ' ';
		mp_fact_put_result(group, &f->line, err, value, f->path);
	}
}

static int natural(const void *left, const void *right)
{
	return strverscmp(*(char *const *)left, *(char *const *)right);
}

int mp_fact_names(const char *root, const char *folder, const char *glob, char ***ret_names,
		  size_t *ret_count)
{
	char path[MP_SYSFILE_PATH];
	size_t n = 0, cap = 0;
	char **names = NULL;
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s%s", root, folder) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	dir = opendir(path);
	if (!dir)
		return mp_sysfile_want(-errno);
	while (!err && (entry = readdir(dir))) {
		char **slot;

		if (*entry->d_name == '.' || fnmatch(glob, entry->d_name, 0))
			continue;
		slot = mp_vec_push((void **)&names, &n, &cap, sizeof(*slot));
		if (!slot || !(*slot = strdup(entry->d_name)))
			err = -ENOMEM;
	}
	closedir(dir);
	if (err) {
		mp_fact_names_free(names, n);
		return mp_sysfile_want(err);
	}
	if (n)
		qsort(names, n, sizeof(*names), natural);
	*ret_names = names;
	*ret_count = n;
	return 0;
}

void mp_fact_names_free(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

void mp_fact_tally(struct mp_fact_tally *tally, const char *text)
{
	for (size_t i = 0; i < tally->n; i++) {
		if (!strcmp(tally->items[i].text, text)) {
			tally->items[i].count++;
			return;
		}
	}
	if (tally->n == sizeof(tally->items) / sizeof(tally->items[0])) {
		tally->others++;
		return;
	}
	snprintf(tally->items[tally->n].text, sizeof(tally->items[0].text), "%s", text);
	tally->items[tally->n++].count = 1;
}

void mp_fact_tally_text(const struct mp_fact_tally *tally, struct mp_str *out)
{
	for (size_t i = 0; i < tally->n; i++) {
		mp_str_printf(out, "%s%s", i ? ", " : "", tally->items[i].text);
		if (tally->n > 1)
			mp_str_printf(out, " (%u)", tally->items[i].count);
	}
	if (tally->others)
		mp_str_printf(out, ", others (%u)", tally->others);
}
