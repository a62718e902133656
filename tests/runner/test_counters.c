/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counters on this very machine: software events and tracepoints count what was done, or say why not; an ordinary user gets
 * no silent zero; a counter that does not run has no number; sysfs decides the PMU.
 */
#include <errno.h>
#include <math.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "runner/counters/counters.h"
#include "runner/counters/access.h"
#include "runner/counters/pmu.h"
#include "tests/runner/counter_fake.h"
#include "tests/runner/counter_support.h"

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

static int other_cpu(void)
{
	cpu_set_t set;

	sched_getaffinity(0, sizeof(set), &set);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET((size_t)cpu, &set) && cpu != sched_getcpu())
			return cpu;
	return -1;
}

/* An event on a CPU where the thread never runs opens, is enabled, and counts nothing. */
static void what_does_not_run_is_not_counted(void **state)
{
	const struct mp_perf_event event = { .type = PERF_TYPE_SOFTWARE,
					     .config = PERF_COUNT_SW_PAGE_FAULTS,
					     .cpu = -1,
					     .pmu = "software" };
	const struct mp_counter_rule rule = { .per_count = 1, .expected = 1, .zero_proven = true };
	struct mp_perf_reading before, after;
	struct mp_counter_value value;
	struct mp_perf_group group;
	struct mp_perf_delta delta;
	cpu_set_t old, one;
	struct mp_err err;
	int cpu;

	(void)state;
	sched_getaffinity(0, sizeof(old), &old);
	CPU_ZERO(&one);
	CPU_SET((size_t)sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	sched_setaffinity(0, sizeof(old), &old);
	cpu = other_cpu();
	if (cpu < 0)
		skip();
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	if (mp_perf_group_open(&mp_perf_kernel, &event, 1, cpu, false, &group, NULL, &err)) {
		print_message("%s\n", err.text);
		sched_setaffinity(0, sizeof(old), &old);
		skip();
	}
	assert_int_equal(mp_perf_group_enable(&group, &err), 0);
	assert_int_equal(mp_perf_group_read(&group, &before), 0);
	touch_pages(10);
	assert_int_equal(mp_perf_group_read(&group, &after), 0);
	mp_perf_group_close(&group);
	sched_setaffinity(0, sizeof(old), &old);
	delta = mp_perf_delta(&before, &after, 0);
	assert_true(delta.enabled_ns > 0);
	assert_int_equal(delta.running_ns, 0);
	mp_counter_sum(&rule, &delta, 1, &value);
	assert_int_equal(value.status, MP_COUNTER_UNAVAILABLE);
	assert_true(isnan(value.value));
	assert_non_null(strstr(value.reason, "not scheduled"));
}

/* Runs `what` in a process of its own and gives back what it wrote into `said`; "" when all was well. */
static void apart(void (*what)(char *said, size_t size), char said[512])
{
	int pipes[2];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		char text[512] = "";

		what(text, sizeof(text));
		_exit(write(pipes[1], text, sizeof(text)) != sizeof(text));
	}
	close(pipes[1]);
	if (read(pipes[0], said, 512) != 512)
		snprintf(said, 512, "the process broke off");
	close(pipes[0]);
	waitpid(pid, NULL, 0);
}

/* What an ordinary user is told about one metric. */
static const struct mp_counter *as_user(const char *id, struct mp_counters *counters)
{
	const struct mp_counter_query query = { .metrics = &id,
						.n_metrics = 1,
						.ops = &mp_perf_kernel };

	return mp_counters_resolve(&query, counters, NULL) ? NULL : mp_counters_find(counters, id);
}

static void look_as_user(char *said, size_t size)
{
	struct mp_counters counters;
	const struct mp_counter *c;

	if (setgid(65534) || setuid(65534)) {
		snprintf(said, size, "skip");
		return;
	}
	/* /proc/self belongs to root until the process may be traced again. */
	prctl(PR_SET_DUMPABLE, 1);
	c = as_user("minor_faults", &counters);
	if (!c || !c->source || c->side != MP_SIDE_USER || !c->note ||
	    !strstr(c->note, "user side"))
		snprintf(said, size, "minor_faults does not say that it is the user side alone");
	else if (over_touching(c).value < 1000)
		snprintf(said, size, "minor_faults counts %g", over_touching(c).value);
	c = as_user("cpu_migrations", &counters);
	if (!c || c->source || !strstr(c->reason, "0 for ever") || !c->remedy ||
	    !strstr(c->remedy, "perf_event_paranoid"))
		snprintf(said, size, "cpu_migrations: %s", c && c->reason ? c->reason : "a source");
	c = as_user("context_switches", &counters);
	if (!c || !c->source || c->encoder != MP_ENCODER_RUSAGE || !c->n_attempts ||
	    !strstr(c->attempts[0].why, "0 for ever"))
		snprintf(said, size, "context_switches does not fall back to getrusage");
	c = as_user("page_allocs", &counters);
	if (!c || !c->source || c->encoder != MP_ENCODER_FILE || !c->n_attempts)
		snprintf(said, size, "page_allocs does not fall back to vmstat");
}

static void an_ordinary_user_gets_no_silent_zero(void **state)
{
	struct mp_access access;
	char said[512];

	(void)state;
	mp_access_read("/proc", &access);
	if (geteuid() || access.paranoid != 2) {
		print_message("needs root and perf_event_paranoid 2\n");
		skip();
	}
	apart(look_as_user, said);
	if (!strcmp(said, "skip"))
		skip();
	assert_string_equal(said, "");
}

/* libpfm4 finds this machine's CPU, on a model whose core PMU has another type than it thinks. */
static void look_with_other_type(char *said, size_t size)
{
	static const char *const ids[] = { "dtlb_walks" };
	static struct fake fake;
	const struct mp_counter_query query = { .metrics = ids, .n_metrics = 1, .ops = &fake.ops };
	struct mp_counters counters;
	const struct mp_counter *c;
	char root[64];

	fake_init(&fake);
	fake.step = 1 << 30;
	if (!make_machine(COUNTERS, "amd-zen4-server", root) ||
	    !write_file(root, "cpu/type", "9")) {
		snprintf(said, size, "no machine");
		return;
	}
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount(root, MP_EVENT_SOURCE, NULL, MS_BIND, NULL)) {
		snprintf(said, size, "skip");
	} else if (mp_counters_resolve(&query, &counters, NULL)) {
		snprintf(said, size, "nothing resolved");
	} else {
		c = &counters.items[0];
		if (c->source && c->encoder == MP_ENCODER_LIBPFM &&
		    (c->events[0].type != 9 || !c->note || !strstr(c->note, "sysfs wins")))
			snprintf(said, size, "type %u, %s", c->events[0].type,
				 c->note ? c->note : "not a word");
		else if (!c->source || c->encoder != MP_ENCODER_LIBPFM)
			snprintf(said, size, "skip");
	}
	/* What is mounted over it ends with this process: the folder below is emptied by the parent's path. */
	umount(MP_EVENT_SOURCE);
	remove_machine(root);
}

static void sysfs_wins_over_libpfm(void **state)
{
	char said[512];

	(void)state;
	apart(look_with_other_type, said);
	if (!strcmp(said, "skip")) {
		print_message("needs a mount namespace and a CPU of AMD that libpfm4 knows\n");
		skip();
	}
	assert_string_equal(said, "");
}

/* The metric as libpfm4 encodes it on a model of a machine, which it takes for one with that PMU of its own. */
static const struct mp_counter *as_libpfm(const char *machine, const char *pmu, const char *cpu_id,
					  const char *id, struct mp_counters *counters)
{
	static const int cpu = 0;
	const struct mp_counter_query query = { .metrics = &id,
						.n_metrics = 1,
						.cpus = &cpu,
						.n_cpus = 1,
						.roots = { .cpu = "/nonexistent" },
						.cpu_id = cpu_id };
	const struct mp_counter *c = NULL;
	char root[64];

	setenv("LIBPFM_FORCE_PMU", pmu, 1);
	if (make_machine(COUNTERS, machine, root) && !unshare(CLONE_NEWNS) &&
	    !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	    !mount(root, MP_EVENT_SOURCE, NULL, MS_BIND, NULL)) {
		if (!mp_counters_resolve(&query, counters, NULL))
			c = mp_counters_find(counters, id);
		umount(MP_EVENT_SOURCE);
	}
	remove_machine(root);
	return c;
}

/* One event for each of the two domains, and the masks that libpfm4's names do not say. */
static void look_at_l3(char *said, size_t size)
{
	struct mp_counters counters;
	const struct mp_counter *c = as_libpfm("amd-zen3-server", "amd64_fam19h_zen3_l3",
					       "AuthenticAMD-25-1", "l3_domain_misses", &counters);

	if (!c)
		snprintf(said, size, "skip");
	else if (!c->source || c->encoder != MP_ENCODER_LIBPFM || c->n_events != 2)
		snprintf(said, size, "%s",
			 c->source ? c->source->name : "l3_domain_misses has no source");
	else if (c->events[0].type != 13 || c->events[0].config != 0x300c0000000ff9a ||
		 c->events[0].cpu != 0 || c->events[1].cpu != 8 || !c->events[0].whole ||
		 strcmp(c->event, "amd64_fam19h_zen3_l3::UNC_L3_MISSES:ALL") != 0)
		snprintf(said, size, "type %u config 0x%llx on CPU %d, %s", c->events[0].type,
			 (unsigned long long)c->events[0].config, c->events[0].cpu, c->event);
}

/* Walks for stores beside those for loads. */
static void look_at_walks(char *said, size_t size)
{
	struct mp_counters counters;
	const struct mp_counter *c = as_libpfm("intel-sapphirerapids-2s", "spr",
					       "GenuineIntel-6-8F", "dtlb_walks", &counters);

	if (!c)
		snprintf(said, size, "skip");
	else if (!c->source || c->encoder != MP_ENCODER_LIBPFM || c->n_events != 2)
		snprintf(said, size, "dtlb_walks has %zu events", c->n_events);
	else if (c->events[0].config != 0xe12 || c->events[1].config != 0xe13 ||
		 c->events[1].type != 4 || c->events[1].cpu != -1)
		snprintf(said, size, "0x%llx and 0x%llx", (unsigned long long)c->events[0].config,
			 (unsigned long long)c->events[1].config);
}

static void libpfm_counts_domains_and_sums(void **state)
{
	char said[2][512];

	(void)state;
	apart(look_at_l3, said[0]);
	apart(look_at_walks, said[1]);
	if (!strcmp(said[0], "skip") || !strcmp(said[1], "skip")) {
		print_message("needs a mount namespace\n");
		skip();
	}
	assert_string_equal(said[0], "");
	assert_string_equal(said[1], "");
}

/* That one field of a file moves proves nothing about another. */
static void a_field_of_vmstat_is_proven_by_itself(void **state)
{
	static const char *const ids[] = { "vmstat_pgfault",	     "vmstat_pgalloc",
					   "vmstat_pgfree",	     "vmstat_thp_fault_alloc",
					   "vmstat_thp_split_pmd",   "vmstat_thp_collapse_alloc",
					   "vmstat_pgmigrate",	     "vmstat_pswpin",
					   "vmstat_pswpout",	     "vmstat_compact_stall",
					   "vmstat_numa_hint_faults" };
	const size_t always = 3, never = 9, n = sizeof(ids) / sizeof(ids[0]);
	const struct mp_counter_query query = { .metrics = ids,
						.n_metrics = n,
						.ops = &mp_perf_kernel };
	struct mp_counters counters;
	struct mp_err err;

	(void)state;
	if (mp_counters_resolve(&query, &counters, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < n; i++) {
		const struct mp_counter *c = mp_counters_find(&counters, ids[i]);
		const struct mp_counter_rule rule = mp_counter_rule_of(c);
		const struct mp_perf_delta none = mp_perf_delta_plain(7, 7);
		struct mp_counter_value value;

		/* A kernel without the feature has no field. */
		if (!c->source) {
			assert_true(i >= always && strstr(c->reason, "vmstat has no"));
			continue;
		}
		assert_non_null(c->proof);
		print_message("%s: %s, %s\n", ids[i], c->zero_proven ? "seen" : "not seen",
			      c->proof);
		if (i < always)
			assert_true(c->zero_proven);
		if (i >= never)
			assert_false(c->zero_proven);
		mp_counter_sum(&rule, &none, 1, &value);
		assert_int_equal(value.status,
				 c->zero_proven ? MP_COUNTER_MEASURED : MP_COUNTER_UNAVAILABLE);
		if (!c->zero_proven)
			assert_non_null(strstr(value.reason, "it reads 0, which nothing proves: "));
	}
	mp_counters_done(&counters);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* Before the library has started in this process. */
		cmocka_unit_test(libpfm_counts_domains_and_sums),
		cmocka_unit_test(minor_faults_are_those_that_happened),
		cmocka_unit_test(page_allocs_are_those_that_happened),
		cmocka_unit_test(what_does_not_run_is_not_counted),
		cmocka_unit_test(an_ordinary_user_gets_no_silent_zero),
		cmocka_unit_test(sysfs_wins_over_libpfm),
		cmocka_unit_test(a_field_of_vmstat_is_proven_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
