/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mathematics against vectors from R and from exact arithmetic: every row and every key of every file.
 *
 *	report_test_vectors [FOLDER]	or MEMPERF_VECTORS=FOLDER
 *
 * reads the files from there, tests/data/statistics without one: then all of them must be there. Prints how many
 * values of each file were checked. A key that no check reads is a failure that names it; keys that are commentary, or
 * that memperf does not compute, are listed where they are skipped (vectors/).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/report/vectors/vectors.h"

static const struct {
	const char *file;
	void (*check)(struct vectors *s, json_t *doc);
} files[] = {
	{ "benjamini_hochberg.json", vectors_benjamini_hochberg },
	{ "bootstrap_median_exact.json", vectors_bootstrap },
	{ "descriptive.json", vectors_descriptive },
	{ "hdr_buckets.json", vectors_hdr_buckets },
	{ "hodges_lehmann.json", vectors_hodges_lehmann },
	{ "mannwhitney.json", vectors_mannwhitney },
	{ "mde.json", vectors_mde },
	{ "nested_and_paired.json", vectors_nested_and_paired },
	{ "quantile_ci_ranks.json", vectors_quantile_ci_ranks },
	{ "special_functions.json", vectors_special_functions },
	{ "ttest.json", vectors_ttest },
};
#define FILES (sizeof(files) / sizeof(files[0]))

/* Files of the same folder that the tests of report/history check. */
static const char *const elsewhere[] = { "change_points.json", "recommended_detector.json",
					 "recommended_detector_on_real_series.json" };

/* Whether the file is as it should be. */
static int check(const char *folder, size_t index)
{
	struct vectors s = { .file = files[index].file, .tolerance = 1e-9, .row = "file" };
	char path[4096];
	json_error_t error;
	json_t *doc;

	snprintf(path, sizeof(path), "%s/%s", folder, files[index].file);
	doc = json_load_file(path, 0, &error);
	if (!doc) {
		printf("%s: line %d: %s\n", path, error.line, error.text);
		return 0;
	}
	s.taken = json_array();
	vectors_skip(&s, doc, "meta");
	if (json_object_get(doc, "tolerance_rel"))
		s.tolerance = vectors_number(&s, doc, "tolerance_rel");
	files[index].check(&s, doc);
	snprintf(s.row, sizeof(s.row), "file");
	vectors_end(&s, doc);
	if (!s.checked)
		printf("%s: nothing was checked\n", path);
	printf("%-30s %6zu values checked, %zu wrong\n", s.file, s.checked, s.failed);
	json_decref(s.taken);
	json_decref(doc);
	return s.checked && !s.failed;
}

/* Which of the files the folder has; false for one that nobody knows. */
static int survey(const char *folder, int *has)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int fine = 1;

	if (!dir) {
		printf("%s: cannot be read\n", folder);
		return 0;
	}
	while ((entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		int known = !dot || strcmp(dot, ".json") != 0;

		for (size_t i = 0; i < FILES; i++)
			if (!strcmp(entry->d_name, files[i].file))
				known = has[i] = 1;
		for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
			known |= !strcmp(entry->d_name, elsewhere[i]);
		if (!known)
			printf("%s/%s: no check for this file\n", folder, entry->d_name);
		fine &= known;
	}
	closedir(dir);
	return fine;
}

int main(int argc, char **argv)
{
	const char *given = argc > 1 ? argv[1] : getenv("MEMPERF_VECTORS");
	const char *folder = given ? given : MEMPERF_TESTS "/data/statistics";
	int has[FILES] = { 0 }, fine = survey(folder, has), any = 0;

	for (size_t i = 0; i < FILES; i++) {
		if (!has[i] && !given) {
			printf("%s/%s: is missing\n", folder, files[i].file);
			fine = 0;
		}
		if (!has[i])
			continue;
		any = 1;
		if (!check(folder, i))
			fine = 0;
	}
	if (!any)
		printf("%s: has no vectors\n", folder);
	return fine && any ? 0 : 1;
}
