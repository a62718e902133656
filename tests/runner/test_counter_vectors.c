/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The encoders against vectors: every row of every file that this machine and this libpfm4 can check.
 *
 *	runner_test_counter_vectors [FOLDER]	or MEMPERF_COUNTER_VECTORS=FOLDER
 *
 * reads the files from there, tests/data/counters without one: then all of them must be there. Machines come from
 * FOLDER/event_source, and from tests/data/counters where it has none of that name. Prints how many rows were checked.
 */
#include <dirent.h>
#include <stdarg.h>

#include "tests/runner/counter_vectors/vectors.h"

static const struct {
	const char *file;
	void (*check)(const char *folder, const char *file, struct tally *tally);
} files[] = {
	{ "bandwidth-sources.tsv", check_bandwidth },
	{ "libpfm-detection.tsv", check_detection },
	{ "permission-matrix.tsv", check_permissions },
	{ "sw-events-observed.tsv", check_observed },
	{ "vectors-hybrid-generic.tsv", check_hybrid },
	{ "vectors-libpfm.tsv", check_libpfm },
	{ "vectors-sysfs.tsv", check_sysfs },
};
#define FILES (sizeof(files) / sizeof(files[0]))

/* What kernels did, which the tests that count check against the machine itself. */
static const char *const elsewhere[] = { "qemu-arm64-pmu.tsv" };

void left_out(struct tally *tally, const struct tsv *row, const char *fmt, ...)
{
	va_list ap;

	printf("%s:%u: not checked: ", row->path, row->number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	tally->other++;
}

void wrong(struct tally *tally, const struct tsv *row, const char *fmt, ...)
{
	va_list ap;

	printf("%s:%u: ", row->path, row->number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	tally->wrong++;
}

static bool check(const char *folder, size_t index)
{
	struct tally tally = { 0 };

	files[index].check(folder, files[index].file, &tally);
	printf("%-28s %4zu rows, %4zu checked (%zu %%), %4zu not, %zu wrong%s%s\n",
	       files[index].file, tally.rows, tally.checked,
	       tally.rows ? 100 * tally.checked / tally.rows : 0, tally.other, tally.wrong,
	       tally.skip ? "; skipped: " : "", tally.skip ? tally.skip : "");
	if (tally.rows != tally.checked + tally.other) {
		printf("%s/%s: %zu rows are neither checked nor left out\n", folder,
		       files[index].file, tally.rows - tally.checked - tally.other);
		tally.wrong++;
	}
	if (!tally.rows)
		printf("%s/%s: has no rows\n", folder, files[index].file);
	return tally.rows && !tally.wrong;
}

/* Which of the files the folder has; false for one that nobody knows. */
static bool survey(const char *folder, bool *has)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	bool fine = true;

	if (!dir) {
		printf("%s: cannot be read\n", folder);
		return false;
	}
	while ((entry = readdir(dir))) {
		const char *dot = strrchr(entry->d_name, '.');
		bool known = !dot || strcmp(dot, ".tsv") != 0;

		for (size_t i = 0; i < FILES; i++)
			if (!strcmp(entry->d_name, files[i].file))
				known = has[i] = true;
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
	const char *given = argc > 1 ? argv[1] : getenv("MEMPERF_COUNTER_VECTORS");
	const char *folder = given ? given : COUNTERS;
	bool has[FILES] = { false }, fine, any = false;

	if (given && !strcmp(given, "--found"))
		return print_found();
	fine = survey(folder, has);
	for (size_t i = 0; i < FILES; i++) {
		if (!has[i] && !given) {
			printf("%s/%s: is missing\n", folder, files[i].file);
			fine = false;
		}
		if (!has[i])
			continue;
		any = true;
		if (!check(folder, i))
			fine = false;
	}
	if (!any)
		printf("%s: has no vectors\n", folder);
	return fine && any ? 0 : 1;
}
