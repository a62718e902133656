/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The doctor's findings: settings of captured machines, and one live visit. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/machine/tune.h"
#include "tests/runner/doctor_made.h"

#define DATA MEMPERF_TESTS "/data/machine/"

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
	static const char *const unknown[] = { "load",		"smt",	       "swap",
					       "memory",	"thp",	       "kernel debugging",
					       "layout",	"environment", "seccomp",
					       "counting",	"tracepoints", "kernel counting",
					       "kernel module", "setting up",  "advising others" };
	struct findings f;

	(void)state;
	visit("/nonexistent", "core:2 pu:1", &f);
	assert_int_equal(f.n, 30);
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
	const char *no_advice = "CAP_SYS_NICE";
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
	/* Root may set up what benchmarks need; another process is advised with CAP_SYS_NICE. */
	VISIT(caps, "Name:\tmemperf\nUid:\t0\t0\t0\t0\nCapEff:\t0000000000800000\n");
	assert_finding(&f, "setting up", good, "root may", NULL);
	/* An emulator of single programs may not have the call at all. */
	if (syscall(SYS_process_madvise, -1, NULL, 0UL, 0, 0U) && errno == ENOSYS)
		no_advice = "process_madvise(2)";
	else
		assert_finding(&f, "advising others", good, "possible", NULL);
	/* A user, level by level. */
	VISIT(caps, "Name:\tmemperf\nUid:\t1000\t0\t0\t0\nCapEff:\t0000000000000000\n");
	assert_finding(&f, "setting up", note, "root alone", "sudo memperf run --setup");
	assert_finding(&f, "advising others", note, "not possible", no_advice);
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
		"kernel debugging",
		"memory locking",
		"counting",
		"kernel counting",
		"machine counting",
		"tracepoints",
		"kernel module",
		"namespaces",
		"advising others",
		"setting up",
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
		cmocka_unit_test(test_disturbers),
		cmocka_unit_test(test_changed_settings),
		cmocka_unit_test(test_privileges),
		cmocka_unit_test(test_heat),
		cmocka_unit_test(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
