/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each case counts with the PMUs of its own CPUs: a machine whose kernel has one core PMU for CPU 0 and another for the
 * rest, by a made tree and a kernel by script; and which CPUs count alike on captured machines.
 */
#include "runner/exec/countings.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/exec/counting_internal.h"
#include "runner/machine/internal.h"
#include "tests/runner/counter_fake.h"
#include "tests/runner/counter_support.h"

#define PMUS "/sys/bus/event_source/devices"

static struct fake fake;
static char root[64], pmus[128], none[64];

static void write_pmu(const char *name, const char *type, const char *cpus)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s/type", PMUS, name);
	assert_true(write_file(root, path, type));
	snprintf(path, sizeof(path), "%s/%s/cpus", PMUS, name);
	assert_true(write_file(root, path, cpus));
}

static int set_up(void **state)
{
	(void)state;
	strcpy(root, "/tmp/memperf-test-XXXXXX");
	strcpy(none, "/tmp/memperf-test-XXXXXX");
	if (!mkdtemp(root) || !mkdtemp(none))
		return -1;
	snprintf(pmus, sizeof(pmus), "%s%s", root, PMUS);
	fake_init(&fake);
	fake.step = UINT64_C(1) << 40;
	write_pmu("cpu_core", "4", "1-1023");
	write_pmu("cpu_atom", "10", "0");
	/* What fill_host() wants of a machine. */
	return write_file(root, "/proc/meminfo", "MemTotal: 4096000 kB\nHugepagesize: 2048 kB")
		       ? 0
		       : -1;
}

static int tear_down(void **state)
{
	(void)state;
	remove_machine(root);
	remove_machine(none);
	assert_int_equal(fake.n_open, 0);
	return 0;
}

static void place(struct mp_planned *c, const char *word, unsigned threads)
{
	struct mp_param *p = c->params.items;

	snprintf(p[0].axis, sizeof(p[0].axis), "place");
	snprintf(p[0].word, sizeof(p[0].word), "%s", word);
	snprintf(p[1].axis, sizeof(p[1].axis), "threads");
	snprintf(p[1].word, sizeof(p[1].word), "%u", threads);
	p[1].number = threads;
	c->params.count = 2;
}

static const struct mp_item *item_of(const struct mp_counting *counting, const char *metric)
{
	for (size_t i = 0; i < counting->n_items; i++)
		if (!strcmp(counting->items[i].counter->metric->id, metric))
			return &counting->items[i];
	fail_msg("no item %s", metric);
	return NULL;
}

/* Type of a core PMU in the upper half of a generic event. */
static uint64_t type_of(const struct mp_counting *counting, const struct mp_item *item)
{
	return mp_counting_order(counting, MP_PASS_TIMING)->events[item->at[0]].config >> 32;
}

static uint64_t cycles_type(const struct mp_run_case *c)
{
	return type_of(c->counting, item_of(c->counting, "cycles"));
}

/* The item of what the workers on that CPU count. */
static const struct mp_item *item_on(const struct mp_counting *counting, const char *metric, int on)
{
	for (size_t i = 0; i < counting->n_items; i++)
		if (!strcmp(counting->items[i].counter->metric->id, metric) &&
		    counting->items[i].core == mp_counting_kind(counting, on))
			return &counting->items[i];
	fail_msg("no item %s of CPU %d", metric, on);
	return NULL;
}

static size_t items_of(const struct mp_counting *counting, const char *metric)
{
	size_t n = 0;

	for (size_t i = 0; i < counting->n_items; i++)
		n += !strcmp(counting->items[i].counter->metric->id, metric);
	return n;
}

/* Cycles of either PMU. */
static uint64_t by_type(const struct fake *f, const struct fake_counter *c)
{
	(void)f;
	return c->attr.config >> 32 == 4 ? 4000 : 1000;
}

/* Two workers, on CPU 0 and 1, of 10 and 20 operations: each opens what its core has, and counts it. */
static void take_two(struct mp_counting *counting, struct mp_invocation *inv)
{
	const struct mp_bench bench = { .modes = MP_MODE_BATCH };
	const struct mp_tally_order *order = mp_counting_order(counting, MP_PASS_TIMING);
	struct mp_wire *wire = calloc(1, sizeof(*wire) + 2 * sizeof(struct mp_tally));

	assert_non_null(wire);
	wire->request.threads = 2;
	wire->request.tallies_offset = sizeof(*wire);
	inv->blocks = calloc(2, sizeof(*inv->blocks));
	inv->n_blocks = 2;
	fake.moves = by_type;
	for (int t = 0; t < 2; t++) {
		struct mp_tally *tally = mp_wire_tally(wire, (unsigned)t);

		/* Nothing takes turns with the one group of a kind. */
		assert_int_equal(order->groups[t].pinned, 1);
		wire->request.kinds[t] = mp_counting_kind(counting, t);
		mp_tally_open(tally, order, &fake.ops, t, wire->request.kinds[t]);
		assert_int_equal(fake.n_open, 1);
		mp_tally_start(tally, order);
		mp_tally_stop(tally, order, 10 + 10 * (uint64_t)t, true);
		mp_tally_close(tally, order);
		inv->blocks[t] = (struct mp_block){ .phase = MP_PHASE_MEASURE,
						    .mode = MP_MODE_BATCH,
						    .worker = (uint16_t)t,
						    .minflt = 5,
						    .ops = 10 + 10 * (uint32_t)t };
	}
	inv->outcome = MP_OUTCOME_OK;
	assert_int_equal(mp_counting_take(counting, MP_PASS_TIMING, wire, &bench, inv), 0);
	fake.moves = NULL;
	free(wire);
}

static void assert_count(const struct mp_invocation *inv, const char *metric, const char *kind,
			 double value, uint64_t operations)
{
	for (size_t i = 0; i < inv->n_counts; i++) {
		const struct mp_count *count = &inv->counts[i];

		if (strcmp(count->what->metric, metric) || strcmp(count->what->kind, kind))
			continue;
		assert_string_equal(count->status, "measured");
		assert_true(count->value == value);
		assert_int_equal(count->operations, operations);
		return;
	}
	fail_msg("no %s of '%s'", metric, kind);
}

/* Two kinds in one case: what belongs to a core is counted on each, what belongs to the thread once. */
static void counts_by_kind(struct mp_counting *counting)
{
	struct mp_invocation inv = { 0 };

	assert_int_equal(items_of(counting, "cycles"), 2);
	assert_int_equal(type_of(counting, item_on(counting, "cycles", 0)), 10);
	assert_int_equal(type_of(counting, item_on(counting, "cycles", 1)), 4);
	assert_int_equal(items_of(counting, "minor_faults"), 1);
	assert_int_equal(item_of(counting, "minor_faults")->core, 0);
	take_two(counting, &inv);
	assert_int_equal(inv.n_counts, 3);
	assert_count(&inv, "cycles", "cpu_atom", 1000, 10);
	assert_count(&inv, "cycles", "cpu_core", 4000, 20);
	assert_count(&inv, "minor_faults", "", 10, 30);
	mp_invocation_done(&inv);
}

static void each_case_by_its_pmu(void **state)
{
	static const char *const metrics[] = { "cycles", "minor_faults" };
	const struct mp_counting_wish wish = { .group = "made",
					       .metrics = metrics,
					       .n_metrics = 2,
					       .timing_only = true,
					       .ops = &fake.ops,
					       .roots = { .event_source = pmus,
							  .cpu = none,
							  .tracefs = none,
							  .proc = none,
							  .resctrl = none } };
	struct mp_planned planned[6] = { 0 };
	struct mp_plan plan = { .cases = planned, .n_cases = 6 };
	struct mp_machine_source source = { .root = root };
	struct mp_machine *machine = NULL;
	struct mp_countings countings;
	struct mp_run run;
	struct mp_err err;
	cpu_set_t allowed;

	(void)state;
	sched_getaffinity(0, sizeof(allowed), &allowed);
	if (!CPU_ISSET(0, &allowed) || !CPU_ISSET(1, &allowed))
		skip();
	if (mp_machine_open_from(&source, &machine, &err))
		fail_msg("%s", err.text);
	place(&planned[0], "p-cores", 1);
	place(&planned[1], "e-cores", 1);
	place(&planned[2], "cpus:1", 1);
	place(&planned[3], "cpus:0+1", 2);
	place(&planned[4], "cpus:1+0", 2);
	place(&planned[5], "e-cores", 1);
	planned[5].skip_reason = (char *)"not here";
	assert_int_equal(mp_run_init(&run, &plan, machine, NULL, 1), 0);
	if (mp_countings_make(&wish, &run, &countings, &err))
		fail_msg("%s", err.text);
	assert_int_equal(countings.n, 3);
	assert_int_equal(cycles_type(&run.cases[0]), 4);
	assert_int_equal(cycles_type(&run.cases[1]), 10);
	assert_ptr_equal(run.cases[2].counting, run.cases[0].counting);
	assert_int_equal(mp_counting_kind(run.cases[0].counting, 1), 0);
	counts_by_kind(run.cases[3].counting);
	assert_ptr_equal(run.cases[4].counting, run.cases[3].counting);
	assert_null(run.cases[5].counting);
	mp_run_done(&run);
	mp_countings_done(&countings);
	mp_machine_close(machine);
}

/* ---- captured machines ---- */

#define READ(name, config)                                                                         \
	"{\"event\":\"" name "\",\"pmu\":\"cpu_core\",\"type\":3,\"config\":\"" config             \
	"\",\"config1\":\"0x0\",\"config2\":\"0x0\",\"cpu\":null,\"filter\":null,\"exclude_"       \
	"kernel\":"                                                                                \
	"false}"

/* What is stored of a metric on a captured machine with a kernel by script. */
static char *events_of(const char *machine, unsigned model, const char *metric)
{
	char folder[64], cpuinfo[128], *text;
	struct mp_counting *counting;
	struct mp_err err;
	const int cpu = 0;
	const struct mp_counting_wish wish = { .group = "made",
					       .metrics = &metric,
					       .n_metrics = 1,
					       .cpus = &cpu,
					       .n_cpus = 1,
					       .ops = &fake.ops,
					       .roots = { .event_source = folder,
							  .cpu = none,
							  .tracefs = none,
							  .proc = none,
							  .resctrl = none } };

	snprintf(cpuinfo, sizeof(cpuinfo),
		 "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: %u\n",
		 model);
	assert_true(write_file(none, "cpuinfo", cpuinfo));
	assert_true(make_machine(COUNTERS, machine, folder));
	if (mp_counting_new(&wish, &counting, &err))
		fail_msg("%s", err.text);
	text = strdup(item_of(counting, metric)->what.events);
	assert_non_null(text);
	mp_counting_free(counting);
	remove_machine(folder);
	return text;
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* One of two kinds has no third-level cache: the other is counted all the same, and the metric's absence has its own reason. */
static void a_kind_without_l3(void **state)
{
	static const char *const metrics[] = { "l3_misses", "instructions" };
	static const int cpus[] = { 0, 1 };
	char folder[64];
	struct mp_counting *counting;
	struct mp_err err;
	const struct mp_counting_wish wish = { .group = "made",
					       .metrics = metrics,
					       .n_metrics = 2,
					       .cpus = cpus,
					       .n_cpus = 2,
					       .ops = &fake.ops,
					       .roots = { .event_source = folder,
							  .cpu = none,
							  .tracefs = none,
							  .proc = none,
							  .resctrl = none } };
	cpu_set_t allowed;

	(void)state;
	sched_getaffinity(0, sizeof(allowed), &allowed);
	if (!CPU_ISSET(0, &allowed) || !CPU_ISSET(1, &allowed))
		skip();
	assert_true(make_machine(COUNTERS, "intel-arrowlake-h", folder));
	assert_true(write_file(folder, "cpu_core/cpus", "1") &&
		    write_file(folder, "cpu_lowpower/cpus", "0") &&
		    write_file(folder, "cpu_atom/cpus", "2") &&
		    write_file(none, "cpu0/cache/index0/level", "2") &&
		    write_file(none, "cpu1/cache/index0/level", "3") &&
		    write_file(none, "cpuinfo",
			       "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n"
			       "model\t\t: 197\n\nprocessor\t: 1\nvendor_id\t: GenuineIntel\n"
			       "cpu family\t: 6\nmodel\t\t: 197\n"));
	if (mp_counting_new(&wish, &counting, &err))
		fail_msg("%s", err.text);
	assert_int_equal(items_of(counting, "l3_misses"), 2);
	assert_int_equal(item_on(counting, "l3_misses", 1)->kind, MP_ITEM_THREAD);
	assert_string_equal(item_on(counting, "l3_misses", 1)->what.kind, "cpu_core");
	assert_int_equal(item_on(counting, "l3_misses", 0)->kind, MP_ITEM_NONE);
	assert_string_equal(item_on(counting, "l3_misses", 0)->what.kind, "cpu_lowpower/no-l3");
	assert_non_null(strstr(item_on(counting, "l3_misses", 0)->counter->reason,
			       "there is no L3 above CPU 0"));
	assert_int_equal(items_of(counting, "instructions"), 2);
	assert_int_equal(item_on(counting, "instructions", 0)->kind, MP_ITEM_THREAD);
	mp_counting_free(counting);
	remove_machine(folder);
}

/* A sum names each of its parts: both kinds of miss; both directions, every controller, either package. */
static void names_every_event(void **state)
{
	cpu_set_t allowed;
	char *text;

	(void)state;
	sched_getaffinity(0, sizeof(allowed), &allowed);
	if (!CPU_ISSET(0, &allowed))
		skip();
	text = events_of("intel-raptorlake-h", 0xba, "dtlb_misses");
	assert_string_equal(text, "[" READ("dTLB-load-misses", "0x400010003") "," READ(
					  "dTLB-store-misses", "0x400010103") "]");
	free(text);
	text = events_of("intel-sapphirerapids-2s", 0x8f, "dram_bytes");
	for (int imc = 0; imc < 8; imc++) {
		char pmu[64];

		snprintf(pmu, sizeof(pmu), "\"pmu\":\"uncore_imc_%d\",\"type\":%d,", imc, 20 + imc);
		assert_int_equal(times(text, pmu), 4);
	}
	assert_int_equal(times(text, "\"pmu\""), 32);
	assert_int_equal(times(text, "\"event\":\"cas_count_read\""), 16);
	assert_int_equal(times(text, "\"config\":\"0xcf05\""), 16);
	assert_int_equal(times(text, "\"config\":\"0xf005\""), 16);
	assert_int_equal(times(text, "\"cpu\":0,"), 16);
	assert_int_equal(times(text, "\"cpu\":56,"), 16);
	free(text);
}

static const struct {
	const char *machine;
	int cpus[4];
	size_t n;
	const char *want;
} rows[] = {
	{ "intel-raptorlake-h", { 0 }, 1, "cpu_core" },
	{ "intel-raptorlake-h", { 12 }, 1, "cpu_atom" },
	{ "intel-raptorlake-h", { 12, 0, 1 }, 3, "cpu_core cpu_atom" },
	{ "intel-arrowlake-h", { 14 }, 1, "cpu_lowpower" },
	{ "intel-sapphirerapids-2s", { 3, 60 }, 2, "cpu" },
	{ "guest-no-pmu", { 0, 1 }, 2, "no-pmu" },
};

static char *domains_of(const char *event_source, const char *cpu, const int *cpus, size_t n,
			bool whole)
{
	const struct mp_counter_roots roots = { .event_source = event_source, .cpu = cpu };

	return mp_counter_domains(&roots, cpus, n, whole);
}

static void tells_cpus_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char machine[64], *got;

		assert_true(make_machine(COUNTERS, rows[i].machine, machine));
		got = domains_of(machine, none, rows[i].cpus, rows[i].n, false);
		if (!got || strcmp(got, rows[i].want))
			fail_msg("%s: %s, not %s", rows[i].machine, got, rows[i].want);
		free(got);
		remove_machine(machine);
	}
}

/* Two caches, and a core below which the third level is missing. */
static void tells_domains_apart(void **state)
{
	static const int all[] = { 5, 0, 1, 4 }, low[] = { 8 };
	char *got, path[64];

	(void)state;
	for (int cpu = 0; cpu < 9; cpu++) {
		snprintf(path, sizeof(path), "cpu%d/cache/index0/level", cpu);
		assert_true(write_file(none, path, cpu < 8 ? "3" : "2"));
		snprintf(path, sizeof(path), "cpu%d/cache/index0/shared_cpu_list", cpu);
		assert_true(write_file(none, path, cpu < 4 ? "0-3" : cpu < 8 ? "4-7" : "8"));
	}
	got = domains_of(pmus, none, all, 4, true);
	assert_string_equal(got, "cpu_atom cpu_core l3:0-3 l3:4-7");
	free(got);
	got = domains_of(pmus, none, all + 2, 1, true);
	assert_string_equal(got, "cpu_core l3:0-3");
	free(got);
	got = domains_of(pmus, none, all + 2, 2, false);
	assert_string_equal(got, "cpu_core");
	free(got);
	got = domains_of(pmus, none, low, 1, false);
	assert_string_equal(got, "cpu_core/no-l3");
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_case_by_its_pmu, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_kind_without_l3, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_every_event, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_cpus_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_domains_apart, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
