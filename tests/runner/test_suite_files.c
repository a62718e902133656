/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where suites are found, and the two kinds of include with their loops. */
#include "tests/runner/suite_made.h"

static void test_files(void **state)
{
	struct mp_str big = MP_STR_INIT;

	(void)state;
	write_file("suites/a.cfg", "");
	write_file("suites/quick.cfg", BODY("cases = ( { bench = \"a\"; } );"));
	check_load("quick", 0, NULL);
	check_load("quik", -ENOENT, "unknown suite 'quik'; did you mean 'quick'? (there are ");
	check_load(
		"nothing-like-it", -ENOENT,
		"unknown suite 'nothing-like-it'; there are a, quick; a file is named by its path");
	write_file("bad.cfg", BODY("defaults: {\n counters = \"minor_fault\"; };"));
	check_load(path_of("bad.cfg"), -ENOENT,
		   "bad.cfg:3: no metric and no group 'minor_fault'; did you mean 'minor_faults'?");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),	       cmocka_unit_test(test_names),
		cmocka_unit_test(test_folder),	       cmocka_unit_test(test_include),
		cmocka_unit_test(test_include_errors), cmocka_unit_test(test_at_include),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
