/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor's findings: settings of captured machines, made-up measurements at their limits, and one live visit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runner/machine/doctor_internal.h"
#include "runner/machine/internal.h"
#include "runner/machine/tune.h"
#include "runner/machine/watch.h"
#include "tests/runner/tree.h"

#define MACHINES MEMPERF_TESTS "/data/machines/"

#define DATA MEMPERF_TESTS "/data/machine/"

/* A finding's texts live as long as the call that hands it out. */
struct kept {
	enum mp_severity severity;
	char subject[48], evidence[1024], remedy[512];
};

struct findings {
	struct kept items[64];
	size_t n;
};

static void keep(void *user, const struct mp_finding *finding)
{
	struct findings *f = user;
	struct kept *kept = &f->items[f->n++];

	assert_true(f->n <= 64);
	kept->severity = finding->severity;
	snprintf(kept->subject, sizeof(kept->subject), "%s", finding->subject);
	snprintf(kept->evidence, sizeof(kept->evidence), "%s", finding->evidence);
	snprintf(kept->remedy, sizeof(kept->remedy), "%s", finding->remedy ? finding->remedy : "");
}

static const struct kept *about(const struct findings *f, const char *subject)
{
	for (size_t i = 0; i < f->n; i++) {
		if (!strcmp(f->items[i].subject, subject))
			return &f->items[i];
	}
	fail_msg("no finding about '%s'", subject);
	return NULL;
}

static void assert_finding(const struct findings *f, const char *subject, enum mp_severity want,
			   const char *evidence, const char *remedy)
{
	const struct kept *got = about(f, subject);

	if (got->severity != want)
		fail_msg("%s is '%s', not '%s': %s", subject, mp_severity_name(got->severity),
			 mp_severity_name(want), got->evidence);
	if (!strstr(got->evidence, evidence))
		fail_msg("%s: '%s' says nothing of '%s'", subject, got->evidence, evidence);
	if (remedy ? !strstr(got->remedy, remedy) : *got->remedy != '\0')
		fail_msg("%s: the remedy is '%s'", subject, got->remedy);
}

/* `throttle`: what it was when the look began, or NULL. */
static void visit_from(const char *root, const char *topology, const struct mp_throttle *throttle,
		       struct findings *f)
{
	struct mp_machine_source source = { .root = root, .synthetic = topology };
	struct mp_machine *machine = NULL;
	struct mp_doctor doctor = { .root = root, .each = keep, .user = f, .throttle = throttle };

	memset(f, 0, sizeof(*f));
	assert_int_equal(mp_machine_open_from(&source, &machine, NULL), 0);
	assert_int_equal(mp_machine_place(machine, 1, &doctor.cpu, NULL), 0);
	doctor.machine = machine;
	mp_doctor_load(&doctor);
	mp_doctor_settings(&doctor);
	mp_doctor_privileges(&doctor);
	mp_doctor_disturbers(&doctor);
	mp_machine_close(machine);
}

static void visit(const char *root, const char *topology, struct findings *f)
{
	visit_from(root, topology, NULL, f);
}

static void test_guest(void **state)
{
	struct findings f;

	(void)state;
	visit(DATA "guest", "pack:1 [numa(memory=8589934592)] core:2 pu:1", &f);
	assert_finding(&f, "load", MP_SEVERITY_GOOD, "0.07", NULL);
	assert_finding(&f, "governor", MP_SEVERITY_GOOD, "does not control", NULL);
	assert_finding(&f, "turbo", MP_SEVERITY_GOOD, "no switch", NULL);
	assert_finding(&f, "smt", MP_SEVERITY_GOOD, "no other CPU", NULL);
	assert_finding(&f, "isolation", MP_SEVERITY_GOOD, "CPU 1", NULL);
	assert_finding(&f, "thp", MP_SEVERITY_GOOD, "'madvise'", NULL);
	assert_finding(&f, "ksm", MP_SEVERITY_GOOD, "stopped", NULL);
	assert_finding(&f, "numa balancing", MP_SEVERITY_GOOD, "off", NULL);
	assert_finding(&f, "swap", MP_SEVERITY_GOOD, "none", NULL);
	assert_finding(&f, "memory", MP_SEVERITY_GOOD, "groups allow 3.0 GiB", NULL);
	assert_finding(&f, "memory locking", MP_SEVERITY_GOOD, "without limit", NULL);
	/* Root of a container: without the capabilities it is a user like others. */
	assert_finding(&f, "counting", MP_SEVERITY_GOOD, "perf_event_paranoid", NULL);
	assert_finding(&f, "kernel counting", MP_SEVERITY_NOTE, "neither CAP_PERFMON",
		       "kernel.perf_event_paranoid=1, or CAP_PERFMON");
	assert_finding(&f, "machine counting", MP_SEVERITY_NOTE, "bandwidth",
		       "kernel.perf_event_paranoid=0, or CAP_PERFMON");
	assert_finding(&f, "tracepoints", MP_SEVERITY_NOTE, "not mounted", "mount -t tracefs");
	assert_finding(&f, "kernel debugging", MP_SEVERITY_GOOD, "none in /proc/config.gz", NULL);
}

static void test_laptop(void **state)
{
	struct findings f;

	(void)state;
	visit(DATA "laptop", "pack:1 core:3 pu:2", &f);
	assert_finding(&f, "load", MP_SEVERITY_NOTE, "3.41", "ps -eo");
	assert_finding(&f, "governor", MP_SEVERITY_WARNING, "powersave",
		       "cpupower frequency-set -g performance");
	assert_finding(&f, "turbo", MP_SEVERITY_NOTE, "on", "intel_pstate/no_turbo");
	assert_finding(&f, "thp", MP_SEVERITY_GOOD, "'always'", NULL);
	assert_finding(&f, "ksm", MP_SEVERITY_WARNING, "51200", "echo 0 > ");
	/* One node only: balancing has nothing to balance. */
	assert_finding(&f, "numa balancing", MP_SEVERITY_GOOD, "on, 1 node", NULL);
	assert_finding(&f, "swap", MP_SEVERITY_NOTE, "2.0 GiB of 8.0 GiB", "swapoff");
	assert_finding(&f, "memory", MP_SEVERITY_NOTE, "0.9 GiB", "control group");
	assert_finding(&f, "memory locking", MP_SEVERITY_NOTE, "skipped", "ulimit -l");
	/* Level 4: nothing at all. */
	assert_finding(&f, "counting", MP_SEVERITY_NOTE, "perf_event_paranoid 4",
		       "kernel.perf_event_paranoid=2");
	assert_finding(&f, "kernel debugging", MP_SEVERITY_FATAL, "KASAN_GENERIC", "boot a kernel");
	assert_finding(&f, "kernel debugging", MP_SEVERITY_FATAL, "slub_debug=FZP",
		       "boot a kernel");

	visit(DATA "laptop", "pack:2 [numa(memory=1GB)] core:2 pu:1", &f);
	assert_finding(&f, "numa balancing", MP_SEVERITY_WARNING, "2 nodes", "sysctl");
	/* CPU 0's sibling: the laptop's CPUs 0 and 1 share a core. */
	visit(DATA "laptop", "core:1 pu:2", &f);
	assert_finding(&f, "smt", MP_SEVERITY_NOTE, "CPUs 0-1 share", "smt/control");
}

/* A machine of which nothing can be read: every subject is there, nothing is called good that was not seen. */
static void test_nothing_readable(void **state)
{
	static const char *const unknown[] = { "load",	       "smt",	      "swap",
					       "memory",       "thp",	      "kernel debugging",
					       "layout",       "environment", "seccomp",
					       "counting",     "tracepoints", "kernel counting",
					       "kernel module" };
	struct findings f;

	(void)state;
	visit("/nonexistent", "core:2 pu:1", &f);
	assert_int_equal(f.n, 27);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		if (about(&f, unknown[i])->severity == MP_SEVERITY_GOOD)
			fail_msg("'%s' is good without having been read", unknown[i]);
	}
}

static void visit_tree(const char *name, const char *topology, struct findings *f)
{
	char root[64];

	tree_unpack(MACHINES, name, root);
	visit(root, topology, f);
	tree_remove(root);
}

/* What stands around a measurement, on machines that are one text file each. */
static void test_disturbers(void **state)
{
	struct findings f;

	(void)state;
	visit_tree("laptop-h", "core:4 pu:1", &f);
	assert_finding(&f, "mains", MP_SEVERITY_WARNING, "battery", "plug");
	assert_finding(&f, "heat", MP_SEVERITY_NOTE, "cores 60 times and packages 100", "cooling");
	assert_finding(&f, "nmi watchdog", MP_SEVERITY_NOTE, "on", "--fix");
	assert_finding(&f, "environment", MP_SEVERITY_NOTE, "LIBPFM_FORCE_PMU=skl", "unset");
	assert_finding(&f, "seccomp", MP_SEVERITY_GOOD, "off", NULL);
	assert_finding(&f, "cpu quota", MP_SEVERITY_GOOD, "none", NULL);
	assert_finding(&f, "lazy memory", MP_SEVERITY_GOOD, "none", NULL);
	visit_tree("server-2s", "core:8 pu:1", &f);
	assert_finding(&f, "cpu quota", MP_SEVERITY_WARNING, "2 CPUs for 8", "cpu.max");
	assert_finding(&f, "damon", MP_SEVERITY_NOTE, "1 on", "kdamonds");
	assert_finding(&f, "load", MP_SEVERITY_WARNING, "9.00", "ps -eo");
	visit_tree("server-arm", "core:3 pu:1", &f);
	assert_finding(&f, "lazy memory", MP_SEVERITY_NOTE, "10853200K in nodes", "touch");
	visit_tree("container", "core:2 pu:1", &f);
	assert_finding(&f, "seccomp", MP_SEVERITY_NOTE, "filter", "seccomp=unconfined");
	assert_finding(&f, "environment", MP_SEVERITY_NOTE, "LD_PRELOAD=...", "unset");
}

static void write_and_visit(const char *path, const char *text, struct findings *f)
{
	char root[64];

	tree_unpack(MACHINES, "laptop-h", root);
	tree_write(root, path, text, strlen(text));
	visit(root, "core:4 pu:1", f);
	tree_remove(root);
}

static void test_changed_settings(void **state)
{
	struct findings f;

	(void)state;
	write_and_visit("/proc/sys/kernel/randomize_va_space", "0\n", &f);
	assert_finding(&f, "layout", MP_SEVERITY_WARNING, "0:", "randomize_va_space=2");
	write_and_visit("/sys/kernel/tracing/current_tracer", "function\n", &f);
	assert_finding(&f, "tracing", MP_SEVERITY_WARNING, "'function'", "echo nop");
	write_and_visit("/sys/class/power_supply/AC/online", "1\n", &f);
	assert_finding(&f, "mains", MP_SEVERITY_NOTE, "'quiet'", "platform_profile");
}

static void assert_counting(const struct findings *f, enum mp_severity user,
			    enum mp_severity kernel, enum mp_severity machine,
			    enum mp_severity tracepoints)
{
	assert_int_equal(about(f, "counting")->severity, user);
	assert_int_equal(about(f, "kernel counting")->severity, kernel);
	assert_int_equal(about(f, "machine counting")->severity, machine);
	assert_int_equal(about(f, "tracepoints")->severity, tracepoints);
}

/* The level of perf events, the capabilities, tracefs: each alone, and with what doctor --fix would set. */
static void test_privileges(void **state)
{
	static const char paranoid[] = "/proc/sys/kernel/perf_event_paranoid";
	static const char caps[] = "/proc/self/status";
	const enum mp_severity good = MP_SEVERITY_GOOD, note = MP_SEVERITY_NOTE;
	struct mp_change *changes = NULL;
	struct findings f;
	size_t n = 0;
	char root[64];

#define VISIT(path, text)                                                                          \
	do {                                                                                       \
		tree_write(root, path, text, strlen(text));                                        \
		visit(root, "core:4 pu:1", &f);                                                    \
	} while (0)
	(void)state;
	tree_unpack(MACHINES, "laptop-h", root);
	/* CAP_SYS_ADMIN at level 3: all of it, tracepoints through a mount of its own. */
	VISIT("/proc/filesystems", "nodev\tproc\nnodev\ttracefs\n");
	assert_counting(&f, good, good, good, good);
	assert_finding(&f, "machine counting", good, "CAP_SYS_ADMIN", NULL);
	VISIT("/proc/filesystems", "nodev\tproc\n");
	assert_counting(&f, good, good, good, note);
	/* CAP_PERFMON does not help at level 3, where that exists at all. */
	VISIT(caps, "Name:\tmemperf\nCapEff:\t0000004000000000\n");
	assert_counting(&f, note, note, note, note);
	assert_finding(&f, "counting", note, "no CAP_SYS_ADMIN", "CAP_PERFMON does not help");
	VISIT(paranoid, "2\n");
	assert_counting(&f, good, good, good, note);
	assert_finding(&f, "machine counting", good, "CAP_PERFMON", NULL);
	assert_finding(&f, "tracepoints", note, "not mounted", "mount -t tracefs");
	/* A user, level by level. */
	VISIT(caps, "Name:\tmemperf\nCapEff:\t0000000000000000\n");
	assert_counting(&f, good, note, note, note);
	VISIT("/sys/kernel/tracing/events/enable", "0\n");
	assert_finding(&f, "tracepoints", note, "the kernel not counted", "=1");
	VISIT(paranoid, "1\n");
	assert_counting(&f, good, good, note, good);
	assert_finding(&f, "machine counting", note, "bandwidth", "=0");
	assert_finding(&f, "machine counting", note, "bandwidth", "memperf doctor --fix");
	/* What --fix sets is enough. */
	assert_int_equal(mp_tune_plan(root, NULL, &changes, &n, NULL), 0);
	for (size_t i = 0; i < n; i++)
		tree_write(root, changes[i].path, changes[i].after, strlen(changes[i].after));
	free(changes);
	visit(root, "core:4 pu:1", &f);
	assert_counting(&f, good, good, good, good);
	tree_remove(root);
#undef VISIT
}

/* Heat of the time before is a note; heat while the doctor looks makes a run noisy. */
static void test_heat(void **state)
{
	const struct mp_throttle same = { .cores = 60, .packages = 100 };
	const struct mp_throttle less = { .cores = 59, .packages = 98 };
	struct findings f;
	char root[64];

	(void)state;
	tree_unpack(MACHINES, "laptop-h", root);
	visit_from(root, "core:4 pu:1", &same, &f);
	assert_finding(&f, "heat", MP_SEVERITY_NOTE, "since boot", "cooling");
	visit_from(root, "core:4 pu:1", &less, &f);
	assert_finding(&f, "heat", MP_SEVERITY_NOISY, "3 times in these", "cooling");
	tree_remove(root);
}

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
	assert_int_equal(watch.n_findings, 29);
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
		"CONFIG_MMU=y\nCONFIG_DEBUG_LOCK_ALLOC=y\nCONFIG_DEBUG_VM=y\nCONFIG_SLUB_DEBUG_ON="
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

static void test_live(void **state)
{
	static const char *const subjects[] = {
		"load",
		"background",
		"clock",
		"clock step",
		"speed",
		"jitter",
		"jitter of all",
		"frequency",
		"steal",
		"governor",
		"turbo",
		"smt",
		"isolation",
		"thp",
		"ksm",
		"numa balancing",
		"swap",
		"memory",
		"kernel module",
		"kernel debugging",
		"memory locking",
		"counting",
		"kernel counting",
		"machine counting",
		"tracepoints",
		"cpu quota",
		"heat",
		"mains",
		"nmi watchdog",
		"tracing",
		"damon",
		"lazy memory",
		"layout",
		"environment",
		"seccomp",
	};
	struct mp_machine *machine = NULL;
	struct mp_err err = { 0 };
	struct findings f = { .n = 0 };
	struct mp_cpu_quiet *cpus = NULL;
	size_t n_cpus = 0;

	(void)state;
	if (mp_machine_open(&machine, &err) || mp_doctor(machine, keep, &f, &cpus, &n_cpus, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n_cpus, mp_machine_host(machine)->cpus);
	for (size_t i = 0; i < n_cpus; i++) {
		assert_true(cpus[i].jitter.seconds > 0.05);
		assert_true(cpus[i].jitter.lost_share >= 0 && cpus[i].jitter.lost_share <= 1);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(cpus[i].cpu, cpus[k].cpu);
	}
	free(cpus);
	mp_machine_close(machine);
	assert_int_equal(f.n, sizeof(subjects) / sizeof(subjects[0]));
	for (size_t i = 0; i < f.n; i++) {
		assert_string_equal(f.items[i].subject, subjects[i]);
		assert_true(*f.items[i].evidence);
		/* Who is told of a trouble is told what to do, unless it could not be read. */
		if (f.items[i].severity > MP_SEVERITY_NOTE)
			assert_true(*f.items[i].remedy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guest),
		cmocka_unit_test(test_laptop),
		cmocka_unit_test(test_nothing_readable),
		cmocka_unit_test(test_judge_clock),
		cmocka_unit_test(test_judge_speed),
		cmocka_unit_test(test_disturbers),
		cmocka_unit_test(test_changed_settings),
		cmocka_unit_test(test_privileges),
		cmocka_unit_test(test_heat),
		cmocka_unit_test(test_judge_others),
		cmocka_unit_test(test_noisy),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_fitness),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_watch_fatal),
		cmocka_unit_test(test_cpu_time),
		cmocka_unit_test(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
