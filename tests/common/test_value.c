/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parameters and the canonical text of a case, which is its identity everywhere. */
#include "common/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void add(struct mp_params *params, const char *axis, const char *word)
{
	struct mp_param *p = &params->items[params->count++];

	snprintf(p->axis, sizeof(p->axis), "%s", axis);
	snprintf(p->word, sizeof(p->word), "%s", word);
}

static void test_text(void **state)
{
	struct mp_params params = { 0 };
	char buf[MP_CASE_TEXT_MAX];

	(void)state;
	assert_int_equal(mp_case_text("floor.loop", &params, buf), 0);
	assert_string_equal(buf, "floor.loop");
	add(&params, "populate", "no");
	add(&params, "size", "2M");
	add(&params, "threads", "4");
	assert_int_equal(mp_case_text("mmap.anon", &params, buf), 0);
	assert_string_equal(buf, "mmap.anon/populate=no/size=2M/threads=4");
}

static void test_workers(void **state)
{
	struct mp_params params = { 0 };

	(void)state;
	assert_int_equal(mp_params_workers(&params), 1);
	add(&params, "aggressors", "3");
	params.items[0].number = 3;
	assert_int_equal(mp_params_workers(&params), 4);
	strcpy(params.items[0].axis, "threads");
	assert_int_equal(mp_params_workers(&params), 3);
}

static void test_find(void **state)
{
	struct mp_params params = { 0 };

	(void)state;
	assert_null(mp_params_find(&params, "size"));
	add(&params, "populate", "no");
	add(&params, "size", "2M");
	assert_ptr_equal(mp_params_find(&params, "size"), &params.items[1]);
	assert_null(mp_params_find(&params, "siz"));
	assert_null(mp_params_find(&params, "sizes"));
	assert_null(mp_params_find(&params, ""));
}

/* A text that does not fit is refused whole: a cut identity would be another case's. */
static void test_too_long(void **state)
{
	char word[MP_WORD_MAX], name[MP_CASE_TEXT_MAX + 10], buf[MP_CASE_TEXT_MAX] = "as it was";
	struct mp_params params = { 0 };

	(void)state;
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	for (int i = 0; i < MP_PARAMS_MAX; i++)
		add(&params, word, word);
	assert_int_equal(mp_case_text("a.b", &params, buf), -ENAMETOOLONG);
	assert_string_equal(buf, "as it was");
	params.count = 0;
	memset(name, 'n', sizeof(name));
	name[MP_CASE_TEXT_MAX] = '\0';
	assert_int_equal(mp_case_text(name, &params, buf), -ENAMETOOLONG);
	assert_string_equal(buf, "as it was");
	name[MP_CASE_TEXT_MAX - 1] = '\0';
	assert_int_equal(mp_case_text(name, &params, buf), 0);
	assert_string_equal(buf, name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_workers),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
