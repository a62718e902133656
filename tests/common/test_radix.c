/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting by numbers: few and many of them, of all bits, of few different ones, and what is equal stays in its order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/radix.h"
#include "common/random.h"

#define MOST 5000

static void sorts(size_t n, uint64_t mask)
{
	static struct mp_radix_item items[MOST], spare[MOST];
	static uint64_t keys[MOST];
	struct mp_random random = { .state = n + mask };
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		keys[i] = mp_random_next(&random) & mask;
		items[i] = (struct mp_radix_item){ keys[i], (uint32_t)i };
		sum += i;
	}
	mp_radix_sort(items, spare, n);
	for (size_t i = 0; i < n; i++) {
		assert_true(items[i].index < n);
		assert_true(items[i].key == keys[items[i].index]);
		sum -= items[i].index;
		if (!i)
			continue;
		assert_true(items[i - 1].key <= items[i].key);
		assert_true(items[i - 1].key < items[i].key || items[i - 1].index < items[i].index);
	}
	assert_int_equal(sum, 0);
}

static void test_sorted(void **state)
{
	/* Every digit, the first and the last bit alone, digits that all share in between, equal ones. */
	static const uint64_t masks[] = {
		UINT64_MAX, 1, 1ull << 63, 0xff000000000000ffull, 0x700, 0
	};

	(void)state;
	for (size_t m = 0; m < sizeof(masks) / sizeof(masks[0]); m++) {
		for (size_t n = 0; n < 140; n++)
			sorts(n, masks[m]);
		sorts(MOST, masks[m]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sorted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
