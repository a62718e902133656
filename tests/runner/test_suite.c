/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Suite files: what they say arrives, everything else is an error with file:line and the exact sentence, 100,000 files of noise
 * included. */
#include "tests/runner/suite_made.h"

#include "common/random.h"

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
		   "  defaults: { invocations = 5; budget = \"75s\"; target = 0.02; "
		   "counters = \"minor_faults,cycles\"; };\n"
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
	assert_string_equal(s.counters, "minor_faults,cycles");
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
		{ BODY("defaults: {\n counters = 5; };"),
		  ":3: 'counters' wants a text in quotes, such as \"memory\"" },
		{ BODY("defaults: {\n counters = \"cycles,cicles\"; };"),
		  ":3: no metric 'cicles'; did you mean 'cycles'?" },
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
		cmocka_unit_test(test_reads),	     cmocka_unit_test(test_several),
		cmocka_unit_test(test_command_line), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_quotes),	     cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_deep_nesting),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
