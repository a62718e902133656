/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter language: meaning, precedence, every error with its column, and 100,000 random texts. */
#include "common/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/random.h"
#include "common/str.h"

#define CASE "mmap.anon/populate=no/size=2M/threads=4"

/* 1: matches, 0: does not, -1: is refused. */
static int match(const char *text, const char *case_text)
{
	struct mp_filter *f;
	int yes;

	if (mp_filter_parse(text, &f, NULL))
		return -1;
	yes = mp_filter_match(f, case_text);
	mp_filter_free(f);
	return yes;
}

static void test_meaning(void **state)
{
	static const struct {
		const char *text;
		int yes;
	} cases[] = {
		{ "size = 2M", 1 },
		{ "size = 2048K", 1 },
		{ "size = 2097152", 1 },
		{ "size != 2M", 0 },
		{ "size >= 2M", 1 },
		{ "size > 2M", 0 },
		{ "size < 4M", 1 },
		{ "size <= 1M", 0 },
		{ "size <= 2M", 1 },
		{ "size < 2M", 0 },
		{ "size > 1M", 1 },
		{ "size >= 4M", 0 },
		{ "size>=2M and threads=4", 1 },
		{ "threads = 4", 1 },
		{ "threads < 10", 1 }, /* as numbers: "4" > "10" as words */
		{ "populate = no", 1 },
		{ "populate = yes", 0 },
		{ "populate != yes", 1 },
		{ "populate < 3", 0 }, /* a word is never below a number */
		{ "populate > 3", 0 },
		{ "touch = no", 0 }, /* no such axis: false ... */
		{ "touch != no", 0 }, /* ... whatever is asked of it */
		{ "not touch = no", 1 },
		{ "bench = mmap.anon", 1 },
		{ "bench = mmap", 0 },
		{ "bench ~ mmap.*", 1 },
		{ "bench ~ m?ap.*", 1 },
		{ "bench ~ munmap.*", 0 },
		{ "family = mmap", 1 },
		{ "family = mmap.anon", 0 },
		{ "case = " CASE, -1 }, /* the signs in it want quotes */
		{ "case = '" CASE "'", 1 },
		{ "case = \"" CASE "\"", 1 },
		{ "case ~ '*/size=2M/*'", 1 },
		{ "size ~ 2*", 1 },
		{ "size = 'x y'", 0 },
		{ "size = ''", 0 },
		{ "siz = 2M", 0 },
		{ "ize = 2M", 0 },
		{ "siz ~ *", 0 },
		{ "sizes ~ *", 0 },
		{ "(size = 2M)", 1 },
		{ "  ( ( size = 2M ) )  ", 1 },
		{ "not size = 2M", 0 },
		{ "not not size = 2M", 1 },
		{ "not(size = 2M)", 0 },
		{ "notable = 1", 0 },
		{ "order = asc or size = 2M", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (match(cases[i].text, CASE) != cases[i].yes)
			fail_msg("'%s' gives %d", cases[i].text, match(cases[i].text, CASE));
}

/* All expressions over three truths, against C's own precedence. */
static void test_precedence(void **state)
{
	(void)state;
	for (int bits = 0; bits < 8; bits++) {
		bool a = bits & 1, b = bits & 2, c = bits & 4;
		char text[64];

		snprintf(text, sizeof(text), "b.b/a=%d/b=%d/c=%d", a, b, c);
		assert_int_equal(match("a=1 or b=1 and c=1", text), a || (b && c));
		assert_int_equal(match("a=1 and b=1 or c=1", text), (a && b) || c);
		assert_int_equal(match("(a=1 or b=1) and c=1", text), (a || b) && c);
		assert_int_equal(match("not a=1 and b=1", text), !a && b);
		assert_int_equal(match("not (a=1 and b=1)", text), !(a && b));
		assert_int_equal(match("not a=1 or not b=1 and not c=1", text), !a || (!b && !c));
		assert_int_equal(match("a=1 and b=1 and c=1", text), a && b && c);
		assert_int_equal(match("a=1 or b=1 or c=1", text), a || b || c);
	}
}

/* A benchmark without axes, and texts that no plan makes. */
static void test_odd_cases(void **state)
{
	(void)state;
	assert_int_equal(match("bench = floor.loop", "floor.loop"), 1);
	assert_int_equal(match("family = floor", "floor.loop"), 1);
	assert_int_equal(match("size = 4K", "floor.loop"), 0);
	assert_int_equal(match("case = floor.loop", "floor.loop"), 1);
	assert_int_equal(match("size = 4K", ""), 0);
	assert_int_equal(match("size = 4K", "////"), 0);
	assert_int_equal(match("size = 4K", "a/size"), 0);
	assert_int_equal(match("size = ''", "a/size="), 1);
}

static void test_errors(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "filter '', column 1: expected an axis, 'bench', 'family' or 'case', found "
		      "the end" },
		{ "size",
		  "filter 'size', column 5: expected one of = != < <= > >= ~, found the end" },
		{ "size 2M",
		  "filter 'size 2M', column 6: expected one of = != < <= > >= ~, found '2M'" },
		{ "size =", "filter 'size =', column 7: expected a value, found the end" },
		{ "size == 2M", "filter 'size == 2M', column 7: expected a value, found '='" },
		{ "size => 2M", "filter 'size => 2M', column 7: expected a value, found '>'" },
		{ "size > big",
		  "filter 'size > big', column 8: expected a number such as 4 or 2M, found 'big'" },
		{ "size = 2M threads = 1", "filter 'size = 2M threads = 1', column 11: expected "
					   "'and', 'or' or the end, found 'threads'" },
		{ "size = 2M AND threads = 1", "filter 'size = 2M AND threads = 1', column 11: "
					       "expected 'and', 'or' or the end, found 'AND'" },
		{ "(size = 2M",
		  "filter '(size = 2M', column 11: expected 'and', 'or' or ')', found the end" },
		{ "size = 2M)",
		  "filter 'size = 2M)', column 10: expected 'and', 'or' or the end, found ')'" },
		{ "and size = 2M", "filter 'and size = 2M', column 1: expected an axis, 'bench', "
				   "'family' or 'case', found 'and'" },
		{ "size = 2M and", "filter 'size = 2M and', column 14: expected an axis, 'bench', "
				   "'family' or 'case', found the end" },
		{ "not", "filter 'not', column 4: expected an axis, 'bench', 'family' or 'case', "
			 "found the end" },
		{ "()", "filter '()', column 2: expected an axis, 'bench', 'family' or 'case', "
			"found ')'" },
		{ "case = 'x",
		  "filter 'case = 'x', column 10: expected the closing quote, found the end" },
		{ "= 2M", "filter '= 2M', column 1: expected an axis, 'bench', 'family' or 'case', "
			  "found '='" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mp_filter *f = NULL;
		struct mp_err err;

		assert_int_equal(mp_filter_parse(cases[i].text, &f, &err), -EINVAL);
		assert_null(f);
		assert_string_equal(err.text, cases[i].message);
		assert_int_equal(err.kind, MP_ERR_USAGE);
	}
}

static int collect(void *user, const char *field)
{
	mp_str_printf(user, "%s ", field);
	return strcmp(field, "stop") ? 0 : 7;
}

static void test_fields(void **state)
{
	struct mp_str s = MP_STR_INIT;
	struct mp_filter *f;

	(void)state;
	assert_int_equal(mp_filter_parse("a=1 or not (b=2 and c=3) and a=4", &f, NULL), 0);
	assert_int_equal(mp_filter_fields(f, collect, &s), 0);
	assert_string_equal(s.text, "a b c a ");
	mp_filter_free(f);
	mp_str_clear(&s);
	assert_int_equal(mp_filter_parse("a=1 or (stop=2 and c=3) or d=4", &f, NULL), 0);
	assert_int_equal(mp_filter_fields(f, collect, &s), 7);
	assert_string_equal(s.text, "a stop ");
	mp_filter_free(f);
	mp_filter_free(NULL);
	mp_str_done(&s);
}

/* Depth is bounded, length is not. */
static void test_depth_and_length(void **state)
{
	struct mp_str s = MP_STR_INIT;
	struct mp_err err;
	struct mp_filter *f;

	(void)state;
	mp_str_pad(&s, '(', 100000);
	assert_int_equal(mp_filter_parse(s.text, &f, &err), -EINVAL);
	assert_non_null(strstr(err.text, "more than 64 levels"));
	mp_str_clear(&s);
	for (int i = 0; i < 100000; i++)
		mp_str_add(&s, "not ");
	assert_int_equal(mp_filter_parse(s.text, &f, &err), -EINVAL);
	assert_non_null(strstr(err.text, "more than 64 levels"));
	mp_str_clear(&s);
	for (int i = 0; i < 20; i++)
		mp_str_add(&s, "not (");
	mp_str_add(&s, "size = 2M");
	mp_str_pad(&s, ')', 20);
	assert_int_equal(match(s.text, CASE), 1);
	mp_str_clear(&s);
	for (int i = 0; i < 100000; i++)
		mp_str_add(&s, "size = 4K or ");
	mp_str_add(&s, "size = 2M");
	assert_int_equal(match(s.text, CASE), 1);
	mp_str_done(&s);
}

static void test_garbage(void **state)
{
	static const char *const words[] = { "size", "and", "or",  "not",   "(",  ")",
					     "=",    "!=",  "<",   "~",	    "2M", "4",
					     "'",    "\"",  " ",   "bench", "\t", "/",
					     "\xff", "*",   "x=1", "case",  "!",  "family" };
	struct mp_random r = { 11 };
	unsigned good = 0;

	(void)state;
	for (int round = 0; round < 100000; round++) {
		struct mp_str s = MP_STR_INIT;
		size_t count = mp_random_below(&r, 12);

		for (size_t i = 0; i < count; i++) {
			if (mp_random_below(&r, 8))
				mp_str_printf(&s, "%s ",
					      words[mp_random_below(&r, sizeof(words) /
										sizeof(words[0]))]);
			else
				mp_str_addc(&s, (char)(1 + mp_random_below(&r, 255)));
		}
		good += match(s.text, CASE) >= 0;
		mp_str_done(&s);
	}
	/* Some of them must be real expressions, or the words above test nothing. */
	assert_in_range(good, 100, 50000);
}

static struct mp_filter_value named_value(void *user, size_t index)
{
	const double *numbers = user;

	return (struct mp_filter_value){ .number = numbers[index] };
}

/* Names with blanks and signs stand in quotes, where the caller has fields of its own. */
static void test_quoted_fields(void **state)
{
	static const struct mp_filter_field fields[] = { { "cycles (core)", true },
							 { "or", true } };
	static const struct {
		const char *text;
		int yes;
	} cases[] = {
		{ "\"cycles (core)\" > 4", 1 },
		{ "'cycles (core)' > 5", 0 },
		{ "'cycles (core)'>4 and a=1", 1 },
		{ "'or' = 7", 1 },
		{ "cycles (core) > 4", -1 },
		{ "'cycles (core > 4", -1 },
		{ "'' > 4", -1 },
	};
	double numbers[] = { 5, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mp_filter *f = NULL;
		int yes = mp_filter_parse_with(cases[i].text, fields, 2, &f, NULL)
				  ? -1
				  : mp_filter_match_with(f, "a.b/a=1", named_value, numbers);

		mp_filter_free(f);
		if (yes != cases[i].yes)
			fail_msg("'%s' gives %d", cases[i].text, yes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meaning),	  cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_odd_cases), cmocka_unit_test(test_errors),
		cmocka_unit_test(test_fields),	  cmocka_unit_test(test_depth_and_length),
		cmocka_unit_test(test_garbage),	  cmocka_unit_test(test_quoted_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
