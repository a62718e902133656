/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the doctor and a run call noisy: made-up measurements at their limits, and what a run stores of it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/machine/watch.h"
#include "tests/runner/doctor_made.h"

static struct findings judged;

static const struct mp_doctor judge = { .each = keep, .user = &judged, .cpu = 3 };

static void judge_clock(enum mp_clock clock, double pair, double step)
{
	struct mp_clocksource source = { .clock = clock,
					 .name = "it",
					 .why = "because",
					 .ns_per_tick = 1,
					 .pair_p50_ns = pair,
					 .step_ns = step };

	judged.n = 0;
	mp_doctor_judge_clock(&judge, &source);
}

static void test_judge_clock(void **state)
{
	(void)state;
	judge_clock(MP_CLOCK_COUNTER, 30, 10);
	assert_finding(&judged, "clock", MP_SEVERITY_GOOD, "30 ns", NULL);
	assert_finding(&judged, "clock step", MP_SEVERITY_GOOD, "200 ns", NULL);
	judge_clock(MP_CLOCK_RAW, 40, 60);
	assert_finding(&judged, "clock", MP_SEVERITY_NOTE, "because", "current_clocksource");
	assert_finding(&judged, "clock step", MP_SEVERITY_NOTE, "1200 ns", "batch");
	judge_clock(MP_CLOCK_RAW, 350, 2000);
	assert_finding(&judged, "clock", MP_SEVERITY_WARNING, "350 ns", "current_clocksource");
	assert_finding(&judged, "clock step", MP_SEVERITY_WARNING, "", "batch");
	judge_clock(MP_CLOCK_RAW, 350, 4e6);
	assert_finding(&judged, "clock step", MP_SEVERITY_FATAL, "", "batch");
}

static void judge_speed(double calm, double rest, double lost)
{
	struct mp_speed speed = {
		.mul_ns = 800, .add_ns = 900, .calm_share = calm, .rest_slowness = rest
	};
	struct mp_jitter jitter = {
		.seconds = 1, .lost_share = lost, .over_1us = 5, .over_10us = 3, .over_100us = 1
	};

	judged.n = 0;
	mp_doctor_judge_speed(&judge, &speed, &jitter);
}

static void test_judge_speed(void **state)
{
	(void)state;
	judge_speed(1, NAN, 0.0005);
	assert_finding(&judged, "speed", MP_SEVERITY_GOOD, "CPU 3 at full speed 100 %", NULL);
	assert_null(strstr(about(&judged, "speed")->evidence, "slower"));
	assert_finding(&judged, "jitter", MP_SEVERITY_GOOD, "9 gaps over 1 us, 4 over 10 us, 1",
		       NULL);
	judge_speed(0.3, 1.4, 0.01);
	assert_finding(&judged, "speed", MP_SEVERITY_NOTE, "1.40 times slower", "budget");
	assert_finding(&judged, "jitter", MP_SEVERITY_NOTE, "1.00 %", "isolcpus");
	judge_speed(0.09, 1.4, 0.09);
	assert_finding(&judged, "speed", MP_SEVERITY_WARNING, "", "budget");
	assert_finding(&judged, "jitter", MP_SEVERITY_WARNING, "9.00 %", "isolcpus");
}

static void judge_cpus(double worst, size_t looked)
{
	struct mp_cpu_quiet cpus[3] = { { .cpu = 3, .jitter = { .lost_share = 0.0001 } },
					{ .cpu = 0,
					  .jitter = { .lost_share = worst, .longest_ns = 5e6 } },
					{ .cpu = 1, .jitter = { .lost_share = 0.0002 } } };

	judged.n = 0;
	mp_doctor_judge_cpus(&judge, cpus, 3, looked);
}

static void test_judge_others(void **state)
{
	struct mp_speed speed = { .mul_spread = 1.01 };

	(void)state;
	judge_cpus(0.001, 3);
	assert_finding(&judged, "jitter of all", MP_SEVERITY_GOOD, "0 of 3", NULL);
	judge_cpus(0.01, 3);
	assert_finding(&judged, "jitter of all", MP_SEVERITY_NOTE, "CPU 0 with 1.00 %", "--cpus");
	judge_cpus(0.09, 3);
	assert_finding(&judged, "jitter of all", MP_SEVERITY_WARNING, "1 of 3", "--cpus");
	judged.n = 0;
	mp_doctor_judge_frequency(&judge, &speed);
	assert_finding(&judged, "frequency", MP_SEVERITY_GOOD, "1.0 %", NULL);
	speed.mul_spread = 1.05;
	judged.n = 0;
	mp_doctor_judge_frequency(&judge, &speed);
	assert_finding(&judged, "frequency", MP_SEVERITY_NOTE, "5.0 %", "--fix");
	speed.mul_spread = NAN;
	judged.n = 0;
	mp_doctor_judge_frequency(&judge, &speed);
	assert_finding(&judged, "frequency", MP_SEVERITY_NOTE, "unknown", NULL);
	judged.n = 0;
	mp_doctor_judge_steal(&judge, 0.09, 0.001);
	assert_finding(&judged, "steal", MP_SEVERITY_WARNING, "9.0 % of CPU 3", "dedicated");
	judged.n = 0;
	mp_doctor_judge_steal(&judge, NAN, 0.001);
	assert_finding(&judged, "steal", MP_SEVERITY_NOTE, "unknown", NULL);
	judged.n = 0;
	mp_doctor_judge_background(&judge, 0.2, 0.09);
	assert_finding(&judged, "background", MP_SEVERITY_WARNING, "20.0 %", "ps -eo");
	judged.n = 0;
	mp_doctor_judge_background(&judge, NAN, 0);
	assert_finding(&judged, "background", MP_SEVERITY_NOTE, "unknown", NULL);
}

static void judge_run(struct mp_look before, struct mp_look after, double others, double stolen,
		      const struct mp_throttle *throttled, const char *unfit, const char *want)
{
	struct mp_str text = MP_STR_INIT;
	bool known = mp_watch_judge((struct mp_look[]){ before, after }, others, stolen, throttled,
				    unfit, &text);

	assert_int_equal(known, want != NULL);
	if (want)
		assert_string_equal(text.text, want);
	mp_str_done(&text);
}

/* When a run is noisy, at both sides of every limit; and what nobody could measure is neither. */
static void test_noisy(void **state)
{
	const struct mp_look quiet = { .calm = 0.06, .lost = 0.09, .longest_ns = 1e6 };
	const struct mp_look slow = { .calm = 0.04, .lost = 0.01 };
	const struct mp_look gappy = { .calm = 0.9, .lost = 0.12 };
	const struct mp_look nothing = { .calm = NAN, .lost = NAN };
	const struct mp_throttle cool = { 0 }, hot = { .cores = 2, .packages = 1 };

	(void)state;
	judge_run(quiet, quiet, 0.24, 0.09, &cool, "", "no");
	judge_run(slow, quiet, 0, 0, &cool, "", "yes: full speed for 4 % of the time before it");
	judge_run(quiet, gappy, 0, 0, NULL, "", "yes: 12 % of a CPU's time lost in gaps after it");
	judge_run(quiet, quiet, 0.3, 0.2, &hot, "",
		  "yes: the hypervisor took 20 % of the CPUs, others used 30 % of the CPUs, heat "
		  "slowed the processor 3 times");
	judge_run(nothing, nothing, NAN, NAN, NULL, "", NULL);
	judge_run(nothing, nothing, NAN, NAN, &cool, "", "no");
	judge_run(nothing, nothing, NAN, NAN, NULL, "clock: gone", "yes: clock: gone");
	judge_run(slow, quiet, 0, 0, &cool, "kernel debugging: KASAN_GENERIC",
		  "yes: kernel debugging: KASAN_GENERIC, full speed for 4 % of the time before it");
}

static void judge_look(struct mp_look look, double others, double stolen)
{
	struct mp_cpu_quiet cpus[] = { { .cpu = 3, .jitter = { .lost_share = 0 } },
				       { .cpu = 0, .jitter = { .lost_share = look.lost } } };

	judge_speed(look.calm, NAN, look.lost);
	mp_doctor_judge_cpus(&judge, cpus, 2, 2);
	mp_doctor_judge_steal(&judge, stolen, 0);
	mp_doctor_judge_background(&judge, others, stolen);
}

/* The doctor calls this machine noisy exactly when a run that sees the same would call itself so; and says who it is. */
static void assert_alike(struct mp_look look, double others, double stolen, const char *subjects)
{
	struct mp_fitness fitness = { .reason = MP_STR_INIT };
	struct mp_str run = MP_STR_INIT, named = MP_STR_INIT;
	bool noisy;

	judge_look(look, others, stolen);
	for (size_t i = 0; i < judged.n; i++) {
		const struct kept *kept = &judged.items[i];

		mp_fitness_add(&fitness, &(struct mp_finding){ kept->severity, kept->subject,
							       kept->evidence, kept->remedy });
		if (kept->severity == MP_SEVERITY_NOISY)
			mp_str_printf(&named, "%s;", kept->subject);
	}
	mp_watch_judge((struct mp_look[]){ look, look }, others, stolen, NULL, "", &run);
	noisy = strcmp(run.text, "no");
	assert_int_equal(fitness.worst == MP_SEVERITY_NOISY, noisy);
	assert_int_equal(fitness.reason.len > 0, noisy);
	assert_string_equal(named.text, subjects);
	mp_str_done(&fitness.reason);
	mp_str_done(&run);
	mp_str_done(&named);
}

static void test_alike(void **state)
{
	const struct mp_look quiet = { .calm = 0.051, .lost = 0.099 };
	struct mp_cpu_quiet beyond[] = { { .cpu = 3, .jitter = { .lost_share = 0 } },
					 { .cpu = 0, .jitter = { .lost_share = 0.9 } } };

	(void)state;
	assert_alike(quiet, 0.249, 0.099, "");
	assert_alike((struct mp_look){ .calm = 0.049, .lost = 0.099 }, 0.249, 0.099, "speed;");
	assert_alike((struct mp_look){ .calm = 0.9, .lost = 0.101 }, 0, 0, "jitter;jitter of all;");
	assert_alike(quiet, 0, 0.101, "steal;background;");
	assert_alike(quiet, 0.251, 0, "background;");
	/* A CPU at which no run looks does not make one noisy. */
	judged.n = 0;
	mp_doctor_judge_cpus(&judge, beyond, 2, 1);
	assert_finding(&judged, "jitter of all", MP_SEVERITY_WARNING, "90.00 %", "--cpus");
}

/* What is fatal outweighs noise, whichever is found first, and both are named. */
static void test_fitness(void **state)
{
	static const enum mp_severity order[2][3] = {
		{ MP_SEVERITY_FATAL, MP_SEVERITY_NOISY, MP_SEVERITY_WARNING },
		{ MP_SEVERITY_WARNING, MP_SEVERITY_NOISY, MP_SEVERITY_FATAL },
	};
	static const char *const want[] = { "fatal: it; noisy: it", "noisy: it; fatal: it" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct mp_fitness fitness = { .reason = MP_STR_INIT };

		for (int k = 0; k < 3; k++)
			mp_fitness_add(&fitness, &(struct mp_finding){
							 order[i][k], mp_severity_name(order[i][k]),
							 "it", NULL });
		assert_int_equal(fitness.worst, MP_SEVERITY_FATAL);
		assert_string_equal(fitness.reason.text, want[i]);
		mp_str_done(&fitness.reason);
	}
}

static void keep_fact(void *user, const struct mp_fact *fact)
{
	mp_str_printf(user, "%s.%s=%s;", fact->group, fact->key, fact->value ? fact->value : "?");
}

/* A run during which a core was slowed twice by heat, as its second part. */
static void test_watch(void **state)
{
	static const char counter[] =
		"/sys/devices/system/cpu/cpu3/thermal_throttle/core_throttle_count";
	struct mp_machine *machine = NULL;
	struct mp_machine_source source = { .synthetic = "core:1 pu:1" };
	struct mp_str text = MP_STR_INIT;
	struct mp_fact_sink sink = { keep_fact, &text };
	struct mp_clocksource clock;
	struct mp_watch watch;
	char root[64];

	(void)state;
	tree_unpack(MACHINES, "laptop-h", root);
	source.root = root;
	assert_int_equal(mp_machine_open_from(&source, &machine, NULL), 0);
	assert_int_equal(mp_clocksource_choose(NULL, &clock, NULL), 0);
	mp_watch_begin(&watch, machine, &clock, 0.5);
	tree_write(root, counter, "5\n", 2);
	mp_watch_end(&watch, machine, &clock, 1, &sink);
	assert_non_null(strstr(text.text, "doctor.throttled_2=2 times, packages 0 times;"));
	assert_non_null(strstr(text.text, "heat slowed the processor 2 times"));
	assert_non_null(strstr(text.text, "doctor.noisy_2=yes: "));
	assert_non_null(strstr(text.text, "doctor.before_2=full speed 50 %"));
	/* The tree's ticks do not move: no share is made up. */
	assert_non_null(strstr(text.text, "doctor.others_2=?;"));
	assert_non_null(strstr(text.text, "doctor.stolen_2=?;"));
	/* The whole of what the doctor said of this machine: severity, evidence, remedy. */
	assert_int_equal(watch.n_findings, 32);
	assert_non_null(strstr(text.text,
			       "doctor.finding_mains_2=warning: on battery: the firmware "
			       "saves power; remedy: plug it in;"));
	assert_non_null(strstr(text.text, "doctor.finding_clock_step_2="));
	assert_non_null(strstr(text.text, "doctor.finding_seccomp_2=good: off;"));
	/* None of it is fatal. */
	assert_null(strstr(text.text, "doctor.noisy_2=yes: kernel debugging"));
	mp_watch_done(&watch);
	mp_str_done(&text);
	mp_machine_close(machine);
	tree_remove(root);
}

/* A kernel that proves its locks, among so much else that a short text would not hold it: the reason comes first. */
static void test_watch_fatal(void **state)
{
	static const char config[] =
		"CONFIG_MMU=y\nCONFIG_LOCKDEP=y\nCONFIG_DEBUG_VM=y\nCONFIG_SLUB_DEBUG_ON="
		"y\n"
		"CONFIG_DEBUG_PAGEALLOC_ENABLE_DEFAULT=y\nCONFIG_DEBUG_KMEMLEAK=y\n"
		"CONFIG_DEBUG_OBJECTS=y\nCONFIG_DEBUG_SPINLOCK=y\nCONFIG_LOCK_STAT=y\n"
		"CONFIG_DEBUG_ATOMIC_SLEEP=y\nCONFIG_DEBUG_PREEMPT=y\nCONFIG_KCOV=y\n"
		"CONFIG_MEM_ALLOC_PROFILING_ENABLED_BY_DEFAULT=y\nCONFIG_GCOV_KERNEL=y\n"
		"CONFIG_PROVE_LOCKING=y\nCONFIG_PAGE_POISONING_ZERO=y\n";
	const struct mp_clocksource clock = { .name = "it", .ns_per_tick = 1, .step_ns = 10 };
	struct mp_machine_source source = { .synthetic = "core:1 pu:1" };
	struct mp_machine *machine = NULL;
	struct mp_str text = MP_STR_INIT;
	struct mp_fact_sink sink = { keep_fact, &text };
	struct mp_watch watch;
	char root[64];

	(void)state;
	tree_unpack(MACHINES, "laptop-h", root);
	tree_write(root, "/boot/config-debug", config, strlen(config));
	tree_write(root, "/proc/sys/kernel/osrelease", "debug\n", 6);
	source.root = root;
	assert_int_equal(mp_machine_open_from(&source, &machine, NULL), 0);
	mp_watch_begin(&watch, machine, &clock, 0.5);
	mp_watch_end(&watch, machine, &clock, 0, &sink);
	assert_non_null(strstr(text.text, "doctor.noisy=yes: kernel debugging: "));
	assert_non_null(strstr(text.text, "doctor.finding_kernel_debugging=fatal: "));
	assert_non_null(
		strstr(text.text, "GCOV_KERNEL, PAGE_POISONING_ZERO; remedy: boot a kernel"));
	mp_watch_done(&watch);
	mp_str_done(&text);
	mp_machine_close(machine);
	tree_remove(root);
}

static void test_cpu_time(void **state)
{
	const struct mp_cpu_time a = { .wall = 100, .busy = 50, .stolen = 1, .own = 10 };
	const struct mp_cpu_time b = { .wall = 120, .busy = 65, .stolen = 2, .own = 20 };

	(void)state;
	assert_true(fabs(mp_cpu_time_others(&a, &b) - 0.25) < 1e-9);
	assert_true(fabs(mp_cpu_time_stolen(&a, &b) - 0.05) < 1e-9);
	assert_true(isnan(mp_cpu_time_others(&a, &a)));
	assert_true(isnan(mp_cpu_time_stolen(&a, &a)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge_clock),  cmocka_unit_test(test_judge_speed),
		cmocka_unit_test(test_judge_others), cmocka_unit_test(test_noisy),
		cmocka_unit_test(test_alike),	     cmocka_unit_test(test_fitness),
		cmocka_unit_test(test_watch),	     cmocka_unit_test(test_watch_fatal),
		cmocka_unit_test(test_cpu_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
