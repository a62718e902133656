/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An arena: what is taken is aligned, apart, and stays, however large it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "common/arena.h"

static void test_arena(void **state)
{
	struct mp_arena arena = { 0 };
	const char *first = mp_arena_text(&arena, "first");
	unsigned char *taken[3000];

	(void)state;
	for (size_t i = 0; i < 3000; i++) {
		size_t size = i == 1500 ? 3u << 20 : 700 + i % 5, align = (size_t)1 << i % 5;

		taken[i] = mp_arena_take(&arena, size, align);
		assert_non_null(taken[i]);
		assert_int_equal((uintptr_t)taken[i] % align, 0);
		memset(taken[i], (int)(i % 251), size);
	}
	for (size_t i = 0; i < 3000; i++) {
		assert_int_equal(taken[i][0], i % 251);
		assert_int_equal(taken[i][699], i % 251);
	}
	assert_string_equal(first, "first");
	assert_string_equal(mp_arena_text(&arena, ""), "");
	mp_arena_done(&arena);
	assert_null(arena.chunks);
	mp_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_arena) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
