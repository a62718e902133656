/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One metric asked for on a model of a machine with a kernel by script: what the tests of sources share. */
#ifndef TESTS_RUNNER_COUNTER_MADE_H
#define TESTS_RUNNER_COUNTER_MADE_H

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

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

#endif
