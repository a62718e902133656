/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of runner/counters share: machines made from their tables, and rows of tab-separated files. */
#ifndef TESTS_RUNNER_COUNTER_SUPPORT_H
#define TESTS_RUNNER_COUNTER_SUPPORT_H

#include <ftw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MEMPERF_TESTS
#define MEMPERF_TESTS "tests" /* CMake says it for every test */
#endif
#define UNUSED	 __attribute__((unused))
#define COLUMNS	 16
#define COUNTERS MEMPERF_TESTS "/data/counters"

struct tsv {
	FILE *file;
	char line[4096], path[512];
	unsigned number;
	size_t n;
	char *cells[COLUMNS];
};

static UNUSED bool tsv_open(struct tsv *t, const char *folder, const char *name)
{
	memset(t, 0, sizeof(*t));
	snprintf(t->path, sizeof(t->path), "%s/%s", folder, name);
	t->file = fopen(t->path, "r");
	return t->file;
}

/* The next row that is no comment; cells that are missing are "". */
static UNUSED bool tsv_next(struct tsv *t)
{
	while (fgets(t->line, sizeof(t->line), t->file)) {
		char *at = t->line;

		t->number++;
		at[strcspn(at, "\n")] = '\0';
		if (*at == '#' || !*at)
			continue;
		for (size_t i = 0; i < COLUMNS; i++)
			t->cells[i] = at + strlen(at);
		for (t->n = 0; t->n < COLUMNS && at; t->n++)
			t->cells[t->n] = strsep(&at, "\t");
		return true;
	}
	return false;
}

static UNUSED void tsv_close(struct tsv *t)
{
	fclose(t->file);
}

static UNUSED bool write_file(const char *root, const char *path, const char *content)
{
	char full[1024];
	size_t len = strlen(content);
	bool bare = len >= 2 && !strcmp(content + len - 2, "\\0");
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	f = fopen(full, "w");
	if (!f)
		return false;
	fprintf(f, "%.*s%s", (int)(bare ? len - 2 : len), content, bare ? "" : "\n");
	return fclose(f) == 0;
}

/* Makes the folder of PMUs that `folder`/event_source/`name`.tsv, or else the project's own, describes. */
static UNUSED bool make_machine(const char *folder, const char *name, char root[64])
{
	char file[256];
	struct tsv t;

	strcpy(root, "/tmp/memperf-test-XXXXXX");
	if (!mkdtemp(root))
		return false;
	snprintf(file, sizeof(file), "event_source/%s.tsv", name);
	if (!tsv_open(&t, folder, file) && !tsv_open(&t, COUNTERS, file))
		return false;
	while (tsv_next(&t))
		if (!write_file(root, t.cells[0], t.cells[1]))
			return false;
	tsv_close(&t);
	return true;
}

static UNUSED int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static UNUSED void remove_machine(const char *root)
{
	nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
