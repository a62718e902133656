/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growable strings; globs against a plain recursive definition of them; edit distance by its axioms. */
#include "common/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/random.h"

static void test_grow(void **state)
{
	struct mp_str s = MP_STR_INIT;

	(void)state;
	assert_string_equal(s.text, "");
	mp_str_clear(&s);
	mp_str_add(&s, "");
	assert_string_equal(s.text, "");
	for (int i = 0; i < 1000; i++)
		mp_str_addc(&s, (char)('a' + i % 26));
	assert_int_equal(s.len, 1000);
	assert_int_equal(strlen(s.text), 1000);
	assert_int_equal(s.text[999], 'a' + 999 % 26);
	assert_false(s.failed);
	mp_str_clear(&s);
	assert_string_equal(s.text, "");
	assert_int_equal(s.len, 0);
	mp_str_printf(&s, "%d-%s", 42, "x");
	mp_str_pad(&s, '.', 3);
	mp_str_add_len(&s, "abcdef", 2);
	assert_string_equal(s.text, "42-x...ab");
	mp_str_done(&s);
	assert_string_equal(s.text, "");
	assert_int_equal(s.cap, 0);
	mp_str_done(&s);
}

/* What a shell makes of it is the text. */
static void test_word(void **state)
{
	static const char *const words[][2] = {
		{ "base.db", "base.db" },
		{ "mmap.anon/size=2M", "mmap.anon/size=2M" },
		{ "", "''" },
		{ "base.db:#1", "'base.db:#1'" },
		{ "size > 4K", "'size > 4K'" },
		{ "it's $HOME", "'it'\\''s $HOME'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct mp_str s = MP_STR_INIT;

		mp_str_add_word(&s, words[i][0]);
		assert_string_equal(s.text, words[i][1]);
		mp_str_done(&s);
	}
}

static void test_take(void **state)
{
	struct mp_str s = MP_STR_INIT;
	char *text;

	(void)state;
	text = mp_str_take(&s);
	assert_non_null(text);
	assert_string_equal(text, "");
	free(text);
	mp_str_add(&s, "word");
	text = mp_str_take(&s);
	assert_string_equal(text, "word");
	assert_int_equal(s.len, 0);
	assert_string_equal(s.text, "");
	free(text);
	assert_string_equal(mp_str_empty, "");
}

/* Running out is remembered, keeps what is there, and gives no text. */
static void test_failed(void **state)
{
	struct mp_str s = MP_STR_INIT;

	(void)state;
	mp_str_add(&s, "keep");
	mp_str_pad(&s, 'x', SIZE_MAX);
	assert_true(s.failed);
	assert_string_equal(s.text, "keep");
	mp_str_add(&s, "more");
	assert_string_equal(s.text, "keep");
	assert_null(mp_str_take(&s));
	assert_string_equal(s.text, "");
	assert_false(s.failed);
	mp_str_add(&s, "again");
	assert_string_equal(s.text, "again");
	mp_str_done(&s);
}

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{ "", "", 0 },		 { "", "abc", 3 },	{ "size", "size", 0 },
		{ "sise", "size", 1 },	 { "szie", "size", 1 }, { "siz", "size", 1 },
		{ "sizes", "size", 1 },	 { "ca", "abc", 3 },	{ "kitten", "sitting", 3 },
		{ "mmap", "munmap", 2 }, { "ab", "ba", 1 },	{ "abcd", "badc", 2 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(mp_str_distance(cases[i].a, cases[i].b), cases[i].distance);
		assert_int_equal(mp_str_distance(cases[i].b, cases[i].a), cases[i].distance);
	}
}

static void test_distance_long(void **state)
{
	char just[64], over[65];

	(void)state;
	memset(just, 'x', 63);
	just[63] = '\0';
	memset(over, 'x', 64);
	over[64] = '\0';
	assert_int_equal(mp_str_distance(just, just), 0);
	assert_int_equal(mp_str_distance(over, over), 64);
	assert_int_equal(mp_str_distance(over, "x"), 64);
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "size", "touch", "threads", "huge" };

	(void)state;
	assert_string_equal(mp_str_nearest("sise", words, 4), "size");
	assert_string_equal(mp_str_nearest("thraeds", words, 4), "threads");
	assert_string_equal(mp_str_nearest("huge", words, 4), "huge");
	assert_null(mp_str_nearest("populate", words, 4));
	assert_null(mp_str_nearest("", words, 4));
	assert_null(mp_str_nearest("size", words, 0));
}

/* The definition of a glob, without any cleverness. */
static bool plain_glob(const char *p, const char *t)
{
	if (!*p)
		return !*t;
	if (*p == '*')
		return plain_glob(p + 1, t) || (*t && plain_glob(p, t + 1));
	return *t && (*p == '?' || *p == *t) && plain_glob(p + 1, t + 1);
}

static void test_glob(void **state)
{
	struct mp_random r = { 7 };

	(void)state;
	assert_true(mp_str_glob("mmap.*", "mmap.anon"));
	assert_false(mp_str_glob("mmap.*", "munmap.anon"));
	assert_true(mp_str_glob("*", ""));
	assert_true(mp_str_glob("", ""));
	assert_false(mp_str_glob("", "a"));
	assert_false(mp_str_glob("MMAP.*", "mmap.anon"));
	for (int round = 0; round < 200000; round++) {
		char p[9], t[9];
		size_t lp = mp_random_below(&r, sizeof(p)), lt = mp_random_below(&r, sizeof(t));

		for (size_t i = 0; i < lp; i++)
			p[i] = "ab*?"[mp_random_below(&r, 4)];
		for (size_t i = 0; i < lt; i++)
			t[i] = "ab"[mp_random_below(&r, 2)];
		p[lp] = t[lt] = '\0';
		if (mp_str_glob(p, t) != plain_glob(p, t))
			fail_msg("'%s' against '%s'", p, t);
	}
}

static void test_glob_is_not_exponential(void **state)
{
	char text[4000];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(mp_str_glob("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text));
}

static void test_read_file(void **state)
{
	char path[] = "/tmp/memperf-test-str-XXXXXX";
	struct mp_str s = MP_STR_INIT;
	int fd = mkstemp(path);
	FILE *f;

	(void)state;
	assert_true(fd >= 0);
	f = fdopen(fd, "w");
	assert_non_null(f);
	for (int i = 0; i < 3000; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
	assert_int_equal(mp_str_read_file(&s, path), 0);
	assert_true(s.len > 3 * 4096);
	assert_memory_equal(s.text, "line 0\nline 1\n", 14);
	assert_string_equal(s.text + s.len - 10, "line 2999\n");
	unlink(path);
	mp_str_clear(&s);
	assert_int_equal(mp_str_read_file(&s, path), -ENOENT);
	assert_int_equal(mp_str_read_file(&s, "/"), -EISDIR);
	assert_int_equal(s.len, 0);
	mp_str_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_word),
		cmocka_unit_test(test_failed),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_distance_long),
		cmocka_unit_test(test_nearest),
		cmocka_unit_test(test_glob),
		cmocka_unit_test(test_glob_is_not_exponential),
		cmocka_unit_test(test_read_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
