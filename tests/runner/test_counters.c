/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counters on this very machine: software events and tracepoints count what was done, or say why not. */
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/counters/counters.h"

static void resolve(const char *id, struct mp_counters *counters)
{
	const struct mp_counter_query query = { .metrics = &id,
						.n_metrics = 1,
						.ops = &mp_perf_kernel };
	struct mp_err err;

	if (mp_counters_resolve(&query, counters, &err))
		fail_msg("%s", err.text);
	assert_int_equal(counters->n, 1);
	if (!counters->items[0].source) {
		print_message("%s: %s\n", id, counters->items[0].reason);
		mp_counters_done(counters);
		skip();
	}
}

static void touch_pages(size_t n)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *base =
		mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(base, MAP_FAILED);
	madvise(base, n * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < n; i++)
		((volatile char *)base)[i * page] = 1;
	munmap(base, n * page);
}

/* What the counter says about touching 1000 pages. */
static struct mp_counter_value over_touching(const struct mp_counter *c)
{
	const struct mp_counter_rule rule = mp_counter_rule_of(c);
	struct mp_perf_group group;
	struct mp_perf_reading before, after;
	struct mp_perf_delta delta;
	struct mp_counter_value value;
	struct mp_err err;

	if (mp_perf_group_open(&mp_perf_kernel, c->events, 1, -1, false, &group, NULL, &err) ||
	    mp_perf_group_enable(&group, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mp_perf_group_read(&group, &before), 0);
	touch_pages(1000);
	assert_int_equal(mp_perf_group_read(&group, &after), 0);
	mp_perf_group_close(&group);
	delta = mp_perf_delta(&before, &after, 0);
	mp_counter_sum(&rule, &delta, 1, &value);
	return value;
}

static void minor_faults_are_those_that_happened(void **state)
{
	struct mp_counters counters;
	struct mp_counter_value value;

	(void)state;
	resolve("minor_faults", &counters);
	assert_true(counters.items[0].zero_proven);
	value = over_touching(&counters.items[0]);
	assert_int_equal(value.status, MP_COUNTER_MEASURED);
	assert_in_range((uintmax_t)value.value, 1000, 1001);
	mp_counters_done(&counters);
}

static void page_allocs_are_those_that_happened(void **state)
{
	struct mp_counters counters;
	struct mp_counter_value value;

	(void)state;
	resolve("page_allocs", &counters);
	value = over_touching(&counters.items[0]);
	assert_int_equal(value.status, MP_COUNTER_MEASURED);
	assert_in_range((uintmax_t)value.value, 1000, 1030);
	mp_counters_done(&counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minor_faults_are_those_that_happened),
		cmocka_unit_test(page_allocs_are_those_that_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
