/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A source is believed when it was seen to count: it is opened, a load of known size is run, and it must have moved
 * by at least what the load does. An event that a CPU does not implement opens as well and stays 0 for ever; so does a
 * memory controller whose registers the firmware left unmapped.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/counters/internal.h"

/* The counters of one source, open. */
struct probe {
	struct mp_counter *counter;
	struct mp_perf_group *groups; /* one per event */
	struct mp_perf_reading *before, *after; /* one per event */
	uint64_t file_before, file_after; /* FILE, RUSAGE */
};

static int open_all(struct mp_resolving *r, struct probe *p, struct mp_err *err)
{
	const struct mp_counter *c = p->counter;
	int rc = 0;

	for (size_t i = 0; !rc && i < c->n_events; i++) {
		rc = mp_perf_group_open(r->query->ops, &c->events[i], 1, r->pinned[0], false,
					&p->groups[i], NULL, err);
		if (!rc)
			rc = mp_perf_group_enable(&p->groups[i], err);
	}
	return rc;
}

static void close_all(struct probe *p)
{
	for (size_t i = 0; i < p->counter->n_events; i++)
		mp_perf_group_close(&p->groups[i]);
}

/* What helps against an errno of open, beyond permissions. */
static const char *remedy_for(const struct mp_counter *c, int error)
{
	switch (-error) {
	case ENOENT:
	case ENODEV:
		return c->events[0].whole ? ""
					  : "measure on bare metal, or let the hypervisor show the "
					    "guest a PMU";
	case EMFILE:
		return "raise the limit of open files: ulimit -n";
	case EBUSY:
		return "stop other users of the PMU, such as the NMI watchdog: sysctl "
		       "kernel.nmi_watchdog=0";
	default:
		return "";
	}
}

/* Opens the events; without permission for the kernel side, the user side alone where that still means something. */
static int open_side(struct mp_resolving *r, struct probe *p, struct mp_refusal *refusal)
{
	struct mp_counter *c = p->counter;
	const enum mp_access_kind kind = c->events[0].whole ? MP_ACCESS_CPU : MP_ACCESS_KERNEL;
	char remedy[sizeof(refusal->remedy)];
	struct mp_err err, second;
	int rc = open_all(r, p, &err);

	if (!rc)
		return 0;
	close_all(p);
	if (rc != -EACCES && rc != -EPERM)
		return mp_refuse(refusal, rc, remedy_for(c, rc), "%s", err.text);
	mp_access_remedy(&r->access, kind, remedy, sizeof(remedy));
	if (kind == MP_ACCESS_CPU)
		return mp_refuse(refusal, rc, remedy, "%s", err.text);
	for (size_t i = 0; i < c->n_events; i++)
		c->events[i].exclude_kernel = 1;
	if (open_all(r, p, &second)) {
		close_all(p);
		return mp_refuse(refusal, rc, remedy, "%s", err.text);
	}
	/* Such an event opens and counts zero: it never happens on the user side. */
	if (c->metric->kernel_only || c->events[0].type == PERF_TYPE_TRACEPOINT) {
		close_all(p);
		return mp_refuse(refusal, rc, remedy,
				 "the kernel side may not be counted (perf_event_paranoid is %d), "
				 "and on the user side it is 0 for ever",
				 r->access.paranoid);
	}
	c->side = MP_SIDE_USER;
	mp_add_note(c,
		    "the user side only: the kernel side may not be counted "
		    "(perf_event_paranoid is %d)",
		    r->access.paranoid);
	if (!c->remedy)
		c->remedy = strdup(remedy);
	return 0;
}

static int read_all(const struct probe *p, struct mp_perf_reading *readings, uint64_t *ret_file)
{
	const struct mp_counter *c = p->counter;
	int rc = 0;

	if (c->encoder == MP_ENCODER_FILE && c->source->alive) {
		const struct mp_counter other = {
			.files = &(struct mp_counter_file){ .path = c->files[0].path,
							    .fields = (char *)c->source->alive },
			.n_files = 1,
		};

		return mp_counter_files_read(&other, ret_file);
	}
	if (c->encoder == MP_ENCODER_FILE)
		return mp_counter_files_read(c, ret_file);
	if (c->encoder == MP_ENCODER_RUSAGE)
		return mp_rusage_read(c->source->event, ret_file);
	for (size_t i = 0; !rc && i < c->n_events; i++)
		rc = mp_perf_group_read(&p->groups[i], &readings[i]);
	return rc;
}

/* The value between the two readings. */
static int value_of(const struct probe *p, struct mp_counter_value *ret_value)
{
	const struct mp_counter *c = p->counter;
	struct mp_counter_rule rule = mp_counter_rule_of(c);
	const size_t n = c->n_events ? c->n_events : 1;
	struct mp_perf_delta *deltas = calloc(n, sizeof(*deltas));

	if (!deltas)
		return -ENOMEM;
	for (size_t i = 0; i < c->n_events; i++)
		deltas[i] = mp_perf_delta(&p->before[i], &p->after[i], 0);
	if (!c->n_events)
		deltas[0] = mp_perf_delta_plain(p->file_before, p->file_after);
	/* Whether a zero is a zero is what is being found out. */
	rule.zero_proven = true;
	mp_counter_sum(&rule, deltas, n, ret_value);
	free(deltas);
	return 0;
}

static int judge(const struct probe *p, enum mp_counter_load load, const struct mp_load_done *done,
		 struct mp_refusal *refusal)
{
	struct mp_counter *c = p->counter;
	const bool bytes = !strcmp(c->metric->unit, "bytes");
	const double least = bytes && done->bytes > 0 ? done->bytes : done->events;
	struct mp_counter_value value;

	if (value_of(p, &value))
		return mp_refuse(refusal, -ENOMEM, "", "no memory");
	if (!mp_counter_status_has_number((enum mp_counter_status)value.status))
		return mp_refuse(refusal, -ENODATA, "", "it opened, but under a known load: %s",
				 value.reason);
	if (value.value < least)
		return mp_refuse(refusal, -ENODATA, "",
				 "it opened but did not count under a known load: %.0f after %s, "
				 "at least %.0f expected",
				 value.value, mp_load_what(load), least);
	c->zero_proven = true;
	mp_set_text(&c->proof, "%.0f%s%s after %s", value.value, c->source->alive ? " of " : "",
		    c->source->alive ? c->source->alive : "", mp_load_what(load));
	return 0;
}

/* The load that shows that the source is alive. */
static enum mp_counter_load load_of(const struct mp_counter *c)
{
	return c->source->load ? c->source->load : c->metric->load;
}

static int run(struct mp_resolving *r, struct probe *p, struct mp_refusal *refusal)
{
	const enum mp_counter_load load = load_of(p->counter);
	struct mp_load_done done = { 0 };
	int rc = read_all(p, p->before, &p->file_before), ran = 0;

	if (!rc)
		ran = mp_load_run(r, load, &done);
	if (!rc && ran) {
		mp_set_text(&p->counter->proof, "%s",
			    done.why ? done.why : "the known load could not be run");
		return 0;
	}
	if (!rc)
		rc = read_all(p, p->after, &p->file_after);
	if (rc == -ENODATA)
		return mp_refuse(refusal, rc, "", "it opened and lost its PMU at once");
	if (rc)
		return mp_refuse(refusal, rc, "", "it opened and could not be read: %s",
				 strerror(-rc));
	return judge(p, load, &done, refusal);
}

int mp_counter_prove(struct mp_resolving *r, struct mp_counter *c, struct mp_refusal *refusal)
{
	struct probe p = { .counter = c };
	int rc = 0;

	if (!r->query->ops || c->encoder == MP_ENCODER_FORMULA)
		return 0;
	p.groups = calloc(c->n_events + 1, sizeof(*p.groups));
	p.before = calloc(c->n_events + 1, sizeof(*p.before));
	p.after = calloc(c->n_events + 1, sizeof(*p.after));
	if (!p.groups || !p.before || !p.after)
		rc = mp_refuse(refusal, -ENOMEM, "", "no memory");
	if (!rc && c->n_events)
		rc = open_side(r, &p, refusal);
	if (!rc && !r->query->skip_proof)
		rc = run(r, &p, refusal);
	if (p.groups)
		close_all(&p);
	free(p.groups);
	free(p.before);
	free(p.after);
	return rc;
}
