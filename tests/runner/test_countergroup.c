/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be counted, in the words of --counters: groups with their prose, files, metrics, none; and in a night's settings. */
#include "runner/config/countergroup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/config/nightly.h"

#define GROUP(metrics)                                                                             \
	"group: {\n title = \"what\";\n about = \"why \" \"so\";\n metrics = " metrics ";\n};\n"

static char folder[PATH_MAX]; /* a configuration folder with counters/ in it */

static const char *write_file(const char *name, const char *text)
{
	static char path[PATH_MAX + 64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
	return path;
}

static int setup(void **state)
{
	char made[] = "/tmp/memperf-test-group-XXXXXX", counters[PATH_MAX + 16];

	(void)state;
	if (!mkdtemp(made) || !realpath(made, folder))
		return -1;
	setenv("MEMPERF_CONFIGS", folder, 1);
	snprintf(counters, sizeof(counters), "%s/counters", folder);
	if (mkdir(counters, 0755))
		return -1;
	write_file("counters/pair.cfg", GROUP("[ \"cycles\", \"minor_faults\" ]"));
	return 0;
}

static int teardown(void **state)
{
	char command[PATH_MAX + 32];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* The words give a group of that name with these metrics, with prose or without. */
static void check(const char *words, const char *name, bool prose, const char *first,
		  const char *second)
{
	struct mp_counter_group g = { 0 };
	struct mp_err err;

	if (mp_counter_group_choose(words, &g, &err))
		fail_msg("%s: %s", words, err.text);
	assert_string_equal(g.name, name);
	assert_int_equal(g.title != NULL, prose);
	assert_int_equal(g.about != NULL, prose);
	if (prose) {
		assert_string_equal(g.title, "what");
		assert_string_equal(g.about, "why so");
	}
	assert_int_equal(g.n_metrics, second ? 2 : 1);
	assert_string_equal(g.metrics[0], first);
	if (second)
		assert_string_equal(g.metrics[1], second);
	mp_counter_group_done(&g);
}

static void test_words(void **state)
{
	struct mp_counter_group g = { 0 };

	(void)state;
	check("pair", "pair", true, "cycles", "minor_faults");
	check(write_file("own.cfg", GROUP("(\"cycles\")")), "own", true, "cycles", NULL);
	check("cycles", "cycles", false, "cycles", NULL);
	check("l3_misses,cycles", "l3_misses,cycles", false, "l3_misses", "cycles");
	assert_int_equal(mp_counter_group_choose("none", &g, NULL), 0);
	assert_int_equal(g.n_metrics, 0);
	assert_null(g.title);
	mp_counter_group_done(&g);
}

static void refused(const char *words, int want_rc, const char *part)
{
	struct mp_counter_group g = { 0 };
	struct mp_err err = { .text = "" };
	int rc = mp_counter_group_choose(words, &g, &err);

	if (rc != want_rc || !strstr(err.text, part))
		fail_msg("'%s' gives %d: %s", words, rc, err.text);
	assert_null(g.name);
}

static void test_mistakes(void **state)
{
	(void)state;
	refused("pairs", -ENOENT, "no metric and no group 'pairs'; did you mean 'pair'?");
	refused("nothing-like-it", -ENOENT,
		"no metric and no group 'nothing-like-it'; the groups are pair");
	refused("minor_fault", -ENOENT,
		"no metric and no group 'minor_fault'; did you mean 'minor_faults'?");
	refused("cycles,cicles", -EINVAL, "no metric 'cicles'; did you mean 'cycles'?");
	refused(write_file("bad.cfg", GROUP("[ \"cycles\",\n \"cicles\" ]")), -EINVAL,
		"/bad.cfg:5: no metric 'cicles'; did you mean 'cycles'?");
	refused(write_file("bad.cfg", GROUP("[ ]")), -EINVAL,
		"/bad.cfg:4: 'metrics' wants metrics in brackets");
	refused(write_file("bad.cfg", GROUP("[ \"cycles\" ];\n titel = \"x\"")), -EINVAL,
		"/bad.cfg:5: unknown setting 'titel' in group; did you mean 'title'?");
}

static void night(const char *setting, const char *want, const char *part)
{
	struct mp_nightly n = { 0 };
	struct mp_err err = { .text = "" };
	char text[256];
	int rc;

	snprintf(text, sizeof(text), "nightly: {\n %s\n};\n", setting);
	rc = mp_nightly_load(write_file("night.cfg", text), &n, &err);
	if (part ? rc != -EINVAL && rc != -ENOENT : rc)
		fail_msg("'%s' gives %d: %s", setting, rc, err.text);
	if (part && !strstr(err.text, part))
		fail_msg("'%s' gives: %s", setting, err.text);
	if (want)
		assert_string_equal(n.counters, want);
	else
		assert_null(n.counters);
	mp_nightly_done(&n);
}

static void test_night(void **state)
{
	(void)state;
	night("", NULL, NULL);
	night("counters = \"pair\";", "pair", NULL);
	night("counters = \"none\";", "none", NULL);
	night("counters = \"cycles,l3_misses\";", "cycles,l3_misses", NULL);
	night("counters = 3;", NULL,
	      "/night.cfg:2: 'counters' wants a group, metrics with commas, or none");
	night("\n counters = \"pairs\";", NULL, "/night.cfg:3: no metric and no group 'pairs'");
	night("counter = \"pair\";", NULL,
	      "/night.cfg:2: unknown setting 'counter' in nightly; did you mean 'counters'?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_mistakes),
		cmocka_unit_test(test_night),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
