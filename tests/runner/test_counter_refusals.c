/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a source is refused, on models of machines with a kernel by script: permissions, dead counters, missing channels and
 * scale files, memory too small for a proof. Nothing is missing without a reason.
 */
#include "tests/runner/counter_made.h"

#include <math.h>

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
		cmocka_unit_test(a_missing_channel_is_no_total),
		cmocka_unit_test(a_package_without_permission_names_the_remedy),
		cmocka_unit_test(a_dead_memory_controller_is_refused),
		cmocka_unit_test(without_a_scale_file_bytes_are_unknown),
		cmocka_unit_test(without_the_kernel_side_it_is_said_or_refused),
		cmocka_unit_test(a_pmu_that_sysfs_shows_and_nobody_serves),
		cmocka_unit_test(a_stream_is_longer_than_any_cache_or_is_not_run),
		cmocka_unit_test(every_metric_says_why_it_is_missing),
		cmocka_unit_test(an_unknown_metric_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
