/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which source a metric gets, on models of machines with a kernel by script: every channel and package, core types, caches,
 * cache domains, resctrl, vmstat, getrusage; and the loads of --calibrate.
 */
#include "tests/runner/counter_made.h"

#include <math.h>

#include "runner/counters/access.h"
#include "runner/counters/calibrate.h"

static void all_channels_of_both_packages_are_summed(void **state)
{
	const struct mp_counter *c;
	unsigned on_second = 0;

	(void)state;
	begin("intel-sapphirerapids-2s", "GenuineIntel-6-8F", "dram_read_bytes");
	c = resolve();
	assert_non_null(c->source);
	assert_int_equal(c->n_events, 16);
	assert_true(c->zero_proven);
	assert_int_equal(c->scope, MP_SCOPE_PACKAGE);
	assert_int_equal(fake.opened, 16);
	for (unsigned i = 0; i < fake.opened; i++) {
		assert_int_equal(fake.counters[i].pid, -1);
		assert_int_equal(fake.counters[i].attr.exclude_kernel, 0);
		on_second += fake.counters[i].cpu == 56;
	}
	assert_int_equal(on_second, 8);
	assert_int_equal(mp_counter_rule_of(c).expected, 16);
	end();
}

static void a_core_type_has_its_own_pmu(void **state)
{
	const struct mp_counter *c;
	int cpus[2] = { 0, 12 };

	(void)state;
	begin("intel-raptorlake-h", "GenuineIntel-6-BA", "l3_misses");
	query.ops = NULL;
	query.cpus = cpus + 1;
	c = resolve();
	assert_string_equal(counters.core_pmu, "cpu_atom");
	assert_int_equal(c->events[0].type, 10);
	assert_int_equal(c->events[0].config, 0x412e);
	assert_false(c->zero_proven);
	mp_counters_done(&counters);
	metric = "cycles";
	c = resolve();
	assert_int_equal(c->events[0].type, PERF_TYPE_HARDWARE);
	assert_true(c->events[0].config == (UINT64_C(10) << 32 | PERF_COUNT_HW_CPU_CYCLES));
	mp_counters_done(&counters);
	/* A row of the table for the P core is none for an E core. */
	metric = "dtlb_walks";
	c = resolve();
	assert_int_equal(c->events[0].type, 10);
	assert_int_equal(c->n_events, 2);
	assert_int_equal(c->events[0].config, 0xe08);
	assert_int_equal(c->events[1].config, 0xe49);
	refused(c, "table", "another core type (cpu_core)");
	mp_counters_done(&counters);
	metric = "l3_misses";
	query.cpus = cpus;
	query.n_cpus = 2;
	c = resolve();
	assert_null(c->source);
	assert_non_null(strstr(c->reason, "CPUs 0 and 12 are of different types"));
	assert_non_null(strstr(c->remedy, "one type"));
	end();
	begin("intel-arrowlake-h", "GenuineIntel-6-C5", "l3_misses");
	query.ops = NULL;
	cpus[0] = 14;
	query.cpus = cpus;
	c = resolve();
	assert_string_equal(counters.core_pmu, "cpu_lowpower");
	assert_int_equal(c->events[0].type, 26);
	end();
}

/* Arrow and Lunar Lake, of whose three core types every one counts walks for loads and for stores. */
static void the_newest_cores_count_walks(void **state)
{
	static const char *const models[] = { "GenuineIntel-6-B5", "GenuineIntel-6-BD",
					      "GenuineIntel-6-C5", "GenuineIntel-6-C6" };
	static const struct {
		int cpu;
		const char *pmu;
		uint64_t loads, stores;
	} cores[] = { { 0, "cpu_core", 0xe12, 0xe13 },
		      { 6, "cpu_atom", 0xe08, 0xe49 },
		      { 14, "cpu_lowpower", 0xe08, 0xe49 } };

	(void)state;
	for (size_t m = 0; m < 4; m++)
		for (size_t i = 0; i < 3; i++) {
			const struct mp_counter *c;

			begin("intel-arrowlake-h", models[m], "dtlb_walks");
			query.ops = NULL;
			cpu = cores[i].cpu;
			c = resolve();
			assert_string_equal(counters.core_pmu, cores[i].pmu);
			assert_non_null(c->source);
			assert_int_equal(c->n_events, 2);
			assert_int_equal(c->events[0].config, cores[i].loads);
			assert_int_equal(c->events[1].config, cores[i].stores);
			assert_string_equal(c->note, "completed walks, for loads and for stores");
			end();
		}
}

static void a_core_without_an_l3_misses_none(void **state)
{
	static const int island[] = { 15, 14 };
	const struct mp_counter *c;

	(void)state;
	begin("intel-arrowlake-h", "GenuineIntel-6-C5", "l3_misses");
	query.ops = NULL;
	cpu = 14;
	query.roots.cpu = machine;
	assert_true(write_file(machine, "cpu14/cache/index0/level", "1"));
	assert_true(write_file(machine, "cpu14/cache/index1/level", "2"));
	c = resolve();
	assert_null(c->source);
	assert_non_null(strstr(c->reason, "no L3 above CPU 14"));
	mp_counters_done(&counters);
	/* One of several is enough. */
	query.cpus = island;
	query.n_cpus = 2;
	c = resolve();
	assert_null(c->source);
	assert_non_null(strstr(c->reason, "no L3 above CPU 14"));
	end();
}

static void an_estimate_is_labelled_and_follows_its_base(void **state)
{
	const struct mp_counter *c;

	(void)state;
	begin("intel-raptorlake-h-noimc", "GenuineIntel-6-BA", "dram_read_bytes");
	query.ops = NULL;
	cpu = 0;
	query.roots.cpu = machine;
	assert_true(write_file(machine, "cpu0/cache/index3/level", "3"));
	assert_true(write_file(machine, "cpu0/cache/index3/coherency_line_size", "128"));
	c = resolve();
	assert_non_null(c->source);
	assert_true(c->estimate);
	assert_int_equal(c->encoder, MP_ENCODER_FORMULA);
	assert_string_equal(c->base->id, "l3_misses");
	assert_true(c->per_count == 128);
	assert_int_equal(counters.n, 2);
	assert_string_equal(counters.items[0].metric->id, "l3_misses");
	end();
}

static void only_the_own_cache_domains_are_counted(void **state)
{
	static const int both[] = { 9, 2 };
	const struct mp_counter *c;

	(void)state;
	begin("amd-zen4-server", "AuthenticAMD-25-11", "l3_domain_misses");
	query.ops = NULL;
	cpu = 9;
	c = resolve();
	assert_int_equal(c->n_events, 2);
	assert_true(c->events[0].config == 0x300c00000000104);
	mp_counters_done(&counters);
	query.roots.cpu = machine;
	assert_true(write_file(machine, "cpu9/cache/index3/level", "3"));
	assert_true(write_file(machine, "cpu9/cache/index3/shared_cpu_list", "8-15"));
	c = resolve();
	assert_int_equal(c->n_events, 1);
	assert_int_equal(c->events[0].cpu, 8);
	mp_counters_done(&counters);
	/* Workers in two domains: both of them. */
	query.cpus = both;
	query.n_cpus = 2;
	assert_true(write_file(machine, "cpu2/cache/index3/level", "3"));
	assert_true(write_file(machine, "cpu2/cache/index3/shared_cpu_list", "0-7"));
	c = resolve();
	assert_int_equal(c->n_events, 2);
	assert_int_equal(c->events[0].cpu + c->events[1].cpu, 8);
	mp_counters_done(&counters);
	/* A worker in a third, which no instance counts. */
	query.n_cpus = 1;
	assert_true(write_file(machine, "cpu9/cache/index3/shared_cpu_list", "9-15"));
	refused(resolve(), "amd_l3", "no amd_l3 counts the last-level cache");
	end();
}

/* Zen 1 and 2 count misses by another event, whose masks are wider; Grace by its fabric. */
static void domain_misses_of_the_others(void **state)
{
	const struct mp_counter *c;

	(void)state;
	begin("amd-zen3-server", "AuthenticAMD-23-31", "l3_domain_misses");
	query.ops = NULL;
	assert_true(write_file(machine, "amd_l3/format/event", "config:0-7"));
	assert_true(write_file(machine, "amd_l3/format/slicemask", "config:48-51"));
	assert_true(write_file(machine, "amd_l3/format/threadmask", "config:56-63"));
	c = resolve();
	assert_non_null(c->source);
	assert_string_equal(c->source->name, "amd_l3");
	assert_int_equal(c->n_events, 2);
	assert_true(c->events[0].config == 0xff0f000000000106);
	end();
	begin("arm64-nvidia-grace", "arm-41-d4f", "l3_domain_misses");
	query.ops = NULL;
	refused(resolve(), "scf", "has no event scf_cache_refill");
	mp_counters_done(&counters);
	assert_true(write_file(machine, "nvidia_scf_pmu_0/events/scf_cache_refill", "event=0xf1"));
	c = resolve();
	assert_non_null(c->source);
	assert_string_equal(c->source->name, "scf");
	assert_int_equal(c->n_events, 1);
	assert_int_equal(c->events[0].config, 0xf1);
	end();
}

static int nothing_is_allowed(const struct fake *f, const struct perf_event_attr *attr, pid_t pid,
			      int at)
{
	(void)f;
	(void)attr;
	(void)pid;
	(void)at;
	return -EACCES;
}

/* Every thread's faults are kept anyway, also where a sandbox lets nobody open an event. */
static void faults_need_no_event(void **state)
{
	static const char *const ids[] = { "page_faults", "minor_faults", "major_faults" };
	static const char *const fields[] = { "getrusage/minflt+majflt", "getrusage/minflt",
					      "getrusage/majflt" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct mp_counter *c;

		begin("guest-no-pmu", "AuthenticAMD-25-11", ids[i]);
		fake.refuse = nothing_is_allowed;
		c = resolve();
		assert_non_null(c->source);
		assert_int_equal(c->encoder, MP_ENCODER_RUSAGE);
		assert_string_equal(c->event, fields[i]);
		assert_true(c->zero_proven || i == 2);
		end();
	}
}

static void files_are_summed_and_words_are_no_numbers(void **state)
{
	const struct mp_counter *c;
	uint64_t sum;
	char line[64];

	(void)state;
	begin("guest-no-pmu", "AuthenticAMD-25-11", "vmstat_pgalloc");
	query.skip_proof = true;
	assert_true(write_file(proc, "vmstat",
			       "nr_free 5\npgalloc_dma 1\npgalloc_normal 40\npgfree 7"));
	c = resolve();
	assert_non_null(c->source);
	assert_int_equal(mp_counter_files_read(c, &sum), 0);
	assert_int_equal(sum, 41);
	mp_counters_done(&counters);
	metric = "vmstat_pswpin";
	refused(resolve(), "vmstat", "no pswpin");
	mp_counters_done(&counters);

	metric = "dram_bytes";
	query.roots.resctrl = proc;
	assert_true(write_file(proc, "tasks", "1\n2"));
	assert_true(write_file(proc, "mon_data/mon_L3_00/mbm_total_bytes", "100"));
	assert_true(write_file(proc, "mon_data/mon_L3_01/mbm_total_bytes", "20"));
	refused(resolve(), "resctrl", "no group of resctrl");
	mp_counters_done(&counters);
	snprintf(line, sizeof(line), "1\n%d\n7", getpid());
	assert_true(write_file(proc, "mon_groups/ours/tasks", line));
	assert_true(write_file(proc, "mon_groups/ours/mon_data/mon_L3_00/mbm_total_bytes", "11"));
	assert_true(write_file(proc, "mon_groups/ours/mon_data/mon_L3_01/mbm_total_bytes", "12"));
	c = resolve();
	assert_non_null(c->source);
	assert_int_equal(c->n_files, 2);
	assert_int_equal(mp_counter_files_read(c, &sum), 0);
	assert_int_equal(sum, 23);
	assert_true(write_file(proc, "mon_groups/ours/mon_data/mon_L3_01/mbm_total_bytes",
			       "Unavailable"));
	assert_int_equal(mp_counter_files_read(c, &sum), -ENODATA);
	mp_counters_done(&counters);
	refused(resolve(), "resctrl", "holds no number");
	end();
}

/* A memory controller that sees every byte twice: the loads of --calibrate move 1 GiB each. */
static uint64_t twice(const struct fake *f, const struct fake_counter *c)
{
	(void)f;
	return c->enabled ? (UINT64_C(2) << 30) / 64 / 12 : 0;
}

static void keep(void *user, const struct mp_calibration *c)
{
	struct mp_calibration *rows = user;

	while (rows->load)
		rows++;
	*rows = *c;
}

static void calibration_compares_with_what_was_moved(void **state)
{
	struct mp_calibration rows[4] = { 0 };
	struct mp_err err;

	(void)state;
	begin("amd-zen4-server", "AuthenticAMD-25-11", "dram_read_bytes");
	resolve();
	fake.moves = twice;
	assert_int_equal(mp_calibrate(&counters, &fake.ops, cpu, 0, keep, rows, &err), 0);
	assert_string_equal(rows[0].load, "read");
	assert_string_equal(rows[1].load, "write");
	assert_string_equal(rows[2].load, "non-temporal write");
	assert_null(rows[3].load);
	for (int i = 0; i < 3; i++) {
		assert_true(rows[i].bytes == 1073741824.0);
		assert_int_equal(rows[i].n, 1);
		/* Both sides of the comparison: asleep it counts as much. */
		assert_true(fabs(rows[i].metrics[0].value.value / 2147483648.0 - 1) < 1e-6);
		assert_true(fabs(rows[i].metrics[0].idle.value / 2147483648.0 - 1) < 1e-6);
		/* A non-temporal write reads nothing. */
		assert_true(rows[i].metrics[0].expected == (i < 2 ? 1073741824.0 : 0));
	}
	assert_int_equal(fake.n_open, 0);
	end();
	begin("guest-no-pmu", "AuthenticAMD-25-11", "dram_read_bytes");
	resolve();
	assert_int_equal(mp_calibrate(&counters, &fake.ops, cpu, 0, keep, rows, &err), -ENODATA);
	assert_non_null(strstr(err.text, "nothing to calibrate"));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_channels_of_both_packages_are_summed),
		cmocka_unit_test(a_core_type_has_its_own_pmu),
		cmocka_unit_test(the_newest_cores_count_walks),
		cmocka_unit_test(a_core_without_an_l3_misses_none),
		cmocka_unit_test(an_estimate_is_labelled_and_follows_its_base),
		cmocka_unit_test(only_the_own_cache_domains_are_counted),
		cmocka_unit_test(domain_misses_of_the_others),
		cmocka_unit_test(faults_need_no_event),
		cmocka_unit_test(files_are_summed_and_words_are_no_numbers),
		cmocka_unit_test(calibration_compares_with_what_was_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
