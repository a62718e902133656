/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stored spellings and stored numbers: a change here orphans every results file. */
#include "common/mode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

static void test_modes(void **state)
{
	static const struct {
		enum mp_mode mode;
		int number;
		const char *name;
	} modes[] = {
		{ MP_MODE_CALL, 1, "call" },
		{ MP_MODE_BATCH, 2, "batch" },
		{ MP_MODE_RATE, 4, "rate" },
	};
	enum mp_mode mode;

	(void)state;
	assert_int_equal(sizeof(modes) / sizeof(modes[0]), MP_MODE_COUNT);
	for (int i = 0; i < MP_MODE_COUNT; i++) {
		assert_int_equal(modes[i].mode, modes[i].number);
		assert_string_equal(mp_mode_name(modes[i].mode), modes[i].name);
		assert_int_equal(mp_mode_parse(modes[i].name, &mode), 0);
		assert_int_equal(mode, modes[i].mode);
	}
	mode = MP_MODE_RATE;
	assert_int_equal(mp_mode_parse("Call", &mode), -EINVAL);
	assert_int_equal(mp_mode_parse("", &mode), -EINVAL);
	assert_int_equal(mode, MP_MODE_RATE);
	assert_string_equal(mp_mode_name((enum mp_mode)3), "?");
	assert_string_equal(mp_mode_name((enum mp_mode)0), "?");
}

static void test_outcomes(void **state)
{
	static const char *const names[] = { "pending", "ok",	   "invalid",
					     "failed",	"skipped", "timed_out" };
	enum mp_outcome outcome;

	(void)state;
	for (int i = 0; i < 6; i++) {
		assert_string_equal(mp_outcome_name((enum mp_outcome)i), names[i]);
		assert_int_equal(mp_outcome_parse(names[i], &outcome), 0);
		assert_int_equal(outcome, i);
	}
	assert_int_equal(MP_OUTCOME_TIMED_OUT, 5);
	assert_string_equal(mp_outcome_name((enum mp_outcome)6), "?");
	outcome = MP_OUTCOME_OK;
	assert_int_equal(mp_outcome_parse("timed out", &outcome), -EINVAL);
	assert_int_equal(outcome, MP_OUTCOME_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_outcomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
