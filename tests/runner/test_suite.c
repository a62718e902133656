/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suite files: what they say arrives, everything else is an error with file:line and the exact sentence; the
 * two kinds of include, their loops, and 100,000 files of noise.
 */
#include "runner/config/suite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/random.h"
#include "common/str.h"

/* libconfig 1.5 does not free the texts before a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libconfig.so\n";
}

static char folder[PATH_MAX]; /* a configuration folder with suites/ in it */

static const char *path_of(const char *name)
{
	static char path[4][PATH_MAX + 64];
	static unsigned turn;
	char *buf = path[turn++ % 4];

	snprintf(buf, sizeof(path[0]), "%s/%s", folder, name);
	return buf;
}

static void write_bytes(const char *name, const char *text, size_t len)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

static int setup(void **state)
{
	char made[] = "/tmp/memperf-test-suite-XXXXXX";

	(void)state;
	if (!mkdtemp(made) || !realpath(made, folder))
		return -1;
	setenv("MEMPERF_CONFIGS", folder, 1);
	return mkdir(path_of("suites"), 0755);
}

static int teardown(void **state)
{
	char command[PATH_MAX + 32];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

/* ---- what a suite says ---- */

static void test_reads(void **state)
{
	struct mp_suite s = { 0 };
	struct mp_err err;

	(void)state;
	write_file("suites/quick.cfg",
		   "# a comment\n"
		   "suite: {\n"
		   "  title = \"one-minute tour\";\n"
		   "  defaults: { invocations = 5; budget = \"75s\"; target = 0.02; };\n"
		   "  cases = (\n"
		   "    { bench = \"mmap.*\"; size = \"4K, 2M\"; touch = \"none\"; },\n"
		   "    { bench = \"fault.anon_write\"; values = \"matrix\";\n"
		   "      filter = \"size >= 2M\"; space = \"user\"; }\n"
		   "  );\n"
		   "};\n");
	if (mp_suite_load(&s, "quick", &err))
		fail_msg("%s", err.text);
	assert_string_equal(s.name, "quick");
	assert_string_equal(s.title, "one-minute tour");
	assert_int_equal(s.invocations, 5);
	assert_int_equal(s.budget_ns, 75000000000);
	assert_true(s.target > 0.0199 && s.target < 0.0201);
	assert_int_equal(s.n_entries, 2);
	assert_string_equal(s.entries[0].bench, "mmap.*");
	assert_false(s.entries[0].matrix);
	assert_null(s.entries[0].filter);
	assert_int_equal(s.entries[0].n_axes, 2);
	assert_string_equal(s.entries[0].axes[0].axis, "size");
	assert_string_equal(s.entries[0].axes[0].values, "4K, 2M");
	assert_string_equal(s.entries[0].axes[1].axis, "touch");
	assert_string_equal(s.entries[0].axes[1].values, "none");
	assert_true(s.entries[1].matrix);
	assert_int_equal(s.entries[0].space, MP_SPACE_ANY);
	assert_int_equal(s.entries[1].space, MP_SPACE_USER);
	assert_string_equal(s.entries[1].filter, "size >= 2M");
	/* the place of every setting, for later errors */
	assert_string_equal(s.entries[0].where + strlen(folder), "/suites/quick.cfg:6");
	assert_string_equal(s.entries[0].axes[0].where + strlen(folder), "/suites/quick.cfg:6");
	assert_string_equal(s.entries[1].where + strlen(folder), "/suites/quick.cfg:7");
	/* the text is stored with the run */
	assert_non_null(strstr(s.text, "# quick.cfg\n# a comment\nsuite: {\n"));
	mp_suite_done(&s);
	assert_null(s.name);
	mp_suite_done(&s);
}

/* Everything of two suites, one text, and the same suite from it; no file is needed and no path is in it. */
static void test_flat(void **state)
{
	struct mp_suite s = { 0 }, again = { 0 };
	char *flat, *twice;
	struct mp_err err;

	(void)state;
	write_file("suites/part.cfg", "suite: { defaults: { setup = true; };\n"
				      "cases = ( { bench = \"b.*\"; space = \"kernel\"; } ); };\n");
	write_file("whole.cfg",
		   "suite: { title = \"a \\\"whole\\\"\";\n"
		   "defaults: { invocations = 5; budget = \"90s\"; target = 0.025; };\n"
		   "include = [\"part\"];\n"
		   "cases = ( { bench = \"a.*\"; values = \"matrix\"; size = \"4K, 2M\";\n"
		   "filter = \"size >= 2M\"; space = \"user\"; } ); };\n");
	assert_int_equal(mp_suite_load(&s, path_of("whole.cfg"), NULL), 0);
	assert_int_equal(mp_suite_add_bench(&s, "c.*", NULL), 0);
	flat = mp_suite_flat(&s);
	assert_non_null(flat);
	assert_null(strstr(flat, folder));
	assert_int_equal(unlink(path_of("whole.cfg")), 0);
	assert_int_equal(unlink(path_of("suites/part.cfg")), 0);
	if (mp_suite_load(&again, flat, &err))
		fail_msg("%s", err.text);
	assert_string_equal(again.name, "whole");
	assert_string_equal(again.title, "a \"whole\"");
	assert_int_equal(again.invocations, 5);
	assert_int_equal(again.budget_ns, 90000000000);
	assert_true(again.target > 0.02499 && again.target < 0.02501);
	assert_int_equal(again.setup, 1);
	assert_int_equal(again.n_entries, 3);
	assert_string_equal(again.entries[0].bench, "b.*");
	assert_int_equal(again.entries[0].space, MP_SPACE_KERNEL);
	assert_false(again.entries[0].matrix);
	assert_string_equal(again.entries[1].bench, "a.*");
	assert_int_equal(again.entries[1].space, MP_SPACE_USER);
	assert_true(again.entries[1].matrix);
	assert_string_equal(again.entries[1].filter, "size >= 2M");
	assert_string_equal(again.entries[1].axes[0].axis, "size");
	assert_string_equal(again.entries[1].axes[0].values, "4K, 2M");
	assert_string_equal(again.entries[2].bench, "c.*");
	twice = mp_suite_flat(&again);
	assert_string_equal(twice, flat);
	free(twice);
	free(flat);
	mp_suite_done(&again);
	mp_suite_done(&s);
}

static void test_several(void **state)
{
	struct mp_suite s = { 0 };

	(void)state;
	write_file("suites/a.cfg", "suite: { title = \"A\"; defaults: { budget = \"1m\"; };\n"
				   "cases = ( { bench = \"a.*\"; } ); };");
	write_file("b.cfg",
		   "suite: { title = \"B\"; defaults: { budget = \"2m\"; invocations = 7; };\n"
		   "cases = ( { bench = \"b.*\"; } ); };");
	assert_int_equal(mp_suite_load(&s, "a", NULL), 0);
	assert_int_equal(mp_suite_load(&s, path_of("b.cfg"), NULL), 0);
	assert_int_equal(mp_suite_add_bench(&s, "c.*", NULL), 0);
	assert_int_equal(mp_suite_set(&s, "size=4K,2M", NULL), 0);
	assert_string_equal(s.name, "a+b");
	assert_string_equal(s.title, "A");
	assert_int_equal(s.budget_ns, 60000000000); /* the first that says one */
	assert_int_equal(s.invocations, 7);
	assert_int_equal(s.n_entries, 3);
	assert_string_equal(s.entries[2].bench, "c.*");
	assert_string_equal(s.entries[2].where, "--bench");
	assert_int_equal(s.n_sets, 1);
	assert_string_equal(s.sets[0].axis, "size");
	assert_string_equal(s.sets[0].values, "4K,2M");
	assert_non_null(strstr(s.text, "\n# b.cfg\n"));
	assert_non_null(strstr(s.text, "--bench c.*\n--set size=4K,2M\n"));
	/* a suite named twice counts once */
	assert_int_equal(mp_suite_load(&s, "a", NULL), 0);
	assert_int_equal(s.n_entries, 3);
	mp_suite_done(&s);
}

static void test_command_line(void **state)
{
	static const struct {
		const char *set, *message;
	} cases[] = {
		{ "size", "--set 'size' is not AXIS=VALUES, such as size=4K,2M" },
		{ "size=", "--set 'size=' is not AXIS=VALUES, such as size=4K,2M" },
		{ "=4K", "--set '=4K' is not AXIS=VALUES, such as size=4K,2M" },
		{ "", "--set '' is not AXIS=VALUES, such as size=4K,2M" },
		{ "touch=none",
		  "--set names axis 'touch' twice; give all its values at once, as in "
		  "--set touch=write,none" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mp_suite s = { 0 };
		struct mp_err err;

		assert_int_equal(mp_suite_set(&s, "touch=write", &err), 0);
		assert_int_equal(mp_suite_set(&s, cases[i].set, &err), -EINVAL);
		assert_string_equal(err.text, cases[i].message);
		assert_int_equal(mp_suite_add_bench(&s, "", &err), -EINVAL);
		assert_int_equal(mp_suite_load(&s, "", &err), -EINVAL);
		mp_suite_done(&s);
	}
}

/* ---- errors ---- */

#define BODY(text) "suite: {\n" text "\n};\n"

static void test_errors(void **state)
{
	static const struct {
		const char *text, *message; /* after the folder */
	} cases[] = {
		{ "", ":1: no suite in this file; it starts with 'suite: {'" },
		{ "suit: { };",
		  ":1: unknown setting 'suit' in a suite file; did you mean 'suite'?" },
		{ "suite = 4;", ":1: 'suite' wants a group in braces" },
		{ "suite: { };", ":1: the suite has neither 'cases' nor 'include'" },
		{ BODY("cases = ( { bench = \"a\" } )\n oops"),
		  ":4: syntax error; a setting is name = value; and texts stand in quotes" },
		{ "\n\nsuite: { title = ;",
		  ":3: syntax error; a setting is name = value; and texts "
		  "stand in quotes" },
		{ BODY("titel = \"x\";"),
		  ":2: unknown setting 'titel' in suite; did you mean 'title'?" },
		{ BODY("counters = \"x\";"),
		  ":2: unknown setting 'counters' in suite; it may hold title, "
		  "defaults, cases, include" },
		{ BODY("title = 5;"),
		  ":2: 'title' wants a text in quotes, such as \"one-minute tour\"" },
		{ BODY("defaults = 5;"), ":2: 'defaults' wants a group in braces" },
		{ BODY("defaults: { invocation = 5; };"),
		  ":2: unknown setting 'invocation' in defaults; did you mean 'invocations'?" },
		{ BODY("defaults: { invocations = 0; };"),
		  ":2: 'invocations' wants a whole number from 1 to 1000" },
		{ BODY("defaults: { invocations = 1001; };"),
		  ":2: 'invocations' wants a whole number from 1 to 1000" },
		{ BODY("defaults: { invocations = \"5\"; };"),
		  ":2: 'invocations' wants a whole number from 1 to 1000" },
		{ BODY("defaults: { budget = 75; };"),
		  ":2: 'budget' wants a time from 1ns to 720h in quotes, such as \"10m\"" },
		{ BODY("defaults: {\n budget = \"75\"; };"),
		  ":3: 'budget' wants a time from 1ns to 720h in quotes, such as \"10m\"" },
		{ BODY("defaults: { budget = \"0s\"; };"),
		  ":2: 'budget' wants a time from 1ns to 720h in quotes, such as \"10m\"" },
		{ BODY("defaults: { budget = \"721h\"; };"),
		  ":2: 'budget' wants a time from 1ns to 720h in quotes, such as \"10m\"" },
		{ BODY("defaults: { target = 2; };"),
		  ":2: 'target' wants a relative half-width above 0 and up to 0.5, such as 0.02" },
		{ BODY("defaults: { target = 0.0; };"),
		  ":2: 'target' wants a relative half-width above 0 and up to 0.5, such as 0.02" },
		{ BODY("cases = { };"), ":2: 'cases' wants a list in parentheses" },
		{ BODY("cases = ( \"mmap.*\" );"),
		  ":2: 'cases' wants groups, such as { bench = \"mmap.*\"; }" },
		{ BODY("cases = (\n{ bench = \"a\"; },\n{ size = \"4K\"; } );"),
		  ":4: an entry of cases lacks 'bench', a name or a pattern" },
		{ BODY("cases = ( { bench = 4; } );"),
		  ":2: 'bench' wants a text in quotes, such as \"mmap.*\"" },
		{ BODY("cases = ( { bench = \"a\";\n size = 4096; } );"),
		  ":3: 'size' wants a text in quotes, such as \"4K, 2M\"" },
		{ BODY("cases = ( { bench = \"a\";\n\n populate = true; } );"),
		  ":4: 'populate' wants a text in quotes, such as \"4K, 2M\"" },
		{ BODY("cases = ( { bench = \"a\"; size = [\"4K\"]; } );"),
		  ":2: 'size' wants a text in quotes, such as \"4K, 2M\"" },
		{ BODY("cases = ( { bench = \"a\"; values = \"all\"; } );"),
		  ":2: 'values' wants \"matrix\" or \"representative\"" },
		{ BODY("cases = ( { bench = \"a\"; space = \"outer\"; } );"),
		  ":2: 'space' wants \"user\" or \"kernel\"" },
		{ BODY("cases = ( { bench = \"a\"; filter = \"size >\"; } );"),
		  ":2: filter 'size >', column 7: expected a value, found the end" },
		{ BODY("cases = ( { bench = \"a\"; size = \"4K\"; size = \"8K\"; } );"),
		  ":2: duplicate setting name; a setting is name = value; and texts stand in "
		  "quotes" },
		{ BODY("include = \"user\";"),
		  ":2: 'include' wants names in brackets, such as [\"user\"]" },
		{ BODY("include = [ 4 ];"),
		  ":2: 'include' wants names in brackets, such as [\"user\"]" },
		{ BODY("include = [ \"\" ];"),
		  ":2: 'include' wants names in brackets, such as [\"user\"]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mp_suite s = { 0 };
		struct mp_err err = { .text = "" };
		const char *path = path_of("bad.cfg");
		int rc;

		write_file("bad.cfg", cases[i].text);
		rc = mp_suite_load(&s, path, &err);
		assert_int_equal(rc, -EINVAL);
		assert_int_equal(err.kind, MP_ERR_USAGE);
		if (strncmp(err.text, path, strlen(path)) ||
		    strcmp(err.text + strlen(path), cases[i].message))
			fail_msg("in\n%s\n want: ...%s\n got:  %s", cases[i].text, cases[i].message,
				 err.text);
		mp_suite_done(&s);
	}
}

static void check_load(const char *name, int want_rc, const char *want_part)
{
	struct mp_suite s = { 0 };
	struct mp_err err = { .text = "" };
	int rc = mp_suite_load(&s, name, &err);

	mp_suite_done(&s);
	if (rc != want_rc || (want_part && !strstr(err.text, want_part)))
		fail_msg("'%s' gives %d: %s", name, rc, err.text);
}

static void test_files(void **state)
{
	struct mp_str big = MP_STR_INIT;

	(void)state;
	write_file("suites/quick.cfg", BODY("cases = ( { bench = \"a\"; } );"));
	check_load("quick", 0, NULL);
	check_load("quik", -ENOENT, "unknown suite 'quik'; did you mean 'quick'? (there are ");
	check_load(
		"nothing-like-it", -ENOENT,
		"unknown suite 'nothing-like-it'; there are a, quick; a file is named by its path");
	check_load("missing.cfg", -ENOENT, "cannot read suite file 'missing.cfg': No such file");
	check_load(folder, -EINVAL, "is not a regular file");
	check_load("/dev/null", -EINVAL, "'/dev/null' is not a regular file");
	write_bytes("zero.cfg", "suite: {\0};", 11);
	check_load(path_of("zero.cfg"), -EINVAL, "is not a text file");
	mp_str_pad(&big, '\n', 1024 * 1024 + 1);
	write_bytes("big.cfg", big.text, big.len);
	check_load(path_of("big.cfg"), -EFBIG, "is larger than a suite can be (1 MiB)");
	mp_str_done(&big);
	setenv("MEMPERF_CONFIGS", "/nowhere", 1);
	check_load("quick", -ENOENT,
		   "suite 'quick': cannot read '/nowhere/suites': No such file or directory; "
		   "MEMPERF_CONFIGS names the folder that holds suites/");
	setenv("MEMPERF_CONFIGS", folder, 1);
}

static void test_names(void **state)
{
	char **names;
	size_t count;

	(void)state;
	write_file("suites/zz.cfg", "");
	write_file("suites/README", "");
	write_file("suites/.hidden.cfg", "");
	write_file("suites/.cfg", "");
	assert_int_equal(mp_suite_names(&names, &count, NULL), 0);
	assert_true(count >= 1);
	assert_string_equal(names[count - 1], "zz");
	for (size_t i = 0; i < count; i++) {
		assert_null(strstr(names[i], "hidden"));
		assert_string_not_equal(names[i], "README");
		assert_true(!i || strcmp(names[i - 1], names[i]) < 0);
	}
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static void test_folder(void **state)
{
	char buf[PATH_MAX], tiny[8];

	(void)state;
	assert_int_equal(mp_config_folder(buf, sizeof(buf)), 0);
	assert_string_equal(buf, folder);
	assert_int_equal(mp_config_folder(tiny, sizeof(tiny)), -ENAMETOOLONG);
	unsetenv("MEMPERF_CONFIGS");
	assert_int_equal(mp_config_folder(buf, sizeof(buf)), 0);
	assert_string_equal(buf + strlen(buf) - 17, "/../share/memperf");
	assert_int_equal(mp_config_folder(tiny, sizeof(tiny)), -ENAMETOOLONG);
	setenv("MEMPERF_CONFIGS", folder, 1);
}

static void test_quotes(void **state)
{
	(void)state;
	write_file("bad.cfg", "suite: {\n title = \"tour;\n cases = ( { bench = \"a\"; } );\n};\n");
	check_load(path_of("bad.cfg"), -EINVAL,
		   "bad.cfg:2: a text in quotes that does not end on its line");
	write_file("bad.cfg", "suite: { # \"\n// \"\n/* \"\n\" */ title = \"a\\\"b\\\\\"; x = \"");
	check_load(path_of("bad.cfg"), -EINVAL, "bad.cfg:4: a text in quotes that does not end");
	write_file("bad.cfg", "suite: {\n/* \n");
	check_load(path_of("bad.cfg"), -EINVAL, "bad.cfg:2: a comment that no '*/' ends");
	write_file("bad.cfg", "suite: { # \"\n// \"\n/* \"\n\" */ title = \"a\\\"b\\\\\";\n"
			      "cases = ( { bench = \"a\"; } ); };");
	check_load(path_of("bad.cfg"), 0, NULL);
	write_file("bad.cfg", "#");
	check_load(path_of("bad.cfg"), -EINVAL, "bad.cfg:1: no suite in this file");
	write_file("bad.cfg", "/");
	check_load(path_of("bad.cfg"), -EINVAL, "bad.cfg:1: syntax error");
}

/* ---- includes ---- */

static void test_include(void **state)
{
	struct mp_suite s = { 0 };
	struct mp_err err;

	(void)state;
	write_file("suites/base.cfg",
		   "suite: { title = \"base\"; defaults: { invocations = 3; budget = "
		   "\"1m\"; };\ncases = ( { bench = \"base\"; } ); };");
	write_file("suites/left.cfg", BODY("include = [\"base\"];"));
	write_file("near.cfg", BODY("include = [\"base\"]; cases = ( { bench = \"near\"; } );"));
	write_file("top.cfg",
		   BODY("defaults: { invocations = 9; };\n include = [\"left\", \"./near.cfg\"];\n"
			" cases = ( { bench = \"top\"; } );"));
	if (mp_suite_load(&s, path_of("top.cfg"), &err))
		fail_msg("%s", err.text);
	/* base once, though two ways lead to it */
	assert_int_equal(s.n_entries, 3);
	assert_string_equal(s.entries[0].bench, "base");
	assert_string_equal(s.entries[1].bench, "near");
	assert_string_equal(s.entries[2].bench, "top");
	assert_string_equal(s.name, "top");
	assert_int_equal(s.invocations, 9); /* the including file's own wins */
	assert_int_equal(s.budget_ns, 60000000000);
	assert_non_null(strstr(s.text, "# base.cfg"));
	mp_suite_done(&s);
}

static void test_include_errors(void **state)
{
	struct mp_str text = MP_STR_INIT;

	(void)state;
	write_file("one.cfg", BODY("\ninclude = [\"./two.cfg\"];"));
	write_file("two.cfg", BODY("include = [\"./three.cfg\"];"));
	write_file("three.cfg", BODY("include = [\"./two.cfg\"];"));
	check_load(path_of("one.cfg"), -ELOOP, "one.cfg:3: ");
	check_load(path_of("one.cfg"), -ELOOP, "two.cfg:2: ");
	check_load(path_of("one.cfg"), -ELOOP, "three.cfg:2: include loop: ");
	check_load(path_of("three.cfg"), -ELOOP, "include loop");
	write_file("self.cfg", BODY("include = [\"./self.cfg\"];"));
	check_load(path_of("self.cfg"), -ELOOP, "self.cfg:2: include loop: ");
	write_file("lost.cfg", BODY("include = [\"./gone.cfg\"];"));
	check_load(path_of("lost.cfg"), -ENOENT, "lost.cfg:2: cannot read suite file '");
	write_file("lost.cfg", BODY("include = [\"qick\"];"));
	check_load(path_of("lost.cfg"), -ENOENT,
		   "lost.cfg:2: unknown suite 'qick'; did you mean 'quick'?");
	write_file("inner.cfg", BODY("cases = ( { bench = 5; } );"));
	write_file("outer.cfg", BODY("include = [\"./inner.cfg\"];"));
	check_load(path_of("outer.cfg"), -EINVAL, "outer.cfg:2: ");
	check_load(path_of("outer.cfg"), -EINVAL, "inner.cfg:2: 'bench' wants a text");
	/* a long chain without a loop */
	for (int i = 0; i < 20; i++) {
		char name[32];

		mp_str_clear(&text);
		mp_str_printf(&text, BODY("include = [\"./deep%d.cfg\"];"), i + 1);
		snprintf(name, sizeof(name), "deep%d.cfg", i);
		write_file(name, text.text);
	}
	check_load(path_of("deep0.cfg"), -ELOOP, "more than 8 levels of includes");
	mp_str_done(&text);
}

/* libconfig's own include, a part of a file in another. */
static void test_at_include(void **state)
{
	struct mp_suite s = { 0 };
	struct mp_err err;
	struct mp_str text = MP_STR_INIT;

	(void)state;
	write_file("part.inc", "cases = (\n { bench = \"a\"; size = \"4K\"; } );\n");
	write_file("whole.cfg", "suite: {\n  title = \"x\";\n@include \"part.inc\"\n};\n");
	if (mp_suite_load(&s, path_of("whole.cfg"), &err))
		fail_msg("%s", err.text);
	assert_int_equal(s.n_entries, 1);
	assert_string_equal(s.entries[0].axes[0].where, path_of("part.inc:2"));
	assert_non_null(strstr(s.text, "@include \"part.inc\"\n"));
	assert_non_null(strstr(s.text, "{ bench = \"a\"; size = \"4K\"; }"));
	mp_suite_done(&s);

	write_file("part.inc", "cases = (\n { bench = 7; } );\n");
	check_load(path_of("whole.cfg"), -EINVAL, "part.inc:2: 'bench' wants a text");
	write_file("part.inc", "cases = (\n { bench = ; } );\n");
	check_load(path_of("whole.cfg"), -EINVAL, "part.inc:2: syntax error");
	write_file("part.inc", "@include \"whole.cfg\"\n");
	check_load(path_of("whole.cfg"), -ELOOP, "part.inc:1: include loop: ");
	check_load(path_of("whole.cfg"), -ELOOP, "/part.inc', included by '");
	write_file("whole.cfg", "suite: {\n@include \"gone.inc\"\n};\n");
	check_load(path_of("whole.cfg"), -ENOENT, "whole.cfg:2: cannot read '");
	/* what would make libconfig's scanner end the process */
	write_file("whole.cfg", "suite: {\n  @include\t\"suites\"\n};\n");
	check_load(path_of("whole.cfg"), -EINVAL, "whole.cfg:2: ");
	check_load(path_of("whole.cfg"), -EINVAL, "is not a regular file");
	/* many lines, many levels */
	write_file("empty.inc", "\n");
	mp_str_add(&text, "suite: {\n");
	for (int i = 0; i < 200; i++)
		mp_str_add(&text, "@include \"empty.inc\"\n");
	mp_str_add(&text, "};\n");
	write_file("whole.cfg", text.text);
	check_load(path_of("whole.cfg"), -ELOOP, "whole.cfg:102: more than 100 @include lines");
	mp_str_done(&text);
}

/* ---- noise ---- */

static void add_noise(struct mp_str *s, struct mp_random *r)
{
	static const char *const pieces[] = {
		"suite",
		":",
		"=",
		"{",
		"}",
		"(",
		")",
		"[",
		"]",
		";",
		",",
		"\"4K\"",
		"\"mmap.*\"",
		"bench",
		"cases",
		"title",
		"defaults",
		"budget",
		"target",
		"include",
		"0.02",
		"5",
		"true",
		"\n",
		"#",
		"/*",
		"*/",
		"//",
		"\"",
		"values",
		"filter",
		"size",
		"suite: { cases = ( { bench = \"a\"; ",
		" } ); };",
		"0x7fffffff",
		"1L",
		"-1e400",
		"\\",
		"@include",
		"\n@include \"x\"\n",
		"\"\\x41\"",
		"\"a\" \"b\"",
	};
	size_t n = mp_random_below(r, 24);

	if (mp_random_below(r, 2))
		mp_str_add(s, "suite: { cases = ( { bench = \"a\"; ");
	for (size_t i = 0; i < n; i++) {
		if (mp_random_below(r, 12))
			mp_str_printf(
				s, "%s ",
				pieces[mp_random_below(r, sizeof(pieces) / sizeof(pieces[0]))]);
		else
			mp_str_addc(s, (char)(1 + mp_random_below(r, 255)));
	}
	if (mp_random_below(r, 2))
		mp_str_add(s, " } ); };");
}

static void test_garbage(void **state)
{
	struct mp_random r = { 9 };
	unsigned good = 0;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		struct mp_str text = MP_STR_INIT;
		struct mp_suite s = { 0 };
		struct mp_err err = { .text = "" };
		int rc;

		add_noise(&text, &r);
		rc = mp_suite_load_text(&s, text.text, "noise.cfg", folder, &err);
		if (!rc)
			good++;
		else if (!strstr(err.text, "noise.cfg:") && !strstr(err.text, "suite"))
			fail_msg("no place in '%s' for\n%s", err.text, text.text);
		mp_suite_done(&s);
		mp_str_done(&text);
	}
	assert_in_range(good, 100, 60000);
}

static void test_deep_nesting(void **state)
{
	struct mp_str text = MP_STR_INIT;
	struct mp_suite s = { 0 };
	struct mp_err err;

	(void)state;
	mp_str_add(&text, "suite: { cases = ");
	mp_str_pad(&text, '(', 500000);
	assert_int_equal(mp_suite_load_text(&s, text.text, "deep.cfg", folder, &err), -EINVAL);
	mp_suite_done(&s);
	mp_str_done(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),	       cmocka_unit_test(test_flat),
		cmocka_unit_test(test_several),	       cmocka_unit_test(test_command_line),
		cmocka_unit_test(test_errors),	       cmocka_unit_test(test_files),
		cmocka_unit_test(test_quotes),	       cmocka_unit_test(test_names),
		cmocka_unit_test(test_folder),	       cmocka_unit_test(test_include),
		cmocka_unit_test(test_include_errors), cmocka_unit_test(test_at_include),
		cmocka_unit_test(test_garbage),	       cmocka_unit_test(test_deep_nesting),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
