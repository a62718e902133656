/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Error sentences: kind, code, truncation, prefix, and that a NULL err is fine everywhere. */
#include "common/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

static void test_kinds(void **state)
{
	struct mp_err err;

	(void)state;
	assert_int_equal(mp_err_usage(&err, -EINVAL, "unknown suite '%s'", "x"), -EINVAL);
	assert_int_equal(err.kind, MP_ERR_USAGE);
	assert_string_equal(err.text, "unknown suite 'x'");
	assert_int_equal(mp_err_env(&err, -EIO, "cannot read %d", 7), -EIO);
	assert_int_equal(err.kind, MP_ERR_ENVIRONMENT);
	assert_string_equal(err.text, "cannot read 7");
	assert_int_equal(mp_err_internal(&err, -ENOMEM, "odd"), -ENOMEM);
	assert_int_equal(err.kind, MP_ERR_INTERNAL);
}

static void test_null(void **state)
{
	(void)state;
	assert_int_equal(mp_err_usage(NULL, -EINVAL, "x"), -EINVAL);
	assert_int_equal(mp_err_env(NULL, -EIO, "x"), -EIO);
	assert_int_equal(mp_err_internal(NULL, -ENOMEM, "x"), -ENOMEM);
	assert_int_equal(mp_err_prefix(NULL, -ENOENT, "x"), -ENOENT);
}

static void test_prefix(void **state)
{
	struct mp_err err;

	(void)state;
	mp_err_env(&err, -EIO, "cannot read it");
	assert_int_equal(mp_err_prefix(&err, -ENOENT, "%s:%d", "quick.cfg", 3), -ENOENT);
	assert_string_equal(err.text, "quick.cfg:3: cannot read it");
	assert_int_equal(err.kind, MP_ERR_ENVIRONMENT);
}

/* A sentence that does not fit is cut, never run over. */
static void test_long(void **state)
{
	char text[2000];
	struct {
		struct mp_err err;
		char guard[16];
	} box;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memset(box.guard, 'g', sizeof(box.guard));
	mp_err_usage(&box.err, -EINVAL, "%s", text);
	assert_int_equal(strlen(box.err.text), sizeof(box.err.text) - 1);
	mp_err_prefix(&box.err, -EINVAL, "%s", text);
	assert_int_equal(strlen(box.err.text), sizeof(box.err.text) - 1);
	mp_err_usage(&box.err, -EINVAL, "%.760s", text);
	mp_err_prefix(&box.err, -EINVAL, "where");
	assert_int_equal(strlen(box.err.text), sizeof(box.err.text) - 1);
	assert_memory_equal(box.err.text, "where: aaa", 10);
	for (size_t i = 0; i < sizeof(box.guard); i++)
		assert_int_equal(box.guard[i], 'g');
}

/* What a sentence quotes cannot steer a terminal, and a character that was cut in half is none. */
static void test_clean(void **state)
{
	char text[800];
	struct mp_err err;

	(void)state;
	mp_err_usage(&err, -EINVAL, "no '%s'",
		     "\x1b[2J\x07\x7f\xc2\x9b"
		     "1\n\t\xff\xe2\x80\xaeü\xe2\x82\xac\xc3");
	assert_string_equal(err.text, "no '?[2J????1  ????ü\xe2\x82\xac?'");
	mp_err_prefix(&err, -EINVAL, "%s", "a\rb");
	assert_non_null(strstr(err.text, "a b: no '?[2J"));
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	memcpy(text + sizeof(err.text) - 3, "\xe2\x82\xac", 3);
	mp_err_usage(&err, -EINVAL, "%s", text);
	assert_string_equal(err.text + sizeof(err.text) - 4, "a??");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),  cmocka_unit_test(test_null),
		cmocka_unit_test(test_prefix), cmocka_unit_test(test_long),
		cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
