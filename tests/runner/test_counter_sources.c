/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which source a metric gets, on models of machines with a kernel by script: permissions, dead counters, missing channels,
 * missing scale files, mixed core types, resctrl, vmstat, and the loads of --calibrate.
 */
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "runner/counters/access.h"
#include "runner/counters/calibrate.h"
#include "runner/counters/counters.h"
#include "tests/runner/counter_fake.h"
#include "tests/runner/counter_support.h"

static struct fake fake;
static char machine[64], proc[64];
static struct mp_counters counters;
static struct mp_counter_query query;
static const char *metric;
static int cpu;

/* A machine of event_source, with a /proc of its own. */
static void begin(const char *name, const char *cpu_id, const char *id)
{
	assert_true(make_machine(COUNTERS, name, machine));
	strcpy(proc, "/tmp/memperf-test-XXXXXX");
	assert_non_null(mkdtemp(proc));
	fake_init(&fake);
	/* More than any load moves at least. */
	fake.step = UINT64_C(1) << 40;
	metric = id;
	cpu = sched_getcpu();
	query = (struct mp_counter_query){ .metrics = &metric,
					   .n_metrics = 1,
					   .cpus = &cpu,
					   .n_cpus = 1,
					   .roots = { .event_source = machine,
						      .cpu = "/nonexistent",
						      .tracefs = "/nonexistent",
						      .proc = proc,
						      .resctrl = "/nonexistent" },
					   .cpu_id = cpu_id,
					   .ops = &fake.ops };
}

static const struct mp_counter *resolve(void)
{
	struct mp_err err;

	if (mp_counters_resolve(&query, &counters, &err))
		fail_msg("%s", err.text);
	assert_int_equal(fake.n_open, 0);
	return mp_counters_find(&counters, metric);
}

static void end(void)
{
	mp_counters_done(&counters);
	remove_machine(machine);
	remove_machine(proc);
}

/* The attempt at a source of that name, by its words. */
static const struct mp_counter_attempt *refused(const struct mp_counter *c, const char *name,
						const char *words)
{
	for (size_t i = 0; i < c->n_attempts; i++)
		if (!strcmp(c->attempts[i].source->name, name) && strstr(c->attempts[i].why, words))
			return &c->attempts[i];
	for (size_t i = 0; i < c->n_attempts; i++)
		print_message("%s: %s\n", c->attempts[i].source->name, c->attempts[i].why);
	fail_msg("%s: no source '%s' was refused with '%s'", metric, name, words);
	return NULL;
}

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

static int no_fourth_channel(const struct fake *f, const struct perf_event_attr *attr, pid_t pid,
			     int at)
{
	(void)f;
	(void)pid;
	(void)at;
	return attr->type == 23 ? -ENODEV : 0;
}

static void a_missing_channel_is_no_total(void **state)
{
	const struct mp_counter *c;

	(void)state;
	begin("intel-sapphirerapids-2s", "GenuineIntel-6-8F", "dram_read_bytes");
	fake.refuse = no_fourth_channel;
	c = resolve();
	assert_null(c->source);
	refused(c, "imc", "uncore_imc_3");
	assert_non_null(strstr(c->reason, "ENODEV"));
	end();
}

static int not_for_everybody(const struct fake *f, const struct perf_event_attr *attr, pid_t pid,
			     int at)
{
	(void)f;
	(void)attr;
	(void)at;
	return pid == -1 ? -EACCES : 0;
}

static void a_package_without_permission_names_the_remedy(void **state)
{
	const struct mp_counter *c;

	(void)state;
	begin("intel-raptorlake-h", "GenuineIntel-6-BA", "dram_write_bytes");
	assert_true(write_file(proc, "sys/kernel/perf_event_paranoid", "2"));
	assert_true(write_file(proc, "self/status", "Name:\tx\nCapEff:\t0000000000000000"));
	fake.refuse = not_for_everybody;
	c = resolve();
	assert_null(c->source);
	assert_non_null(
		strstr(refused(c, "imc_free_running", "EACCES")->remedy, "perf_event_paranoid=0"));
	assert_non_null(strstr(c->remedy, "CAP_PERFMON"));
	assert_int_equal(counters.paranoid, 2);
	end();
}

static uint64_t imc_is_dead(const struct fake *f, const struct fake_counter *c)
{
	return c->attr.type >= 32 ? 0 : f->step;
}

static void a_dead_memory_controller_is_refused(void **state)
{
	const struct mp_counter *c;

	(void)state;
	begin("intel-raptorlake-h", "GenuineIntel-6-BA", "dram_read_bytes");
	fake.moves = imc_is_dead;
	c = resolve();
	/* The free-running counters read 0 for ever; the programmable ones of the same controllers count. */
	refused(c, "imc_free_running", "did not count under a known load: 0 after");
	assert_non_null(c->source);
	assert_string_equal(c->source->name, "imc");
	assert_int_equal(c->events[0].config, 0x22);
	end();
	begin("intel-raptorlake-h", "GenuineIntel-6-BA", "dram_read_bytes");
	fake.step = 0;
	c = resolve();
	assert_null(c->source);
	end();
}

static void without_a_scale_file_bytes_are_unknown(void **state)
{
	const struct mp_counter *c;
	char path[128];

	(void)state;
	begin("intel-raptorlake-h", "GenuineIntel-6-BA", "dram_read_bytes");
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/uncore_imc_free_running_%d/events/data_read.scale",
			 machine, i);
		assert_int_equal(unlink(path), 0);
	}
	c = resolve();
	refused(c, "imc_free_running", "no scale file");
	end();
	/* A CAS moves 64 bytes, whether a file says so or not. */
	begin("intel-graniterapids-1s", "GenuineIntel-6-AD", "dram_read_bytes");
	snprintf(path, sizeof(path), "%s/uncore_imc_0/events/cas_count_read_sch0.scale", machine);
	assert_int_equal(unlink(path), 0);
	c = resolve();
	assert_non_null(c->source);
	assert_true(fabs(c->per_count - 64) < 1e-9);
	end();
	/* Two channels that count in different units cannot be summed. */
	begin("intel-raptorlake-h", "GenuineIntel-6-BA", "dram_read_bytes");
	assert_true(write_file(machine, "uncore_imc_free_running_1/events/data_read.scale",
			       "3.0517578125e-5"));
	refused(resolve(), "imc_free_running", "another unit");
	end();
	begin("intel-raptorlake-h", "GenuineIntel-6-BA", "dram_read_bytes");
	assert_true(
		write_file(machine, "uncore_imc_free_running_0/events/data_read.unit", "Furlongs"));
	refused(resolve(), "imc_free_running", "Furlongs");
	end();
}

static int no_kernel_side(const struct fake *f, const struct perf_event_attr *attr, pid_t pid,
			  int at)
{
	(void)f;
	(void)at;
	return pid == -1 || !attr->exclude_kernel ? -EACCES : 0;
}

static void without_the_kernel_side_it_is_said_or_refused(void **state)
{
	const struct mp_counter *c;

	(void)state;
	begin("intel-sapphirerapids-2s", "GenuineIntel-6-8F", "cycles");
	assert_true(write_file(proc, "sys/kernel/perf_event_paranoid", "2"));
	fake.refuse = no_kernel_side;
	c = resolve();
	assert_non_null(c->source);
	assert_int_equal(c->side, MP_SIDE_USER);
	assert_int_equal(c->events[0].exclude_kernel, 1);
	assert_non_null(strstr(c->note, "user side only"));
	assert_non_null(strstr(c->remedy, "perf_event_paranoid=1"));
	end();
	begin("intel-sapphirerapids-2s", "GenuineIntel-6-8F", "cpu_migrations");
	assert_true(write_file(proc, "sys/kernel/perf_event_paranoid", "2"));
	fake.refuse = no_kernel_side;
	c = resolve();
	assert_null(c->source);
	refused(c, "software", "0 for ever");
	assert_non_null(strstr(c->remedy, "perf_event_paranoid=1"));
	end();
}

static int nothing_is_there(const struct fake *f, const struct perf_event_attr *attr, pid_t pid,
			    int at)
{
	(void)f;
	(void)attr;
	(void)pid;
	(void)at;
	return -ENOENT;
}

static void a_pmu_that_sysfs_shows_and_nobody_serves(void **state)
{
	const struct mp_counter *c;

	(void)state;
	begin("amd-zen3-server", "AuthenticAMD-25-1", "l3_misses");
	fake.refuse = nothing_is_there;
	c = resolve();
	assert_null(c->source);
	refused(c, "sysfs", "misses of the L2 on AMD Zen");
	refused(c, "table", "ENOENT");
	assert_non_null(strstr(c->remedy, "hypervisor"));
	end();
	/* An event that the CPU does not implement opens and stays 0. */
	begin("arm64-nvidia-grace", "arm-41-d4f", "l3_misses");
	fake.step = 0;
	c = resolve();
	assert_null(c->source);
	refused(c, "sysfs", "did not count under a known load");
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

/* A stream that is not past the cache proves nothing, and one that is needs the memory. */
static void a_stream_is_longer_than_any_cache_or_is_not_run(void **state)
{
	const struct mp_counter *c;
	char here[24];

	(void)state;
	if ((uint64_t)sysconf(_SC_AVPHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE) < 1u << 30) {
		print_message("needs 1 GiB of free memory\n");
		skip();
	}
	for (int free = 0; free < 2; free++) {
		begin("amd-zen4-server", "AuthenticAMD-25-11", "dram_read_bytes");
		query.roots.cpu = machine;
		snprintf(here, sizeof(here), "cpu%d/cache/index3/size", cpu);
		assert_true(write_file(machine, here, "132096K"));
		snprintf(here, sizeof(here), "cpu%d/cache/index3/level", cpu);
		assert_true(write_file(machine, here, "3"));
		assert_true(write_file(proc, "meminfo",
				       free ? "MemTotal: 9 kB\nMemAvailable: 1056768 kB"
					    : "MemAvailable: 1056767 kB"));
		c = resolve();
		assert_non_null(c->source);
		assert_int_equal(c->zero_proven, free);
		if (!strstr(c->proof,
			    free ? "after a stream of 516 MiB, four times the last-level cache"
				 : "too little memory is free for a stream of four times"))
			fail_msg("%s", c->proof);
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

static void every_metric_says_why_it_is_missing(void **state)
{
	(void)state;
	begin("guest-no-pmu", "AuthenticAMD-25-11", "cycles");
	query.n_metrics = 0;
	fake.refuse = nothing_is_there;
	assert_true(write_file(proc, "vmstat", "pgfault 1"));
	resolve();
	for (size_t i = 0; i < counters.n; i++) {
		const struct mp_counter *c = &counters.items[i];

		if (c->source && (c->encoder == MP_ENCODER_RUSAGE || c->encoder == MP_ENCODER_FILE))
			continue;
		if (c->source)
			fail_msg("%s has the source %s", c->metric->id, c->source->name);
		assert_non_null(c->reason);
		assert_string_not_equal(c->reason, "");
	}
	end();
}

static void an_unknown_metric_is_named(void **state)
{
	struct mp_err err;

	(void)state;
	begin("guest-no-pmu", "AuthenticAMD-25-11", "l3_miss");
	assert_int_equal(mp_counters_resolve(&query, &counters, &err), -EINVAL);
	assert_non_null(strstr(err.text, "did you mean 'l3_misses'"));
	metric = "cycles";
	cpu = 1023;
	assert_int_equal(mp_counters_resolve(&query, &counters, &err), -EINVAL);
	assert_non_null(strstr(err.text, "CPU 1023"));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_channels_of_both_packages_are_summed),
		cmocka_unit_test(a_missing_channel_is_no_total),
		cmocka_unit_test(a_package_without_permission_names_the_remedy),
		cmocka_unit_test(a_dead_memory_controller_is_refused),
		cmocka_unit_test(without_a_scale_file_bytes_are_unknown),
		cmocka_unit_test(without_the_kernel_side_it_is_said_or_refused),
		cmocka_unit_test(a_pmu_that_sysfs_shows_and_nobody_serves),
		cmocka_unit_test(a_core_type_has_its_own_pmu),
		cmocka_unit_test(the_newest_cores_count_walks),
		cmocka_unit_test(a_core_without_an_l3_misses_none),
		cmocka_unit_test(an_estimate_is_labelled_and_follows_its_base),
		cmocka_unit_test(only_the_own_cache_domains_are_counted),
		cmocka_unit_test(domain_misses_of_the_others),
		cmocka_unit_test(faults_need_no_event),
		cmocka_unit_test(a_stream_is_longer_than_any_cache_or_is_not_run),
		cmocka_unit_test(files_are_summed_and_words_are_no_numbers),
		cmocka_unit_test(calibration_compares_with_what_was_moved),
		cmocka_unit_test(every_metric_says_why_it_is_missing),
		cmocka_unit_test(an_unknown_metric_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
