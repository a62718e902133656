/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Groups and values, with a kernel by script: what is asked of it, and what is made of each of its answers. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/runner/counter_fake.h"

static struct fake fake;

static const struct mp_perf_event three[3] = {
	{ .type = 4, .config = 0x3c, .cpu = -1, .pmu = "cpu_core", .exclude_guest = 1 },
	{ .type = 4, .config = 0x412e, .config1 = 7, .cpu = -1, .pmu = "cpu_core" },
	{ .type = 2, .config = 653, .cpu = -1, .pmu = "tracepoint", .filter = "flags == 2" },
};

static int refuse_third(const struct fake *f, const struct perf_event_attr *attr, pid_t pid,
			int cpu)
{
	(void)attr;
	(void)pid;
	(void)cpu;
	return f->opened == 2 ? -EINVAL : 0;
}

static int refuse_all(const struct fake *f, const struct perf_event_attr *attr, pid_t pid, int cpu)
{
	(void)attr;
	(void)pid;
	(void)cpu;
	return -(int)f->step;
}

static void open_three(struct mp_perf_group *group, bool pinned)
{
	struct mp_err err;

	if (mp_perf_group_open(&fake.ops, three, 3, 5, pinned, group, NULL, &err))
		fail_msg("%s", err.text);
}

static void the_leader_alone_is_pinned_and_disabled(void **state)
{
	struct mp_perf_group group;

	(void)state;
	fake_init(&fake);
	open_three(&group, true);
	assert_int_equal(fake.opened, 3);
	for (int i = 0; i < 3; i++) {
		const struct fake_counter *c = &fake.counters[i];

		assert_int_equal(c->attr.size, sizeof(c->attr));
		assert_int_equal(c->attr.type, three[i].type);
		assert_int_equal(c->attr.config, three[i].config);
		assert_int_equal(c->attr.config1, three[i].config1);
		assert_int_equal(c->attr.pinned, i == 0);
		assert_int_equal(c->attr.disabled, i == 0);
		assert_int_equal(c->attr.inherit, 0);
		assert_int_equal(c->attr.exclude_guest, i == 0);
		assert_int_equal(c->attr.read_format, PERF_FORMAT_GROUP | PERF_FORMAT_ID |
							      PERF_FORMAT_TOTAL_TIME_ENABLED |
							      PERF_FORMAT_TOTAL_TIME_RUNNING);
		assert_int_equal(c->pid, 0);
		assert_int_equal(c->cpu, 5);
		assert_int_equal(c->leader, 0);
	}
	assert_string_equal(fake.counters[2].filter, "flags == 2");
	mp_perf_group_close(&group);
	mp_perf_group_close(&group);
	assert_int_equal(fake.closed, 3);
}

static void an_event_of_a_package_opens_for_everybody_there(void **state)
{
	const struct mp_perf_event event = { .type = 20, .config = 0xcf05, .cpu = 56, .whole = 1 };
	struct mp_perf_group group;

	(void)state;
	fake_init(&fake);
	assert_int_equal(mp_perf_group_open(&fake.ops, &event, 1, 5, false, &group, NULL, NULL), 0);
	assert_int_equal(fake.counters[0].pid, -1);
	assert_int_equal(fake.counters[0].cpu, 56);
	assert_int_equal(fake.counters[0].attr.pinned, 0);
	mp_perf_group_close(&group);
}

static void a_group_larger_than_the_pmu_leaves_nothing_open(void **state)
{
	struct mp_perf_group group = { 0 };
	unsigned failed = 9;
	struct mp_err err;

	(void)state;
	fake_init(&fake);
	fake.refuse = refuse_third;
	assert_int_equal(mp_perf_group_open(&fake.ops, three, 3, 5, true, &group, &failed, &err),
			 -EINVAL);
	assert_int_equal(failed, 2);
	assert_int_equal(fake.n_open, 0);
	assert_non_null(strstr(err.text, "larger than the PMU"));
	assert_int_equal(group.n, 0);
}

static void each_errno_has_words_of_its_own(void **state)
{
	static const int errors[] = { EACCES, EPERM, ENOSYS, ENOENT, ENODEV, EOPNOTSUPP,
				      EINVAL, EBUSY, EMFILE, ENFILE, ESRCH,  ENOSPC };
	struct mp_perf_group group;
	struct mp_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		fake_init(&fake);
		fake.refuse = refuse_all;
		fake.step = (uint64_t)errors[i];
		assert_int_equal(
			mp_perf_group_open(&fake.ops, three, 1, 5, true, &group, NULL, &err),
			-errors[i]);
		assert_non_null(strstr(err.text, mp_perf_open_reason(-errors[i])));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(mp_perf_open_reason(errors[i]),
						mp_perf_open_reason(errors[k]));
	}
	assert_int_equal(mp_perf_group_open(&fake.ops, three, 0, 5, true, &group, NULL, NULL),
			 -EINVAL);
}

static void answers_of_the_wrong_size_or_ids_are_refused(void **state)
{
	struct mp_perf_reading reading = { .n = 42 };
	struct mp_perf_group group;

	(void)state;
	fake_init(&fake);
	open_three(&group, true);
	fake.bytes = 0;
	assert_int_equal(mp_perf_group_read(&group, &reading), -ENODATA);
	fake.bytes = 24 + 16 * 2;
	assert_int_equal(mp_perf_group_read(&group, &reading), -EIO);
	fake.bytes = -1;
	fake.id_error = 1;
	assert_int_equal(mp_perf_group_read(&group, &reading), -EIO);
	assert_int_equal(reading.n, 42);
	fake.id_error = 0;
	assert_int_equal(mp_perf_group_read(&group, &reading), 0);
	assert_int_equal(reading.n, 3);
	mp_perf_group_close(&group);
}

/* What two readings with the fake as it stands make. */
static struct mp_counter_value value_of(bool zero_proven)
{
	const struct mp_counter_rule rule = { .per_count = 64,
					      .expected = 1,
					      .zero_proven = zero_proven };
	struct mp_perf_reading before, after;
	struct mp_counter_value value;
	struct mp_perf_group group;
	struct mp_perf_delta delta;

	open_three(&group, true);
	assert_int_equal(mp_perf_group_enable(&group, NULL), 0);
	assert_int_equal(mp_perf_group_read(&group, &before), 0);
	assert_int_equal(mp_perf_group_read(&group, &after), 0);
	delta = mp_perf_delta(&before, &after, 1);
	mp_counter_sum(&rule, &delta, 1, &value);
	mp_perf_group_close(&group);
	return value;
}

static void a_wrapped_count_is_measured(void **state)
{
	struct mp_counter_value v;

	(void)state;
	fake_init(&fake);
	fake.step = 4;
	v = value_of(false);
	assert_int_equal(v.status, MP_COUNTER_MEASURED);
	assert_true(v.value == 4 * 64);
	assert_true(v.ratio == 1);
	assert_int_equal(v.raw, 4);
}

static void a_part_of_the_time_is_scaled(void **state)
{
	struct mp_counter_value v;

	(void)state;
	fake_init(&fake);
	fake.ratio = 0.58;
	v = value_of(false);
	assert_int_equal(v.status, MP_COUNTER_SCALED);
	assert_true(fabs(v.value - 1000 * 64 / 0.58) < 1e-6);
	assert_true(fabs(v.ratio - 0.58) < 1e-9);
	assert_int_equal(v.raw, 1000);
}

static void what_never_ran_has_no_number(void **state)
{
	struct mp_counter_value v;

	(void)state;
	fake_init(&fake);
	fake.ratio = 0;
	fake.step = 0;
	v = value_of(true);
	assert_int_equal(v.status, MP_COUNTER_UNAVAILABLE);
	assert_true(isnan(v.value));
	assert_non_null(strstr(v.reason, "not scheduled"));
}

static void a_zero_wants_proof(void **state)
{
	struct mp_counter_value v;

	(void)state;
	fake_init(&fake);
	fake.step = 0;
	v = value_of(false);
	assert_int_equal(v.status, MP_COUNTER_UNAVAILABLE);
	assert_true(isnan(v.value));
	assert_non_null(strstr(v.reason, "nothing proves"));
	v = value_of(true);
	assert_int_equal(v.status, MP_COUNTER_MEASURED);
	assert_true(v.value == 0);
}

static void a_missing_channel_leaves_no_total(void **state)
{
	struct mp_counter_rule rule = { .per_count = 1, .expected = 4, .zero_proven = true };
	struct mp_perf_delta deltas[4] = {
		{ 0, 10, 5, 5 }, { 0, 10, 5, 5 }, { -ENODEV, 0, 0, 0 }, { 0, 10, 5, 5 }
	};
	struct mp_counter_value v;

	(void)state;
	mp_counter_sum(&rule, deltas, 4, &v);
	assert_int_equal(v.status, MP_COUNTER_PARTIAL);
	assert_true(isnan(v.value));
	assert_int_equal(v.instances, 3);
	assert_non_null(strstr(v.reason, "3 of 4 instances"));
	/* One that was never asked is missing, too. */
	mp_counter_sum(&rule, deltas, 2, &v);
	assert_int_equal(v.status, MP_COUNTER_PARTIAL);
	deltas[2] = deltas[0];
	mp_counter_sum(&rule, deltas, 4, &v);
	assert_int_equal(v.status, MP_COUNTER_MEASURED);
	assert_true(v.value == 40);
	/* The least of the ratios, each instance scaled by its own. */
	deltas[1] = (struct mp_perf_delta){ 0, 10, 8, 2 };
	mp_counter_sum(&rule, deltas, 4, &v);
	assert_int_equal(v.status, MP_COUNTER_SCALED);
	assert_true(v.value == 70);
	assert_true(v.ratio == 0.25);
	rule.estimate = true;
	mp_counter_sum(&rule, deltas, 4, &v);
	assert_int_equal(v.status, MP_COUNTER_ESTIMATED);
}

static void what_ran_backwards_or_was_lost_has_no_number(void **state)
{
	const struct mp_counter_rule rule = { .per_count = 1, .expected = 1, .zero_proven = true };
	const struct mp_perf_reading before = {
		.enabled_ns = 1, .running_ns = 1, .n = 1, .values = { 100 }
	};
	const struct mp_perf_reading after = {
		.enabled_ns = 2, .running_ns = 2, .n = 1, .values = { 99 }
	};
	struct mp_perf_delta delta = mp_perf_delta(&before, &after, 0), sum = { 0 };
	struct mp_counter_value v;

	(void)state;
	assert_int_equal(delta.error, -ERANGE);
	mp_perf_delta_add(&sum, &delta);
	mp_counter_sum(&rule, &sum, 1, &v);
	assert_int_equal(v.status, MP_COUNTER_UNAVAILABLE);
	assert_non_null(strstr(v.reason, "backwards"));
	assert_int_equal(mp_perf_delta(&before, &after, 1).error, -EIO);
	assert_int_equal(mp_perf_delta_plain(5, 4).error, -ERANGE);
	assert_int_equal(mp_perf_delta_plain(4, 9).count, 5);
	sum = (struct mp_perf_delta){ .error = -ENODATA };
	mp_counter_sum(&rule, &sum, 1, &v);
	assert_non_null(strstr(v.reason, "lost its PMU"));
	mp_counter_sum(&rule, NULL, 0, &v);
	assert_int_equal(v.status, MP_COUNTER_UNAVAILABLE);
	assert_string_not_equal(v.reason, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_leader_alone_is_pinned_and_disabled),
		cmocka_unit_test(an_event_of_a_package_opens_for_everybody_there),
		cmocka_unit_test(a_group_larger_than_the_pmu_leaves_nothing_open),
		cmocka_unit_test(each_errno_has_words_of_its_own),
		cmocka_unit_test(answers_of_the_wrong_size_or_ids_are_refused),
		cmocka_unit_test(a_wrapped_count_is_measured),
		cmocka_unit_test(a_part_of_the_time_is_scaled),
		cmocka_unit_test(what_never_ran_has_no_number),
		cmocka_unit_test(a_zero_wants_proof),
		cmocka_unit_test(a_missing_channel_leaves_no_total),
		cmocka_unit_test(what_ran_backwards_or_was_lost_has_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
