/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counting during a run, with a kernel by script: groups that fit and groups that take turns, threads summed up, a PMU that
 * is lost, memory controllers of two packages of which one is missing, and a region between two idle times.
 */
#include "runner/exec/counting_internal.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/runner/counter_fake.h"

#define HARDWARE 4 /* PERF_TYPE_RAW */
#define UNCORE	 20

static struct fake fake;

/* A counting of hand-made counters. */
struct made {
	struct mp_counting counting;
	struct mp_counter counters[16];
	struct mp_perf_event events[16][8];
	struct mp_item items[16];
	uint16_t at[16][8];
};

static const struct mp_counter_metric metric = { .id = "made", .unit = "count", .means = "made" };
static const struct mp_counter_source source = { .name = "made" };

static struct mp_item *make(struct made *m, enum mp_item_kind kind, enum mp_counter_pass pass,
			    uint32_t type, unsigned n_events)
{
	size_t i = m->counting.n_items++;
	struct mp_counter *c = &m->counters[i];

	*c = (struct mp_counter){ .metric = &metric,
				  .source = &source,
				  .per_count = 1,
				  .events = m->events[i],
				  .n_events = n_events };
	for (unsigned e = 0; e < n_events; e++)
		c->events[e] = (struct mp_perf_event){ .type = type + (type == UNCORE ? e : 0),
						       .cpu = kind == MP_ITEM_WHOLE ? 0 : -1,
						       .whole = kind == MP_ITEM_WHOLE,
						       .config = i };
	m->items[i] = (struct mp_item){ .counter = c,
					.kind = kind,
					.pass = pass,
					.at = m->at[i],
					.what = { .metric = "made", .kind = "" } };
	m->counting.items = m->items;
	return &m->items[i];
}

static int set_up(void **state)
{
	fake_init(&fake);
	*state = calloc(1, sizeof(struct made));
	return !*state;
}

static int tear_down(void **state)
{
	free(*state);
	assert_int_equal(fake.n_open, 0);
	return 0;
}

/* ---- arranging ---- */

/* A PMU of four counters: a fifth of a group is refused. */
static int four_fit(const struct fake *f, const struct perf_event_attr *attr, pid_t pid, int cpu)
{
	(void)pid;
	(void)cpu;
	return attr->type == HARDWARE && f->n_open >= 4 ? -EINVAL : 0;
}

static void arranges(void **state)
{
	struct made *m = *state;
	struct mp_tally_order order = { 0 };
	struct mp_err err;

	fake.refuse = four_fit;
	for (int i = 0; i < 3; i++)
		make(m, MP_ITEM_THREAD, MP_PASS_TIMING, HARDWARE, 1);
	make(m, MP_ITEM_THREAD, MP_PASS_TIMING, PERF_TYPE_SOFTWARE, 1);
	make(m, MP_ITEM_THREAD, MP_PASS_EXPLAIN, PERF_TYPE_TRACEPOINT, 1);
	assert_int_equal(
		mp_counting_arrange(&m->counting, MP_PASS_TIMING, &order, &fake.ops, 1, &err), 0);
	/* software first and unpinned, hardware together and pinned; the tracepoint is for another pass */
	assert_int_equal(order.n_groups, 2);
	assert_int_equal(order.groups[0].n, 1);
	assert_int_equal(order.groups[0].pinned, 0);
	assert_int_equal(order.groups[1].n, 3);
	assert_int_equal(order.groups[1].pinned, 1);
	assert_int_equal(order.events[m->at[3][0]].type, PERF_TYPE_SOFTWARE);
}

static void takes_turns(void **state)
{
	struct made *m = *state;
	struct mp_tally_order order = { 0 };
	struct mp_err err;

	fake.refuse = four_fit;
	for (int i = 0; i < 10; i++)
		make(m, MP_ITEM_THREAD, MP_PASS_TIMING, HARDWARE, 1);
	assert_int_equal(
		mp_counting_arrange(&m->counting, MP_PASS_TIMING, &order, &fake.ops, 1, &err), 0);
	assert_int_equal(order.n_groups, 3);
	for (unsigned g = 0; g < 3; g++) {
		assert_int_equal(order.groups[g].n, g < 2 ? 4 : 2);
		assert_int_equal(order.groups[g].pinned, 0);
	}
}

/* A group that opens and then finds its counters taken is too large as well. */
static void held_by_others(void **state)
{
	struct made *m = *state;
	struct mp_tally_order order = { 0 };
	struct mp_err err;

	fake.bytes = 0;
	for (int i = 0; i < 3; i++)
		make(m, MP_ITEM_THREAD, MP_PASS_TIMING, HARDWARE, 1);
	assert_int_equal(
		mp_counting_arrange(&m->counting, MP_PASS_TIMING, &order, &fake.ops, 1, &err), 0);
	assert_int_equal(order.n_groups, 3);
	assert_int_equal(order.groups[0].pinned, 0);
}

static void too_many(void **state)
{
	struct made *m = *state;
	struct mp_tally_order order = { 0 };
	struct mp_err err;

	for (int i = 0; i < 10; i++)
		make(m, MP_ITEM_THREAD, MP_PASS_EXPLAIN, PERF_TYPE_TRACEPOINT, 8);
	assert_int_equal(
		mp_counting_arrange(&m->counting, MP_PASS_EXPLAIN, &order, &fake.ops, 1, &err),
		-E2BIG);
	assert_non_null(strstr(err.text, "take metrics out"));
}

/* ---- tallies ---- */

static void tally(const struct mp_tally_order *order, struct mp_tally *t)
{
	mp_tally_open(t, order, &fake.ops, 1, 0);
	for (int block = 0; block < 3; block++) {
		mp_tally_start(t, order);
		mp_tally_stop(t, order, 10, block > 0);
	}
	mp_tally_close(t, order);
}

/* The warm-up is read and not counted; a wrapped count is a small one. */
static void counts_measured_blocks(void **state)
{
	struct made *m = *state;
	struct mp_tally_order order = { 0 };
	struct mp_tally t = { 0 };
	struct mp_err err;

	make(m, MP_ITEM_THREAD, MP_PASS_TIMING, HARDWARE, 1);
	mp_counting_arrange(&m->counting, MP_PASS_TIMING, &order, &fake.ops, 1, &err);
	tally(&order, &t);
	assert_int_equal(t.operations, 20);
	assert_int_equal(t.deltas[0].count, 2000);
	assert_int_equal(t.deltas[0].enabled_ns, 2000000);
	assert_int_equal(t.deltas[0].error, 0);
}

static int nothing_opens(const struct fake *f, const struct perf_event_attr *attr, pid_t pid,
			 int cpu)
{
	(void)f;
	(void)attr;
	(void)pid;
	(void)cpu;
	return -EMFILE;
}

static void refused_and_lost(void **state)
{
	struct made *m = *state;
	struct mp_tally_order order = { 0 };
	struct mp_tally t = { 0 };
	struct mp_err err;

	make(m, MP_ITEM_THREAD, MP_PASS_TIMING, HARDWARE, 1);
	mp_counting_arrange(&m->counting, MP_PASS_TIMING, &order, &fake.ops, 1, &err);
	fake.refuse = nothing_opens;
	tally(&order, &t);
	assert_int_equal(t.deltas[0].error, -EMFILE);
	fake.refuse = NULL;
	fake.bytes = 0;
	t = (struct mp_tally){ 0 };
	tally(&order, &t);
	assert_int_equal(t.deltas[0].error, -ENODATA);
	assert_int_equal(t.operations, 20);
}

/* ---- from here ---- */

static uint64_t pause_ns;

/* A worker that runs a region. */
static void *worker(void *user)
{
	struct mp_region *region = user;

	mp_region_tell(region, MP_REGION_READY);
	mp_region_await(region, MP_REGION_START, 10000000000u);
	usleep((useconds_t)(pause_ns / 1000));
	atomic_store(&region->operations, 100);
	region->ns = pause_ns;
	mp_region_tell(region, MP_REGION_OVER);
	mp_region_await(region, MP_REGION_LEAVE, 10000000000u);
	return NULL;
}

static bool goes_on(void *user)
{
	(void)user;
	return false;
}

static void snapshots(struct mp_counting *c)
{
	for (size_t i = 0; i < 6; i++) {
		c->snapshots[i].readings = calloc(64, sizeof(struct mp_perf_reading));
		c->snapshots[i].errors = calloc(64, sizeof(int));
		c->snapshots[i].files = calloc(64, sizeof(uint64_t));
		c->snapshots[i].file_errors = calloc(64, sizeof(int));
	}
}

static void release(struct mp_counting *c)
{
	mp_reader_close(c);
	for (size_t i = 0; i < 6; i++) {
		free(c->snapshots[i].readings);
		free(c->snapshots[i].errors);
		free(c->snapshots[i].files);
		free(c->snapshots[i].file_errors);
	}
}

static void watch(struct made *m, struct mp_wire *wire)
{
	pthread_t thread;

	snapshots(&m->counting);
	assert_int_equal(mp_reader_open(&m->counting, &fake.ops), 0);
	assert_int_equal(pthread_create(&thread, NULL, worker, &wire->region), 0);
	mp_counting_watch(&m->counting, wire, goes_on, NULL);
	pthread_join(thread, NULL);
	assert_true(m->counting.watched);
}

static struct mp_wire wire;

static struct mp_count value(struct made *m, const struct mp_item *item)
{
	struct mp_count count = { .value = NAN };

	mp_reader_value(&m->counting, item, 100, wire.region.ns, &count);
	return count;
}

/* Reads and writes of three controllers: those of one controller are one group, so three reads a look. */
static void sums_controllers(void **state)
{
	struct made *m = *state;
	struct mp_item *reads = make(m, MP_ITEM_WHOLE, MP_PASS_BANDWIDTH, UNCORE, 3);
	struct mp_item *writes = make(m, MP_ITEM_WHOLE, MP_PASS_BANDWIDTH, UNCORE, 3);
	struct mp_count count;

	memset(&wire, 0, sizeof(wire));
	m->counters[0].zero_proven = m->counters[1].zero_proven = true;
	m->counters[0].per_count = 64;
	pause_ns = 25000000;
	watch(m, &wire);
	assert_int_equal(m->counting.reader.n_groups, 3);
	assert_int_equal(fake.read, 3 * 6);
	count = value(m, reads);
	assert_string_equal(count.status, "measured");
	assert_true(count.value == 3 * 1000 * 64);
	assert_int_equal(count.instances, 3);
	assert_true(count.region_ns >= pause_ns);
	/* As much in an idle time that was longer: less of it belongs to the region. */
	assert_true(count.idle_before > 0 && count.idle_before < count.value);
	assert_true(count.idle_after > 0 && count.idle_after < count.value);
	assert_true(value(m, writes).value == 3 * 1000);
	release(&m->counting);
}

static int one_missing(const struct fake *f, const struct perf_event_attr *attr, pid_t pid, int cpu)
{
	(void)f;
	(void)pid;
	(void)cpu;
	return attr->type == UNCORE + 1 ? -ENODEV : 0;
}

static void a_part_is_no_total(void **state)
{
	struct made *m = *state;
	struct mp_item *reads = make(m, MP_ITEM_WHOLE, MP_PASS_BANDWIDTH, UNCORE, 3);
	struct mp_count count;

	memset(&wire, 0, sizeof(wire));
	fake.refuse = one_missing;
	pause_ns = 25000000;
	watch(m, &wire);
	count = value(m, reads);
	assert_string_equal(count.status, "partial");
	assert_int_equal(count.instances, 2);
	assert_int_equal(count.expected, 3);
	assert_true(count.value == 2000);
	assert_non_null(strstr(count.reason, "2 of 3"));
	release(&m->counting);
}

/* A controller whose registers the firmware left unmapped reads 0 for ever. */
static void stuck_at_zero(void **state)
{
	struct made *m = *state;
	struct mp_item *reads = make(m, MP_ITEM_WHOLE, MP_PASS_BANDWIDTH, UNCORE, 2);
	struct mp_count count;

	memset(&wire, 0, sizeof(wire));
	fake.step = 0;
	pause_ns = 25000000;
	watch(m, &wire);
	count = value(m, reads);
	assert_string_equal(count.status, "unavailable");
	assert_true(isnan(count.value));
	m->counters[0].zero_proven = true;
	count = value(m, reads);
	assert_string_equal(count.status, "measured");
	assert_true(count.value == 0 && count.idle_before == 0);
	release(&m->counting);
}

static void too_short(void **state)
{
	struct made *m = *state;
	struct mp_item *reads = make(m, MP_ITEM_WHOLE, MP_PASS_BANDWIDTH, UNCORE, 1);

	memset(&wire, 0, sizeof(wire));
	pause_ns = 2000000;
	watch(m, &wire);
	assert_string_equal(value(m, reads).status, "unavailable");
	assert_non_null(strstr(value(m, reads).reason, "shorter"));
	release(&m->counting);
}

static bool is_gone(void *user)
{
	(void)user;
	return true;
}

/* A worker that dies is not waited for. */
static void worker_dies(void **state)
{
	struct made *m = *state;

	memset(&wire, 0, sizeof(wire));
	snapshots(&m->counting);
	mp_counting_watch(&m->counting, &wire, is_gone, NULL);
	assert_false(m->counting.watched);
	release(&m->counting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(arranges, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_turns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(held_by_others, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_many, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counts_measured_blocks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refused_and_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(sums_controllers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_part_is_no_total, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stuck_at_zero, set_up, tear_down),
		cmocka_unit_test_setup_teardown(too_short, set_up, tear_down),
		cmocka_unit_test_setup_teardown(worker_dies, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
