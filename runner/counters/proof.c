/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A source is believed when it was seen to count: it is opened, a load of known size is run, and it must have moved
 * by at least what the load does. An event that a CPU does not implement opens as well and stays 0 for ever; so does a
 * memory controller whose registers the firmware left unmapped.
 */
#include "runner/counters/internal.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define TOUCHED 64 /* pages */
#define SLEEPS	8

/* First touch of fresh small pages, and their removal. */
static int touch(double *ret_least)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), size = TOUCHED * page;
	char *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return -errno;
	madvise(base, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < TOUCHED; i++)
		((volatile char *)base)[i * page] = 1;
	munmap(base, size);
	*ret_least = TOUCHED;
	return 0;
}

static int doze(double *ret_least)
{
	const struct timespec nap = { .tv_nsec = 200 * 1000 };

	for (int i = 0; i < SLEEPS; i++)
		nanosleep(&nap, NULL);
	*ret_least = SLEEPS;
	return 0;
}

static int spin(double *ret_least)
{
	for (unsigned i = 0; i < 1000000; i++)
		__asm__ volatile("" : "+r"(i));
	*ret_least = 1000000;
	return 0;
}

static const struct {
	int (*run)(double *ret_least); /* the count that it must cause at least */
	const char *what;
} loads[] = {
	[MP_LOAD_SPIN] = { spin, "a loop of a million rounds" },
	[MP_LOAD_TOUCH] = { touch, "first touch of 64 pages" },
	[MP_LOAD_SLEEP] = { doze, "8 short sleeps" },
};

static bool open_all(struct mp_resolving *r, struct mp_counter *c, struct mp_perf_group *groups,
		     int *ret_error, struct mp_err *err)
{
	for (size_t i = 0; i < c->n_events; i++) {
		int rc = mp_perf_group_open(r->query->ops, &c->events[i], 1, r->pinned[0], false,
					    &groups[i], NULL, err);

		if (!rc)
			rc = mp_perf_group_enable(&groups[i], err);
		if (rc) {
			*ret_error = rc;
			return false;
		}
	}
	return true;
}

static void close_all(struct mp_counter *c, struct mp_perf_group *groups)
{
	for (size_t i = 0; i < c->n_events; i++)
		mp_perf_group_close(&groups[i]);
}

/* Opens the events; without permission for the kernel side, the user side alone where that still means something. */
static int open_side(struct mp_resolving *r, struct mp_counter *c, struct mp_perf_group *groups,
		     struct mp_refusal *refusal)
{
	enum mp_access_kind kind = c->events[0].whole ? MP_ACCESS_CPU : MP_ACCESS_KERNEL;
	char remedy[sizeof(refusal->remedy)];
	struct mp_err err;
	int rc;

	if (open_all(r, c, groups, &rc, &err))
		return 0;
	close_all(c, groups);
	if (rc != -EACCES && rc != -EPERM)
		return mp_refuse(refusal, rc, "", "%s", err.text);
	mp_access_remedy(&r->access, kind, remedy, sizeof(remedy));
	if (kind == MP_ACCESS_CPU)
		return mp_refuse(refusal, rc, remedy, "%s", err.text);
	for (size_t i = 0; i < c->n_events; i++)
		c->events[i].exclude_kernel = 1;
	if (!open_all(r, c, groups, &rc, &err)) {
		close_all(c, groups);
		return mp_refuse(refusal, rc, remedy, "%s", err.text);
	}
	if (c->metric->kernel_only || c->events[0].type == PERF_TYPE_TRACEPOINT) {
		close_all(c, groups);
		return mp_refuse(refusal, -EACCES, remedy,
				 "only the user side may be counted, where it is 0 for ever");
	}
	c->side = MP_SIDE_USER;
	mp_set_text(&c->note, "user side only: %s", remedy);
	return 0;
}

static int read_all(struct mp_counter *c, const struct mp_perf_group *groups,
		    struct mp_perf_reading *readings)
{
	for (size_t i = 0; i < c->n_events; i++) {
		int rc = mp_perf_group_read(&groups[i], &readings[i]);

		if (rc)
			return rc;
	}
	return 0;
}

static int judge(struct mp_counter *c, const struct mp_perf_delta *deltas, double least,
		 struct mp_refusal *refusal)
{
	struct mp_counter_rule rule = mp_counter_rule_of(c);
	struct mp_counter_value value;

	rule.zero_proven = true;
	mp_counter_sum(&rule, deltas, c->n_events, &value);
	if (!mp_counter_status_has_number((enum mp_counter_status)value.status))
		return mp_refuse(refusal, -ENODATA, "", "it opened, and under a known load: %s",
				 value.reason);
	if (value.value < least)
		return mp_refuse(refusal, -ENODATA, "",
				 "it opened but did not count under a known load: %g after %s, "
				 "which makes at least %g",
				 value.value, loads[c->metric->load].what, least);
	c->zero_proven = true;
	mp_set_text(&c->proof, "%g after %s", value.value, loads[c->metric->load].what);
	return 0;
}

static int measure(struct mp_counter *c, struct mp_perf_group *groups,
		   struct mp_perf_reading *before, struct mp_perf_reading *after,
		   struct mp_refusal *refusal)
{
	struct mp_perf_delta *deltas;
	double least = 0;
	int rc = read_all(c, groups, before);

	if (!rc)
		rc = loads[c->metric->load].run(&least);
	if (!rc)
		rc = read_all(c, groups, after);
	if (rc)
		return mp_refuse(refusal, rc, "", "it opened and could not be read: %s",
				 strerror(-rc));
	deltas = calloc(c->n_events, sizeof(*deltas));
	if (!deltas)
		return mp_refuse(refusal, -ENOMEM, "", "no memory");
	for (size_t i = 0; i < c->n_events; i++)
		deltas[i] = mp_perf_delta(&before[i], &after[i], 0);
	rc = judge(c, deltas, least, refusal);
	free(deltas);
	return rc;
}

int mp_counter_prove(struct mp_resolving *r, struct mp_counter *c, struct mp_refusal *refusal)
{
	struct mp_perf_group *groups;
	struct mp_perf_reading *readings;
	int rc;

	if (!r->query->ops || !c->n_events)
		return 0;
	groups = calloc(c->n_events, sizeof(*groups));
	readings = calloc(2 * c->n_events, sizeof(*readings));
	if (!groups || !readings) {
		rc = mp_refuse(refusal, -ENOMEM, "", "no memory");
	} else {
		rc = open_side(r, c, groups, refusal);
		if (!rc && !r->query->skip_proof && loads[c->metric->load].run)
			rc = measure(c, groups, readings, readings + c->n_events, refusal);
		close_all(c, groups);
	}
	free(groups);
	free(readings);
	return rc;
}
