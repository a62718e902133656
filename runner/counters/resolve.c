/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks the sources of each metric in their order and keeps what was tried: see counters.h. */
#include "runner/counters/internal.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/str.h"
#include "common/vec.h"

const char *mp_counter_pass_name(enum mp_counter_pass pass)
{
	return pass == MP_PASS_TIMING	 ? "timing"
	       : pass == MP_PASS_EXPLAIN ? "explain"
					 : "bandwidth";
}

const char *mp_counter_encoder_name(enum mp_counter_encoder encoder)
{
	static const char *const names[] = { "kernel", "libpfm", "sysfs",  "table",
					     "rusage", "file",	 "formula" };

	return names[encoder];
}

const char *mp_counter_side_name(enum mp_counter_side side)
{
	return side == MP_SIDE_USER ? "user" : "user+kernel";
}

int mp_refuse(struct mp_refusal *refusal, int error, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	refusal->error = error;
	snprintf(refusal->remedy, sizeof(refusal->remedy), "%s", remedy);
	va_start(ap, fmt);
	vsnprintf(refusal->why, sizeof(refusal->why), fmt, ap);
	va_end(ap);
	return error;
}

void mp_set_text(char **text, const char *fmt, ...)
{
	struct mp_str s = MP_STR_INIT;
	va_list ap;

	va_start(ap, fmt);
	mp_str_vprintf(&s, fmt, ap);
	va_end(ap);
	free(*text);
	*text = mp_str_take(&s);
}

struct mp_perf_event *mp_counter_add_event(struct mp_counter *counter)
{
	return mp_vec_push((void **)&counter->events, &counter->n_events, &counter->cap_events,
			   sizeof(*counter->events));
}

enum mp_counter_pass mp_counter_source_pass(const struct mp_counter_metric *metric,
					    const struct mp_counter_source *source)
{
	if (source->pass)
		return (enum mp_counter_pass)source->pass;
	return source->scope == MP_SCOPE_THREAD || source->scope == MP_SCOPE_PROCESS
		       ? metric->pass
		       : MP_PASS_BANDWIDTH;
}

const struct mp_counter_metric *mp_counter_metric_find(const char *id)
{
	for (size_t f = 0; f < mp_n_counter_families; f++)
		for (size_t i = 0; i < mp_counter_families[f]->n_metrics; i++)
			if (!strcmp(mp_counter_families[f]->metrics[i].id, id))
				return &mp_counter_families[f]->metrics[i];
	return NULL;
}

const struct mp_counter *mp_counters_find(const struct mp_counters *counters, const char *id)
{
	for (size_t i = 0; i < counters->n; i++)
		if (!strcmp(counters->items[i].metric->id, id))
			return &counters->items[i];
	return NULL;
}

struct mp_counter_rule mp_counter_rule_of(const struct mp_counter *counter)
{
	return (struct mp_counter_rule){
		.per_count = counter->per_count,
		.expected = (uint32_t)counter->n_events,
		.estimate = counter->estimate,
		.zero_proven = counter->zero_proven,
		.zero_reason = counter->proof,
	};
}

static void clear_counter(struct mp_counter *c)
{
	for (size_t i = 0; i < c->n_files; i++) {
		free(c->files[i].path);
		free(c->files[i].fields);
	}
	free(c->files);
	free(c->events);
	free(c->proof);
	free(c->note);
	free(c->event);
	*c = (struct mp_counter){ .metric = c->metric,
				  .attempts = c->attempts,
				  .n_attempts = c->n_attempts,
				  .cap_attempts = c->cap_attempts };
}

void mp_counters_done(struct mp_counters *counters)
{
	for (size_t i = 0; i < counters->n; i++) {
		struct mp_counter *c = &counters->items[i];

		clear_counter(c);
		for (size_t a = 0; a < c->n_attempts; a++) {
			free(c->attempts[a].why);
			free(c->attempts[a].remedy);
		}
		free(c->attempts);
		free(c->reason);
		free(c->remedy);
	}
	free(counters->items);
	free(counters->libpfm);
	*counters = (struct mp_counters){ 0 };
}

static int try_source(struct mp_resolving *r, const struct mp_counter_source *source,
		      struct mp_counter *c, struct mp_refusal *refusal)
{
	int rc;

	c->scope = source->scope;
	c->encoder = source->encoder;
	c->estimate = source->estimate;
	c->per_count = source->per_count > 0 ? source->per_count : 1;
	if (source->note)
		mp_set_text(&c->note, "%s", source->note);
	switch (source->encoder) {
	case MP_ENCODER_KERNEL:
		rc = mp_encode_kernel(r, source, c, refusal);
		break;
	case MP_ENCODER_RUSAGE:
		rc = 0;
		break;
	default:
		rc = mp_refuse(refusal, -ENOSYS, "", "no encoder for it");
		break;
	}
	if (!rc)
		rc = mp_counter_prove(r, c, refusal);
	if (!rc)
		c->source = source;
	return rc;
}

static int note_attempt(struct mp_counter *c, const struct mp_counter_source *source,
			const struct mp_refusal *refusal)
{
	struct mp_counter_attempt *a =
		mp_vec_push((void **)&c->attempts, &c->n_attempts, &c->cap_attempts, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->source = source;
	a->error = refusal->error;
	a->why = strdup(refusal->why);
	if (refusal->remedy[0])
		a->remedy = strdup(refusal->remedy);
	return a->why && (a->remedy || !refusal->remedy[0]) ? 0 : -ENOMEM;
}

/* One sentence over everything that was tried, and the first remedy there is. */
static int give_up(struct mp_counter *c)
{
	struct mp_str reason = MP_STR_INIT;

	for (size_t i = 0; i < c->n_attempts; i++) {
		const struct mp_counter_attempt *a = &c->attempts[i];

		mp_str_printf(&reason, "%s%s: %s", i ? "; " : "", a->source->name, a->why);
		if (a->remedy && !c->remedy) {
			c->remedy = strdup(a->remedy);
			if (!c->remedy)
				reason.failed = true;
		}
	}
	c->reason = mp_str_take(&reason);
	return c->reason ? 0 : -ENOMEM;
}

static int resolve_metric(struct mp_resolving *r, const struct mp_counter_metric *metric)
{
	struct mp_counters *out = r->out;
	struct mp_counter *c = mp_vec_push((void **)&out->items, &out->n, &out->cap, sizeof(*c));

	if (!c)
		return -ENOMEM;
	c->metric = metric;
	for (size_t i = 0; i < metric->n_sources; i++) {
		struct mp_refusal refusal = { 0 };
		unsigned pass = r->query->pass;

		if (pass && pass != mp_counter_source_pass(metric, &metric->sources[i]))
			continue;
		if (!try_source(r, &metric->sources[i], c, &refusal))
			return 0;
		if (note_attempt(c, &metric->sources[i], &refusal))
			return -ENOMEM;
		clear_counter(c);
	}
	return give_up(c);
}

static int unknown_metric(const char *id, struct mp_err *err)
{
	const char *words[256], *near;
	size_t n = 0;

	for (size_t f = 0; f < mp_n_counter_families; f++)
		for (size_t i = 0; i < mp_counter_families[f]->n_metrics && n < 256; i++)
			words[n++] = mp_counter_families[f]->metrics[i].id;
	near = mp_str_nearest(id, words, n);
	if (near)
		return mp_err_usage(err, -EINVAL, "no metric '%s'; did you mean '%s'?", id, near);
	return mp_err_usage(err, -EINVAL, "no metric '%s': see memperf counters", id);
}

static int resolve_all(struct mp_resolving *r, struct mp_err *err)
{
	const struct mp_counter_query *q = r->query;
	int rc = 0;

	for (size_t i = 0; !rc && i < q->n_metrics; i++) {
		const struct mp_counter_metric *metric = mp_counter_metric_find(q->metrics[i]);

		if (!metric)
			return unknown_metric(q->metrics[i], err);
		rc = resolve_metric(r, metric);
	}
	for (size_t f = 0; !rc && !q->n_metrics && f < mp_n_counter_families; f++)
		for (size_t i = 0; !rc && i < mp_counter_families[f]->n_metrics; i++)
			rc = resolve_metric(r, &mp_counter_families[f]->metrics[i]);
	return rc ? mp_err_env(err, rc, "no memory for the counters") : 0;
}

static void prepare(struct mp_resolving *r)
{
	const struct mp_counter_query *q = r->query;

	r->roots = q->roots;
	if (!r->roots.event_source)
		r->roots.event_source = "/sys/bus/event_source/devices";
	if (!r->roots.cpu)
		r->roots.cpu = "/sys/devices/system/cpu";
	if (!r->roots.proc)
		r->roots.proc = "/proc";
	if (!r->roots.resctrl)
		r->roots.resctrl = "/sys/fs/resctrl";
	r->cpus[0] = sched_getcpu();
	r->pinned = q->n_cpus ? q->cpus : r->cpus;
	r->n_pinned = q->n_cpus ? q->n_cpus : 1;
	mp_access_read(r->roots.proc, &r->access);
	r->out->paranoid = r->access.paranoid;
}

int mp_counters_resolve(const struct mp_counter_query *query, struct mp_counters *ret_counters,
			struct mp_err *err)
{
	struct mp_counters out = { 0 };
	struct mp_resolving r = { .query = query, .out = &out, .tracefs_fd = -1 };
	cpu_set_t before, one;
	bool moved = false;
	int rc;

	prepare(&r);
	if (query->ops && !sched_getaffinity(0, sizeof(before), &before)) {
		CPU_ZERO(&one);
		CPU_SET((size_t)r.pinned[0], &one);
		moved = true;
		if (sched_setaffinity(0, sizeof(one), &one)) {
			rc = mp_err_env(err, -errno, "cannot run on CPU %d to try the counters: %s",
					r.pinned[0], strerror(errno));
			goto out;
		}
	}
	rc = resolve_all(&r, err);
out:
	if (moved)
		sched_setaffinity(0, sizeof(before), &before);
	if (r.tracefs_fd >= 0)
		close(r.tracefs_fd);
	if (rc)
		mp_counters_done(&out);
	else
		*ret_counters = out;
	return rc;
}

int mp_counter_files_read(const struct mp_counter *counter, uint64_t *ret_sum)
{
	(void)counter;
	(void)ret_sum;
	return -ENOSYS;
}
