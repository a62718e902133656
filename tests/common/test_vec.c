/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Growing arrays: contents survive growth, slots come zeroed, a refused growth changes nothing. */
#include "common/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

struct item {
	int number;
	char rest[20];
};

static void test_push(void **state)
{
	struct item *items = NULL, *slot;
	size_t len = 0, cap = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		static const struct item zero;

		slot = mp_vec_push((void **)&items, &len, &cap, sizeof(*items));
		assert_non_null(slot);
		assert_memory_equal(slot, &zero, sizeof(zero));
		assert_ptr_equal(slot, &items[i]);
		slot->number = i;
		memset(slot->rest, 'x', sizeof(slot->rest));
		assert_true(cap >= len);
	}
	assert_int_equal(len, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(items[i].number, i);
	free(items);
}

/* A slot that was used before is zeroed again. */
static void test_reuse(void **state)
{
	int *numbers = NULL, *slot;
	size_t len = 0, cap = 0;

	(void)state;
	slot = mp_vec_push((void **)&numbers, &len, &cap, sizeof(*numbers));
	assert_non_null(slot);
	*slot = 5;
	len = 0;
	slot = mp_vec_push((void **)&numbers, &len, &cap, sizeof(*numbers));
	assert_non_null(slot);
	assert_int_equal(*slot, 0);
	free(numbers);
}

static void test_too_large(void **state)
{
	void *data = NULL;
	size_t len = 0, cap = 0;

	(void)state;
	assert_null(mp_vec_push(&data, &len, &cap, SIZE_MAX / 2));
	assert_null(data);
	assert_int_equal(len, 0);
	assert_int_equal(cap, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_reuse),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
