/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a worker makes of blocks that took no time, by a clock that shows it and by one with long steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/worker/measure.h"
#include "runner/worker/verify.h"

#define BLOCKS	  6
#define NO_TIME	  "measured blocks took no time"
#define TOO_SHORT "measured blocks took less than a step of the clock"

/* Blocks of `ops` operations: the first `empty` took no time, the others a nanosecond for each operation. What the check
 * says; "": it holds. */
static const char *said(double step_ns, uint32_t ops, unsigned empty)
{
	static char detail[MP_CHECK_TEXT];
	struct mp_wire *wire = calloc(1, sizeof(*wire));
	struct mp_measurer *m = calloc(1, sizeof(*m));
	struct mp_team *team = calloc(1, sizeof(*team));
	struct mp_block blocks[BLOCKS] = { 0 };
	/* two reads of the clock, and no loop between them */
	uint64_t none = step_ns < 22 ? 22 : 0;

	assert_non_null(wire);
	assert_non_null(m);
	assert_non_null(team);
	wire->request.step_ns = step_ns;
	team->wire = wire;
	team->ns_per_tick = 1;
	m->team = team;
	m->blocks = blocks;
	m->n_blocks = BLOCKS;
	for (unsigned i = 0; i < BLOCKS; i++)
		blocks[i] = (struct mp_block){ .phase = MP_PHASE_MEASURE,
					       .mode = MP_MODE_BATCH,
					       .ops = ops,
					       .ticks = i < empty ? none : ops };
	mp_verify_duration(m);
	detail[0] = '\0';
	for (unsigned i = 0; i < MP_CHECKS_MAX; i++) {
		if (m->ctx.checks[i].failed)
			memcpy(detail, m->ctx.checks[i].detail, sizeof(detail));
	}
	free(team);
	free(m);
	free(wire);
	return detail;
}

static void test_fine_clock(void **state)
{
	(void)state;
	assert_string_equal(said(1, 504, 0), "");
	assert_string_equal(said(1, 504, 1), "1 of 6 " NO_TIME ": the operation was not made");
	assert_string_equal(said(1, 504, 6), "6 of 6 " NO_TIME ": the operation was not made");
}

/* The median of the blocks is a step or nothing: where it is nothing, it is not a result. */
static void test_long_steps(void **state)
{
	(void)state;
	assert_string_equal(said(256, 504, 0), "");
	assert_string_equal(said(256, 504, 2), "");
	assert_string_equal(said(256, 504, 3), "3 of 6 " TOO_SHORT ": not made, or not timed");
	assert_string_equal(said(256, 504, 6), "6 of 6 " TOO_SHORT ": not made, or not timed");
	/* so many that any clock would have shown it */
	assert_string_equal(said(256, 50000, 1), "1 of 6 " NO_TIME ": the operation was not made");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine_clock),
		cmocka_unit_test(test_long_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
