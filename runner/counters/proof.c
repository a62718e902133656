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
#include "runner/counters/probe.h"

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

static int open_again(struct mp_resolving *r, struct mp_probe *p, struct mp_err *err)
{
	const struct mp_counter *c = p->counter;

	mp_probe_close(p);
	return mp_probe_open(c, r->query->ops, r->pinned[0], p, err);
}

/* Opens the events; without permission for the kernel side, the user side alone where that still means something. */
static int open_side(struct mp_resolving *r, struct mp_counter *c, struct mp_probe *p,
		     struct mp_refusal *refusal)
{
	const enum mp_access_kind kind =
		c->n_events && c->events[0].whole ? MP_ACCESS_CPU : MP_ACCESS_KERNEL;
	char remedy[sizeof(refusal->remedy)];
	struct mp_err err, second;
	int rc = mp_probe_open(c, r->query->ops, r->pinned[0], p, &err);

	if (!rc)
		return 0;
	if (rc != -EACCES && rc != -EPERM)
		return mp_refuse(refusal, rc, remedy_for(c, rc), "%s", err.text);
	mp_access_remedy(&r->access, kind, remedy, sizeof(remedy));
	if (kind == MP_ACCESS_CPU)
		return mp_refuse(refusal, rc, remedy, "%s", err.text);
	for (size_t i = 0; i < c->n_events; i++)
		c->events[i].exclude_kernel = 1;
	if (open_again(r, p, &second))
		return mp_refuse(refusal, rc, remedy, "%s", err.text);
	/* Such an event opens and counts zero: it never happens on the user side. */
	if (c->metric->kernel_only || c->events[0].type == PERF_TYPE_TRACEPOINT)
		return mp_refuse(refusal, rc, remedy,
				 "the kernel side may not be counted (perf_event_paranoid is %d), "
				 "and on the user side it is 0 for ever",
				 r->access.paranoid);
	c->side = MP_SIDE_USER;
	mp_add_note(c,
		    "the user side only: the kernel side may not be counted "
		    "(perf_event_paranoid is %d)",
		    r->access.paranoid);
	mp_set_text(&c->remedy, "%s", remedy);
	return 0;
}

static int judge(const struct mp_probe *p, struct mp_counter *c, const struct mp_load_done *done,
		 struct mp_refusal *refusal)
{
	const bool bytes = !strcmp(c->metric->unit, "bytes");
	const double least = bytes && done->bytes > 0 ? done->bytes : done->events;
	struct mp_counter_value value;

	/* Whether a zero is a zero is what is being found out. */
	if (mp_probe_value(p, true, &value))
		return mp_refuse(refusal, -ENOMEM, "", "no memory");
	if (!mp_counter_status_has_number((enum mp_counter_status)value.status))
		return mp_refuse(refusal, -ENODATA, "", "it opened, but under a known load: %s",
				 value.reason);
	if (value.value < least)
		return mp_refuse(refusal, -ENODATA, "",
				 "it opened but did not count under a known load: %.0f after %s, "
				 "at least %.0f expected",
				 value.value, done->what, least);
	c->zero_proven = true;
	mp_set_text(&c->proof, "%.0f after %s", value.value, done->what);
	return 0;
}

static int run(struct mp_resolving *r, struct mp_counter *c, struct mp_probe *p,
	       struct mp_refusal *refusal)
{
	struct mp_load_done done = { 0 };
	int rc = mp_probe_read(p, 0), ran = 0;

	if (!rc)
		ran = mp_load_run(r, c->metric->load, &done);
	if (!rc && ran) {
		mp_set_text(&c->proof, "%s",
			    done.why ? done.why : "the known load could not be run");
		return 0;
	}
	if (!rc)
		rc = mp_probe_read(p, 1);
	if (rc == -ENODATA)
		return mp_refuse(refusal, rc, "", "it opened and lost its PMU at once");
	if (rc)
		return mp_refuse(refusal, rc, "", "it opened and could not be read: %s",
				 strerror(-rc));
	return judge(p, c, &done, refusal);
}

int mp_counter_prove(struct mp_resolving *r, struct mp_counter *c, struct mp_refusal *refusal)
{
	struct mp_probe p;
	int rc;

	if (!r->query->ops || c->encoder == MP_ENCODER_FORMULA)
		return 0;
	rc = open_side(r, c, &p, refusal);
	if (!rc && !r->query->skip_proof)
		rc = run(r, c, &p, refusal);
	mp_probe_close(&p);
	return rc;
}
